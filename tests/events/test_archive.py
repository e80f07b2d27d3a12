"""Files of the archive: whole or not there, inside their folder, readable with everything they were given."""

import errno
import os
import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from milepost.domain.events import EventType
from milepost.events import paths, schemas
from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
from tests.events import samples

HOSTILE = [
    None,
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "a\\b",
    "a=b",
    "/etc/passwd",
    "x" * 300,
    "🐍",
    "e\u0301",
    "é",
    "Code",
    "code",
    "CODE",
    "con",
    "nul",
    "lpt1",
    ".hidden",
    "_skipped",
    "new\nline",
    "nul\x00byte",
    "\ud800",
    "-rf",
    "x-1f",
    "C:",
    "code ",
]


def written(archive, path, events):
    assert archive.publish(archive.draft(path, events))


def test_what_is_written_is_read_back(tmp_path):
    archive = Archive(tmp_path)
    archive.prepare()
    several = [samples.event(kind, uuid4(), payload={"n": 1}) for kind in EventType]
    for sample in several:
        written(archive, paths.batch_path(paths.kind_of(sample), sample.timestamp, uuid4().hex), [sample])
    table = archive.read()
    assert set(table["event_id"].to_pylist()) == {str(sample.event_id) for sample in several}
    assert table.num_rows == len(several) == sum(file.rows for file in archive.files())
    assert set(table["year"].to_pylist()) == {2026}
    assert set(table["month"].to_pylist()) == {3}
    assert set(table["day"].to_pylist()) == {5}


def test_every_file_has_the_same_schema_and_no_partition_columns(tmp_path):
    archive = Archive(tmp_path)
    archive.prepare()
    for kind in EventType:
        sample = samples.event(kind, uuid4())
        written(archive, paths.batch_path(paths.kind_of(sample), sample.timestamp, uuid4().hex), [sample])
    found = [pq.read_schema(tmp_path / file.path) for file in archive.files()]
    assert len(found) == len(EventType)
    assert all(schema.equals(schemas.ARCHIVE_SCHEMA) for schema in found)


def test_writing_again_changes_nothing(tmp_path):
    archive = Archive(tmp_path)
    several = [samples.event(EventType.CODE_SUBMITTED, uuid4()) for _ in range(5)]
    path = paths.batch_path("code", samples.NOON, "one")
    written(archive, path, several)
    before = (tmp_path / path).read_bytes()
    written(archive, path, several[::-1])
    assert (tmp_path / path).read_bytes() == before
    assert archive.read().num_rows == 5


def test_a_draft_is_seen_by_no_reader_and_removed_at_the_next_start(tmp_path):
    archive = Archive(tmp_path)
    draft = archive.draft(
        paths.batch_path("task", samples.NOON, "one"), [samples.event(EventType.TASK_FAILED, uuid4())]
    )
    assert draft.temporary.exists()
    assert archive.files() == []
    assert archive.read().num_rows == 0
    assert ds.dataset(archive.dataset_folder, format="parquet", partitioning="hive").count_rows() == 0
    Archive(tmp_path).prepare()
    assert not draft.temporary.exists()


def test_a_draft_that_was_removed_meanwhile_is_told(tmp_path):
    archive = Archive(tmp_path)
    draft = archive.draft(paths.batch_path("task", samples.NOON, "one"), [])
    archive.prepare()
    assert archive.publish(draft) is False
    assert archive.files() == []


def test_an_archive_that_never_was_is_empty(tmp_path):
    archive = Archive(tmp_path / "nowhere")
    assert archive.read().num_rows == 0
    assert archive.files() == []


def test_files_of_others_do_not_disturb(tmp_path):
    folder = tmp_path / "year=1999"
    archive = Archive(folder)
    written(archive, paths.batch_path("task", samples.NOON, "one"), [samples.event(EventType.TASK_FAILED, uuid4())])
    for name in ("Thumbs.db", "notes.parquet", "year=2026/month=03/broken_events.parquet"):
        (archive.dataset_folder / name).write_text("of others")
    assert archive.read()["year"].to_pylist() == [2026]
    assert [file.rows for file in archive.files()] == [1]


def test_columns_and_a_condition(tmp_path):
    archive = Archive(tmp_path)
    mine, yours = uuid4(), uuid4()
    several = [samples.event(EventType.USER_LOGIN, user) for user in (mine, yours, mine)]
    written(archive, paths.batch_path("user", samples.NOON, "one"), several)
    table = archive.read(["event_id"], (ds.field("user_id") == str(mine)) & (ds.field("month") == 3))
    assert table.column_names == ["event_id"]
    assert table.num_rows == 2


def test_evt_09_names_stay_inside_and_apart(tmp_path):
    """EVT-09: whatever a value holds, its file lies in the archive, and no two values share one."""
    archive = Archive(tmp_path / "archive")
    made = [paths.batch_path(kind, samples.NOON, batch) for kind in HOSTILE for batch in ("b", kind)]
    distinct = {(kind or "", batch or "") for kind in HOSTILE for batch in ("b", kind)}
    assert len({path.lower() for path in made}) == len(distinct)
    for path in made:
        assert paths.is_archive_path(path)
        assert len(os.path.basename(path)) < 255  # noqa: PTH119
    for path in made[::7]:
        written(archive, path, [samples.event(EventType.SYSTEM_ERROR, uuid4())])
    assert {entry.name for entry in tmp_path.iterdir()} == {"archive"}
    assert archive.read().num_rows == len(made[::7])


def test_evt_09_hostile_values_come_back_as_they_were(tmp_path):
    """EVT-09: a value that would break a folder name is only ever a value of a column."""
    archive = Archive(tmp_path)
    texts = [text for text in HOSTILE if text != "\ud800"]
    several = [samples.event(EventType.CODE_SUBMITTED, uuid4(), file_path=text, language=text) for text in texts]
    written(archive, paths.batch_path("code", samples.NOON, "one"), several)
    rows = archive.read(["event_id", "file_path"]).to_pylist()
    assert {row["event_id"]: row["file_path"] for row in rows} == {
        str(sample.event_id): text for sample, text in zip(several, texts, strict=True)
    }


@pytest.mark.parametrize(
    "path",
    [
        "",
        "../x_events.parquet",
        "/tmp/x_events.parquet",
        "events/year=2026/month=01/day=01/../../../../x_events.parquet",
        "events/year=2026/month=13/day=01/x_events.parquet",
        "events/year=2026/month=01/day=01/sub/x_events.parquet",
        "events/year=2026/month=01/day=01/.x_events.parquet",
        "events/year=2026/month=01/day=01/x_events.parquet\n",
        "events/year=2026/month=01/day=01/x.parquet",
        f"events/year=2026/month=01/day=01/{'x' * 300}_events.parquet",
    ],
)
def test_evt_09_a_stored_path_that_is_none_of_ours_is_refused(tmp_path, path):
    """EVT-09: a path that comes back from the database is not followed anywhere."""
    with pytest.raises(ArchiveError, match="does not belong"):
        Archive(tmp_path / "archive").draft(path, [])
    assert list(tmp_path.iterdir()) == []


def test_the_day_is_that_of_the_event_in_utc():
    late = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert paths.batch_path("user", late, "b") == "events/year=2025/month=12/day=31/user_events-b.parquet"
    assert "year=0001" in paths.batch_path("user", datetime(1, 1, 1, tzinfo=UTC), "b")


def test_a_folder_that_is_a_file_is_told_in_both_languages(tmp_path):
    (tmp_path / "archive").write_text("not a folder")
    with pytest.raises(ArchiveError) as caught:
        Archive(tmp_path / "archive").prepare()
    assert "cannot be written" in caught.value.say("en")
    assert "no se puede escribir" in caught.value.say("es")


FULL = """
import resource, signal, sys
from pathlib import Path
from uuid import UUID
sys.path.insert(0, sys.argv[2])
from tests.events import samples
from milepost.domain.events import EventType
from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
several = [samples.event(EventType.CODE_SUBMITTED, UUID(int=n)) for n in range(2000)]
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    Archive(Path(sys.argv[1])).draft("events/year=2026/month=01/day=01/code_events-b.parquet", several)
except ArchiveError as error:
    print(error)
"""


def test_evt_07_a_full_disk_leaves_nothing_behind(tmp_path):
    """EVT-07: the file that could not be written whole is not there at all, and the reason is told."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(root)], capture_output=True, text=True, check=True
    )
    assert os.strerror(errno.EFBIG) in done.stdout
    assert [entry for entry in tmp_path.rglob("*") if entry.is_file()] == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 2000
