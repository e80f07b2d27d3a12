"""`milepost report`: what learners did, on the terminal, as a page, or for other programs."""

import argparse
import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn

from milepost.cli import report_files, report_page, report_screen, screen
from milepost.cli import report_words as words
from milepost.cli.report_scope import Scope
from milepost.events import figures, history
from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
from milepost.events.history import Question, UnknownNameError, UnknownUserError
from milepost.events.relay import Relay
from milepost.settings import loading
from milepost.settings.loading import Settings
from milepost.storage.errors import StorageError
from milepost.wiring.databases import DatabaseDoor

# A bar that only flickers by tells nobody anything.
PATIENCE_SECONDS = 1.0
SHOWN_NAMES = 8


class UsageError(Exception):
    """The arguments cannot be used; the message is for the user."""


def run(arguments: argparse.Namespace) -> int:
    """Print or write the report; returns 2 for what cannot be asked for."""
    settings = None
    try:
        settings = loading.load_for_terminal()
        return _run(arguments, settings)
    except ArchiveError as error:
        print(error.say(settings.language if settings else "en"), file=sys.stderr)
    except (UsageError, loading.SettingsError) as error:
        print(error, file=sys.stderr)
    return 2


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    language = settings.language
    scope = _scope(arguments, language)
    archive = _archive(arguments, settings)
    found = _read(archive, _question(scope), language)
    report = figures.report(found, scope.until or datetime.now().astimezone().date())
    if arguments.html:
        _write(Path(arguments.html), report_page.page(report, scope, language), language)
    elif arguments.format == "json":
        print(report_files.json_text(report))
    elif arguments.format == "csv":
        print(report_files.csv_text(report), end="")
    else:
        console = screen.console()
        console.print(report_screen.view(report, scope, language, console.width))
    return 0


def _scope(arguments: argparse.Namespace, language: str) -> Scope:
    since, until = (_date(option, getattr(arguments, name), language) for option, name in _DATES)
    if since and until and since > until:
        raise UsageError(words.BAD_ORDER.pick(language))
    return Scope(arguments.user, arguments.course, since, until)


_DATES = (("from", "since"), ("to", "until"))


def _date(option: str, text: str | None, language: str) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise UsageError(words.BAD_DATE.say(language, option=option, text=text)) from None


def _question(scope: Scope) -> Question:
    """Return the question to the archive: days are those of this machine's time zone, the last one included."""
    until = scope.until + timedelta(days=1) if scope.until and scope.until < date.max else None
    return Question(scope.user, scope.course, _midnight(scope.since), _midnight(until))


def _midnight(day: date | None) -> datetime | None:
    """Return the moment at which the day begins here; None for the first and last of all days, which have no such."""
    try:
        return datetime(day.year, day.month, day.day).astimezone() if day else None
    except (ValueError, OverflowError):
        return None


def _archive(arguments: argparse.Namespace, settings: Settings) -> Archive:
    if arguments.archive is None:
        _bring_up_to_date(settings)
        return Archive(settings.archive)
    if "://" in arguments.archive:
        return Archive(arguments.archive)
    folder = Path(arguments.archive)
    if not folder.is_dir():
        raise UsageError(words.NO_FOLDER.say(settings.language, path=folder))
    return Archive(folder)


def _bring_up_to_date(settings: Settings) -> None:
    """Archive what waits in the database, if there is one; without it the report tells what was archived before.

    With a broker that is the workers' business; they are a few seconds behind at most.
    """
    if settings.broker_url or not (settings.database_url or settings.database_dir.exists()):
        return
    try:
        asyncio.run(_drain(settings))
    except (StorageError, ArchiveError) as error:
        reason = error.say(settings.language)
        print(words.NEWEST_MISSING.say(settings.language, reason=reason), file=sys.stderr)


async def _drain(settings: Settings) -> None:
    door = DatabaseDoor(settings)
    try:
        relay = Relay(await door.open(), settings.archive)
        try:
            await relay.drain()
        finally:
            await relay.close()
    finally:
        await door.close()


def _read(archive: Archive, question: Question, language: str) -> history.History:
    with _patient_bar(words.READING.pick(language)) as advanced:
        try:
            return history.read(archive, question, advanced)
        except UnknownNameError as error:
            raise UsageError(_unknown(error, language)) from error


@contextlib.contextmanager
def _patient_bar(text: str) -> Iterator[Callable[[], None]]:
    """Give what moves a bar on, which a person at a terminal sees as soon as it takes long."""
    bar = Progress(TextColumn(text), BarColumn(), console=screen.console(error=True), transient=True)
    task = bar.add_task("", total=history.STEPS)
    patience = threading.Timer(PATIENCE_SECONDS, bar.start)
    if bar.console.is_terminal:
        patience.start()
    try:
        yield lambda: bar.advance(task)
    finally:
        patience.cancel()
        if patience.is_alive():
            patience.join()
        if bar.live.is_started:
            bar.stop()


def _unknown(error: UnknownNameError, language: str) -> str:
    message = words.UNKNOWN_USER if isinstance(error, UnknownUserError) else words.UNKNOWN_COURSE
    said = message.say(language, name=words.name(error.name))
    if not error.known:
        return said.strip()
    listed = [words.name(known) for known in error.known[:SHOWN_NAMES]]
    return said + words.KNOWN.say(language, known=", ".join([*listed, *(["…"] if error.known[SHOWN_NAMES:] else [])]))


def _write(file: Path, text: str, language: str) -> None:
    try:
        file.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        raise UsageError(words.NOT_WRITTEN.say(language, path=file, reason=error.strerror)) from error
    print(words.WRITTEN.say(language, path=file))
