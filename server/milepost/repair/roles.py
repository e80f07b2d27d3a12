"""What a variable holds, guessed from how it is used: it spares the trial of names and operations that cannot fit."""

import ast
from collections.abc import Iterable

CONTAINER = "container"
NUMBER = "number"
TRUTH = "truth"

_CONTAINER_METHODS = frozenset(
    "append extend insert remove pop sort reverse index count clear copy add update keys values items join split".split()
)
_CONTAINER_CALLS = frozenset("list tuple set dict sorted str enumerate zip".split())
_TAKES_CONTAINER = frozenset("len sum min max sorted enumerate list tuple set reversed any all".split())
_NUMBER_CALLS = frozenset("len int abs round sum ord".split())


def roles(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Return what each variable holds as far as its uses tell; variables used in two ways are left out."""
    found: dict[str, set[str]] = {}
    for node in nodes:
        for name, role in _hints(node):
            found.setdefault(name, set()).add(role)
    return {name: next(iter(kinds)) for name, kinds in found.items() if len(kinds) == 1}


def _hints(node: ast.AST) -> Iterable[tuple[str, str]]:
    if isinstance(node, ast.Subscript):
        yield from _named(node.value, CONTAINER)
        yield from _named(node.slice, NUMBER)
    elif isinstance(node, ast.Attribute) and node.attr in _CONTAINER_METHODS:
        yield from _named(node.value, CONTAINER)
    elif isinstance(node, ast.For | ast.comprehension):
        yield from _loop(node.target, node.iter)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _call(node.func.id, node.args)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _named(target, _value(node.value))
    elif isinstance(node, ast.AugAssign):
        yield from _named(node.target, _value(node.value))
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
        yield from _named(node.comparators[0], CONTAINER)


def _loop(target: ast.expr, source: ast.expr) -> Iterable[tuple[str, str]]:
    yield from _named(source, CONTAINER)
    if isinstance(source, ast.Call) and isinstance(source.func, ast.Name):
        if source.func.id == "range":
            yield from _named(target, NUMBER)
        if source.func.id == "enumerate" and isinstance(target, ast.Tuple) and target.elts:
            yield from _named(target.elts[0], NUMBER)


def _call(function: str, args: list[ast.expr]) -> Iterable[tuple[str, str]]:
    for one in args:
        if function == "range":
            yield from _named(one, NUMBER)
        elif function in _TAKES_CONTAINER and len(args) == 1:
            yield from _named(one, CONTAINER)


def _value(node: ast.expr) -> str:
    """Return what an expression gives; an empty text for what cannot be told."""
    if isinstance(node, ast.List | ast.Tuple | ast.Dict | ast.Set | ast.ListComp | ast.JoinedStr):
        return CONTAINER
    if isinstance(node, ast.Constant):
        kinds: list[tuple[type, str]] = [(bool, TRUTH), (int, NUMBER), (float, NUMBER), (str, CONTAINER)]
        return next((role for kind, role in kinds if isinstance(node.value, kind)), "")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in _NUMBER_CALLS:
            return NUMBER
        return CONTAINER if node.func.id in _CONTAINER_CALLS else ""
    if isinstance(node, ast.BinOp):
        left = _value(node.left)
        return left or _value(node.right)
    return TRUTH if isinstance(node, ast.Compare) else ""


def _named(node: ast.expr, role: str) -> Iterable[tuple[str, str]]:
    if isinstance(node, ast.Name) and role:
        yield node.id, role
