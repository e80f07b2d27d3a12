"""What the server announces is described where people look for it."""

from pathlib import Path

from milepost.lsp import validating
from milepost.lsp.actions import DISMISS, EXPLAIN, HINT, KINDS
from milepost.lsp.commands import _ARGUMENTS
from milepost.settings.options import OPTIONS

PAGE = (Path(__file__).parents[2] / "docs/protocol.md").read_text("utf-8")


def test_every_command_is_described_with_its_arguments():
    rows = {line.split("|")[1].strip(" `"): line for line in PAGE.splitlines() if line.startswith("| `milepost.")}
    assert set(rows) == set(_ARGUMENTS)
    missing = [(name, key) for name, keys in _ARGUMENTS.items() for key in keys if f"`{key}`" not in rows[name]]
    assert not missing


def test_every_kind_of_action_and_every_setting_of_an_editor_is_described():
    names = [*KINDS, HINT, DISMISS, EXPLAIN, *(option.name for option in OPTIONS if option.editor)]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_every_rule_has_its_description():
    page = Path(validating.RULES_PAGE.removeprefix("file://")).read_text("utf-8")
    headings = {line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")}
    kinds = {"examples", "tests", "stdio", "defines", "requires", "forbids", "lint", "complexity", "command", "rubric"}
    assert kinds | {"syntax", "course"} <= headings
