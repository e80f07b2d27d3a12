"""The criterion of a command, in any language, and its JUnit report."""

import pytest

from milepost.checks import proving
from milepost.domain.criteria import Command, Reveal
from tests.checks.programs import contract, judge, only, revealing

pytestmark = pytest.mark.asyncio(loop_scope="module")
REPORT = (
    '<testsuite><testcase name="adds"/><testcase name="subtracts" file="a.sh" line="2">'
    '<failure message="1 is not 2">here</failure></testcase></testsuite>'
)


@pytest.fixture
def sandbox(module_sandbox):
    return module_sandbox


async def test_status_0_passes_and_is_not_tamper_proof(sandbox):
    report = await judge(sandbox, contract(Command("sh a.sh"), language="c"), "int x;\n", "a.c")
    assert report.passed is False
    report = await judge(sandbox, contract(Command("grep -q x a.c"), language="c"), "int x;\n", "a.c")
    assert report.passed is True
    assert not report.results[0].tamper_proof


async def test_other_files_of_the_course_are_there(sandbox):
    judged = contract(Command("cmp a.c data/wanted.c"), language="c", files={"data/wanted.c": "int x;\n"})
    assert (await judge(sandbox, judged, "int x;\n", "a.c")).passed is True


async def test_what_it_says_is_shown(sandbox):
    finding = await only(sandbox, contract(Command("echo broken >&2; exit 3"), language="c"), "int x;\n", "a.c")
    assert finding.message == "The command echo broken >&2; exit 3 ended with status 3; it says broken"
    assert "`broken`" in finding.explanation


async def test_what_it_says_begins_where_it_speaks_of_a_failure(sandbox):
    command = "printf 'TAP version 13\\n# one\\n\\nok 1 - a\\nnot ok 2 - b\\n  ---\\n  4 is not 3\\n'; exit 1"
    finding = await only(sandbox, contract(Command(command), language="c"), "int x;\n", "a.c")
    assert finding.message.endswith("it says not ok 2 - b; 4 is not 3")


async def test_its_report_becomes_cases_and_a_place(sandbox):
    judged = contract(Command(f"echo '{REPORT}' > out.xml; exit 1", junit="out.xml"), language="c")
    report = await judge(sandbox, judged, "int x;\nint y;\n", "a.sh")
    assert [(case.call, case.passed) for case in report.results[0].cases] == [("adds", True), ("subtracts", False)]
    (finding,) = report.findings
    assert "The test subtracts fails: 1 is not 2" in finding.message
    assert finding.range.start.line == 1


@pytest.mark.parametrize(
    "written",
    ["not xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<a>", ""],
)
async def test_a_report_that_cannot_be_read_is_said(sandbox, written):
    judged = contract(Command(f"echo '{written}' > out.xml; exit 1", junit="out.xml"), language="c")
    finding = await only(sandbox, judged, "int x;\n", "a.c")
    assert "its report cannot be read" in finding.message


@pytest.mark.parametrize("junit", ["link.xml", "folder", "../out.xml", "/etc/passwd", "missing.xml"])
async def test_only_regular_files_of_the_box_are_read(sandbox, junit):
    line = "ln -s /etc/passwd link.xml; mkdir folder; exit 1"
    report = await judge(sandbox, contract(Command(line, junit=junit), language="c"), "int x;\n", "a.c")
    assert report.passed is not True
    assert "root:" not in repr(report)


async def test_a_command_that_does_not_end(sandbox):
    finding = await only(sandbox, contract(Command("sleep 60", timeout=0.5), language="c"), "int x;\n", "a.c")
    assert finding.message == "The command sleep 60 did not end within 0.5 s"


async def test_location_says_only_that_it_fails(sandbox):
    judged = revealing(contract(Command("echo secret; exit 1"), language="c"), Reveal.LOCATION)
    finding = await only(sandbox, judged, "int x;\n", "a.c")
    assert "it says" not in finding.message + finding.explanation


async def test_spanish(sandbox):
    finding = await only(sandbox, contract(Command("exit 1"), language="c"), "int x;\n", "a.c", language="es")
    assert finding.message == "La orden exit 1 terminó con el estado 1"


async def test_commands_are_proved(sandbox):
    judged = contract(Command("grep -q x a.c"), language="c")
    assert await proving.prove(judged, ["int x;\n", "int y;\n"], "a.c", sandbox) == [True, False]
