"""What makes one row of values different in kind from another: the borders at which programs go wrong."""

from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import combinations, permutations
from typing import Any, TypeVar

from milepost.checks.invariants import Row

MANY = 3
Item = TypeVar("Item")


def traits(row: Row) -> tuple[str, ...]:
    """Return what is special about a row: lengths, order, repetitions, and where one value stands in another."""
    alone = [f"{place} {trait}" for place, value in enumerate(row) for trait in _alone(value)]
    pairs = permutations(enumerate(row), 2)
    related = [f"{one}-{other} {_together(first, second)}" for (one, first), (other, second) in pairs]
    return (*alone, *related)


def spread(items: Sequence[tuple[Sequence[str], Item]], count: int) -> list[Item]:
    """Choose items so that every trait, and every two traits together, are there early and often; their order stays."""
    marks = [(*own, *map(" & ".join, combinations(own, 2))) for own, _ in items]
    covered: Counter[str] = Counter()
    # What an item adds only shrinks, so an old figure is an upper bound and most need not be computed again.
    waiting = [(-float(len(own)), place) for place, own in enumerate(marks)]
    heapify(waiting)
    chosen: list[int] = []
    while waiting and len(chosen) < count:
        _, place = heappop(waiting)
        gain = -sum(1 / (1 + covered[mark]) ** 2 for mark in marks[place])
        if waiting and gain > waiting[0][0]:
            heappush(waiting, (gain, place))
            continue
        chosen.append(place)
        covered.update(marks[place])
    return [items[place][1] for place in sorted(chosen)]


def _alone(value: Any) -> list[str]:
    if isinstance(value, bool | None):
        return [str(value)]
    if isinstance(value, int | float):
        return ["-" if value < 0 else "0" if value == 0 else "+"]
    if isinstance(value, str):
        return [f"s{min(len(value), MANY)}", _order(value)]
    if isinstance(value, list | tuple):
        repeats = [f"{place}x{min(most, MANY)}" for place, most in enumerate(_most(value))]
        return [f"{type(value).__name__[0]}{min(len(value), MANY)}", _order(value), *repeats]
    return [f"{type(value).__name__[0]}{min(len(value), MANY)}"] if isinstance(value, set | dict) else []


def _order(value: Sequence[Any]) -> str:
    try:
        ordered = sorted(value)
    except TypeError:
        return "?"
    given = list(value)
    return (
        "=" if given == ordered == given[::-1] else "<" if given == ordered else ">" if given[::-1] == ordered else "~"
    )


def _most(value: Sequence[Any]) -> Iterator[int]:
    """Yield how often the most frequent member comes, and the most frequent one of each component."""
    for column in (value, *_columns(value)):
        yield max(Counter(map(repr, column)).values(), default=0)


def _columns(value: Sequence[Any]) -> list[Sequence[Any]]:
    if value and all(isinstance(member, tuple) for member in value):
        return [list(column) for column in zip(*value, strict=False)]
    return []


def _together(first: Any, second: Any) -> str:
    if isinstance(second, list | tuple | str) and not isinstance(first, list | dict | set):
        return "/".join(_within(first, column) for column in (second, *_columns(second)))
    if isinstance(second, dict | set):
        return "in" if _is_in(first, second) else "out"
    return _compared(first, second)


def _within(first: Any, sequence: Sequence[Any]) -> str:
    """Tell how often a value is in a sequence and whether at its borders, or on which side of all members it lies."""
    places = [place for place, member in enumerate(sequence) if type(member) is type(first) and member == first]
    if places:
        start = "^" if places[0] == 0 else ""
        end = "$" if places[-1] == len(sequence) - 1 else ""
        return f"{start}{min(len(places), MANY)}{end}"
    return _beside(first, sequence) if sequence else ""


def _beside(first: Any, sequence: Sequence[Any]) -> str:
    try:
        below = sum(member < first for member in sequence)
    except TypeError:
        return "0"
    return "under" if below == 0 else "over" if below == len(sequence) else "between"


def _is_in(first: Any, second: Any) -> bool:
    try:
        return first in second
    except TypeError:
        return False


def _compared(first: Any, second: Any) -> str:
    try:
        return "<" if first < second else "=" if first == second else ">"
    except TypeError:
        return ""
