"""Calls with holes: what the examples of a task have in common, and the values that they put into the holes."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from milepost.domain.criteria import Example

Plain = object
HOLE = "_hole_"


@dataclass(frozen=True, slots=True)
class Template:
    """A call whose plain values were taken out, and how the examples compare what it gives."""

    text: str
    setup: str
    prints: bool = False
    approx: float | None = None
    unordered: bool = False

    def render(self, values: Iterable[Plain]) -> str:
        """Return the call with these values in its holes."""
        tree = ast.parse(self.text, mode="eval")
        filled = _Filler([ast.parse(repr(value), mode="eval").body for value in values]).visit(tree)
        return ast.unparse(filled)


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of one example; `raises` where the example wants an error."""

    template: Template
    values: tuple[Plain, ...]
    raises: bool = False


def samples(examples: Iterable[Example], known: Mapping[str, Plain]) -> list[Sample]:
    """Take the examples apart; `known` gives the plain values of argument expressions that are no literals."""
    found = []
    for example in examples:
        punched = punch(example.call, known)
        if punched is not None:
            text, values = punched
            template = Template(text, example.setup, example.prints is not None, example.approx, example.unordered)
            found.append(Sample(template, values, example.raises is not None))
    return _joined(found)


def punch(call: str, known: Mapping[str, Plain]) -> tuple[str, tuple[Plain, ...]] | None:
    """Return the call with holes for its plain arguments, and their values; None when it has no such argument."""
    try:
        tree = ast.parse(call, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    puncher = _Puncher(known)
    text = ast.unparse(puncher.visit(tree))
    return (text, tuple(puncher.values)) if puncher.values else None


def open_arguments(call: str) -> list[str]:
    """Return the arguments of a call that are no literals: names and expressions whose value has to be asked for."""
    try:
        tree = ast.parse(call, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    arguments = [argument for node in ast.walk(tree) if isinstance(node, ast.Call) for argument in _arguments(node)]
    return [ast.unparse(argument) for argument in arguments if _literal(argument) is _NO_LITERAL]


_NO_LITERAL = object()


def _literal(node: ast.expr) -> Plain:
    try:
        value: Plain = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _NO_LITERAL
    return value


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


class _Puncher(ast.NodeTransformer):
    """Replaces plain arguments by holes, outermost first."""

    def __init__(self, known: Mapping[str, Plain]) -> None:
        self.known = known
        self.values: list[Plain] = []

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.func = self.visit(node.func)
        node.args = [self._argument(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self._argument(keyword.value)
        return node

    def _argument(self, node: ast.expr) -> ast.expr:
        value = _literal(node)
        if value is _NO_LITERAL:
            value = self.known.get(ast.unparse(node), _NO_LITERAL)
        if value is _NO_LITERAL:
            visited: ast.expr = self.visit(node)
            return visited
        self.values.append(value)
        return ast.Name(f"{HOLE}{len(self.values) - 1}", ast.Load())


class _Filler(ast.NodeTransformer):
    """Puts values back into the holes."""

    def __init__(self, values: list[ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.values[int(node.id.removeprefix(HOLE))] if node.id.startswith(HOLE) else node


def _joined(found: list[Sample]) -> list[Sample]:
    """Give examples of the same call one template; one that wants an error says nothing about how to compare."""
    usual: dict[tuple[str, str], Template] = {}
    for sample in found:
        if not sample.raises:
            usual.setdefault((sample.template.text, sample.template.setup), sample.template)
    return [
        Sample(usual.get((sample.template.text, sample.template.setup), sample.template), sample.values, sample.raises)
        for sample in found
    ]
