"""Which statement of the learner's unit corresponds to which of a donor's: a mapping of least cost between two trees.

Zhang and Shasha's algorithm on statements instead of nodes: a few dozen statements cost a millisecond where all nodes would
cost a hundred. What two heads are apart is estimated from the labels that they do not share.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.repair.units import Profile, Unit

_NEVER = 1e6
_KEPT = 200_000
_known: dict[tuple[int, int], float] = {}


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of block numbers (learner's, donor's) in postorder, and what the rest costs."""

    pairs: tuple[tuple[int, int], ...]
    cost: float


def align(learner: Unit, donor: Unit, ours: Sequence[Profile], theirs: Sequence[Profile]) -> Alignment:
    """Map the blocks of two units, described by profiles in the order of their blocks."""
    return _Table(learner, donor, ours, theirs).alignment()


def head_distance(one: Profile, other: Profile) -> float:
    """Estimate how many nodes two heads are apart."""
    found = _known.get((one.key, other.key))
    if found is None:
        if len(_known) > _KEPT:
            _known.clear()
        found = _known[one.key, other.key] = _head_distance(one, other)
    return found


def _head_distance(one: Profile, other: Profile) -> float:
    if one.key == other.key:
        return 0.0
    if one.kinship != other.kinship and not _are_branches(one, other):
        return _NEVER
    shared = 0
    there = other.bag
    for name, count in one.bag.items():
        matching = there.get(name)
        if matching:
            shared += count if count < matching else matching
    return max(one.size, other.size) - shared


def _are_branches(one: Profile, other: Profile) -> bool:
    """Tell whether one is an `elif` and the other an `if`, or the learner's a plain statement and the donor's an `elif`."""
    return (one.kinship == "elif" and other.kind == "If") or (one.kinship == "flow" and other.kinship == "elif")


class _Table:
    """The distances between all subtrees of two units."""

    def __init__(self, learner: Unit, donor: Unit, ours: Sequence[Profile], theirs: Sequence[Profile]) -> None:
        self._removing = [one.size for one in ours]
        self._adding = [one.size for one in theirs]
        self._changing = [[head_distance(one, other) for other in theirs] for one in ours]
        self._left, self._right = learner.leftmost, donor.leftmost
        self._trees = [[0.0] * len(theirs) for _ in ours]
        for row in _roots(self._left):
            for column in _roots(self._right):
                self._fill(row, column, keep=True)

    def alignment(self) -> Alignment:
        """Return the mapping of all blocks of both units."""
        rows, columns = len(self._removing), len(self._adding)
        pairs: list[tuple[int, int]] = []
        table = self._forest(0, rows, 0, columns, keep=False)
        cost = table[rows][columns]
        self._trace(table, 0, rows, 0, columns, pairs)
        return Alignment(tuple(sorted(pairs)), cost)

    def _fill(self, row: int, column: int, *, keep: bool) -> list[list[float]]:
        return self._forest(self._left[row], row + 1, self._right[column], column + 1, keep=keep)

    def _forest(self, top: int, bottom: int, first: int, last: int, *, keep: bool) -> list[list[float]]:
        """Return the distances between all beginnings of two stretches of blocks."""
        removing, adding, trees = self._removing, self._adding, self._trees
        lefts, rights = self._left, self._right
        previous = [0.0]
        for column in range(first, last):
            previous.append(previous[-1] + adding[column])
        table = [previous]
        for row in range(top, bottom):
            whole = lefts[row] == top
            base = table[lefts[row] - top]
            changing, known = self._changing[row], trees[row]
            removed = removing[row]
            left = previous[0] + removed
            current = [left]
            for column in range(first, last):
                place = column - first + 1
                best = previous[place] + removed
                other = left + adding[column]
                if other < best:
                    best = other
                right = rights[column]
                if whole and right == first:
                    other = previous[place - 1] + changing[column]
                    if other < best:
                        best = other
                    if keep:
                        known[column] = best
                else:
                    other = base[right - first] + known[column]
                    if other < best:
                        best = other
                left = best
                current.append(best)
            table.append(current)
            previous = current
        return table

    def _trace(
        self, table: list[list[float]], top: int, bottom: int, first: int, last: int, pairs: list[tuple[int, int]]
    ) -> None:
        row, column = bottom, last
        while row > top and column > first:
            here = table[row - top][column - first]
            is_tree = self._left[row - 1] == top and self._right[column - 1] == first
            if is_tree and here == table[row - top - 1][column - first - 1] + self._changing[row - 1][column - 1]:
                pairs.append((row - 1, column - 1))
                row, column = row - 1, column - 1
            elif not is_tree and here == (
                table[self._left[row - 1] - top][self._right[column - 1] - first] + self._trees[row - 1][column - 1]
            ):
                inner = self._fill(row - 1, column - 1, keep=False)
                self._trace(inner, self._left[row - 1], row, self._right[column - 1], column, pairs)
                row, column = self._left[row - 1], self._right[column - 1]
            elif here == table[row - top - 1][column - first] + self._removing[row - 1]:
                row -= 1
            else:
                column -= 1


def _roots(leftmost: Sequence[int]) -> list[int]:
    """Return the numbers of the last blocks that start at each leftmost block, in order."""
    last = {left: number for number, left in enumerate(leftmost)}
    return sorted(last.values())
