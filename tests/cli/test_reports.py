import json

from milepost.cli import reports
from milepost.cli.reports import Checked
from milepost.domain.text import Edit, Position, Range
from milepost.domain.validations import (
    CriterionResult,
    Finding,
    Fix,
    FixSource,
    Severity,
    Snapshot,
    Stage,
    Validation,
)

PLACE = Range(Position(1, 4), Position(1, 9))


def checked(message: str = "total starts at 1") -> Checked:
    snapshot = Snapshot("file:///a.py", 1, "a.py", "python", "def f():\n    total\n")
    validation = Validation(
        snapshot=snapshot,
        stage=Stage.COMPLETE,
        passed=False,
        score=0.5,
        results=(CriterionResult("examples", False, 0.5, "1 of 2 examples fails"),),
        findings=(Finding("examples", Severity.ERROR, message, PLACE, 0),),
        fixes=(Fix("Change it", FixSource.MUTATION, (Edit(PLACE, "sum"),), verified=True, preferred=True),),
        timings_ms={"total": 12.345},
    )
    return Checked("a.py", "Sums", validation)


def test_json_has_the_agreed_shape():
    written = json.loads(reports.json_line(checked()))
    assert list(written) == ["file", "task", "passed", "score", "criteria", "findings", "fixes", "timings_ms"]
    assert written["criteria"] == [{"kind": "examples", "passed": False, "message": "1 of 2 examples fails"}]
    assert written["findings"][0]["range"] == {
        "start": {"line": 1, "character": 4},
        "end": {"line": 1, "character": 9},
    }
    assert written["fixes"] == [
        {
            "title": "Change it",
            "source": "mutation",
            "rewrite": False,
            "preferred": True,
            "verified": True,
            "edits": [{"range": written["findings"][0]["range"], "newText": "sum"}],
        }
    ]


def test_json_of_one_file_is_one_line_whatever_its_text():
    assert "\n" not in reports.json_line(checked("two\nlines\u2028and more"))


def test_json_of_a_file_that_no_task_claims():
    written = json.loads(reports.json_line(Checked("b.py", None, None)))
    assert (written["task"], written["passed"], written["findings"]) == (None, None, [])


def test_sarif_counts_lines_and_columns_from_one():
    log = json.loads(reports.sarif([checked(), Checked("b.py", None, None)]))
    (result,) = log["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 10}
    assert (log["version"], result["ruleId"], result["level"]) == ("2.1.0", "examples", "error")


def test_a_message_cannot_add_a_workflow_command():
    """A learner's text stands in the message."""
    written = reports.github([checked("a\n::set-output name=x::y%")])
    assert written.startswith("::error file=a.py,line=2,col=5,title=examples::a%0A::set-output")
    assert "\n" not in written
