"""Lets a test file go on without a program, so that it makes all its calls; sent into boxes as text."""

from __future__ import annotations

import ast
import unittest
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest


class Anything:
    """Stands for every result while the questions are collected: whatever is done with it goes on."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take whatever is given."""

    def __getattr__(self, name: str) -> Any:
        """Give something for every name."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __iter__(self) -> Iterator[Any]:
        """Hold one member."""
        return iter([Anything()])

    def __str__(self) -> str:
        """Show something."""
        return "x"

    def __eq__(self, other: object) -> bool:
        """Be like everything."""
        return True

    __hash__ = object.__hash__


def _give(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: Anything() if value is Anything else value


for _name in ("lt", "le", "gt", "ge", "contains", "bool"):
    setattr(Anything, f"__{_name}__", _give(value=True))
for _name in ("len", "int", "index"):
    setattr(Anything, f"__{_name}__", _give(1))
setattr(Anything, "__float__", _give(1.0))  # noqa: B010 As the lines around it.
for _name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "and",
    "or",
    "xor",
    "neg",
    "pos",
    "abs",
    "round",
):
    setattr(Anything, f"__{_name}__", _give(Anything))
    setattr(Anything, f"__r{_name}__", _give(Anything))
for _name in ("call", "getitem", "enter", "next"):
    setattr(Anything, f"__{_name}__", _give(Anything))
for _name in ("setitem", "delitem", "exit"):
    setattr(Anything, f"__{_name}__", _give(None))


class Tolerant:
    """Stands for `pytest.raises` and `assertRaises` while the questions are collected: nothing need be raised."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.value = self.exception = Anything()
        if len(args) > 1 and callable(args[1]):
            with suppress(Exception):
                args[1](*args[2:], **kwargs)

    def __enter__(self) -> Tolerant:  # noqa: PYI034 Older interpreters run this too.
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        """Swallow every error of the tests."""
        return kind is not None and issubclass(kind, Exception)

    def match(self, _: str) -> bool:
        """Match everything."""
        return True


class _NoAssertions(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return ast.copy_location(ast.Expr(node.test), node)


def make_tolerant(path: str) -> None:
    """Let the tests go on whatever comes, so that they ask all they would ask a right program."""
    file = Path(path)
    tree = _NoAssertions().visit(ast.parse(file.read_text("utf-8")))
    file.write_text(ast.unparse(ast.fix_missing_locations(tree)), "utf-8")
    pytest.raises = Tolerant  # type: ignore[assignment]
    for name in dir(unittest.TestCase):
        if name.startswith("assert"):
            raising = name in {"assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"}
            setattr(unittest.TestCase, name, _tolerant_method if raising else _give(None))


def _tolerant_method(_: unittest.TestCase, *args: Any, **kwargs: Any) -> Tolerant:
    return Tolerant(*args, **kwargs)
