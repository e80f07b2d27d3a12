"""Programs that Python cannot read: the smallest edits after which it can."""

import heapq
import itertools
from dataclasses import dataclass

from milepost.repair.slips import Slip, slips, trouble

_TRIED = 400
_KEPT = 5
_DEEPEST = 4
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A text that parses; `cost` says how much was changed for it."""

    text: str
    cost: float


def readings(text: str) -> list[Reading]:
    """Return texts that parse, least changed first; edits that bring Python further down the file go on first."""
    if len(text) > _LONGEST:
        return []
    counter = itertools.count()
    queue: list[tuple[float, int, Slip, int]] = [(0.0, next(counter), Slip(text, 0.0), 0)]
    found: list[Reading] = []
    seen = {text}
    tried = 0
    while queue and len(found) < _KEPT and tried < _TRIED:
        _, _, slip, depth = heapq.heappop(queue)
        at = trouble(slip.text)
        tried += 1
        if at is None:
            found.append(Reading(slip.text, slip.cost))
            continue
        if depth == _DEEPEST:
            continue
        for one in slips(slip.text, at):
            if one.text in seen:
                continue
            seen.add(one.text)
            cost = slip.cost + one.cost
            then = trouble(one.text)
            tried += 1
            if then is None:
                heapq.heappush(queue, (cost, next(counter), Slip(one.text, cost), depth + 1))
            elif (then.line, then.column) > (at.line, at.column) and then.line > at.line:
                heapq.heappush(queue, (cost + 0.5, next(counter), Slip(one.text, cost), depth + 1))
    return sorted(found, key=lambda one: one.cost)
