"""The criteria about what a program is made of: definitions, constructs used or not used, and complexity."""

import difflib
import re
from collections.abc import Callable
from typing import TypeVar

from milepost.checks import messages, wording
from milepost.checks.assessments import (
    Asked,
    Assessment,
    Subject,
    elsewhere,
    fails,
    finding,
    first_line,
    holds,
    not_assessed,
)
from milepost.domain.criteria import Complexity, Construct, Defines, Forbids, Requires
from milepost.domain.text import Range
from milepost.domain.validations import Finding
from milepost.syntax import structure

SIGNATURE = re.compile(
    r"\s*(?P<kind>class\s+|def\s+)?(?P<name>[^\s(]+)\s*(?:\((?P<parameters>.*)\))?\s*:?\s*", re.DOTALL
)
Kind = TypeVar("Kind", Forbids, Complexity)
SEPARATOR = re.compile(r",(?![^\[({]*[\])}])")


def defines(criterion: Defines, asked: Asked, subject: Subject) -> Assessment:
    """Judge whether everything that is asked for is defined."""
    if subject.program is None:
        return not_assessed(asked, subject.say(messages.NOT_FOR_LANGUAGE))
    known = {definition.name: definition for definition in subject.definitions}
    others = subject.others
    found = [
        _defined(signature, known, asked, subject)
        for signature in criterion.signatures
        if not any(_is_defined(signature, asked, other) for other in others)
    ]
    problems = [problem for problem in found if problem is not None]
    if problems:
        return fails(asked, problems[0].message, problems)
    return holds(asked, subject.say(messages.HOLDS))


def _is_defined(signature: str, asked: Asked, other: Subject) -> bool:
    return _defined(signature, {one.name: one for one in other.definitions}, asked, other) is None


def _defined(signature: str, known: dict[str, structure.Definition], asked: Asked, subject: Subject) -> Finding | None:
    parts = SIGNATURE.fullmatch(signature)
    if parts is None:
        text = subject.say(messages.NOT_A_SIGNATURE, text=wording.plain(signature))
        return finding(asked, text, [first_line(subject)], subject)
    name, parameters = parts["name"], parts["parameters"]
    definition = known.get(name)
    if definition is None or (definition.kind == "class") < bool((parts["kind"] or "").startswith("class")):
        return missing(name, known, asked, subject)
    wanted = None if parameters is None or definition.kind == "class" else _names(parameters)
    if wanted is None or wanted == definition.parameters:
        return None
    return _other_parameters(definition, wanted, asked, subject)


def _names(parameters: str) -> tuple[str, ...]:
    """Return the names of written parameters, without types, defaults and separators."""
    written = (part.strip() for part in SEPARATOR.split(parameters))
    bare = (re.split(r"[:=]", part, maxsplit=1)[0].strip() for part in written)
    return tuple(name for name in bare if name not in {"", "*", "/"})


def missing(name: str, known: dict[str, structure.Definition], asked: Asked, subject: Subject) -> Finding:
    """Return the finding that something is not defined, at what is probably meant."""
    around, _, own = name.rpartition(".")
    beside = {one.rpartition(".")[2]: one for one in known if one.rpartition(".")[0] == around}
    near = difflib.get_close_matches(own, beside, n=1, cutoff=0.7)
    if near:
        text = subject.say(messages.NOT_DEFINED_NEAR, name=name, near=wording.plain(beside[near[0]]))
        return finding(asked, text, [known[beside[near[0]]].name_range], subject)
    owner = known.get(around)
    place = owner.name_range if owner else first_line(subject)
    return finding(asked, subject.say(messages.NOT_DEFINED, name=name), [place], subject)


def _other_parameters(
    definition: structure.Definition, wanted: tuple[str, ...], asked: Asked, subject: Subject
) -> Finding:
    nothing = subject.say(messages.NO_PARAMETERS)
    text = subject.say(
        messages.OTHER_PARAMETERS,
        name=definition.name,
        got=wording.plain("(" + ", ".join(definition.parameters) + ")") if definition.parameters else nothing,
        expected=wording.plain("(" + ", ".join(wanted) + ")") if wanted else nothing,
    )
    return finding(asked, text, [definition.name_range], subject)


def requires(criterion: Requires, asked: Asked, subject: Subject) -> Assessment:
    """Judge whether every construct is used, somewhere in the program."""
    problems, others = [], subject.others
    for construct in criterion.constructs:
        places = _uses(construct, subject)
        if places is None:
            return not_assessed(asked, subject.say(messages.BAD_QUERY))
        if not places and not any(_uses(construct, other) for other in others):
            text = subject.say(messages.REQUIRED, what=_named(construct, subject))
            problems.append(finding(asked, text, [_whole(subject)], subject, rule=f"requires/{_aspect(construct)}"))
    if problems:
        return fails(asked, problems[0].message, problems)
    return holds(asked, subject.say(messages.HOLDS))


def forbids(criterion: Forbids, asked: Asked, subject: Subject) -> Assessment:
    """Judge whether no construct is used."""
    problems = []
    for construct in criterion.constructs:
        places = _uses(construct, subject)
        if places is None:
            return not_assessed(asked, subject.say(messages.BAD_QUERY))
        if places:
            text = subject.say(messages.FORBIDDEN, what=_named(construct, subject))
            problems.append(finding(asked, text, places, subject, rule=f"forbids/{_aspect(construct)}"))
    problems += _elsewhere(forbids, criterion, asked, subject)
    if problems:
        return fails(asked, problems[0].message, problems)
    return holds(asked, subject.say(messages.HOLDS))


def complexity(criterion: Complexity, asked: Asked, subject: Subject) -> Assessment:
    """Judge whether every function is simple enough."""
    if subject.program is None:
        return not_assessed(asked, subject.say(messages.NOT_FOR_LANGUAGE))
    found = [one for one in structure.complexity(subject.program) if one[2] > criterion.max]
    problems = []
    for name, place, got in found:
        text = subject.say(messages.TOO_COMPLEX, name=wording.plain(name), got=got, most=criterion.max)
        problems.append(finding(asked, text, [place], subject))
    problems += _elsewhere(complexity, criterion, asked, subject)
    if not problems:
        return holds(asked, subject.say(messages.HOLDS))
    return fails(asked, problems[0].message, problems)


def _elsewhere(
    judge: Callable[[Kind, Asked, Subject], Assessment], criterion: Kind, asked: Asked, subject: Subject
) -> list[Finding]:
    """Return what a criterion that every file of a program has to fulfil says about the other ones."""
    found = [(other, one) for other in subject.others for one in judge(criterion, asked, other).findings]
    return [elsewhere(asked, subject, *pair) for pair in found]


def _uses(construct: Construct, subject: Subject) -> list[Range] | None:
    if subject.program is None:
        return None
    try:
        return structure.uses(subject.program, construct)
    except ValueError:
        return None


def _aspect(construct: Construct) -> str:
    pairs = (("call", construct.call), ("construct", construct.construct), ("import", construct.import_))
    return next((name for name, value in pairs if value is not None), "query")


def _named(construct: Construct, subject: Subject) -> str:
    name = construct.call or construct.construct or construct.import_ or ""
    return subject.say(messages.USES[_aspect(construct)], name=wording.plain(name))


def _whole(subject: Subject) -> Range:
    """Return the name of the only function, where what is missing belongs, or the first line."""
    functions = [one for one in subject.definitions if one.kind == "function"]
    return functions[0].name_range if len(functions) == 1 else first_line(subject)
