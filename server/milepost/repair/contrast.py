"""Where a program differs from the trusted programs that are most like it: evidence of what is wrong, before any search."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from milepost.repair import donors
from milepost.repair.changes import Change, Hole, Insertion, Removal, Replacement, Statement
from milepost.repair.outline import Block, Outline
from milepost.repair.sharing import Sharing
from milepost.repair.units import MODULE, Program, read

COMPARED = 3
# Comparing takes time that grows with the square of the statements; a report is not to wait for it.
LONGEST = 150


def unlike(text: str, others: Sequence[str]) -> dict[int, float]:
    """Return for zero-based lines how much of the trusted programs has something else there (0 to 1).

    The others come nearest first; the nearer one is, the more it counts. Nothing for a long program.
    """
    if not others or text.count("\n") > LONGEST:
        return {}
    program, *programs = [read(one) for one in (text, *others[:COMPARED])]
    if program is None:
        return {}
    sharing = Sharing(program)
    weights: dict[int, float] = defaultdict(float)
    total = 0.0
    for other in programs:
        if other is None:
            continue
        changes = list(_changes(program, other, sharing))
        weight = 1 / (1 + sum(change.cost for change in changes)) ** 2
        total += weight
        for line in {line for change in changes for line in _lines(program.outline, change)}:
            weights[line] += weight
    return {line: weight / total for line, weight in weights.items()}


def _changes(program: Program, other: Program, sharing: Sharing) -> Iterator[Change]:
    """Yield what would turn the functions of a program into those of another one."""
    shared = sharing.names(other)
    names = [name for name in program.units if name in other.units]
    for name in names:
        if name == MODULE and len(names) > 1:
            continue
        found = donors.counterpart(program.units[name], other.units[name], float("inf"), shared)
        if found is not None:
            yield from donors.changes(program.outline, found)


def _lines(outline: Outline, change: Change) -> Iterator[int]:
    for part in change.parts:
        match part:
            case Replacement():
                yield from range(outline.line_of(part.start), outline.line_of(max(part.start, part.end - 1)) + 1)
            case Removal():
                yield outline.line_of(part.block.start)
            case Insertion():
                yield outline.line_of(_place(part))


def _place(part: Insertion) -> int:
    """Return where a new statement goes: at the end of what stands before it, or where what it takes in begins."""
    inside = next(_holes(part.statement), None)
    if inside is not None:
        return inside.start
    anchor = part.anchor
    return {"before": anchor.start, "first": anchor.header_end - 1}.get(part.side, anchor.end - 1)


def _holes(statement: Statement) -> Iterator[Block]:
    for child in statement.children:
        if isinstance(child, Hole):
            yield child.first
        else:
            yield from _holes(child)
