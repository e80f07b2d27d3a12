"""What is judged, and what judging one criterion gives."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from milepost.checks import messages
from milepost.checks.origins import Origin
from milepost.domain.criteria import ALONE, Contract, Criterion
from milepost.domain.text import Localized, Position, Range
from milepost.domain.validations import CaseResult, CriterionResult, Finding, Related, Severity, Snapshot
from milepost.sandbox.boxes import Sandbox
from milepost.syntax import parsing, structure
from milepost.syntax.lines import LineIndex
from milepost.syntax.programs import Program

Unlike = Callable[[], Awaitable[Mapping[int, float]]]


async def not_compared() -> Mapping[int, float]:
    """Return nothing: there is nothing to compare a program with."""
    return {}


@dataclass(frozen=True, slots=True)
class Subject:
    """One program under one contract; `language` is the user's.

    `program` is None for a language without a grammar, `sandbox` where nothing may run. `unlike` tells for lines how much of
    the programs that are right and most like this one has something else there (0 to 1).
    """

    contract: Contract
    snapshot: Snapshot
    program: Program | None
    sandbox: Sandbox | None
    language: str
    unlike: Unlike = not_compared

    @property
    def is_python(self) -> bool:
        """Tell whether the program is Python."""
        return self.origin.language == "python"

    @property
    def origin(self) -> Origin:
        """Return where the program comes from."""
        language = self.snapshot.language if self.program is None else self.program.language
        return Origin.of(self.contract, self.snapshot.path, language)

    @property
    def index(self) -> LineIndex:
        """Return the lines of the text."""
        return LineIndex(self.snapshot.text) if self.program is None else self.program.index

    @property
    def definitions(self) -> list[structure.Definition]:
        """Return what the program defines."""
        return [] if self.program is None else structure.definitions(self.program)

    @property
    def others(self) -> list["Subject"]:
        """Return the program's other files of the same language, each as a subject of its own."""
        if self.program is None:
            return []
        suffix, language = PurePath(self.snapshot.path).suffix, self.program.language
        contract = replace(self.contract, siblings=ALONE)
        return [
            replace(
                self,
                contract=contract,
                snapshot=Snapshot("", None, name, language, text),
                program=parsing.parse(text, language),
            )
            for name, text in self.contract.siblings.files.items()
            if PurePath(name).suffix == suffix
        ]

    @property
    def source(self) -> str:
        """Return the text as it is run; Python takes a byte order mark in a file, not in a text."""
        return self.snapshot.text.removeprefix("\ufeff")

    def say(self, text: Localized, /, **values: object) -> str:
        """Return a message in the user's language."""
        return text.say(self.language, **values)


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion and its place in the contract."""

    criterion: Criterion
    index: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """The result of one criterion and what the learner sees of it."""

    result: CriterionResult
    findings: tuple[Finding, ...] = ()


def not_assessed(asked: Asked, message: str) -> Assessment:
    """Return that a criterion could not be judged, and why."""
    criterion = asked.criterion
    return Assessment(CriterionResult(criterion.kind, None, 0.0, message, criterion.weight))


def holds(asked: Asked, message: str, cases: Iterable[CaseResult] = (), *, tamper_proof: bool = True) -> Assessment:
    """Return that a criterion holds."""
    criterion = asked.criterion
    return Assessment(
        CriterionResult(criterion.kind, True, 1.0, message, criterion.weight, tuple(cases), tamper_proof)  # noqa: FBT003
    )


def fails(asked: Asked, message: str, findings: Iterable[Finding]) -> Assessment:
    """Return that a criterion without partial credit fails."""
    criterion = asked.criterion
    result = CriterionResult(criterion.kind, passed=False, score=0.0, message=message, weight=criterion.weight)
    return Assessment(result, tuple(findings))


def finding(asked: Asked, message: str, places: list[Range], subject: Subject, *, rule: str = "") -> Finding:
    """Return one finding at the first of several places that names the others."""
    also = subject.say(messages.ALSO_HERE)
    return Finding(
        rule=rule or asked.criterion.kind,
        severity=Severity.ERROR,
        message=message,
        range=places[0],
        criterion=asked.index,
        related=tuple(Related(also, place) for place in places[1:10]),
    )


def elsewhere(asked: Asked, subject: Subject, other: Subject, found: Finding) -> Finding:
    """Return the finding that another file of the program has a problem, in the one that is judged."""
    line = found.range.start.line + 1
    message = subject.say(messages.ELSEWHERE, path=other.snapshot.path, line=line, message=found.message)
    return finding(asked, message, [first_line(subject)], subject, rule=found.rule)


def first_line(subject: Subject) -> Range:
    """Return the first line that holds something, the place of what is nowhere in the file."""
    index = subject.index
    lines = (line for line in range(min(index.line_count, 200)) if index.line(line).strip())
    return line_range(subject, next(lines, 0))


def line_range(subject: Subject, line: int) -> Range:
    """Return the written part of a line, without its indentation and a comment's worth of trailing space."""
    index = subject.index
    number = min(max(line, 0), index.line_count - 1)
    text = index.line(number)
    start = len(text) - len(text.lstrip())
    return Range(Position(number, start), Position(number, max(start, len(text.rstrip()))))
