"""The pool of one unit: its donors' versions and every single change that they or a mutation suggest."""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from milepost.domain.validations import FixSource
from milepost.repair import condensing, donors
from milepost.repair.changes import Change, Insertion, Part, Replacement, Statement, total
from milepost.repair.donors import Counterpart
from milepost.repair.mutations import Mutator
from milepost.repair.outline import Block, Kind, Outline
from milepost.repair.renaming import Names
from milepost.repair.sharing import Sharing
from milepost.repair.units import Program, Unit, is_definition, rough_distance
from milepost.repair.writing import expression, head

_KEPT_DONORS = 12
_ALIGNED = 40
_ALIGNED_MORE = 15
_GLANCED = 8
_BEGUN = 4
_CONDENSED = 6


@dataclass(eq=False)
class Version:
    """A donor's version of a unit as changes to the learner's, with what else of the donor it needs."""

    program: Program
    other: Program
    counterpart: Counterpart | None
    unit: Unit
    shared: Names
    support: int = 1

    @cached_property
    def changes(self) -> list[Change]:
        """Return the changes that turn the learner's unit into this version."""
        needed_too = needed(self.program, self.other, self.unit, self.shared)
        if self.counterpart is None:
            definition = _definition(self.program, self.unit, self.shared)
            return [definition, *needed_too] if definition is not None else []
        return [*donors.changes(self.program.outline, self.counterpart), *needed_too]

    @cached_property
    def cost(self) -> float:
        """Return about how many nodes it is apart from the learner's."""
        return self.counterpart.cost if self.counterpart else total(self.changes)


class Pool:
    """What may repair one unit: whole versions, nearest first, and single changes, cheapest first."""

    def __init__(self, program: Program, name: str, others: Sequence[Program], sharing: Sharing) -> None:
        self.name = name
        self._sharing = sharing
        self._program = program
        self._others = others
        self._unit = program.units.get(name)
        self._versions: dict[int, Version] = {}
        self.widen(_GLANCED)

    @property
    def nearest(self) -> Version | None:
        """Return the nearest version."""
        return min(self._versions.values(), key=lambda version: version.cost, default=None)

    def version_of(self, other: Program) -> Version | None:
        """Return the version of one of the others."""
        theirs = other.units.get(self.name)
        if theirs is None:
            return None
        shared = self._sharing.names(other)
        one = None if self._unit is None else donors.counterpart(self._unit, theirs, float("inf"), shared)
        return Version(self._program, other, one, theirs, shared)

    def widen(self, limit: int = _ALIGNED) -> None:
        """Look at more of the others."""
        if self._unit is None:
            self._versions = dict(enumerate(self._missing()))
            return
        support = Counter(other.units[self.name].key for other in self._others if self.name in other.units)
        seen = {version.unit.key for version in self._versions.values()}
        for other in _nearest(self._unit, self._others, limit):
            theirs = other.units[self.name]
            if theirs.key not in seen:
                seen.add(theirs.key)
                self._align(self._unit, other, support[theirs.key])
        if self._unit.size <= _BEGUN:
            for version in sorted(self._versions.values(), key=lambda version: version.cost)[:_CONDENSED]:
                shorter = condensing.condensed(version.other, self.name)
                if shorter is not None:
                    self._align(self._unit, shorter, version.support)

    def _align(self, unit: Unit, other: Program, support: int) -> None:
        """Lay the unit of another program over the learner's, and keep that if it is near."""
        theirs, shared = other.units[self.name], self._sharing.names(other)
        one = donors.counterpart(unit, theirs, self._worst(), shared)
        if one is not None:
            there = self._versions.setdefault(one.key, Version(self._program, other, one, theirs, shared, 0))
            there.support += support

    def _missing(self) -> list[Version]:
        """Return versions of a function that the learner has not written, the smallest first."""
        owner = self.name.rpartition(".")[0]
        if owner and owner not in self._program.units:
            return []
        found: dict[int, Version] = {}
        for other in self._others:
            unit = other.units.get(self.name)
            if unit is not None:
                shared = self._sharing.names(other)
                there = found.setdefault(unit.key, Version(self._program, other, None, unit, shared, 0))
                there.support += 1
        smallest = sorted(found.values(), key=lambda version: version.unit.size)[:_KEPT_DONORS]
        return sorted(smallest, key=lambda version: version.cost)

    def _worst(self) -> float:
        """Return the cost above which a version would not be kept."""
        costs = sorted(version.cost for version in self._versions.values())
        return costs[_KEPT_DONORS - 1] if len(costs) >= _KEPT_DONORS else float("inf")

    @cached_property
    def versions(self) -> list[Version]:
        """Return the nearest versions of all."""
        self.widen()
        return sorted(self._versions.values(), key=lambda version: version.cost)[:_KEPT_DONORS]

    @cached_property
    def singles(self) -> list[Change]:
        """Return all single changes, those that several donors suggest first among equals."""
        return [] if self._unit is None else _singles(self._program, self._unit, self.versions)


def _nearest(unit: Unit, others: Sequence[Program], limit: int) -> Iterator[Program]:
    """Yield the others that may be near: the first ones, which are near as a whole, and those with like statements."""
    having = [other for other in others if unit.name in other.units]
    distances = {id(other): rough_distance(unit, other.units[unit.name]) for other in having}
    yield from sorted(having[:limit], key=lambda other: distances[id(other)])
    if limit >= _ALIGNED:
        yield from sorted(having[limit:], key=lambda other: distances[id(other)])[:_ALIGNED_MORE]


def needed(program: Program, other: Program, unit: Unit, shared: Names) -> list[Change]:
    """Return insertions of what a donor's unit uses of its module and the learner's module lacks."""
    bound = _bound(program) | shared.keys()
    changes: list[Change] = []
    todo, seen = [unit], {unit.name}
    while todo:
        loaded = _loaded(todo.pop())
        for block in other.outline.root.children:
            names = _binds(block) & loaded - bound - seen
            if not names:
                continue
            seen |= names
            changes.append(_insertion(program.outline, program.outline.root, block, shared))
            todo += [other.units[name] for name in names if name in other.units]
    return changes


def _definition(program: Program, unit: Unit, shared: Names) -> Change | None:
    """Return the insertion of a function, method or class that the learner has not written."""
    owner = unit.name.rpartition(".")[0]
    if owner == "":
        return _insertion(program.outline, program.outline.root, unit.block, shared)
    return (
        _insertion(program.outline, program.units[owner].block, unit.block, shared) if owner in program.units else None
    )


def _insertion(outline: Outline, parent: Block, block: Block, shared: Names) -> Change:
    side = "last" if is_definition(block) else "first"
    statement = copied(block, shared, outline.quote)
    part = Insertion(statement, side, parent)
    return Change((part,), block.size, "insert", FixSource.RETRIEVAL, parent, "", statement.text)


def copied(block: Block, shared: Names, quote: str) -> Statement:
    """Return a donor's block as a new statement, its own names as they are."""
    if block.kind in (Kind.ELSE, Kind.FINALLY):
        text = f"{block.kind.value}:"
    else:
        text = (expression if block.kind is Kind.SIMPLE else head)(block.node, shared, quote)
    return Statement(block.kind, text, block.node, tuple(copied(child, shared, quote) for child in block.children))


def _bound(program: Program) -> set[str]:
    return {name for block in program.outline.root.children for name in _binds(block)}


def _binds(block: Block) -> set[str]:
    node = block.node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _loaded(unit: Unit) -> set[str]:
    if unit.is_flat and not isinstance(unit.block.node, ast.ClassDef):
        return set()
    loaded = {
        one.id for one in ast.walk(unit.block.node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    }
    return loaded - unit.variables


def _singles(program: Program, unit: Unit, versions: Sequence[Version]) -> list[Change]:
    """Return all single changes, those that several donors suggest first among equals."""
    merged: dict[tuple[object, ...], Change] = {}
    for version in versions:
        for change in version.changes:
            _merge(merged, change, version.support)
    known = frozenset(_bound(program))
    for change in Mutator(program.outline, unit, known).mutations():
        _merge(merged, change, 0)
    return sorted(merged.values(), key=priority)


def _merge(merged: dict[tuple[object, ...], Change], change: Change, support: int) -> None:
    key = tuple(_key(change.parts))
    there = merged.setdefault(key, change)
    there.support += support
    there.cost = min(there.cost, change.cost)


def _key(parts: Sequence[Part]) -> Iterator[object]:
    for part in parts:
        if isinstance(part, Replacement):
            yield (part.start, part.end, part.text)
        elif isinstance(part, Insertion):
            yield (part.side, part.anchor.position, _written(part.statement))
        else:
            yield part.block.position


def _written(statement: Statement) -> object:
    inside = [
        _written(one) if isinstance(one, Statement) else (one.first.position, one.last.position)
        for one in statement.children
    ]
    return (statement.text, tuple(inside))


def priority(change: Change) -> float:
    """Return how late a change is tried: by its size, what donors suggest before what they do not."""
    return change.cost + change.risk - min(change.support, 5) * 0.15
