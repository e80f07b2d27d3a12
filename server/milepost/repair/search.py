"""The search for the smallest verified edit."""

import ast
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from milepost.domain.validations import Fix, FixSource
from milepost.repair.changes import Change, Replacement, total
from milepost.repair.distance import forest_distance
from milepost.repair.drafts import Impossible
from milepost.repair.labels import forest
from milepost.repair.pools import Pool, Version, priority
from milepost.repair.rendering import Renderer
from milepost.repair.trials import Budget, Exhausted, Trials, Verifier
from milepost.repair.units import MODULE, Program, parsed
from milepost.syntax import edits

__all__ = ["Budget", "Problem", "Verifier", "find_fixes"]
_FUEL = 3000
_BATCH = 48
_SIZED = 3
_QUICK = 2.0
_REDUCED = 6
_PAIRED = 60
_PAIRS = 600
_LARGE = 0.25
_SOFT = 0.45
_REWRITE = 0.6


@dataclass(frozen=True, slots=True)
class Problem:
    """A wrong program and what may help: trusted programs, nearest first."""

    text: str
    language: str = "python"
    donors: tuple[str, ...] = ()
    reference: str | None = None
    file_name: str = ""
    preamble: str = ""
    suspicious: Mapping[int, float] = field(default_factory=dict)


async def find_fixes(problem: Problem, verifier: Verifier, budget: Budget, language: str = "en") -> list[Fix]:
    """Return verified fixes, best first; an empty list when nothing was found within the budget."""
    program = parsed(problem.text) if problem.language == "python" else None
    if program is None:
        return []
    trials = Trials(verifier, budget)
    search = Search(program, problem, trials)
    try:
        await search.run()
    except Exhausted:
        pass
    return search.fixes(language)


@dataclass(eq=False)
class Found:
    """A set of changes that repairs the program."""

    changes: list[Change]
    cost: float
    text: str


class Search:
    """One search; what was found so far survives when the budget ends it."""

    def __init__(self, program: Program, problem: Problem, trials: Trials) -> None:
        self.program = program
        self.problem = problem
        self.trials = trials
        self.renderer = Renderer(program.outline)
        self.renderer.fuel = _FUEL
        self.found: list[Found] = []
        self.cases: list[int] = []
        texts = dict.fromkeys([*problem.donors, *([problem.reference] if problem.reference else [])])
        self.others = [one for text in texts if (one := parsed(text)) is not None]
        self.log: list[str] = []
        self._before = forest(program.outline.tree)

    async def run(self) -> None:
        """Search until nothing smaller is plausible."""
        self.cases = list(range(self.trials.verifier.case_count))
        names = [name for name in dict.fromkeys(name for other in self.others for name in other.units) if name]
        required = [name for name in names if sum(name in other.units for other in self.others) * 2 > len(self.others)]
        wanted = [name for name in names if name in self.program.units or name in required]
        if not wanted:
            wanted = [MODULE]
        collected = [Pool(self.program, name, self.others) for name in wanted]
        full = await self._full(collected) or await self._full([*collected, Pool(self.program, MODULE, self.others)])
        if full is None:
            return
        wrong = await self._wrong_units(full)
        await self._each(wrong)

    async def _full(self, collected: Sequence[Pool]) -> dict[str, tuple[Pool, Version]] | None:
        """Return for each unit a version with which the program is right."""
        choice = {pool.name: (pool, nearest) for pool in collected if (nearest := pool.nearest) is not None}
        every = [change for _, version in choice.values() for change in version.changes]
        for fuel in (_FUEL, 100 * _FUEL, 0):
            self.renderer.fuel = fuel
            if (await self._pass([every], self.cases))[0]:
                break
        else:
            self.log.append("full failed")
            return None
        return choice

    async def _wrong_units(self, choice: dict[str, tuple[Pool, Version]]) -> dict[str, tuple[Pool, Version]]:
        """Leave out the units that are right as they are."""
        changed = {name: one for name, one in choice.items() if one[1].changes}
        if len(changed) <= 1:
            return changed
        without = [
            [change for other, (_, version) in changed.items() if other != name for change in version.changes]
            for name in changed
        ]
        right = await self._pass(without, self.cases)
        needed = {name: one for (name, one), is_right in zip(changed.items(), right, strict=True) if not is_right}
        every = [change for _, version in needed.values() for change in version.changes]
        if (await self._pass([every], self.cases))[0]:
            return needed
        return changed

    async def _each(self, wrong: dict[str, tuple[Pool, Version]]) -> None:
        """Repair one unit after the other; units not yet repaired stand in a donor's version meanwhile."""
        done = {name: version.changes for name, (_, version) in wrong.items()}
        await self.keep([change for changes in done.values() for change in changes])
        for place, (name, (pool, _)) in enumerate(wrong.items()):
            context = [change for other, changes in done.items() if other != name for change in changes]
            unit_search = UnitSearch(self, pool, context)
            left = max(_SOFT - self.trials.spent, 0.0) / (len(wrong) - place)
            self.trials.limit = min(self.trials.spent + left, 1.0) if self.found else 1.0
            with contextlib.suppress(Exhausted):
                await unit_search.run()
            done[name] = done[name] if unit_search.best is None else unit_search.best

    async def _pass(self, candidates: Sequence[Sequence[Change]], cases: Sequence[int]) -> list[bool]:
        texts = [self.text(changes) for changes in candidates]
        possible = [text for text in texts if text is not None]
        results = dict(zip(possible, await self.trials.outcomes(possible, cases), strict=True))
        return [text is not None and all(results[text]) for text in texts]

    def text(self, changes: Sequence[Change]) -> str | None:
        """Return a program for a trial; None when the changes do not go together."""
        try:
            return self.renderer.trial(changes)
        except Impossible:
            return None

    def exact(self, changes: Sequence[Change]) -> float:
        """Return the size of changes as the relative patch size counts it, a little more for longer texts."""
        text = self.renderer.render(changes)
        try:
            distance = forest_distance(self._before, forest(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return float("inf")
        return distance + 0.01 * total(changes)

    async def proved(self, changes: Sequence[Change]) -> bool:
        """Tell whether the program after the changes is right."""
        return (await self.trials.proved([self.renderer.render(changes)]))[0]

    async def keep(self, changes: list[Change]) -> bool:
        """Keep changes that repair the program; tell whether they do."""
        if not await self.proved(changes):
            return False
        self.found.append(Found(changes, total(changes), self.renderer.render(changes)))
        return True

    def fixes(self, language: str) -> list[Fix]:
        """Return what was found, smallest first."""
        before = forest(self.program.outline.tree)
        size = 1 + sum(tree.size for tree in before)
        sized: dict[str, tuple[float, Found]] = {}
        for one in sorted(self.found, key=lambda one: one.cost)[:2]:
            distance = forest_distance(before, forest(ast.parse(one.text)))
            sized.setdefault(one.text, (distance / size, one))
        ordered = sorted(sized.values(), key=lambda item: (item[0], len(item[1].text)))
        return [self._fix(share, one, place == 0) for place, (share, one) in enumerate(ordered)]

    def _fix(self, share: float, one: Found, first: bool) -> Fix:
        sources = {change.source for change in one.changes}
        source = FixSource.MUTATION if sources == {FixSource.MUTATION} else FixSource.RETRIEVAL
        return Fix(
            title="",
            source=source,
            edits=edits.difference(self.problem.text, one.text),
            verified=True,
            size=share,
            preferred=first and share <= _REWRITE,
            rewrite=share > _REWRITE,
        )


class UnitSearch:
    """The search for the smallest repair of one unit while the others are right."""

    def __init__(self, search: Search, pool: Pool, context: list[Change]) -> None:
        self.search = search
        self.pool = pool
        self.context = context
        self.best: list[Change] | None = None
        self.cost = float("inf")
        self.failing: list[int] = []
        self.passing: list[int] = []
        self.partial: list[tuple[int, Change]] = []

    async def run(self) -> list[Change] | None:
        """Return the smallest changes found."""
        outcome = await self.search.trials.outcomes([self.search.text(self.context) or ""], self.search.cases)
        self.failing = [case for case, holds in zip(self.search.cases, outcome[0], strict=True) if not holds]
        self.passing = [case for case in self.search.cases if case not in self.failing]
        singles = [[change] for change in self.pool.singles]
        await self._try([one for one in singles if one[0].cost <= _QUICK][:_BATCH])
        if self.cost > _QUICK:
            await self._reduce_versions()
            await self._try(singles)
            await self._improve()
            if self.cost > _LARGE * self.search.program.outline.size:
                await self._pairs()
        return self.best

    async def _reduce_versions(self) -> None:
        """Find out which changes of the nearest versions are needed, and cut down those versions that may be small."""
        versions = await self._right([version.changes for version in self.pool.versions[:_REDUCED]])
        rows = [[[one for one in changes if one is not left] for left in changes] for changes in versions]
        flat = [row for version in rows for row in version if row]
        right = {id(row) for row in await self._right(flat)}
        probed = []
        for changes, version in zip(versions, rows, strict=True):
            droppable = [left for left, row in zip(changes, version, strict=True) if id(row) in right]
            floor = total([one for one in changes if one not in droppable])
            probed.append((floor, len(probed), changes, droppable))
        for floor, _, changes, droppable in sorted(probed):
            if floor < self.cost:
                await self._reduce(changes, droppable)

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
        """Return the candidates that pass all cases, the failing cases asked first."""
        for cases in (self.failing[:1], self.failing[1:], self.passing):
            results = await self.search._pass([[*self.context, *one] for one in batch], cases)
            batch = [one for one, holds in zip(batch, results, strict=True) if holds]
            if not batch:
                break
        return list(batch)

    async def _take(self, right: Sequence[list[Change]]) -> bool:
        ordered = sorted(right, key=total)
        for start in range(0, len(ordered), _SIZED):
            sized = sorted(
                ((self.search.exact(one), place) for place, one in enumerate(ordered[start : start + _SIZED]))
            )
            for cost, place in sized:
                one = ordered[start + place]
                if cost < self.cost and await self.search.keep([*self.context, *one]):
                    self.best, self.cost = one, cost
                    return True
        return False

    async def _pairs(self) -> None:
        """Try two single changes together, the likely ones first."""
        likely = [one for one in self.pool.singles if one.cost + 1 < self.cost][:_PAIRED]
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
        smaller = [one for one in self.pool.singles if one.cost < change.cost]
        return sorted(smaller, key=lambda one: one.block is not change.block)

    async def _reduce(self, changes: list[Change], droppable: list[Change]) -> None:
        """Drop changes as long as the rest is right."""
        kept = list(changes)
        while droppable:
            kept = await self._dropped(kept, droppable)
            shorter = [[one for one in kept if one is not left] for left in kept]
            right = {id(row) for row in await self._right([row for row in shorter if row])}
            droppable = [left for left, row in zip(kept, shorter, strict=True) if id(row) in right]
        if total(kept) < self.cost:
            await self._take([kept])

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
