"""The criterion of examples: calls whose values, errors or prints the parent compares."""

from collections.abc import Sequence
from dataclasses import replace

from milepost.checks import describing, expectations, flow, hints, messages, reporting, wording
from milepost.checks.assessments import Asked, Assessment, Subject, not_assessed
from milepost.checks.describing import Case
from milepost.domain.criteria import Example, Examples
from milepost.domain.text import Range
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import Call, CallOutcome, Status
from milepost.sandbox.values import Value
from milepost.syntax import structure

MOST_TRACED = 60
BROKEN_DOWN = {Status.DIED, Status.TAMPERED, Status.UNREADABLE}


def calls(examples: Sequence[Example]) -> tuple[Call, ...]:
    """Return what has to be run for the examples."""
    return tuple(Call(one.call, one.setup, one.timeout) for one in examples)


async def examples(criterion: Examples, asked: Asked, subject: Subject, sandbox: Sandbox) -> Assessment:
    """Judge the examples, and look for the place of the first that fails."""
    if not subject.is_python:
        return not_assessed(asked, subject.say(messages.NOT_FOR_LANGUAGE))
    expected = await expectations.expected_values(criterion.examples, subject.contract.preamble, sandbox)
    for example, value in zip(criterion.examples, expected, strict=True):
        if example.expect is not None and value is None:
            return not_assessed(asked, subject.say(messages.BAD_EXPECTATION, text=wording.plain(example.expect)))
    outcomes = await _run(criterion.examples, subject, sandbox, trace=False)
    if all(outcome.status is Status.NOT_RUN for outcome in outcomes):
        return not_assessed(asked, subject.say(messages.NOT_RUN_HERE))
    cases = _cases(criterion.examples, expected, outcomes, subject)
    judged = reporting.Judged(cases, reporting.EXAMPLES)
    if judged.failing and not judged.failing[0].error_lines:
        judged = await _located(criterion.examples, expected, outcomes, subject, sandbox)
    return await reporting.report(asked, subject, judged)


async def _run(asked: Sequence[Example], subject: Subject, sandbox: Sandbox, *, trace: bool) -> Sequence[CallOutcome]:
    run = subject.origin.calls(subject.source, calls(asked), trace=trace)
    (outcomes,) = await sandbox.call([run])
    return outcomes


def _cases(
    asked: Sequence[Example], expected: Sequence[Value | None], outcomes: Sequence[CallOutcome], subject: Subject
) -> list[Case]:
    cases = []
    for triple in zip(asked, expected, outcomes, strict=True):
        case = describing.example(*triple, subject.language)
        if not case.passed and triple[2].status in BROKEN_DOWN:
            case = replace(case, hint=hints.of_source(subject.source, case.hint, subject.language))
        cases.append(case)
    return cases


async def _located(
    asked: Sequence[Example],
    expected: Sequence[Value | None],
    outcomes: Sequence[CallOutcome],
    subject: Subject,
    sandbox: Sandbox,
) -> reporting.Judged:
    """Run what gave a result once more and follow its lines; what broke down would only break down again."""
    cases = _cases(asked, expected, outcomes, subject)
    again = [place for place, outcome in enumerate(outcomes) if outcome.status in {Status.VALUE, Status.RAISED}]
    again = sorted(again, key=lambda place: cases[place].passed)[:MOST_TRACED]
    traced = await _run([asked[place] for place in again], subject, sandbox, trace=True) if again else ()
    followed = [replace(cases[place], lines=outcome.lines) for place, outcome in zip(again, traced, strict=True)]
    suspicions = reporting.spectrum(followed, subject)
    shown = next(place for place, case in enumerate(cases) if not case.passed)
    lines = next((case.lines for place, case in zip(again, followed, strict=True) if place == shown), frozenset())
    judged = reporting.Judged(cases, reporting.EXAMPLES, suspicions)
    if outcomes[shown].status is Status.TIMEOUT:
        return replace(judged, line=endless_loop(subject, asked[shown].call))
    line = _missing_result(asked[shown], outcomes[shown], lines, subject)
    return replace(judged, line=line, is_certain=line is not None)


def _missing_result(asked: Example, outcome: CallOutcome, lines: frozenset[int], subject: Subject) -> int | None:
    """Return where the function ended, if it gave nothing."""
    nothing = outcome.value is not None and outcome.value.kind == "none"
    function = reporting.called(subject, asked.call)
    if not nothing or function is None:
        return None
    return flow.without_result(subject.source, function.name_range.start.line, lines)


def endless_loop(subject: Subject, call: str) -> int | None:
    """Return the line of the loop that probably never ends: the called function's first `while` or only loop."""
    function = reporting.called(subject, call)
    around = function.range if function is not None else None
    for construct in ("while", "for"):
        if subject.program is None:
            break
        loops = [loop for loop in structure.constructs(subject.program, construct) if _inside(loop, around)]
        if loops and (construct == "while" or len(loops) == 1):
            return loops[0].start.line
    return None


def _inside(loop: Range, around: Range | None) -> bool:
    return around is None or (around.start <= loop.start and loop.end <= around.end)
