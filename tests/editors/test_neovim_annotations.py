"""The annotations of the Lua plug-in: parameters, returns, and the types that they name.

Parameters have to be those of the function below; a function that ends with a value has to say which type, another one must
not; and each type has to be one of Lua's, one of the plug-in's, or one that Neovim's own annotations define.
Whether a value fits its type is not checked: a language server for Lua would do that, but none comes as a package of Debian,
PyPI or npm.
"""

import re
from pathlib import Path

import pytest

from tests.editors.conftest import ROOT

FILES = sorted((ROOT / "clients/neovim").rglob("*.lua"))
FUNCTION = re.compile(r"^(?:local )?function ([\w.]+)\(([^)]*)\)")
# A type ends at the first space that is not inside of brackets or after a comma or colon.
TYPE = re.compile(r"(?:\([^)]*\)(?::\s*)?|<[^>]*>|\[[^\]]*\]|[^\s(<\[])+")
BASIC = {"any", "boolean", "fun", "function", "integer", "nil", "number", "string", "table", "true", "false"}
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


def endings(text: str) -> list[tuple[str, bool, bool]]:
    """Return each outermost function's name, whether it ends with a value, and whether the comment above speaks of one."""
    found, told = [], False
    lines = text.splitlines()
    for index, line in enumerate(lines):
        if function := FUNCTION.match(line):
            end = lines.index("end", index)
            found.append((function[1], _ends_a_return(lines, index, end), told))
            told = False
        elif line.startswith("---"):
            told = told or line.startswith("---@return")
        else:
            told = False
    return found


def _ends_a_return(lines: list[str], start: int, end: int) -> bool:
    """Tell whether the last statement between two lines is a return of something."""
    statements = [line for line in lines[start + 1 : end] if re.match(r"  [^ ]", line)]
    begun = [line for line in statements if not re.match(r"  (end|else|elseif|[)}\]])", line)]
    return bool(begun) and begun[-1].startswith("  return ")


def types(text: str) -> set[str]:
    """Return the names of the types in annotations."""
    named = re.findall(r"^---@(?:param \w+\??|return|type|field \w+\??|cast \w+) +(.+)$", text, re.MULTILINE)
    return {name for line in named for name in re.findall(r"[A-Za-z_][\w.]*(?![\w.?]*:)\b", TYPE.match(line)[0])}


def defined(folder: Path) -> set[str]:
    """Return the types that the annotations below a folder define."""
    files = folder.rglob("*.lua")
    pattern = r"^--- ?@(?:class|alias|enum) *(?:\(\w+\) +)?([\w.]+)"
    return {name for file in files for name in re.findall(pattern, file.read_text("utf-8"), re.MULTILINE)}


def test_the_check_sees_a_wrong_annotation():
    text = "---@param one string\n---@param two? table\nfunction M.act(one, three)\nend\n"
    assert functions(text) == [("M.act", ["one", "three"], ["one", "two"])]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_parameter_is_annotated_and_no_other(file):
    wrong = [(name, names, told) for name, names, told in functions(file.read_text("utf-8")) if names != told]
    assert wrong == []


def test_the_check_of_returns_sees_what_is_wrong():
    text = "---@return string\nlocal function one()\n  act()\nend\nfunction M.two()\n  return {\n    1,\n  }\nend\n"
    assert endings(text) == [("one", False, True), ("M.two", True, False)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_what_a_function_ends_with_is_annotated(file):
    assert [name for name, ends, told in endings(file.read_text("utf-8")) if ends != told] == []


def test_the_check_of_types_reads_them():
    text = (
        "---@param one? lsp.Edit[] what it is\n---@return fun(client: vim.Client, n?: integer): table<string, Own>?\n"
    )
    assert types(text) == {"lsp.Edit", "fun", "vim.Client", "integer", "table", "string", "Own"}


def test_every_type_is_defined(neovim):
    known = BASIC | defined(neovim.parents[1] / "share/nvim/runtime/lua") | defined(ROOT / "clients/neovim")
    assert "vim.lsp.Client" in known
    for file in FILES:
        assert types(file.read_text("utf-8")) <= known, file.name


def test_there_is_something_to_check():
    assert sum(len(functions(file.read_text("utf-8"))) for file in FILES) > 20
