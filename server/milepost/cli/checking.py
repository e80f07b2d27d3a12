"""`milepost check`: judge files against their tasks, storing nothing of them."""

import argparse
import asyncio
import contextlib
import os
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from milepost.agents.workspace import Claim, Workspace
from milepost.cli import reports, screen
from milepost.cli.reports import Checked
from milepost.domain.text import Localized, Position, Range
from milepost.domain.validations import Finding, Severity, Snapshot, Stage, Validation
from milepost.goals.problems import CourseError
from milepost.sandbox.boxes import Sandbox
from milepost.settings import loading
from milepost.settings.loading import Settings
from milepost.syntax.edits import apply_edits
from milepost.wiring import opening

_NOT_TEXT = Localized("This file is not UTF-8 text ({reason}).", "Este archivo no es texto UTF-8 ({reason}).")
_MISSING = Localized("{path}: there is no such file", "{path}: no existe ese archivo")
NO_SANDBOX = Localized(
    "No sandbox works on this machine, so programs would run unprotected.\n"
    "Say --unprotected if you trust these files. `milepost doctor` says what is missing.",
    "En esta máquina no funciona ningún sandbox, así que los programas se ejecutarían sin protección.\n"
    "Usa --unprotected si confías en estos archivos. `milepost doctor` dice qué falta.",
)
_FIXED = Localized("fixed: {title}", "arreglado: {title}")


class UsageError(Exception):
    """Something about the call is wrong; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to check: its path as the user gave it, and its bytes as text."""

    shown: str
    path: Path


def run(arguments: argparse.Namespace) -> int:
    """Check the files and print their results; returns the exit status."""
    try:
        settings = loading.load_for_terminal()
        return asyncio.run(_run(arguments, settings))
    except (UsageError, loading.SettingsError) as error:
        screen.tell(error, error=True)
    except CourseError as error:
        screen.tell(error.say(settings.language), error=True)
    return 2


async def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.unprotected:
        settings = unprotected(settings)
    sources = list(_sources(arguments.paths, settings.language))
    checked = []
    async with opening.opened_workspace(settings) as workspace:
        checker = Checker(workspace, settings, arguments.course)
        async for one in checker.all(sources):
            shown = _apply(one, settings.language) if arguments.fix else one
            checked.append(shown)
            _print_one(shown, arguments.format, settings.language)
    _print_all(checked, arguments.format)
    return int(any(one.validation is not None and one.validation.passed is not True for one in checked))


class Checker:
    """Checks files one after another in one warm process."""

    def __init__(self, workspace: Workspace, settings: Settings, course: str | None) -> None:
        """Take the course folder if the user named one; else it is found upwards of each file."""
        self._workspace = workspace
        self._settings = settings
        self._course = course
        self._boxes: dict[str, Sandbox] = {}

    async def all(self, sources: Sequence[Source]) -> AsyncIterator[Checked]:
        """Yield the result of each file; raises CourseError, and UsageError where nothing may run."""
        for source in sources:
            yield await self._one(source)

    async def _one(self, source: Source) -> Checked:
        claim = self._workspace.claim(str(source.path), self._course)
        if claim is None:
            return Checked(source.shown, None, None)
        task = claim.task.title.pick(self._settings.language)
        content = await asyncio.to_thread(source.path.read_bytes)
        snapshot = Snapshot(source.path.as_uri(), None, str(source.path), claim.task.contract.language, "")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            return Checked(source.shown, task, _not_text(snapshot, error, self._settings.language))
        snapshot = Snapshot(snapshot.uri, None, snapshot.path, snapshot.language, text)
        claim = self._workspace.claim(snapshot.path, self._course, text) or claim
        sandbox = await self._sandbox(claim)
        return Checked(
            source.shown, task, await self._workspace.check(snapshot, claim, self._settings.language, sandbox)
        )

    async def _sandbox(self, claim: Claim) -> Sandbox:
        folder = str(Path(claim.course.path).parent)
        if folder not in self._boxes:
            sandbox = await self._workspace.open_sandbox(folder)
            if sandbox is None:
                raise UsageError(NO_SANDBOX.pick(self._settings.language))
            self._boxes[folder] = sandbox
        return self._boxes[folder]


def unprotected(settings: Settings) -> Settings:
    """Return the settings with programs allowed to run without a boundary."""
    return loading.load({**os.environ, "MILEPOST_UNPROTECTED": "true"}, {"language": settings.language})


def _sources(paths: Sequence[str], language: str) -> Iterator[Source]:
    for shown in paths:
        path = Path(os.path.abspath(shown))  # noqa: PTH100 A link stays the file that the user named.
        if path.is_dir():
            yield from (Source(str(Path(shown) / file.relative_to(path)), file) for file in _files(path))
        elif path.is_file():
            yield Source(shown, path)
        else:
            raise UsageError(_MISSING.say(language, path=shown))


def _files(folder: Path) -> Iterator[Path]:
    """Return the files of a folder that a task may claim, without hidden ones."""
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.is_file() and not hidden and file.name != "milepost.yaml":
            yield file


def _not_text(snapshot: Snapshot, error: UnicodeDecodeError, language: str) -> Validation:
    place = Range(Position(0, 0), Position(0, 0))
    message = _NOT_TEXT.say(language, reason=f"byte {error.start}")
    finding = Finding("encoding", Severity.ERROR, message, place)
    return Validation(snapshot, Stage.COMPLETE, passed=False, score=0.0, findings=(finding,), timings_ms={"total": 0.0})


def _apply(checked: Checked, language: str) -> Checked:
    """Write the preferred verified fix into the file, and say so in its place."""
    validation = checked.validation
    fixes = [fix for fix in validation.fixes if fix.verified and not fix.rewrite] if validation else []
    fix = next((fix for fix in fixes if fix.preferred), fixes[0] if fixes else None)
    if validation is None or fix is None:
        return checked
    path = Path(validation.snapshot.path)
    # A name that nobody can foresee: a link that waits there would be followed.
    descriptor, name = tempfile.mkstemp(prefix=".milepost-", dir=path.parent)
    written = Path(name)
    with os.fdopen(descriptor, "wb") as file:
        file.write(apply_edits(validation.snapshot.text, fix.edits).encode())
    with contextlib.suppress(OSError):
        written.chmod(stat.S_IMODE(path.stat().st_mode))
    written.replace(path)
    screen.tell(f"{checked.file}: {_FIXED.say(language, title=fix.title)}", error=True)
    return checked


def _print_one(checked: Checked, wanted: str, language: str) -> None:
    if wanted == "json":
        print(reports.json_line(checked), flush=True)
    elif wanted == "text":
        screen.console().print(screen.validation_view(checked.file, checked.task, checked.validation, language))


def _print_all(checked: Sequence[Checked], wanted: str) -> None:
    if wanted == "sarif":
        print(reports.sarif(checked))
    elif wanted == "github" and (written := reports.github(checked)):
        print(written)
