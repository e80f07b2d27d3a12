"""From the event rows of the database to the files of the archive: each event once, whatever dies meanwhile.

Rows are claimed for a file first, then the file is written from all rows that name it, then they are marked.
Whoever finds claimed rows that are not marked writes that same file again.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from milepost.domain.events import BaseEvent
from milepost.events import messages, paths
from milepost.events.errors import ArchiveError
from milepost.events.steps import Reached, Step, nothing
from milepost.storage import events as stored
from milepost.storage.engine import Database
from milepost.storage.errors import StorageError
from milepost.storage.triggers import EVENTS_CHANNEL

if TYPE_CHECKING:
    from milepost.events.archive import Archive

# Files that may fail in one drain before the folder is taken to be unusable as a whole.
PATIENCE = 10
# Times that others may interfere with one file before it is left to them, or to the next drain.
ATTEMPTS = 3

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to gather events once woken, between looks when not woken, and to pause after failures; rows a batch."""

    gather: float = 2.0
    poll: float = 60.0
    first_pause: float = 1.0
    longest_pause: float = 60.0
    batch: int = 2000


@dataclass(slots=True)
class _Drain:
    """One drain so far: a file is tried once, and the rows that stay behind are stepped over."""

    archived: int = 0
    behind: int = 0
    tried: set[str] = field(default_factory=set)
    problems: list[ArchiveError] = field(default_factory=list)


class _StaleError(Exception):
    """The rows no longer name the file as it was written, or the file was taken away before it was shown."""


class Relay:
    """Feeds one archive from one database; any number of relays may do so at once."""

    def __init__(
        self, database: Database, folder: Path | str, *, pace: Pace | None = None, reached: Reached = nothing
    ) -> None:
        self.folder = folder
        self._database = database
        self._pace = pace or Pace()
        self._reached = reached
        self._problem: Exception | None = None
        self._archive: Archive | None = None
        self._wake = asyncio.Event()
        self._draining = asyncio.Lock()
        self._listener: Any = None
        # Not the loop's own pool: a slow disk must hold up nobody else.
        self._writer = ThreadPoolExecutor(1, "milepost-archive")

    def poke(self) -> None:
        """Say that there are new events; the database says so too."""
        self._wake.set()

    def problem(self, language: str) -> str | None:
        """Return why events wait at present, in the user's language, or None."""
        if self._problem is None:
            return None
        if isinstance(self._problem, (ArchiveError, StorageError)):
            return self._problem.say(language)
        return messages.FOLDER_UNUSABLE.say(language, reason=type(self._problem).__name__)

    async def run(self) -> None:
        """Drain whenever there is something, until cancelled; raises nothing else."""
        pause = 0.0
        try:
            while True:
                pause = await self._attempt(pause)
                await (asyncio.sleep(pause) if pause else self._next_events())
        finally:
            if self._listener is not None:
                self._listener.terminate()

    async def drain(self) -> int:
        """Archive every event that waits; return how many. Raises ArchiveError and DatabaseUnavailableError.

        What cannot be archived keeps waiting and holds up nothing else.
        """
        async with self._draining:
            archive = await self._opened()
            drain = _Drain()
            while files := await self._claim(drain):
                for path in files:
                    if len(drain.problems) < PATIENCE:
                        await self._try_file(archive, path, drain)
            if drain.problems:
                raise drain.problems[0]
            return drain.archived

    async def close(self) -> None:
        """Let go of the writing thread once its work is done."""
        await asyncio.to_thread(self._writer.shutdown)

    async def _attempt(self, pause: float) -> float:
        """Drain once; return how long to pause, 0 when all is well."""
        try:
            await self._listen()
            await self.drain()
        except Exception as error:  # noqa: BLE001
            # Whatever it was, the events are safe in the database and the next attempt may do.
            if type(error) is not type(self._problem):
                _log.warning("events wait to be archived: %s", error)
            self._problem = error
            return min(max(self._pace.first_pause, pause * 2), self._pace.longest_pause)
        self._problem = None
        return 0.0

    async def _next_events(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.poll):
                await self._wake.wait()
            await asyncio.sleep(self._pace.gather)
        self._wake.clear()

    async def _listen(self) -> None:
        if self._listener is not None and not self._listener.is_closed():
            return
        self._listener = listener = await self._database.open_raw()
        listener.add_termination_listener(lambda *_: self.poke())
        try:
            await listener.add_listener(EVENTS_CHANNEL, lambda *_: self.poke())
        except BaseException:
            listener.terminate()
            raise

    async def _opened(self) -> "Archive":
        if self._archive is None:
            self._archive = await self._in_thread(_open_archive, self.folder, self._reached)
        return self._archive

    async def _claim(self, drain: _Drain) -> list[str]:
        """Give every waiting event of a batch its file; return the files that this drain has not tried."""
        if len(drain.problems) >= PATIENCE:
            return []
        async with self._database.begin() as session:
            waiting = await stored.claim_unpublished(session, self._pace.batch + drain.behind)
            named: set[str] = set()
            for path, batch in _by_file(waiting):
                named.update(await stored.claim_for_file(session, [event.event_id for event in batch], path))
        self._reached(Step.CLAIMED)
        return sorted(named - drain.tried)

    async def _try_file(self, archive: "Archive", path: str, drain: _Drain) -> None:
        drain.tried.add(path)
        events: list[BaseEvent] = []
        for _ in range(ATTEMPTS):
            async with self._database.session() as session:
                events = await stored.rows_of_file(session, path)
            self._reached(Step.READ)
            try:
                await self._write(archive, path, events)
            except _StaleError:
                continue
            except ArchiveError as problem:
                drain.problems.append(problem)
                break
            drain.archived += len(events)
            return
        drain.behind += len(events)

    async def _write(self, archive: "Archive", path: str, events: list[BaseEvent]) -> None:
        """Write the file, show it and mark its rows, unless others changed what belongs into it meanwhile."""
        if not events:
            return
        draft = await self._in_thread(archive.draft, path, events)
        written = [event.event_id for event in events]
        try:
            async with self._database.begin() as session:
                await stored.mark_published(session, written)
                # The rows are locked now: they name this file until the end, or no longer did before.
                present = await stored.rows_of_file(session, path)
                self._reached(Step.LOCKED)
                same = [event.event_id for event in present] == written
                if not same or not await self._in_thread(archive.publish, draft):
                    raise _StaleError
            self._reached(Step.MARKED)
        finally:
            await self._in_thread(archive.discard, draft)

    async def _in_thread(self, function: Callable[..., _Result], *values: Any) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *values)


def _open_archive(folder: Path | str, reached: Reached) -> "Archive":
    # Half a second of import that nobody needs to wait for before there are events.
    from milepost.events.archive import Archive  # noqa: PLC0415

    archive = Archive(folder, reached)
    archive.prepare()
    return archive


def _by_file(events: Iterable[BaseEvent]) -> Iterator[tuple[str, list[BaseEvent]]]:
    """Group the events by kind and day, each group with a file name of its own."""
    batch = uuid4().hex
    for (_day, kind), group in groupby(sorted(events, key=_kind_and_day), _kind_and_day):
        members = list(group)
        yield paths.batch_path(kind, members[0].timestamp, batch), members


def _kind_and_day(event: BaseEvent) -> tuple[date, str]:
    return event.timestamp.astimezone(UTC).date(), paths.kind_of(event)
