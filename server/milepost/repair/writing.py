"""Donor code as text in the learner's names and style."""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager

from milepost.repair import quoting
from milepost.repair.renaming import Names

_RANKS: dict[type[ast.AST], int] = {
    ast.Lambda: 1, ast.IfExp: 1, ast.Compare: 5, ast.Await: 14, ast.Starred: 1,
}  # fmt: skip
_BINARY: dict[type[ast.AST], int] = {
    ast.BitOr: 6, ast.BitXor: 7, ast.BitAnd: 8, ast.LShift: 9, ast.RShift: 9, ast.Add: 10, ast.Sub: 10, ast.Mult: 11,
    ast.Div: 11, ast.FloorDiv: 11, ast.Mod: 11, ast.MatMult: 11, ast.Pow: 13,
}  # fmt: skip
_ATOM = 15
SYMBOLS: dict[str, str] = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**", "LShift": "<<",
    "RShift": ">>", "BitOr": "|", "BitXor": "^", "BitAnd": "&", "MatMult": "@", "Eq": "==", "NotEq": "!=", "Lt": "<",
    "LtE": "<=", "Gt": ">", "GtE": ">=", "Is": "is", "IsNot": "is not", "In": "in", "NotIn": "not in", "And": "and",
    "Or": "or", "Not": "not", "USub": "-", "UAdd": "+", "Invert": "~",
}  # fmt: skip
_OPERATOR = re.compile(r"not\s+in\b|is\s+not\b|is\b|in\b|and\b|or\b|\*\*|//|<<|>>|==|!=|<=|>=|[-+*/%|^&@<>]")


@contextmanager
def _named(node: ast.AST, names: Names) -> Iterator[None]:
    """Give the variables inside a node other names for a moment."""
    before: list[tuple[ast.AST, str, str]] = []
    for one in ast.walk(node):
        for field in ("id", "arg", "name"):
            name = getattr(one, field, None)
            if isinstance(name, str) and name in names and not isinstance(one, ast.keyword | ast.alias):
                before.append((one, field, name))
                setattr(one, field, names[name])
        attribute = names.get(f".{one.attr}") if isinstance(one, ast.Attribute) else None
        if attribute is not None and isinstance(one, ast.Attribute):
            before.append((one, "attr", one.attr))
            one.attr = attribute[1:]
    try:
        yield
    finally:
        for one, field, name in before:
            setattr(one, field, name)


def expression(node: ast.AST, names: Names, quote: str = "'") -> str:
    """Return an expression (or a simple statement) as text."""
    with _named(node, names):
        text = ast.unparse(node)
    return quoting.doubled(text) if quote == quoting.DOUBLE else text


def head(node: ast.AST, names: Names, quote: str = "'") -> str:
    """Return the head of a compound statement as text, with its colon and without indentation."""
    emptied = {
        field: getattr(node, field)
        for field in ("body", "orelse", "finalbody", "handlers", "cases")
        if hasattr(node, field)
    }
    if isinstance(node, ast.Match):
        return f"match {expression(node.subject, names, quote)}:"
    if isinstance(node, ast.Try):
        return "try:"
    try:
        for field in emptied:
            setattr(node, field, [ast.Pass()] if field == "body" else [])
        text = expression(node, names, quote)
    finally:
        for field, value in emptied.items():
            setattr(node, field, value)
    return text[: text.rindex("\n")].strip("\n")


def rank(node: ast.AST) -> int:
    """Return how tightly an expression binds; 15 for those that never need parentheses."""
    if isinstance(node, ast.BinOp):
        return _BINARY.get(type(node.op), 10)
    if isinstance(node, ast.BoolOp):
        return 2 if isinstance(node.op, ast.Or) else 3
    if isinstance(node, ast.UnaryOp):
        return 4 if isinstance(node.op, ast.Not) else 12
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value < 0:
        return 12
    return _RANKS.get(type(node), _ATOM)


def needed_rank(parent: ast.AST, node: ast.AST) -> int:
    """Return how tightly what stands in the place of `node` must bind not to need parentheses."""
    if isinstance(parent, ast.BinOp):
        own = rank(parent)
        on_right = parent.right is node
        return own + (on_right != isinstance(parent.op, ast.Pow))
    if isinstance(parent, ast.BoolOp):
        return rank(parent) + 1
    if isinstance(parent, ast.UnaryOp):
        return rank(parent)
    if isinstance(parent, ast.Compare):
        return 6
    if isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Subscript) and parent.value is node):
        return _ATOM
    if isinstance(parent, ast.Call) and parent.func is node:
        return _ATOM
    if isinstance(parent, ast.IfExp):
        return 1 if parent.orelse is node else 2
    if isinstance(parent, ast.Starred):
        return 6
    if isinstance(parent, ast.Call | ast.List | ast.Tuple | ast.Set | ast.Dict | ast.keyword | ast.comprehension):
        return 1
    return 0


def operator_swapped(gap: str, kind: str) -> str | None:
    """Return the text between two operands with its operator replaced; None when there is none."""
    found = _OPERATOR.search(gap)
    if found is None:
        return None
    symbol, before, after = SYMBOLS[kind], gap[: found.start()], gap[found.end() :]
    if symbol[-1].isalpha():
        before, after = before or " ", after or " "
    return before + symbol + after
