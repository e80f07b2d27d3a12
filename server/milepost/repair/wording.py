"""The words of a fix, made from its changes: a title, where to look, and what is wrong."""

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from milepost.domain.text import Localized
from milepost.repair import messages
from milepost.repair.changes import Change, Replacement
from milepost.repair.outline import Block, Kind, Outline

_SHOWN = 48
_LINES_SHOWN = 4
_STRICTNESS = ({"<", "<="}, {">", ">="})
_TITLES = {
    "remove": messages.REMOVE,
    "insert": messages.ADD,
    "ending": messages.ADD,
    "own copy": messages.ADD,
    "dedent": messages.OUTWARD,
    "indent": messages.INWARD,
    "order": messages.EARLIER,
    "wrap": messages.WRAP,
    "unwrap": messages.UNWRAP,
}
_REASONS = {
    "remove": messages.UNWANTED,
    "ending": messages.NO_RESULT,
    "dedent": messages.TOO_EARLY,
    "indent": messages.TOO_LATE,
    "order": messages.ORDER,
    "wrap": messages.CONDITION,
    "unwrap": messages.CONDITION,
    "in place": messages.IN_PLACE,
    "print": messages.PRINTED,
    "brackets": messages.BRACKETS,
    "copy": messages.SAME_OBJECT,
    "own copy": messages.ARGUMENT,
    "formatted": messages.LITERAL,
    "jump": messages.JUMP,
    "guard": messages.NO_CASE,
    "range": messages.BOUNDS,
    "negate": messages.QUESTION,
    "return": messages.RESULT,
    "loop": messages.CONDITION,
    "index": messages.ELEMENT,
    "unindexed": messages.ELEMENT,
}


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a fix."""

    title: str
    where: str
    what: str


def words(outline: Outline, changes: Sequence[Change], language: str) -> Words:
    """Return the texts for changes that repair a program."""
    ordered = sorted(changes, key=_start)
    lines = sorted({_line(outline, change) for change in ordered})
    reasons = dict.fromkeys(_reason(outline, change, language) for change in ordered)
    return Words(
        _title(outline, ordered, lines, language), _where(ordered, lines, language), " ".join(list(reasons)[:2])
    )


def _title(outline: Outline, changes: Sequence[Change], lines: Sequence[int], language: str) -> str:
    if len(changes) > 1:
        message = messages.SEVERAL if len(lines) > 1 else messages.SEVERAL_ON_LINE
        return message.say(language, count=len(changes), lines=listed(lines, language))
    change = changes[0]
    template = _TITLES.get(change.kind, messages.CHANGE)
    return template.say(language, before=short(change.before), after=short(change.after), line=_line(outline, change))


def _where(changes: Sequence[Change], lines: Sequence[int], language: str) -> str:
    names = {name for change in changes if (name := _owner(change.block))}
    shown = listed(lines, language)
    if len(names) == 1:
        message = messages.LOOK_INSIDE if len(lines) == 1 else messages.LOOK_INSIDE_MANY
        return message.say(language, lines=shown, name=names.pop())
    message = messages.LOOK if len(lines) == 1 else messages.LOOK_MANY
    return message.say(language, lines=shown)


def listed(lines: Sequence[int], language: str) -> str:
    """Return line numbers as a sentence lists them, the first few of many."""
    shown = [str(line) for line in lines[:_LINES_SHOWN]]
    if len(lines) > _LINES_SHOWN:
        return ", ".join(shown) + "…"
    if len(shown) == 1:
        return shown[0]
    return messages.AND.say(language, first=", ".join(shown[:-1]), last=shown[-1])


def short(text: str) -> str:
    """Return code as it fits into a title."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _start(change: Change) -> int:
    return min((part.start for part in change.parts if isinstance(part, Replacement)), default=change.block.start)


def _line(outline: Outline, change: Change) -> int:
    """Return the line, counted from one, that a change is about."""
    inside = change.kind in ("insert", "ending", "own copy") and change.block.kind is not Kind.SIMPLE
    return outline.line_of(change.block.header_end if inside and change.block.parent else _start(change)) + 1


def _owner(block: Block | None) -> str:
    """Return the name of the function around a block."""
    while block is not None:
        if isinstance(block.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return block.node.name
        block = block.parent
    return ""


def _reason(outline: Outline, change: Change, language: str) -> str:
    """Say what is wrong where a change is made."""
    before = short(change.before)
    known = _REASONS.get(change.kind)
    if change.kind == "insert":
        known = _missing(change.after)
    if change.kind == "operator":
        known = operator(change.before.strip(), change.after.strip())
    if known is not None:
        return known.say(language, before=before)
    template, shown, name = _expression(outline, change)
    return template.say(language, before=short(shown), name=name)


def _missing(text: str) -> Localized:
    if text.startswith("return"):
        return messages.NO_RESULT
    return messages.NO_CASE if text.startswith(("if ", "else", "elif ")) else messages.NO_STEP


def operator(before: str, after: str) -> Localized:
    """Return what is wrong with an operator."""
    pair = {before, after}
    if pair in _STRICTNESS:
        return messages.EQUAL
    if pair <= {"<", "<=", ">", ">="}:
        return messages.DIRECTION
    if pair == {"and", "or"}:
        return messages.JOINED
    return (
        messages.QUESTION
        if pair & {"==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"}
        else messages.OPERATION
    )


def _expression(outline: Outline, change: Change) -> tuple[Localized, str, str]:
    """Return the reason for the replacement of an expression, what to show of it, and the variable it is about."""
    path = list(_path(outline, change))
    node = path[-1] if path else change.block.node
    if isinstance(node, ast.Name) and change.kind != "head" and not _is_bound(outline, node.id):
        return messages.UNKNOWN, node.id, ""
    for one in reversed(path):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "range":
            return messages.BOUNDS, outline.source(one), ""
        if isinstance(one, ast.Subscript) and one is not node:
            return messages.ELEMENT, outline.source(one), ""
        if isinstance(one, ast.Compare | ast.BoolOp) and one is not node:
            return messages.QUESTION, outline.source(one), ""
    statement = change.block.node
    if isinstance(statement, ast.Return):
        return messages.RESULT, change.before, ""
    if isinstance(statement, ast.If | ast.While):
        return messages.QUESTION, change.before, ""
    if isinstance(statement, ast.For):
        return messages.BOUNDS, change.before, ""
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant | ast.List | ast.Tuple):
        return messages.START, change.before, outline.source(statement.targets[0])
    return (messages.OTHER_NAME if isinstance(node, ast.Name) else messages.VALUE), change.before, ""


def _path(outline: Outline, change: Change) -> Iterator[ast.AST]:
    """Yield the expressions around and up to what a change replaces, outermost first."""
    place = next((part for part in change.parts if isinstance(part, Replacement)), None)
    if place is None:
        return
    for one in change.block.header.walk():
        span = outline.span(one.node)
        if span is not None and span[0] <= place.start and place.end <= span[1] and isinstance(one.node, ast.expr):
            yield one.node


def _is_bound(outline: Outline, name: str) -> bool:
    if hasattr(builtins, name):
        return True
    for node in ast.walk(outline.tree):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.arg) and node.arg == name:
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return True
        if isinstance(node, ast.alias) and (node.asname or node.name).split(".")[0] == name:
            return True
    return False
