"""Which way a run took through a program, as far as its text and the lines that were run tell."""

import ast
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

_LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_BLOCKS = ("body", "orelse", "finalbody")
# Values that may be None, though nobody wrote so.
_OPEN = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.IfExp, ast.BoolOp, ast.Await)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def conditions(text: str) -> dict[int, int]:
    """Return for lines that start a statement the line of the condition on which it depends whether that is run.

    These are the statements under an `if`. Under an `else`, and after an `if` that leaves, only those count that hold
    nothing but a constant: there is little in them that could be wrong.
    """
    found: dict[int, int] = {}
    for node in _statements(_parsed(text)):
        if isinstance(node, ast.If):
            found.update((statement.lineno - 1, node.lineno - 1) for statement in node.body)
            found.update((statement.lineno - 1, node.lineno - 1) for statement in node.orelse if _is_plain(statement))
        for name in _BLOCKS:
            found |= dict(_after_leaving(getattr(node, name, None)))
    return found


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield a program and all statements and clauses inside; what these are made of is left aside, which is most of it."""
    left: list[ast.AST] = [tree]
    while left:
        node = left.pop()
        yield node
        for name in (*_BLOCKS, "handlers", "cases"):
            left += getattr(node, name, ())


def _after_leaving(block: object) -> Iterator[tuple[int, int]]:
    """Yield plain statements after an `if` whose body never goes on to them, with the condition decided last."""
    for before, statement in pairwise(block if isinstance(block, list) else ()):
        if isinstance(before, ast.If) and isinstance(before.body[-1], _LEAVING) and _is_plain(statement):
            yield statement.lineno - 1, _last_branch(before).lineno - 1


def _last_branch(choice: ast.If) -> ast.If:
    """Return the last `elif` of an `if`."""
    while len(choice.orelse) == 1 and isinstance(further := choice.orelse[0], ast.If):
        choice = further
    return choice


def _is_plain(statement: ast.stmt) -> bool:
    """Tell whether a statement holds nothing but a constant."""
    if isinstance(statement, ast.Pass | ast.Break | ast.Continue):
        return True
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Constant) or (isinstance(statement, ast.Return) and value is None)


def without_result(text: str, name_line: int, lines: Collection[int]) -> int | None:
    """Return where a function ended that gave nothing: at a `return`, or else at the end of what it did last.

    `name_line` is where the function's name stands, `lines` are those that were run.
    """
    functions = (node for node in _statements(_parsed(text)) if isinstance(node, Function))
    function = next((node for node in functions if node.lineno - 1 == name_line), None)
    if function is None or not lines:
        return None
    returns = [node.lineno - 1 for node in _returns(function) if _may_give_nothing(node)]
    ran = [line for line in returns if line in lines]
    return max(ran) if ran else _end(function.body, lines)


def _returns(function: Function) -> Iterator[ast.Return]:
    """Yield the returns of a function, not those of functions inside."""
    left: list[ast.AST] = [*function.body]
    while left:
        node = left.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, Function | ast.ClassDef):
            left += ast.iter_child_nodes(node)


def _may_give_nothing(node: ast.Return) -> bool:
    is_none = isinstance(node.value, ast.Constant) and node.value.value is None
    return node.value is None or is_none or isinstance(node.value, _OPEN)


def _end(block: Sequence[ast.stmt], lines: Collection[int]) -> int:
    """Return the last line of what a run went through to the end of a block."""
    while True:
        last = next((one for one in reversed(block) if not _is_remark(one)), block[-1])
        branches = [branch for name in _BLOCKS[:2] if (branch := getattr(last, name, None))]
        taken = [branch for branch in branches if _was_run(branch, lines)]
        if not isinstance(last, ast.If | ast.With | ast.AsyncWith) or len(taken) != 1:
            return (last.end_lineno or last.lineno) - 1
        block = taken[0]


def _is_remark(statement: ast.stmt) -> bool:
    """Tell whether a statement is a bare constant, such as a docstring."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _was_run(block: Sequence[ast.stmt], lines: Collection[int]) -> bool:
    return any(statement.lineno - 1 in lines for statement in block)


def _parsed(text: str) -> ast.Module:
    """Return the tree of a program, an empty one for a text that is none."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
