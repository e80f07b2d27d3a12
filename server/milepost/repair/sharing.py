"""Names that the functions of a program share: module-level variables and attributes of `self`, matched like local ones."""

import ast
from collections import Counter
from collections.abc import Iterator

from milepost.repair import renaming
from milepost.repair.alignment import align
from milepost.repair.labels import Branch
from milepost.repair.renaming import Names
from milepost.repair.units import MODULE, Program, Unit

_NOTHING: Names = {}


class Sharing:
    """Knows for each donor what its shared names are called in the learner's program; attributes start with a dot."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[int, Names] = {}
        self._has_classes = any("." in name for name in program.units)

    def names(self, other: Program) -> Names:
        """Return the learner's names for the shared names of a donor."""
        if not self._has_classes and not self._program.units[MODULE].variables:
            return _NOTHING
        found = self._known.get(id(other))
        if found is None:
            found = self._known[id(other)] = {**self._variables(other), **self._attributes(other)}
        return found

    def _variables(self, other: Program) -> dict[str, str]:
        ours, theirs = self._program.units[MODULE], other.units[MODULE]
        if not ours.variables or not theirs.variables:
            return {}
        return renaming.matched(ours, theirs, align(ours, theirs, ours.shapes, theirs.shapes))

    def _attributes(self, other: Program) -> dict[str, str]:
        votes: Counter[tuple[str, str]] = Counter()
        for name, ours in self._program.units.items():
            theirs = other.units.get(name)
            if "." in name and theirs is not None:
                votes.update(_votes(ours, theirs))
        names: dict[str, str] = {}
        for (their_name, our_name), _ in sorted(votes.items(), key=lambda item: (item[0][0] != item[0][1], -item[1])):
            if their_name not in names and our_name not in names.values():
                names[their_name] = our_name
        return names


def _votes(ours: Unit, theirs: Unit) -> Iterator[tuple[str, str]]:
    found = align(ours, theirs, ours.shapes, theirs.shapes)
    for one, other in found.pairs:
        yield from _pairs(ours.blocks[one].header, theirs.blocks[other].header, ours, theirs)


def _pairs(one: Branch, other: Branch, ours: Unit, theirs: Unit) -> Iterator[tuple[str, str]]:
    mine, other_one = _own(one.node, ours), _own(other.node, theirs)
    if mine and other_one:
        yield other_one, mine
    for child, other_child in zip(one.children, other.children, strict=False):
        yield from _pairs(child, other_child, ours, theirs)


def _own(node: ast.AST, unit: Unit) -> str:
    """Return the name of an attribute of the method's object, with its dot."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and unit.parameters[:1] == (node.value.id,):
        return f".{node.attr}"
    return ""
