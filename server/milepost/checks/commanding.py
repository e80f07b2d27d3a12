"""The criterion of a command of the course: exit status 0, and its JUnit report if it writes one."""

import re
from pathlib import PurePath

from milepost.checks import junit, messages, reporting, wording
from milepost.checks.assessments import Asked, Assessment, Subject, first_line, line_range, not_assessed
from milepost.checks.describing import Case
from milepost.domain.criteria import Command, Reveal
from milepost.domain.text import Range
from milepost.domain.validations import CriterionResult, Finding, Severity
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import CommandOutcome, CommandRun, Status

_FAILURE = re.compile(r"\b(errors?|fail\w*|not ok|expected|assert\w*|exception|panicked)\b|Error\b", re.IGNORECASE)


async def command(criterion: Command, asked: Asked, subject: Subject, sandbox: Sandbox) -> Assessment:
    """Judge by the status of the command; the program takes part in it, so the result is not tamper-proof."""
    run = CommandRun(
        shell=criterion.run,
        files=subject.origin.command_files(subject.snapshot.text, subject.contract.files),
        outputs=(criterion.junit,) if criterion.junit else (),
        timeout=criterion.timeout,
    )
    outcome = await sandbox.command(run)
    if outcome.status is Status.NOT_RUN:
        return not_assessed(asked, subject.say(messages.NOT_RUN_HERE))
    reported, problem = _read(criterion, outcome, subject)
    passed = outcome.status is Status.EXITED and outcome.exit_code == 0
    cases = [
        Case(one.name, one.outcome == "passed", got="" if one.outcome == "passed" else one.message)
        for one in reported
        if one.outcome != "skipped"
    ]
    message = subject.say(messages.COMMAND_HOLDS) if passed else _said(criterion, outcome, reported, problem, subject)
    shown = [case.result() for case in cases] if subject.contract.reveal is not Reveal.LOCATION else []
    result = CriterionResult(
        "command", passed, float(passed), message, criterion.weight, tuple(shown), tamper_proof=False
    )
    if passed:
        return Assessment(result)
    judged = reporting.Judged(cases, reporting.TESTS, tamper_proof=False)
    explanation = _explanation(message, outcome, judged, asked, subject)
    place = _place(reported, subject)
    return Assessment(result, (Finding("command", Severity.ERROR, message, place, asked.index, explanation),))


def _read(criterion: Command, outcome: CommandOutcome, subject: Subject) -> tuple[list[junit.ReportedCase], str]:
    report = outcome.outputs.get(criterion.junit) if criterion.junit else None
    if report is None:
        return [], ""
    try:
        return junit.read(report), ""
    except junit.UnreadableReportError:
        return [], subject.say(messages.BAD_JUNIT)


def _said(
    criterion: Command, outcome: CommandOutcome, reported: list[junit.ReportedCase], problem: str, subject: Subject
) -> str:
    """Say how the command ended and the first thing it says about why."""
    line = wording.plain(criterion.run.strip())
    if outcome.status is Status.TIMEOUT:
        said = subject.say(messages.COMMAND_TIMEOUT, command=line, seconds=f"{criterion.timeout:g}")
    else:
        status = outcome.exit_code if outcome.exit_code is not None else outcome.status.value
        said = subject.say(messages.COMMAND_FAILS, command=line, status=status)
    if problem:
        return f"{said}; {problem}"
    if subject.contract.reveal is Reveal.LOCATION:
        return said
    failed = next((one for one in reported if one.outcome == "failed"), None)
    if failed is not None:
        return f"{said}; {_test(failed, subject)}"
    text = _telling(outcome.errors) or _telling(outcome.output)
    if not text:
        return said
    return f"{said}; {subject.say(messages.COMMAND_SAYS, text=wording.plain(text, wording.LONG))}"


def _telling(text: str) -> str:
    """Return what a command wrote as one line, from the first line on that speaks of a failure, if one does."""
    lines = [line.strip() for line in text.splitlines() if re.search(r"\w", line)]
    start = next((number for number, line in enumerate(lines) if _FAILURE.search(line)), 0)
    return "; ".join(lines[start:])


def _test(failed: junit.ReportedCase, subject: Subject) -> str:
    name = wording.plain(failed.name)
    if not failed.message.strip():
        return subject.say(messages.TEST_SILENT, name=name)
    return subject.say(messages.TEST_SAYS, name=name, text=wording.plain(failed.message.strip(), wording.LONG))


def _explanation(
    message: str, outcome: CommandOutcome, judged: reporting.Judged, asked: Asked, subject: Subject
) -> str:
    """Return Markdown for the hover: the failing tests of the report, or the last lines that the command wrote."""
    if subject.contract.reveal is Reveal.LOCATION:
        return wording.prose(message)
    if judged.failing:
        return reporting.explanation(asked, subject, judged)
    lines = (outcome.errors or outcome.output).strip().splitlines()[-5:]
    return "\n\n".join([wording.prose(message, wording.LONG * 2), *map(wording.code, lines)])


def _place(reported: list[junit.ReportedCase], subject: Subject) -> Range:
    """Return the line of the learner's file that a failing test names, or the first line."""
    name = PurePath(subject.snapshot.path).name
    for one in reported:
        if one.outcome == "failed" and one.line is not None and PurePath(one.file).name == name:
            return line_range(subject, one.line)
    return first_line(subject)
