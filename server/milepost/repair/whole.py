"""The search over a whole program: which of its functions are wrong, and one function after the other."""

import ast
import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from milepost.repair import misnaming
from milepost.repair.changes import Change, total
from milepost.repair.distance import forest_distance
from milepost.repair.drafts import ImpossibleError
from milepost.repair.labels import forest
from milepost.repair.pools import Pool, Version
from milepost.repair.rendering import Renderer
from milepost.repair.sharing import Sharing
from milepost.repair.single import UnitSearch
from milepost.repair.trials import ExhaustedError, Trials
from milepost.repair.units import MODULE, Program, Unit, parsed

FUEL = 3000
_MORE = 100
# The share of the budget after which a search without any success leaves the rest to the proof of another program.
_RESERVED = 0.75
_READING, _READ_ALWAYS = 0.15, 30
_SOFT = 0.4
_LEAST = 0.25
_LATEST = 0.9
_WHOLE_DONORS = 4
_FEW = 6
_LINES = 8
_QUIET = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Pass)

Versions = dict[str, Version]


@dataclass(eq=False, slots=True)
class Found:
    """Changes that were proved to repair the program; `text` is the program after them."""

    changes: list[Change]
    cost: float
    text: str


class WholeSearch:
    """One search; what it found survives when the budget ends it."""

    def __init__(self, program: Program, donors: Sequence[str], trials: Trials) -> None:
        self.program = program
        self.trials = trials
        self.renderer = Renderer(program.outline)
        self.renderer.fuel = FUEL
        self.found: list[Found] = []
        self.cases = list(range(trials.verifier.case_count))
        self.strict = False
        self.thorough = False
        self._failures: Counter[int] = Counter()
        self._donors = donors
        self._others: list[Program] = []
        self._sharing = Sharing(program)
        self._before = forest(program.outline.tree)

    @property
    def size(self) -> int:
        """Return the number of nodes of the learner's program."""
        return self.program.outline.size

    async def run(self) -> None:
        """Search until nothing smaller is plausible or the budget is spent."""
        self.trials.limit = _RESERVED
        with contextlib.suppress(ExhaustedError):
            self._others = list(self._read())
            self.program = misnaming.understood(self.program, self._others)
            failing = await self.failing([])
            self.strict = not failing
            self.thorough = self.strict or failing[0] in self.trials.verifier.dear
            if self.strict and (await self.trials.proved([self.program.outline.text]))[0]:
                return
            wrong = await self._wrong()
            if not self.found and not self.strict:
                # The cases alone do not tell what is wrong, so that each step has to be proved.
                self.strict = True
                wrong = await self._wrong()
            await self._each(wrong)
        self.trials.limit = 1.0
        with contextlib.suppress(ExhaustedError):
            if not self.found:
                await self._replace()
            if not self.found:
                await self._unaided()

    def _read(self) -> Iterator[Program]:
        """Yield the others; hundreds are read once and remembered, and until then not at the cost of the search."""
        for place, text in enumerate(self._donors):
            if place >= _READ_ALWAYS and self.trials.spent > _READING:
                return
            program = parsed(text)
            if program is not None:
                yield program

    async def _wrong(self) -> dict[str, tuple[Pool, Version]]:
        """Return the wrong units, each with a version that makes it right, and keep that as the first repair."""
        choice = await self._right_versions()
        if choice and self.thorough:
            # Each run takes long: whatever is known to be right is kept at once, in case the budget ends before more is.
            await self.keep([change for _, version in choice.values() for change in version.changes])
        wrong = {} if choice is None else await self._wrong_units(choice)
        if wrong:
            repair = [change for _, version in wrong.values() for change in version.changes]
            # What the search goes on with is got ready while the sandbox is busy with the proof.
            await asyncio.gather(self.keep(repair), asyncio.to_thread(_get_ready, [pool for pool, _ in wrong.values()]))
        return wrong

    async def _right_versions(self) -> dict[str, tuple[Pool, Version]] | None:
        """Return for each unit a version with which the program is right."""
        main, more = self._names()
        pools = {name: Pool(self.program, name, self._others, self._sharing) for name in main}
        rows = [_nearest(pools)]
        # What is right needs as much fuel as the cases take; wrong variants are to burn as little as that allows.
        chosen = await self._first_right(rows, (FUEL, _MORE * FUEL))
        if chosen is None:
            pools |= {name: Pool(self.program, name, self._others, self._sharing) for name in more}
            rows += [_nearest(pools), *self._of_one_donor(pools)]
            chosen = await self._first_right(rows, (FUEL, _MORE * FUEL, 0))
        return None if chosen is None else {name: (pools[name], version) for name, version in chosen.items()}

    async def _first_right(self, rows: Sequence[Versions], fuels: Sequence[int]) -> Versions | None:
        """Return the first versions with which the program is right, and go on with the least fuel that they need."""
        changes = [_changes(row) for row in rows]
        for fuel in fuels:
            self.renderer.fuel = fuel
            right = {id(one) for one in await self.right(changes)}
            if right:
                return next(row for row, one in zip(rows, changes, strict=True) if id(one) in right)
        self.renderer.fuel = FUEL
        return None

    def _names(self) -> tuple[list[str], list[str]]:
        """Return the units to look at, and those to look at when these do not explain what is wrong."""
        counts: dict[str, int] = {}
        for other in self._others:
            for name in other.units:
                counts[name] = counts.get(name, 0) + 1
        names = [name for name in counts if name in self.program.units or counts[name] * 2 > len(self._others)]
        flat = [name for name in names if name in self.program.units and self.program.units[name].is_flat]
        acting = sum(_acts(other.units[MODULE]) for other in self._others) * 2 > len(self._others)
        main = [name for name in names if name not in flat or (name == MODULE and acting)]
        return main, [name for name in flat if name not in main]

    def _of_one_donor(self, pools: dict[str, Pool]) -> Iterator[Versions]:
        """Yield versions of all units that come from one donor."""
        for other in self._others[:_WHOLE_DONORS]:
            yield {name: version for name, pool in pools.items() if (version := pool.version_of(other)) is not None}

    async def _wrong_units(self, choice: dict[str, tuple[Pool, Version]]) -> dict[str, tuple[Pool, Version]]:
        """Leave out the units that are right as they are."""
        changed = {name: one for name, one in choice.items() if one[1].changes}
        if len(changed) <= 1:
            return changed
        without = {
            name: [change for other, (_, version) in changed.items() if other != name for change in version.changes]
            for name in changed
        }
        right = {id(one) for one in await self.right(list(without.values()))}
        needed = {name: one for name, one in changed.items() if id(without[name]) not in right}
        every = [change for _, version in needed.values() for change in version.changes]
        return needed if await self.right([every]) else changed

    async def _each(self, wrong: dict[str, tuple[Pool, Version]]) -> None:
        """Repair one unit after the other; units not yet repaired stand in a donor's version meanwhile."""
        done = {name: version.changes for name, (_, version) in wrong.items()}
        for place, (name, (pool, _)) in enumerate(wrong.items()):
            context = [change for other, changes in done.items() if other != name for change in changes]
            search = UnitSearch(self, pool, context)
            if self.found:
                # Where each run takes long, the search for something smaller gets a share of its own.
                end = max(_SOFT, min(self.trials.spent + _LEAST, _LATEST))
                self.trials.limit = self.trials.spent + (end - self.trials.spent) / (len(wrong) - place)
            with contextlib.suppress(ExhaustedError):
                await search.run()
            done[name] = done[name] if search.best is None else search.best
        self.trials.limit = 1.0

    async def _replace(self) -> None:
        """Take the nearest other program as it is."""
        for other in self._others[:_WHOLE_DONORS]:
            text = other.outline.text
            if (await self.trials.proved([text]))[0]:
                self.found.append(Found([], float("inf"), text))
                return

    async def _unaided(self) -> None:
        """Try plain mutations where no other program helps."""
        units = sorted(self.program.units.items(), key=lambda item: item[1].is_flat)
        for place, (name, _) in enumerate(units):
            self.trials.limit = self.trials.spent + (1.0 - self.trials.spent) / (len(units) - place)
            search = UnitSearch(self, Pool(self.program, name, [], self._sharing), [])
            with contextlib.suppress(ExhaustedError):
                await search.run()
            if self.found:
                return

    async def failing(self, changes: list[Change]) -> list[int]:
        """Return the cases that fail after changes, the dear ones only where all others hold."""
        dear = self.trials.verifier.dear
        cheap = [case for case in self.cases if case not in dear]
        for text, cases in ((self.renderer.trial(changes), cheap), (self.renderer.render(changes), sorted(dear))):
            (holds,) = await self.trials.outcomes([text], cases)
            failing = [case for case, one in zip(cases, holds, strict=True) if not one]
            if failing:
                return failing
        return []

    async def right(self, candidates: Sequence[list[Change]], first: Sequence[int] = ()) -> list[list[Change]]:
        """Return the candidates that pass all cases, asked in groups, `first` the most telling ones."""
        texts = {id(one): text for one in candidates if (text := self.text(one)) is not None}
        left = [one for one in candidates if id(one) in texts]
        for cases in self._groups(first, len(left)):
            left = await self._holding(left, [texts[id(one)] for one in left], cases)
        for case in sorted(self.trials.verifier.dear) if self.thorough else ():
            # Whatever runs for ever is out by now, and a test may go round more often than the fuel lasts.
            left = await self._holding(left, [self.renderer.render(one) for one in left], [case])
        if self.strict and left:
            proofs = await self.trials.proved([self.renderer.render(one) for one in left])
            left = [one for one, proof in zip(left, proofs, strict=True) if proof]
        return left

    async def _holding(
        self, candidates: Sequence[list[Change]], texts: Sequence[str], cases: Sequence[int]
    ) -> list[list[Change]]:
        """Return the candidates for whose texts all of these cases hold."""
        results = await self.trials.outcomes(texts, cases)
        for case, holds in zip(cases, zip(*results, strict=True), strict=False):
            self._failures[case] += holds.count(False)
        return [one for one, holds in zip(candidates, results, strict=True) if all(holds)]

    def _groups(self, first: Sequence[int], count: int) -> list[list[int]]:
        """Return the cheap cases in the groups to ask them in: of many candidates most fail the most telling ones."""
        dear = self.trials.verifier.dear
        cheap = [case for case in self.cases if case not in dear]
        ordered = sorted(cheap, key=lambda case: (case not in first, -self._failures[case]))
        if count <= _FEW:
            return [ordered]
        rest = sorted(ordered[1:], key=lambda case: -self._failures[case])
        return [ordered[:1], rest[:1], rest[1:]]

    def text(self, changes: Sequence[Change]) -> str | None:
        """Return a program for a trial; None when the changes do not go together."""
        try:
            return self.renderer.trial(changes)
        except ImpossibleError:
            return None

    async def keep(self, changes: list[Change], cost: float | None = None) -> bool:
        """Keep changes that repair the program; tell whether they do."""
        text = self.renderer.render(changes)
        if not (await self.trials.proved([text]))[0]:
            # The cheap cases alone do not tell.
            self.thorough = True
            return False
        self.found.append(Found(changes, self.exact(changes) if cost is None else cost, text))
        return True

    def exact(self, changes: Sequence[Change]) -> float:
        """Return the size of changes as the relative patch size counts it; of equal ones the plainer is the smaller."""
        text = self.renderer.render(changes)
        try:
            distance = forest_distance(self._before, forest(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return float("inf")
        more_lines = abs(text.count(self.renderer.newline) - self.program.outline.text.count(self.renderer.newline))
        return distance + 0.01 * total(changes) + 0.05 * min(more_lines, _LINES)


def _get_ready(pools: Sequence[Pool]) -> None:
    """Look at all versions that the pools have; they remember them."""
    for pool in pools:
        _ = pool.singles


def _nearest(pools: dict[str, Pool]) -> Versions:
    return {name: pool.nearest for name, pool in pools.items() if pool.nearest is not None}


def _changes(versions: Versions) -> list[Change]:
    return [change for version in versions.values() for change in version.changes]


def _acts(unit: Unit) -> bool:
    """Tell whether a module does something when it is run, beyond naming things."""
    return any(not isinstance(block.node, _QUIET) for block in unit.blocks)
