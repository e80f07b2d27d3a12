"""From a contract and a snapshot to results, findings, a score and a verdict."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from milepost.checks import (
    commanding,
    dialoguing,
    exemplifying,
    linting,
    messages,
    proving,
    scoring,
    structures,
    testing,
)
from milepost.checks.assessments import Asked, Assessment, Subject, Unlike, not_assessed, not_compared
from milepost.domain.criteria import (
    Command,
    Complexity,
    Contract,
    Defines,
    Examples,
    Forbids,
    Lint,
    Requires,
    Rubric,
    Stdio,
    Tests,
)
from milepost.domain.validations import CriterionResult, Finding, Snapshot
from milepost.sandbox.boxes import Sandbox
from milepost.syntax import parsing

__all__ = ["Report", "check", "check_fast", "prove"]

logger = logging.getLogger(__name__)
prove = proving.prove


@dataclass(frozen=True, slots=True)
class Report:
    """What the criteria say about one program; `passed` is None when something could not be assessed."""

    results: tuple[CriterionResult, ...]
    findings: tuple[Finding, ...]
    score: float
    passed: bool | None


async def check(
    contract: Contract,
    snapshot: Snapshot,
    sandbox: Sandbox | None,
    language: str = "en",
    unlike: Unlike = not_compared,
) -> Report:
    """Judge every criterion; without a sandbox those that run the program are not assessed.

    `unlike` is asked once something failed, for what distinguishes the program from those that are right (see Subject).
    """
    # Reading a long program takes tens of milliseconds, in which the caller has others to answer.
    subject = await asyncio.to_thread(_subject, contract, snapshot, sandbox, language)
    subject = replace(subject, unlike=unlike)
    broken = await asyncio.to_thread(_broken, subject)
    if broken is not None:
        return broken
    asked = _asked(contract)
    static = await asyncio.to_thread(lambda: [_static(one, subject) for one in asked])
    pairs = zip(asked, static, strict=True)
    return _report([known if known is not None else await _guarded(one, subject) for one, known in pairs])


def check_fast(contract: Contract, snapshot: Snapshot, language: str) -> Report:
    """Judge what needs no process; the other criteria are not assessed yet."""
    subject = _subject(contract, snapshot, None, language)
    broken = _broken(subject)
    if broken is not None:
        return broken
    later = messages.NOT_YET.pick(language)
    found = ((asked, _static(asked, subject)) for asked in _asked(contract))
    return _report([static if static is not None else not_assessed(asked, later) for asked, static in found])


def _subject(contract: Contract, snapshot: Snapshot, sandbox: Sandbox | None, language: str) -> Subject:
    able = sandbox if sandbox is not None and sandbox.protection.runs else None
    known = parsing.known(snapshot.language)
    program = parsing.parse(snapshot.text, snapshot.language) if known else None
    return Subject(contract, snapshot, program, able, language)


def _asked(contract: Contract) -> list[Asked]:
    return [Asked(criterion, index) for index, criterion in enumerate(contract.criteria)]


def _broken(subject: Subject) -> Report | None:
    """Return the report of a file that does not parse."""
    findings = parsing.syntax_errors(subject.program, subject.language) if subject.program else []
    if not findings:
        return None
    message = subject.say(messages.NOT_PARSED)
    results = tuple(not_assessed(asked, message).result for asked in _asked(subject.contract))
    return Report(results, tuple(findings), 0.0, passed=False)


def _report(assessments: Sequence[Assessment]) -> Report:
    results = tuple(assessment.result for assessment in assessments)
    findings = tuple(finding for assessment in assessments for finding in assessment.findings)
    return Report(results, findings, scoring.score(results), scoring.passed(results))


def _static(asked: Asked, subject: Subject) -> Assessment | None:
    """Judge a criterion that needs no process; None for the others."""
    match asked.criterion:
        case Defines() as criterion:
            return structures.defines(criterion, asked, subject)
        case Requires() as criterion:
            return structures.requires(criterion, asked, subject)
        case Forbids() as criterion:
            return structures.forbids(criterion, asked, subject)
        case Complexity() as criterion:
            return structures.complexity(criterion, asked, subject)
        case Rubric():
            return not_assessed(asked, subject.say(messages.NO_MODEL))
        case _:
            return None


async def _guarded(asked: Asked, subject: Subject) -> Assessment:
    """Judge a criterion; whatever goes wrong in the judging itself is a result like any other."""
    try:
        return await _running(asked, subject)
    except (OSError, ValueError, KeyError, RuntimeError):
        logger.exception("criterion %s of kind %s could not be judged", asked.index, asked.criterion.kind)
        return not_assessed(asked, subject.say(messages.BROKEN))


async def _running(asked: Asked, subject: Subject) -> Assessment:
    criterion, sandbox = asked.criterion, subject.sandbox
    if isinstance(criterion, Lint):
        return await linting.lint(criterion, asked, subject)
    if sandbox is None:
        return not_assessed(asked, subject.say(messages.NOT_RUN_HERE))
    match criterion:
        case Examples():
            return await exemplifying.examples(criterion, asked, subject, sandbox)
        case Tests():
            return await testing.tests(criterion, asked, subject, sandbox)
        case Stdio():
            return await dialoguing.stdio(criterion, asked, subject, sandbox)
        case Command():
            return await commanding.command(criterion, asked, subject, sandbox)
        case Defines() | Requires() | Forbids() | Complexity() | Rubric():
            raise ValueError(criterion.kind)
        case _:
            assert_never(criterion)
