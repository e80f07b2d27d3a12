"""From judged cases to one result and one clear finding at the best place known."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from milepost.checks import localisation, messages, wording
from milepost.checks.assessments import Asked, Assessment, Subject, first_line, line_range
from milepost.checks.describing import Case
from milepost.domain.criteria import Reveal
from milepost.domain.text import Localized, Range
from milepost.domain.validations import CaseResult, CriterionResult, Finding, Related, Severity
from milepost.syntax.structure import Definition

SHOWN_CASES = 5
SHOWN_LINES = 5
NAME = re.compile(r"[^\W\d]\w*(?=\s*\()")


@dataclass(frozen=True, slots=True)
class Words:
    """What the cases of one kind of criterion are called."""

    one_fails: Localized
    some_fail: Localized
    numbered: Localized
    heading: Localized


EXAMPLES = Words(messages.EXAMPLE_FAILS, messages.EXAMPLES_FAIL, messages.EXAMPLE_NUMBER, messages.CALL)
TESTS = Words(messages.TEST_FAILS, messages.TESTS_FAIL, messages.TEST_NUMBER, messages.TEST)
RUNS = Words(messages.RUN_FAILS, messages.RUNS_FAIL, messages.RUN_NUMBER, messages.INPUT)


@dataclass(frozen=True, slots=True)
class Judged:
    """All cases of one criterion; `suspicions` tells for lines how suspicious they are (0 to 1).

    `line` is the line to look at first, where one is known; a certain one is not weighed against others.
    """

    cases: Sequence[Case]
    words: Words
    suspicions: Mapping[int, float] = field(default_factory=dict)
    tamper_proof: bool = True
    line: int | None = None
    is_certain: bool = False

    @property
    def failing(self) -> list[Case]:
        """Return the cases that fail."""
        return [case for case in self.cases if not case.passed]

    def count(self, language: str) -> str:
        """Say how many fail."""
        failed = len(self.failing)
        return (self.words.one_fails if failed == 1 else self.words.some_fail).say(
            language, failed=failed, total=len(self.cases)
        )


async def report(asked: Asked, subject: Subject, judged: Judged) -> Assessment:
    """Return the result with partial credit, and a finding if any case fails."""
    failing = judged.failing
    count = judged.count(subject.language) if failing else subject.say(messages.ALL_HOLD, total=len(judged.cases))
    result = CriterionResult(
        kind=asked.criterion.kind,
        passed=not failing,
        score=1 - len(failing) / len(judged.cases),
        message=count,
        weight=asked.criterion.weight,
        cases=tuple(_revealed(judged, subject)),
        tamper_proof=judged.tamper_proof,
    )
    if not failing:
        return Assessment(result)
    unlike = {} if judged.is_certain else await subject.unlike()
    return Assessment(result, (_finding(asked, subject, judged, unlike),))


def spectrum(cases: Sequence[Case], subject: Subject) -> dict[int, float]:
    """Return how suspicious the lines are that the first failing case runs.

    These are lines inside functions, or all lines of a program without functions.
    """
    failing = [case.lines for case in cases if not case.passed and case.lines]
    lines = localisation.suspicion(failing, [case.lines for case in cases if case.passed])
    shown = {line: value for line, value in lines.items() if line in failing[0]}
    return localisation.inside_functions(shown, subject.definitions)


def place(subject: Subject, judged: Judged, unlike: Mapping[int, float]) -> Range:
    """Return the best place known: the line that raised, the most suspicious, the function's name, the first line.

    What distinguishes the program from those that are right is weighed against it.
    """
    line = localisation.weighed(_line(subject, judged), judged.suspicions, unlike)
    if line is not None:
        return line_range(subject, line)
    function = called(subject, judged.failing[0].call)
    return function.name_range if function is not None else first_line(subject)


def _line(subject: Subject, judged: Judged) -> int | None:
    """Return the line that the failing cases alone tell."""
    shown = judged.failing[0]
    if judged.line is not None:
        return judged.line
    if shown.error_lines:
        return shown.error_lines[-1]
    return localisation.likely_line(judged.suspicions, subject.source)


def called(subject: Subject, call: str) -> Definition | None:
    """Return the function that a call names first."""
    known = {one.name: one for one in subject.definitions}
    return next((known[name] for name in NAME.findall(call) if name in known), None)


def _finding(asked: Asked, subject: Subject, judged: Judged, unlike: Mapping[int, float]) -> Finding:
    shown = judged.failing[0]
    count = judged.count(subject.language)
    if subject.contract.reveal is Reveal.LOCATION:
        message = subject.say(messages.HERE, count=count) + "."
    else:
        parts = [part for part in (shown.sentence, shown.hint) if part]
        message = "; ".join(parts)
        message += "" if message.endswith("?") else "."
        if len(judged.cases) > 1:
            message += f" ({count})"
    where = place(subject, judged, unlike)
    return Finding(
        rule=asked.criterion.kind,
        severity=Severity.ERROR,
        message=message,
        range=where,
        criterion=asked.index,
        explanation=explanation(asked, subject, judged),
        related=_stop(subject, shown, where),
    )


def _stop(subject: Subject, shown: Case, where: Range) -> tuple[Related, ...]:
    """Return the line that raised, where the finding is at another one."""
    if not shown.error_lines or shown.error_lines[-1] == where.start.line:
        return ()
    return (Related(subject.say(messages.STOPS_HERE), line_range(subject, shown.error_lines[-1])),)


def explanation(asked: Asked, subject: Subject, judged: Judged) -> str:
    """Return Markdown for the hover: the criterion, its failing cases as far as they are revealed, suspicious lines."""
    kind = subject.say(messages.KINDS[asked.criterion.kind])
    title = subject.say(messages.CRITERION, number=asked.index + 1, kind=kind)
    parts = [f"**{title}** ({judged.count(subject.language)})"]
    if subject.contract.reveal is not Reveal.LOCATION:
        parts.append(_table(subject, judged))
        if judged.failing[0].hint:
            parts.append(wording.prose(judged.failing[0].hint))
    lines = sorted(judged.suspicions, key=lambda line: (-judged.suspicions[line], line))[:SHOWN_LINES]
    if lines:
        numbers = ", ".join(str(line + 1) for line in sorted(lines))
        parts.append(subject.say(messages.SUSPICIOUS, lines=numbers))
    return "\n\n".join(parts)


def _table(subject: Subject, judged: Judged) -> str:
    failing = judged.failing
    rows = [[wording.code(text) for text in (case.call, case.expected, case.got)] for case in failing]
    headings = [subject.say(heading) for heading in (judged.words.heading, messages.EXPECTED, messages.GOT)]
    if not any(case.expected for case in failing):
        headings, rows = [headings[0], headings[2]], [[row[0], row[2]] for row in rows]
    shown = wording.table(headings, rows[:SHOWN_CASES])
    more = len(failing) - SHOWN_CASES
    return f"{shown}\n\n{subject.say(messages.MORE, count=more)}" if more > 0 else shown


def _revealed(judged: Judged, subject: Subject) -> list[CaseResult]:
    if subject.contract.reveal is not Reveal.LOCATION:
        return [case.result() for case in judged.cases]
    return [
        CaseResult(subject.say(judged.words.numbered, number=number), case.passed)
        for number, case in enumerate(judged.cases, 1)
    ]
