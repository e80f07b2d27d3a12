"""The criterion that Ruff decides."""

import pytest

from milepost.checks import linting
from milepost.domain.criteria import Lint
from milepost.domain.text import Position
from tests.checks.programs import contract, judge

UNUSED = "import os\n\n\ndef f(x):\n    é = 1; y = 2\n    return x\n"


async def test_findings_of_the_selected_rules_only():
    report = await judge(None, contract(Lint(("F",))), UNUSED, "task.py")
    assert report.passed is False
    assert [finding.rule for finding in report.findings] == ["lint/F401", "lint/F841", "lint/F841"]
    assert report.findings[0].message == "`os` imported but unused (F401)"
    assert report.findings[2].range.start == Position(4, 11)
    assert (await judge(None, contract(Lint(("B",))), UNUSED, "task.py")).passed is True


async def test_a_learner_cannot_silence_it():
    text = "# ruff: noqa\nimport os  # noqa\n"
    assert (await judge(None, contract(Lint(("F",))), text, "task.py")).passed is False


async def test_nothing_around_configures_it(tmp_path, monkeypatch):
    (tmp_path / "ruff.toml").write_text('exclude = ["*"]\nlint.ignore = ["F"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(tmp_path / "taken"))
    report = await judge(None, contract(Lint(("F",))), UNUSED, str(tmp_path / "task.py"))
    assert report.passed is False
    assert not (tmp_path / "taken").exists()


async def test_names_of_the_preamble_are_known():
    text = "def f():\n    return given + g() + math.pi + unknown\n"
    judged = contract(Lint(("F",)), preamble="import math\ngiven = 3\ndef g():\n    return 1\n")
    report = await judge(None, judged, text, "task.py")
    assert [finding.message for finding in report.findings] == ["Undefined name `unknown` (F821)"]


@pytest.mark.parametrize("select", [("QQQ",), ("--config",), ("F; rm",), ()])
async def test_rules_that_do_not_exist_are_nobodys_failure(select):
    report = await judge(None, contract(Lint(select)), "x = 1\n", "task.py")
    assert report.passed is None
    assert "the linter said" in report.results[0].message


async def test_other_languages_are_not_assessed():
    report = await judge(None, contract(Lint(("F",)), language="javascript"), "let x = 1;\n", "task.js")
    assert report.passed is None


async def test_at_most_fifty_findings():
    text = "".join(f"import module_{number}\n" for number in range(80))
    report = await judge(None, contract(Lint(("F",))), text, "task.py")
    assert len(report.findings) == linting.MOST
    assert report.results[0].message == "80 findings of the linter"
