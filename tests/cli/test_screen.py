"""What others wrote steers no terminal."""

import io

import pytest

from milepost.cli import main, reports, screen
from milepost.cli.reports import Checked
from milepost.domain.text import Edit, Position, Range
from milepost.domain.validations import CriterionResult, Finding, Fix, FixSource, Severity, Snapshot, Stage, Validation

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\udcff"
CONTROLS = set(EVIL) - set("]0;owned[2J31m") | {"\r", "\b"}
TEXT = f"x = 1\ny = '{EVIL}'\x0c\r\nz = 3\n"
PLACE = Range(Position(1, 0), Position(1, 1))


def checked() -> Checked:
    finding = Finding("examples", Severity.ERROR, f"said {EVIL}", PLACE)
    fix = Fix(f"do {EVIL}", FixSource.MUTATION, (Edit(PLACE, f"'{EVIL}'"),), verified=True)
    results = (CriterionResult("examples", passed=False, score=0.0, message=EVIL),)
    snapshot = Snapshot("file:///a.py", 1, f"/{EVIL}.py", "python", TEXT)
    return Checked(
        f"{EVIL}.py",
        f"Task {EVIL}",
        Validation(snapshot, Stage.COMPLETE, False, 0.0, results, (finding,), (fix,)),
    )


def printed(monkeypatch, what) -> str:
    output = io.StringIO()
    console = screen.console()
    console.file = output
    console.print(what)
    return output.getvalue()


def test_a_result_with_controls_everywhere(monkeypatch):
    one = checked()
    text = printed(monkeypatch, screen.validation_view(one.file, one.task, one.validation, "en"))
    assert "owned" in text
    assert not CONTROLS & set(text)
    text.encode("utf-8")


@pytest.mark.parametrize(
    "what",
    [
        screen.table_view((f"a{EVIL}",), [(EVIL,)]),
        screen.markdown_view(f"# a{EVIL}\n\n[x](file:///x)"),
        screen.code_view(TEXT),
        f"plain {EVIL}",
    ],
)
def test_other_views(monkeypatch, what):
    text = printed(monkeypatch, what)
    assert "owned" in text
    assert not CONTROLS & set(text)


def test_messages(capsys):
    screen.tell(f"of {EVIL}")
    screen.tell(f"of {EVIL}", error=True)
    for text in capsys.readouterr():
        assert "owned" in text
        assert not CONTROLS & set(text)


def test_annotations_of_github():
    written = reports.github([checked()])
    assert not CONTROLS & set(written.splitlines()[0].split("::")[1])
    assert len(written.splitlines()) == 1


def test_the_line_of_a_finding_is_the_editor_s_line_whatever_else_is_in_it(monkeypatch):
    finding = Finding("examples", Severity.ERROR, "wrong", Range(Position(1, 0), Position(1, 1)))
    text = printed(monkeypatch, screen.finding_view(finding, "a.py", "a = '\x0c\u2028\x85'\nb = 2\n"))
    assert "b = 2" in text


def test_a_data_folder_that_cannot_be_is_said_in_the_user_s_language(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MILEPOST_DATA_DIR", str(tmp_path / "file" / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MILEPOST_LANGUAGE", "es")
    for command in (["goal", "list"], ["db", "status"]):
        with pytest.raises(SystemExit):
            main.main(command)
        assert "ocupa el lugar de la carpeta de datos" in capsys.readouterr().err


def test_an_impossible_setting_is_named_by_every_command_that_reads_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MILEPOST_LANGUAGE", "xx")
    for command in (["init", str(tmp_path)], ["goal", "list"], ["course", "list"], ["doctor"], ["db", "status"]):
        with pytest.raises(SystemExit) as ended:
            main.main(command)
        assert ended.value.code in {1, 2}
        assert "MILEPOST_LANGUAGE" in capsys.readouterr().err
