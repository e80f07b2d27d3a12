"""The search for the smallest repair of one unit while the others are right."""

from collections.abc import Sequence
from typing import Protocol

from milepost.repair.changes import Change, Replacement, total
from milepost.repair.pools import Pool, priority

_BATCH = 48
_SIZED = 3
_QUICK = 2.0
_REDUCED = 6
_PAIRED = 60
_PAIRS = 600
_LARGE = 0.25


class Setting(Protocol):
    """The search over the whole program, as far as the search for one unit needs it."""

    thorough: bool

    @property
    def size(self) -> int:
        """Return the number of nodes of the learner's program."""
        ...

    async def failing(self, changes: list[Change]) -> list[int]:
        """Return the cases that fail after changes, as far as needed."""
        ...

    async def right(self, candidates: Sequence[list[Change]], first: Sequence[int] = ()) -> list[list[Change]]:
        """Return the candidates that pass all cases."""
        ...

    async def keep(self, changes: list[Change], cost: float | None = None) -> bool:
        """Keep changes if they are proved to repair the program."""
        ...

    def exact(self, changes: Sequence[Change]) -> float:
        """Return the size of changes."""
        ...


class UnitSearch:
    """The search for the smallest repair of one unit while the others are right."""

    def __init__(self, search: Setting, pool: Pool, context: list[Change]) -> None:
        self.search = search
        self.pool = pool
        self.context = context
        self.best: list[Change] | None = None
        self.cost = float("inf")
        self.base = total(context)
        self.failing: list[int] = []
        self.singles: list[Change] = []

    async def run(self) -> list[Change] | None:
        """Return the smallest changes found."""
        self.failing = await self.search.failing(self.context)
        self.singles = self.pool.singles
        singles = [[change] for change in self.singles]
        await self._try([one for one in singles if one[0].cost <= _QUICK][:_BATCH])
        if self.cost > _QUICK:
            await self._reduce_versions()
            await self._try(singles)
            await self._improve()
            if self.cost > _LARGE * self.search.size:
                await self._pairs()
        return self.best

    async def _reduce_versions(self) -> None:
        """Find out which changes of the nearest versions are needed, and cut down those versions that may be small."""
        versions = await self._right([version.changes for version in self.pool.versions[:_REDUCED]])
        rows = [[[one for one in changes if one is not left] for left in changes] for changes in versions]
        flat = [row for version in rows for row in version if row]
        right = {id(row) for row in await self._right(flat)}
        probed: list[tuple[float, int, list[Change], list[Change]]] = []
        for changes, version in zip(versions, rows, strict=True):
            droppable = [left for left, row in zip(changes, version, strict=True) if id(row) in right]
            floor = total([one for one in changes if one not in droppable])
            probed.append((floor, len(probed), changes, droppable))
        for floor, _, changes, droppable in sorted(probed):
            thorough = self.search.thorough
            if floor < self.cost and not await self._reduce(changes, droppable) and self.search.thorough != thorough:
                await self._reduce(changes, await self._droppable(changes))

    async def _try(self, candidates: Sequence[list[Change]]) -> bool:
        """Try candidates that are smaller than the best one, in their order; tell whether one was right."""
        for start in range(0, len(candidates), _BATCH):
            batch = [one for one in candidates[start : start + _BATCH] if total(one) < self.cost]
            if not batch:
                continue
            right = await self._right(batch)
            if await self._take(right):
                return True
        return False

    async def _right(self, batch: Sequence[list[Change]]) -> list[list[Change]]:
        """Return the candidates that are right together with the context."""
        rows = [[*self.context, *one] for one in batch]
        right = {id(row) for row in await self.search.right(rows, self.failing)}
        return [one for one, row in zip(batch, rows, strict=True) if id(row) in right]

    async def _take(self, right: Sequence[list[Change]]) -> bool:
        ordered = sorted(right, key=total)
        for start in range(0, len(ordered), _SIZED):
            sized = sorted(
                ((self.search.exact(one), place) for place, one in enumerate(ordered[start : start + _SIZED]))
            )
            for cost, place in sized:
                one = ordered[start + place]
                if cost < self.cost and await self.search.keep([*self.context, *one], self.base + cost):
                    self.best, self.cost = one, cost
                    return True
        return False

    async def _pairs(self) -> None:
        """Try two single changes together, the likely ones first."""
        likely = [one for one in self.singles if one.cost + 1 < self.cost][:_PAIRED]
        pairs = [[one, other] for place, one in enumerate(likely) for other in likely[:place]]
        pairs = [pair for pair in pairs if total(pair) < self.cost and _are_apart(*pair)]
        pairs.sort(key=lambda pair: priority(pair[0]) + priority(pair[1]))
        await self._try(pairs[:_PAIRS])

    async def _improve(self) -> None:
        """Put a smaller change in the place of one of the best, as long as one is found."""
        done: set[int] = set()
        while self.best is not None and len(self.best) > 1:
            left = [one for one in self.best if id(one) not in done]
            if not left:
                break
            change = max(left, key=lambda one: one.cost)
            done.add(id(change))
            rest = [one for one in self.best if one is not change]
            smaller = [[*rest, one] for one in self._instead(change) if one not in rest]
            if await self._try(smaller):
                done -= {id(one) for one in rest if one.cost > _QUICK}

    def _instead(self, change: Change) -> list[Change]:
        """Return the smaller changes that may take the place of one, those of the same statement first."""
        smaller = [one for one in self.singles if one.cost < change.cost]
        return sorted(smaller, key=lambda one: one.block is not change.block)

    async def _reduce(self, changes: list[Change], droppable: list[Change]) -> bool:
        """Drop changes as long as the rest is right; tell whether that proved to be a smaller repair."""
        kept = list(changes)
        while droppable:
            kept = await self._dropped(kept, droppable)
            droppable = await self._droppable(kept)
        return total(kept) < self.cost and await self._take([kept])

    async def _droppable(self, kept: list[Change]) -> list[Change]:
        """Return the changes of which each may be dropped alone."""
        shorter = [[one for one in kept if one is not left] for left in kept]
        right = {id(row) for row in await self._right([row for row in shorter if row])}
        return [left for left, row in zip(kept, shorter, strict=True) if id(row) in right]

    async def _dropped(self, kept: list[Change], droppable: list[Change]) -> list[Change]:
        """Drop as many as go together, large ones first."""
        droppable = sorted(droppable, key=lambda one: -one.cost)
        rows = [[one for one in kept if one not in droppable[: count + 1]] for count in range(len(droppable))]
        right = await self._right([row for row in rows if row])
        return right[-1] if right else [one for one in kept if one is not droppable[0]]


def _are_apart(one: Change, other: Change) -> bool:
    """Tell whether no replacement of one overlaps one of the other."""
    spans = [(part.start, part.end) for part in one.parts if isinstance(part, Replacement)]
    others = [(part.start, part.end) for part in other.parts if isinstance(part, Replacement)]
    return all(end <= start or last <= first for first, end in spans for start, last in others)
