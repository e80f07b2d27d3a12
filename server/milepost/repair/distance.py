"""Tree edit distance between label trees.

The algorithm is the one of K. Zhang and D. Shasha, "Simple fast algorithms for the editing distance between trees and
related problems" (SIAM Journal on Computing, 1989), with unit costs. What both sides share at their borders is taken off first.
"""

from collections.abc import Sequence

from milepost.repair.labels import Branch

_known: dict[tuple[int, int], int] = {}
_KEPT = 50_000
_DEFINITIONS = ("FunctionDef", "AsyncFunctionDef", "ClassDef")


def bag_distance(one: Branch, other: Branch) -> int:
    """Return a lower bound of the distance that is quick to find: labels that the other side lacks."""
    if one.key == other.key:
        return 0
    bag = other.bag
    shared = 0
    for name, count in one.bag.items():
        there = bag.get(name)
        if there:
            shared += count if count < there else there
    return max(one.size, other.size) - shared


def distance(one: Branch, other: Branch) -> int:
    """Return how many nodes must be inserted, removed or relabelled."""
    return forest_distance((one,), (other,))


def forest_distance(before: Sequence[Branch], after: Sequence[Branch]) -> int:
    """Return the distance between two rows of trees."""
    before, after = _trimmed(tuple(before), tuple(after))
    while len(before) == 1 and len(after) == 1 and before[0].label == after[0].label:
        before, after = _trimmed(before[0].children, after[0].children)
    if _are_definitions(before, after):
        return sum(forest_distance((one,), (other,)) for one, other in zip(before, after, strict=True))
    if not before or not after:
        return sum(tree.size for tree in before) + sum(tree.size for tree in after)
    key = (hash(tuple(tree.key for tree in before)), hash(tuple(tree.key for tree in after)))
    found = _known.get(key)
    if found is None:
        if len(_known) > _KEPT:
            _known.clear()
        found = _known[key] = _zhang_shasha(_Postorder(before), _Postorder(after))
    return found


def _are_definitions(before: Sequence[Branch], after: Sequence[Branch]) -> bool:
    """Tell whether two rows hold the same functions: then nothing is gained by mapping one into another."""
    if len(before) != len(after) or len(before) < 2:
        return False
    return all(
        one.kind in _DEFINITIONS and one.kind == other.kind and one.label == other.label
        for one, other in zip(before, after, strict=True)
    )


def _trimmed(before: tuple[Branch, ...], after: tuple[Branch, ...]) -> tuple[tuple[Branch, ...], tuple[Branch, ...]]:
    first = 0
    shorter = min(len(before), len(after))
    while first < shorter and before[first].key == after[first].key:
        first += 1
    last = 0
    while last < shorter - first and before[-1 - last].key == after[-1 - last].key:
        last += 1
    return before[first : len(before) - last], after[first : len(after) - last]


class _Postorder:
    """A row of trees under one invisible root, numbered from 1 in postorder."""

    def __init__(self, trees: Sequence[Branch]) -> None:
        self.labels: list[str] = [""]
        self.leftmost: list[int] = [0]
        for tree in trees:
            self._add(tree)
        self.labels.append("")
        self.leftmost.append(1)
        seen: set[int] = set()
        roots: list[int] = []
        for number in range(len(self.labels) - 1, 0, -1):
            if self.leftmost[number] not in seen:
                seen.add(self.leftmost[number])
                roots.append(number)
        self.roots = roots[::-1]

    def _add(self, tree: Branch) -> int:
        first = 0
        for child in tree.children:
            left = self._add(child)
            first = first or left
        self.labels.append(tree.label)
        first = first or len(self.labels) - 1
        self.leftmost.append(first)
        return first


def _zhang_shasha(one: _Postorder, other: _Postorder) -> int:
    table = [[0] * len(other.labels) for _ in one.labels]
    for row in one.roots:
        for column in other.roots:
            _fill(one, other, row, column, table)
    return table[-1][-1]


def _fill(one: _Postorder, other: _Postorder, row: int, column: int, table: list[list[int]]) -> None:
    """Fill in the distances of all subtrees on the leftmost paths below two nodes."""
    top, left = one.leftmost[row], other.leftmost[column]
    width = column - left + 2
    previous = list(range(width))
    rows = [previous]
    lefts, labels = other.leftmost, other.labels
    for number in range(top, row + 1):
        whole = one.leftmost[number] == top
        name = one.labels[number]
        distances = table[number]
        base = rows[one.leftmost[number] - top]
        current = [number - top + 1]
        best = current[0]
        for place in range(1, width):
            target = left + place - 1
            start = lefts[target]
            if whole and start == left:
                replaced = previous[place - 1] + (name != labels[target])
            else:
                replaced = base[start - left] + distances[target]
            best = min(best + 1, previous[place] + 1, replaced)
            current.append(best)
            if whole and start == left:
                distances[target] = best
        rows.append(current)
        previous = current
