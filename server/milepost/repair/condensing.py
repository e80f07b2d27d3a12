"""Shorter forms of a donor's function, for learners who have hardly begun it: what is written anew is to be little."""

import ast
from collections.abc import Iterator

from milepost.repair.units import Program, parsed


def condensed(program: Program, name: str) -> Program | None:
    """Return a program in which values that are named once and used once, right after, of one function are not named."""
    tree = ast.parse(program.outline.text)
    found = False
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name == name:
            for body in list(_bodies(function)):
                found |= _inline(function, body)
    return parsed(ast.unparse(tree)) if found else None


def _bodies(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                yield body


def _inline(function: ast.FunctionDef, body: list[ast.stmt]) -> bool:
    """Put values in the place of names where that cannot change anything; tell whether there were such."""
    found = False
    for place in range(len(body) - 2, -1, -1):
        named, user = body[place], body[place + 1]
        if not isinstance(named, ast.Assign) or not isinstance(user, ast.Return | ast.Assign):
            continue
        target = named.targets[0]
        if len(named.targets) > 1 or not isinstance(target, ast.Name):
            continue
        uses = [one for one in ast.walk(function) if isinstance(one, ast.Name) and one.id == target.id]
        if len(uses) == 2 and _replaced(user, uses[1] if uses[0] is target else uses[0], named.value):
            del body[place]
            found = True
    return found


def _replaced(user: ast.stmt, name: ast.Name, value: ast.expr) -> bool:
    """Put a value in the place of a name in a statement; not inside what may run more than once, or never."""
    for parent in _once(user):
        for field, child in ast.iter_fields(parent):
            if child is name:
                setattr(parent, field, value)
                return True
            if isinstance(child, list) and any(one is name for one in child):
                setattr(parent, field, [value if one is name else one for one in child])
                return True
    return False


def _once(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Lambda | ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _once(child)
