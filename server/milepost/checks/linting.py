"""The criterion that Ruff decides; it reads the program and never runs it."""

import asyncio
import json
import re
import sys
import sysconfig
from pathlib import Path, PurePath
from typing import Any

from milepost.checks import messages, wording
from milepost.checks.assessments import Asked, Assessment, Subject, elsewhere, fails, holds, line_range, not_assessed
from milepost.domain.criteria import Lint
from milepost.domain.text import Position, Range
from milepost.domain.validations import Finding, Severity
from milepost.syntax import parsing, structure

RULE = re.compile(r"[A-Z]{1,10}[0-9]{0,5}")
MOST = 50
SECONDS = 10.0
NAME = re.compile(r"^([^\W\d]\w*)\s*(?::[^=]+)?=(?!=)", re.MULTILINE)


async def lint(criterion: Lint, asked: Asked, subject: Subject) -> Assessment:
    """Judge whether the linter finds nothing under the selected rules."""
    if not subject.is_python:
        return not_assessed(asked, subject.say(messages.NOT_FOR_LANGUAGE))
    name = PurePath(subject.snapshot.path).name or "program.py"
    found, problem = await run_ruff(subject.snapshot.text, name, criterion.select, subject.contract.preamble)
    if problem:
        return not_assessed(asked, subject.say(messages.LINT_BROKEN, reason=wording.plain(problem, wording.LONG)))
    findings = [_finding(entry, asked, subject) for entry in found[:MOST]]
    for other in subject.others:
        assessment = await lint(criterion, asked, other)
        findings += [elsewhere(asked, subject, other, one) for one in assessment.findings]
    if not findings:
        return holds(asked, subject.say(messages.HOLDS))
    return fails(asked, subject.say(messages.LINT_FAILS, count=max(len(found), len(findings))), findings)


async def run_ruff(
    text: str, name: str, select: tuple[str, ...], preamble: str = ""
) -> tuple[list[dict[str, Any]], str]:
    """Return what Ruff finds and, if it could not look, why; nothing of the folder or the program configures it."""
    output, problem = await _answer(text, name, select, preamble, "--output-format=json")
    return ([], problem) if problem else (json.loads(output or "[]"), "")


async def fixed(text: str, name: str, select: tuple[str, ...], preamble: str = "") -> str:
    """Return a program after the fixes that Ruff calls safe; as it was when there are none."""
    output, problem = await _answer(text, name, select, preamble, "--fix-only")
    return text if problem else output


async def _answer(text: str, name: str, select: tuple[str, ...], preamble: str, mode: str) -> tuple[str, str]:
    """Return what Ruff writes and, if it could not look, why."""
    wrong = [rule for rule in select if not RULE.fullmatch(rule)]
    if wrong or not select:
        return "", f"unknown rules {', '.join(wrong)}"
    known = json.dumps(sorted(_names(preamble)))
    process = await asyncio.create_subprocess_exec(
        *(_ruff(), "check", "--isolated", "--ignore-noqa", "--no-cache", "--quiet", "--exit-zero"),
        *(mode, f"--select={','.join(select)}", "--config", f"builtins={known}"),
        *("--stdin-filename", name, "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={},
        cwd="/" if sys.platform != "win32" else None,
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, errors = await process.communicate(text.encode("utf-8", "replace"))
    except TimeoutError:
        return "", f"no answer within {SECONDS:g} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        return "", errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return output.decode("utf-8", "replace"), ""


def _ruff() -> str:
    """Return Ruff's own program, the one installed beside this package."""
    beside = Path(sysconfig.get_path("scripts"), "ruff.exe" if sys.platform == "win32" else "ruff")
    return str(beside) if beside.exists() else "ruff"


def _names(preamble: str) -> set[str]:
    """Return the names that the course's preamble gives to the program."""
    if not preamble.strip():
        return set()
    program = parsing.parse(preamble, "python")
    imported = {(one.alias or one.name or one.module).partition(".")[0] for one in structure.imports(program)}
    defined = {one.name for one in structure.definitions(program) if "." not in one.name}
    return imported | defined | set(NAME.findall(preamble))


def _finding(entry: dict[str, Any], asked: Asked, subject: Subject) -> Finding:
    start, end = entry["location"], entry["end_location"]
    place = Range(
        Position(max(0, start["row"] - 1), max(0, start["column"] - 1)),
        Position(max(0, end["row"] - 1), max(0, end["column"] - 1)),
    )
    if place.start.line >= subject.index.line_count:
        place = line_range(subject, place.start.line)
    code = entry.get("code") or "syntax"
    message = f"{wording.plain(entry['message'], wording.LONG)} ({code})"
    return Finding(f"lint/{code}", Severity.WARNING, message, place, asked.index)
