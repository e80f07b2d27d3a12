"""What becomes of the things that a model said: Milepost decides, and what it cannot hold up is left out."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from milepost.agents import reviewing_places, reviewing_words
from milepost.agents.messages import MODEL_SAYS, REVIEW_PLACE, RUBRIC_MET, RUBRIC_NOT_MET
from milepost.agents.reviewing_places import Copy, Place
from milepost.agents.reviewing_shapes import RULES, SaidFinding, SaidRubric
from milepost.domain.criteria import Contract, Reveal, Rubric
from milepost.domain.entities import TaskDraft
from milepost.domain.validations import CriterionResult, Finding, Severity, Validation
from milepost.providers import masking
from milepost.syntax.lines import LineIndex

MOST_FINDINGS, MOST_CONSIDERED = 5, 20
PREFIX = "review/"
_SEVERITIES = {"warning": Severity.WARNING, "information": Severity.INFORMATION, "hint": Severity.HINT}
_ORDER = [Severity.ERROR, Severity.WARNING, Severity.INFORMATION, Severity.HINT]


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What is known for sure, against which everything said is held."""

    validation: Validation
    task: TaskDraft
    key: str
    language: str
    model: str
    solutions: Sequence[str]
    dismissed: frozenset[str]

    @property
    def contract(self) -> Contract:
        """Return the task's contract."""
        return self.task.contract

    @property
    def text(self) -> str:
        """Return the learner's program."""
        return self.validation.snapshot.text


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding that stood, and the replacement that the model proposed for its place, still unproved."""

    finding: Finding
    place: Place
    replacement: str | None


def kept(said: Iterable[tuple[SaidFinding, Copy]], standpoint: Standpoint) -> list[Kept]:
    """Return the findings that stand, the most useful first; the quote of each is looked for where it belongs."""
    found: dict[tuple[int, int, str], Kept] = {}
    for remark, copy in said:
        one = _judged(remark, copy, standpoint)
        if one is not None:
            found.setdefault((one.place.start, one.place.end, one.finding.rule), one)
    return sorted(found.values(), key=_usefulness)[:MOST_FINDINGS]


def rubric_results(
    said: Sequence[Sequence[tuple[SaidRubric, Copy]]], standpoint: Standpoint
) -> dict[int, CriterionResult]:
    """Return the results of criteria in words by their numbers; `said` has one list for each part of the program.

    Met means that a quote proves it somewhere and nothing speaks against it; without proof it stays unassessed.
    """
    found: dict[int, CriterionResult] = {}
    for number, criterion in enumerate(standpoint.contract.criteria):
        if not isinstance(criterion, Rubric):
            continue
        proved = [
            one for part in said for one, copy in part if one.criterion == number and _proves(one, copy, standpoint)
        ]
        against = next((one for one in proved if not one.met), None)
        decisive = against or (proved[0] if proved else None)
        if decisive is None:
            continue
        words = RUBRIC_NOT_MET if against else RUBRIC_MET
        reason = _words(decisive.reason, standpoint) or criterion.text
        message = words.say(standpoint.language, model=standpoint.model, reason=reason)
        # What a model judged never counts for the score, and never makes a program trusted.
        met = against is None
        found[number] = CriterionResult("rubric", met, float(met), message, criterion.weight, tamper_proof=False)
    return found


def fingerprint(key: str, finding: Finding) -> str:
    """Return by what a finding is known again after it was dismissed: its task, its rule and its code."""
    told = "\0".join([key, finding.rule, " ".join(finding.quote.split())])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _judged(said: SaidFinding, copy: Copy, standpoint: Standpoint) -> Kept | None:
    place = reviewing_places.find(said.quote, [copy])
    rule = _rule(said, standpoint)
    message = _words(said.message, standpoint)
    if place is None or rule is None or not message:
        return None
    index = LineIndex(standpoint.text)
    revealed = standpoint.contract.reveal is not Reveal.LOCATION
    finding = Finding(
        rule=PREFIX + rule,
        severity=_severity(said, standpoint),
        message=message if revealed else REVIEW_PLACE.pick(standpoint.language),
        range=index.range(place.start, place.end),
        criterion=said.criterion,
        explanation=_explanation(message, standpoint) if revealed else "",
        quote=standpoint.text[place.start : place.end],
    )
    if fingerprint(standpoint.key, finding) in standpoint.dismissed:
        return None
    replacement = said.replacement if standpoint.contract.reveal is Reveal.FIX and place.whole else None
    return Kept(finding, place, replacement)


def _rule(said: SaidFinding, standpoint: Standpoint) -> str | None:
    """Return the rule of a remark, None for one that names none or that what was measured contradicts."""
    if said.criterion is None:
        wrong_after_all = said.rule == "correctness" and standpoint.validation.passed is True
        return said.rule if said.rule in RULES and not wrong_after_all else None
    results = standpoint.validation.results
    if not 0 <= said.criterion < len(results) or results[said.criterion].passed is True:
        return None
    return results[said.criterion].kind


def _severity(said: SaidFinding, standpoint: Standpoint) -> Severity:
    """Return how bad a remark may look: errors are measured, and without a failing criterion nothing is a warning."""
    asked = _SEVERITIES.get(said.severity, Severity.HINT)
    failing = said.criterion is not None and standpoint.validation.results[said.criterion].passed is False
    return asked if failing or asked is not Severity.WARNING else Severity.INFORMATION


def _words(said: str, standpoint: Standpoint) -> str:
    """Return what was said as plain text; nothing where it gives a solution away that the task does not reveal."""
    message = masking.mask(reviewing_words.clean(said)).text
    if standpoint.contract.reveal is Reveal.FIX:
        return message
    statement = f"{standpoint.task.statement.en} {standpoint.task.statement.es}"
    cases = " ".join(
        f"{case.call} {case.expected} {case.got}" for result in standpoint.validation.results for case in result.cases
    )
    language = standpoint.validation.snapshot.language
    away = reviewing_words.gives_away(message, standpoint.text, f"{statement} {cases}", standpoint.solutions, language)
    return "" if away else message


def _explanation(message: str, standpoint: Standpoint) -> str:
    source = MODEL_SAYS.say(standpoint.language, model=reviewing_words.as_markdown(standpoint.model))
    return f"{reviewing_words.as_markdown(message)}\n\n_{source}_"


def _proves(said: SaidRubric, copy: Copy, standpoint: Standpoint) -> bool:
    """Tell whether the quote of a judgement stands in the program, and in more than a comment or a text."""
    place = reviewing_places.find(said.quote, [copy])
    return place is not None and reviewing_places.is_code(
        place, standpoint.text, standpoint.validation.snapshot.language
    )


def _usefulness(one: Kept) -> tuple[bool, int, int]:
    return one.finding.criterion is None, _ORDER.index(one.finding.severity), one.place.start


def spread(quotes: Sequence[str], copies: Sequence[Copy]) -> Iterator[Copy | None]:
    """Yield for each quote the only stretch of code that it stands in, None where there is none or more than one."""
    for quote in quotes:
        place = reviewing_places.find(quote, copies)
        yield place.copy if place else None
