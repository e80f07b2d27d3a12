"""The languages that can be parsed; a grammar is loaded when its language is first met."""

import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath

from tree_sitter import Language


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language: where its grammar is, which files are written in it, how people and editors call it.

    `family` names the tables that it shares with related languages.
    """

    name: str
    title: str
    module: str
    family: str
    extensions: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    entry: str = "language"


_GRAMMARS = (
    Grammar("python", "Python", "tree_sitter_python", "python", (".py", ".pyi", ".pyw"), ("python3", "py")),
    Grammar(
        "javascript",
        "JavaScript",
        "tree_sitter_javascript",
        "javascript",
        (".js", ".mjs", ".cjs", ".jsx"),
        ("javascriptreact", "jsx", "js"),
    ),
    Grammar(
        "typescript",
        "TypeScript",
        "tree_sitter_typescript",
        "typescript",
        (".ts", ".mts", ".cts"),
        ("ts",),
        "language_typescript",
    ),
    Grammar(
        "tsx",
        "TypeScript",
        "tree_sitter_typescript",
        "typescript",
        (".tsx",),
        ("typescriptreact",),
        "language_tsx",
    ),
    Grammar("java", "Java", "tree_sitter_java", "java", (".java",)),
    Grammar("go", "Go", "tree_sitter_go", "go", (".go",), ("golang",)),
    Grammar("rust", "Rust", "tree_sitter_rust", "rust", (".rs",), ("rs",)),
    Grammar("c", "C", "tree_sitter_c", "c", (".c", ".h")),
    Grammar(
        "cpp",
        "C++",
        "tree_sitter_cpp",
        "cpp",
        (".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx"),
        ("c++", "cuda-cpp"),
    ),
)
_BY_NAME = {name: grammar for grammar in _GRAMMARS for name in (grammar.name, *grammar.aliases)}
_BY_EXTENSION = {extension: grammar.name for grammar in _GRAMMARS for extension in grammar.extensions}


def languages() -> tuple[str, ...]:
    """Return the names of all languages that can be parsed."""
    return tuple(grammar.name for grammar in _GRAMMARS)


def language_of(path: str) -> str | None:
    """Return the language of a file by its extension, None for one that cannot be parsed."""
    return _BY_EXTENSION.get(PurePath(path).suffix.lower())


def known(language: str) -> bool:
    """Tell whether a language can be parsed, by its name or one that editors use for it."""
    return language.lower() in _BY_NAME


def grammar(language: str) -> Grammar:
    """Return what is known of a language; raises ValueError for one that cannot be parsed."""
    found = _BY_NAME.get(language.lower())
    if found is None:
        raise ValueError(f"no grammar for {language!r}; there is one for {', '.join(languages())}")
    return found


@cache
def load(name: str) -> Language:
    """Return the tree-sitter language of a grammar's own name."""
    chosen = grammar(name)
    module = importlib.import_module(chosen.module)
    return Language(getattr(module, chosen.entry)())
