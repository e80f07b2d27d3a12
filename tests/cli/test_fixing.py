"""`milepost check --fix` and what else writes into a folder of somebody else."""

import pytest

from milepost.agents import courses, planning
from milepost.cli import checking, main
from milepost.cli.reports import Checked
from milepost.domain.text import Edit, Position, Range
from milepost.domain.validations import Fix, FixSource, Snapshot, Stage, Validation


@pytest.fixture
def outside(tmp_path):
    """Return a file that nothing may touch; a second one, not there yet, must not come into being."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_text("precious")
    yield folder
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("file", "precious")]


def test_a_fix_is_written_through_no_link_that_waits_for_it(tmp_path, outside):
    path = tmp_path / "answer.py"
    text = "\ufeffx = 1\r\n"
    path.write_bytes(text.encode())
    path.chmod(0o640)
    for name in (".answer.py.milepost", "answer.py.tmp", ".answer.py.tmp"):
        (tmp_path / name).symlink_to(outside / "file")
    fix = Fix(
        "t", FixSource.MUTATION, (Edit(Range(Position(0, 5), Position(0, 6)), "2"),), verified=True, preferred=True
    )
    snapshot = Snapshot(path.as_uri(), None, str(path), "python", text)
    checking._apply(Checked("answer.py", "t", Validation(snapshot, Stage.COMPLETE, None, 0.0, fixes=(fix,))), "en")
    assert path.read_bytes() == "\ufeffx = 2\r\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        ".answer.py.milepost", ".answer.py.tmp", "answer.py", "answer.py.tmp", "outside",
    ]  # fmt: skip


def test_a_course_is_started_through_no_link(tmp_path, outside):
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "milepost.yaml").symlink_to(outside / "new")
    (tmp_path / "into" / "average.py").symlink_to(outside / "new.py")
    courses.start("", tmp_path / "into")
    assert (tmp_path / "into" / "milepost.yaml").is_symlink()


def test_a_course_file_is_begun_through_no_link(tmp_path, outside, capsys):
    (tmp_path / "milepost.yaml").symlink_to(outside / "new")
    with pytest.raises(SystemExit) as ended:
        main.main(["init", str(tmp_path)])
    assert ended.value.code == 2


def test_a_draft_is_written_through_no_link(tmp_path, outside):
    path = tmp_path / "draft.yaml"
    path.symlink_to(outside / "file")
    planning._write(path, "draft")
    assert path.read_text() == "draft"
