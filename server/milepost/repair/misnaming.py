"""Functions and parameters that the learner called something else than the task does."""

import ast
import copy
import dataclasses
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from milepost.repair.units import Program, Unit, parsed

_ALIKE = 0.7


def understood(program: Program, others: Sequence[Program]) -> Program:
    """Return the program with functions under the names that they were meant to have, as far as that is plain."""
    counts = Counter(name for other in others for name, unit in other.units.items() if _is_function(unit))
    missing = [name for name, count in counts.items() if 2 * count > len(others) and name not in program.units]
    strange = [name for name, unit in program.units.items() if _is_function(unit) and name not in counts]
    pairs = _pairs(missing, strange)
    if not pairs:
        return program
    found = copy.copy(program)
    meant = [dataclasses.replace(unit, name=pairs.get(name, name)) for name, unit in program.units.items()]
    found.units = {unit.name: unit for unit in meant}
    return found


def with_parameters(text: str, reference: str) -> str:
    """Return a program in which parameters have the names that a reference gives them, wherever that changes no meaning."""
    program, other = parsed(text), parsed(reference)
    if program is None or other is None:
        return text
    spans: list[tuple[int, int, str]] = []
    for name, unit in program.units.items():
        theirs = other.units.get(name)
        if theirs is not None and not unit.is_flat and len(unit.parameters) == len(theirs.parameters):
            pairs = zip(unit.parameters, theirs.parameters, strict=True)
            spans += _uses(program, unit, {old: new for old, new in pairs if old != new})
    for start, end, new in sorted(set(spans), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _uses(program: Program, unit: Unit, names: dict[str, str]) -> list[tuple[int, int, str]]:
    """Return where names are used in a function, with the new ones; nothing where a new one means something already."""
    taken = {node.id for node in ast.walk(unit.block.node) if isinstance(node, ast.Name)} | unit.variables
    if (taken - names.keys()) & set(names.values()):
        return []
    spans: list[tuple[int, int, str]] = []
    for node in ast.walk(unit.block.node):
        name = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else ""
        place = program.outline.span(node)
        if name not in names or place is None:
            continue
        end = place[0] + len(name)
        if program.outline.text[place[0] : end] != name:
            return []
        spans.append((place[0], end, names[name]))
    return spans


def _is_function(unit: Unit) -> bool:
    return not unit.is_flat and "." not in unit.name


def _pairs(missing: Sequence[str], strange: Sequence[str]) -> dict[str, str]:
    """Return the meant names by the learner's: the only ones left, or those that are spelt alike."""
    if len(missing) == 1 and len(strange) == 1:
        return {strange[0]: missing[0]}
    pairs: dict[str, str] = {}
    for name in missing:
        likest = max(strange, key=lambda other: _likeness(name, other), default="")
        if likest and likest not in pairs and _likeness(name, likest) >= _ALIKE:
            pairs[likest] = name
    return pairs


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio()
