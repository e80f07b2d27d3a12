"""Programs that Python cannot read: the smallest edits of text after which it can.

A best-first search: each step undoes one likely slip near the place where Python gives up, and goes on from texts that it
reads further down than before.
"""

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from milepost.repair.slips import Slip, Trouble, slips, trouble

_TRIED = 1_500
_KEPT = 5
_DEEPEST = 4
_BESIDE = 0.5
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A text that parses; `cost` says how much was changed for it."""

    text: str
    cost: float


def readings(text: str) -> list[Reading]:
    """Return texts that parse, least changed first; nothing for one that is beyond help."""
    if len(text) > _LONGEST:
        return []
    numbers = itertools.count()
    queue: list[tuple[float, int, Slip, int]] = [(0.0, next(numbers), Slip(text, 0.0), 0)]
    found: list[Reading] = []
    seen = {text}
    while queue and len(found) < _KEPT and len(seen) < _TRIED:
        _, _, slip, depth = heapq.heappop(queue)
        at = trouble(slip.text)
        if at is None:
            found.append(Reading(slip.text, slip.cost))
        elif depth < _DEEPEST:
            for late, further in _further(slip, at, seen):
                heapq.heappush(queue, (late, next(numbers), further, depth + 1))
    return found


def _further(slip: Slip, at: Trouble, seen: set[str]) -> Iterator[tuple[float, Slip]]:
    """Yield texts with one slip more undone that Python reads further, with how late they are to be looked at."""
    for one in slips(slip.text, at):
        if one.text in seen or len(seen) >= _TRIED:
            continue
        seen.add(one.text)
        cost = slip.cost + one.cost
        then = trouble(one.text)
        if then is None:
            yield cost, Slip(one.text, cost)
        elif then.line > at.line:
            yield cost + _BESIDE, Slip(one.text, cost)
