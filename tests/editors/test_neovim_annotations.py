"""The annotations of the Lua plug-in speak about the functions they stand above.

A language server for Lua would check more, but none comes as a package of Debian, PyPI or npm.
"""

import re

import pytest

from tests.editors.conftest import ROOT

FILES = sorted((ROOT / "clients/neovim").rglob("*.lua"))
FUNCTION = re.compile(r"^(?:local )?function ([\w.]+)\(([^)]*)\)")
PARAMETER = re.compile(r"^---@param (\w+)\??\s+\S")


def functions(text: str) -> list[tuple[str, list[str], list[str]]]:
    """Return each function's name, its parameters, and those that the comment above it names."""
    found, told = [], []
    for line in text.splitlines():
        if parameter := PARAMETER.match(line):
            told.append(parameter[1])
        elif function := FUNCTION.match(line):
            found.append((function[1], [name.strip() for name in function[2].split(",") if name.strip()], told))
            told = []
        elif not line.startswith("---"):
            told = []
    return found


def test_the_check_sees_a_wrong_annotation():
    text = "---@param one string\n---@param two? table\nfunction M.act(one, three)\nend\n"
    assert functions(text) == [("M.act", ["one", "three"], ["one", "two"])]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_parameter_is_annotated_and_no_other(file):
    wrong = [(name, names, told) for name, names, told in functions(file.read_text("utf-8")) if names != told]
    assert wrong == []


def test_there_is_something_to_check():
    assert sum(len(functions(file.read_text("utf-8"))) for file in FILES) > 20
