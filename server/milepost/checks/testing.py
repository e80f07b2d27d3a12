"""The criterion of a pytest or unittest file beside the course."""

import re

from milepost.checks import boxing, describing, hints, messages, relaying, reporting, structures, wording
from milepost.checks.assessments import Asked, Assessment, Subject, fails, first_line, line_range, not_assessed
from milepost.checks.describing import Case
from milepost.checks.exemplifying import endless_loop
from milepost.domain.criteria import Contract, Reveal, Tests
from milepost.domain.text import Range
from milepost.domain.validations import CriterionResult, Finding, Severity
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import CallOutcome, Status

PREFIXES = ("AssertionError: ", "assert ")
COMPARISON = re.compile(
    r"(?:AssertionError: )?assert (?P<got>.+) == (?P<expected>.+)\n\s*\+\s+where (?P=got) = (?P<call>\w+\(.*\))(?:\n|$)"
)


def test_file(criterion: Tests, contract: Contract, place: str) -> boxing.TestFile:
    """Return the test file of a criterion with all files of the course that a test may read."""
    files = {**contract.siblings.files, **contract.files}
    modules = boxing.imported_names(criterion.path, files, place)
    return boxing.TestFile(criterion.path, contract.files, modules, criterion.timeout)


async def tests(criterion: Tests, asked: Asked, subject: Subject, sandbox: Sandbox) -> Assessment:
    """Judge by the tests; run them once more with the lines followed when one fails at no known line."""
    if not subject.is_python:
        return not_assessed(asked, subject.say(messages.NOT_FOR_LANGUAGE))
    if not subject.contract.files.get(criterion.path, "").strip():
        return not_assessed(asked, subject.say(messages.NO_TESTS, path=wording.plain(criterion.path)))
    file = test_file(criterion, subject.contract, subject.origin.place)
    text = subject.source
    (verdict,) = await relaying.judge(file, [text], subject.origin, sandbox)
    judged = _judged(verdict, subject)
    if not judged.cases:
        return _not_run(verdict, criterion, asked, subject)
    failing = judged.failing
    if failing and not failing[0].error_lines and not any(test.broken for test in verdict.tests) and verdict.tests:
        followed = _judged(await relaying.follow(file, verdict, text, subject.origin, sandbox), subject)
        suspicions = reporting.spectrum(followed.cases, subject)
        judged = reporting.Judged(judged.cases, reporting.TESTS, suspicions, verdict.tamper_proof)
    return await reporting.report(asked, subject, judged)


def _judged(verdict: relaying.Verdict, subject: Subject) -> reporting.Judged:
    cases = [_case(test, subject) for test in verdict.tests if test.outcome != "skipped"]
    if verdict.load is not None:
        cases = [_broken(subject.origin.file_name, verdict.load, subject)]
    return reporting.Judged(cases, reporting.TESTS, tamper_proof=verdict.tamper_proof)


def _case(test: relaying.Judgement, subject: Subject) -> Case:
    if test.outcome == "passed":
        return Case(test.name, passed=True, lines=test.lines)
    if test.broken is not None:
        return _broken(test.name, test.broken, subject)
    name = wording.plain(test.name)
    text = _said(test.message, subject)
    sentence = subject.say(messages.TEST_SILENT, name=name)
    if text:
        sentence = subject.say(messages.TEST_SAYS, name=name, text=wording.plain(text, wording.LONG))
    return Case(
        call=test.name, passed=False, got=text, sentence=sentence, error_lines=test.error_lines, lines=test.lines
    )


def _said(message: str, subject: Subject) -> str:
    """Return what an assertion says, as a call with what it gave where pytest tells of one."""
    compared = COMPARISON.match(message)
    if compared is None:
        return _short(message)
    return subject.say(messages.GAVE, call=compared["call"], got=compared["got"], expected=compared["expected"])


def _broken(name: str, outcome: CallOutcome, subject: Subject) -> Case:
    """Describe a test whose calls gave no answers, or a program that does not even load."""
    seconds = f"{boxing.PER_TEST_SECONDS:g}"
    if outcome.status in describing.BREAKDOWNS:
        long, short = describing.BREAKDOWNS[outcome.status]
        sentence = subject.say(long, call=wording.plain(name), seconds=seconds)
        got, hint = subject.say(short, seconds=seconds), hints.of_breakdown(outcome, subject.language)
    else:
        got = describing.error_text(outcome)
        sentence = subject.say(messages.STOPPED, call=wording.plain(name), error=wording.plain(got, 160))
        hint = hints.of_error(outcome, subject.language)
    loop = endless_loop(subject, "") if outcome.status is Status.TIMEOUT else None
    lines = outcome.error_lines if loop is None else (loop,)
    return Case(name, False, "", got, sentence, hint, lines, outcome.lines)  # noqa: FBT003 See Case.


def _short(message: str) -> str:
    """Return the first lines of an assertion's message without what every one of them begins with."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    text = "; ".join(lines[:2])
    for prefix in PREFIXES:
        text = text.removeprefix(prefix)
    return text


def _not_run(verdict: relaying.Verdict, criterion: Tests, asked: Asked, subject: Subject) -> Assessment:
    """Report tests that gave no result: the program stopped them, they cannot be imported, or all were skipped."""
    if verdict.stopped:
        message = subject.say(messages.TESTS_STOPPED)
    elif verdict.missing:
        known = {one.name: one for one in subject.definitions}
        found = structures.missing(verdict.missing[0], known, asked, subject)
        return fails(asked, found.message, [found])
    elif verdict.error:
        message = subject.say(messages.TESTS_BROKEN, text=wording.plain(_short(verdict.error), wording.LONG))
    else:
        return not_assessed(asked, subject.say(messages.NO_TESTS, path=wording.plain(criterion.path)))
    result = CriterionResult("tests", False, 0.0, message, criterion.weight, tamper_proof=verdict.tamper_proof)  # noqa: FBT003
    shown = subject.say(messages.HERE, count=subject.say(messages.KINDS["tests"]))
    text = shown if subject.contract.reveal is Reveal.LOCATION else message
    place: Range = line_range(subject, verdict.error_lines[-1]) if verdict.error_lines else first_line(subject)
    return Assessment(result, (Finding("tests", Severity.ERROR, text, place, asked.index),))
