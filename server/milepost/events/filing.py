"""Into the files of the archive: rows are claimed for a file first, then it is written from all rows that name it.

Whoever finds rows that name a file which is not there writes that same file again.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from milepost.domain.events import BaseEvent
from milepost.events import messages, paths
from milepost.events.errors import ArchiveError
from milepost.events.steps import Reached, Step, nothing
from milepost.storage import events as stored
from milepost.storage.engine import Database, Session
from milepost.storage.events import Filed

if TYPE_CHECKING:
    from milepost.events.archive import Archive

# Times that others may interfere with one file before it is left to them, or to the next attempt.
ATTEMPTS = 3

_Result = TypeVar("_Result")


class _StaleError(Exception):
    """The rows no longer name the file as it was written, or the file was taken away before it was shown."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The file of each event; nobody else knows the `fresh` ones yet."""

    files: Mapping[UUID, str]
    fresh: frozenset[str]


class Filing:
    """Writes events of one database into one archive; any number may do so at once."""

    def __init__(self, database: Database, folder: Path | str, reached: Reached = nothing) -> None:
        self.folder = folder
        self._database = database
        self._reached = reached
        self._archive: Archive | None = None
        # Not the loop's own pool: a slow disk must hold up nobody else.
        self._writer = ThreadPoolExecutor(1, "milepost-archive")

    async def open(self) -> None:
        """Make the archive usable. Raises ArchiveError."""
        if self._archive is None:
            self._archive = await self._in_thread(_open_archive, self.folder, self._reached)

    async def close(self) -> None:
        """Let go of the writing thread once its work is done."""
        await asyncio.to_thread(self._writer.shutdown)

    async def claim(self, session: Session, events: Sequence[Filed]) -> Claim:
        """Give a file to each of the events that has none. Commit before writing."""
        named = {event.event_id: event.path for event in events if event.path and not event.is_aside}
        fresh = _new_files(event for event in events if event.path is None)
        for path, event_ids in fresh.items():
            named |= dict.fromkeys(event_ids, path)
            if await stored.claim_file(session, path, event_ids) < len(event_ids):
                # Somebody else gave a file to some of them meanwhile.
                for event in await stored.find_filed(session, event_ids):
                    named[event.event_id] = event.path or ""
        return Claim({event_id: path for event_id, path in named.items() if path}, frozenset(fresh))

    async def has(self, path: str) -> bool:
        """Tell whether the file is there, with everything that belongs into it. Raises ArchiveError."""
        assert self._archive
        return await self._in_thread(self._archive.holds, path)

    async def write(self, path: str, events: list[BaseEvent] | None = None) -> int:
        """Write the file from all rows that name it; return how many.

        `events` are what these rows said a moment ago; they are read again if that is no longer so.
        Raises ArchiveError, also if others interfere again and again.
        """
        for _ in range(ATTEMPTS):
            # Not only for reading: what cannot be read is set aside.
            if events is None:
                async with self._database.begin() as session:
                    events = await stored.rows_of_file(session, path)
            self._reached(Step.READ)
            try:
                await self._write(path, events)
            except _StaleError:
                events = None
                continue
            return len(events)
        raise ArchiveError(messages.BUSY)

    async def _write(self, path: str, events: list[BaseEvent]) -> None:
        """Write the file, show it and note that it is there, unless others changed what belongs into it meanwhile."""
        assert self._archive
        draft = await self._in_thread(self._archive.draft, path, events) if events else None
        try:
            async with self._database.begin() as session:
                # Others leave the file alone from here on.
                await stored.note_written(session, path)
                # The rows are locked then: they name this file until the end, or no longer did before.
                present = await stored.hold_file(session, path)
                self._reached(Step.LOCKED)
                same = present == {event.event_id for event in events}
                if not same or (draft and not await self._in_thread(self._archive.publish, draft)):
                    raise _StaleError
            self._reached(Step.MARKED)
        finally:
            if draft:
                await self._in_thread(self._archive.discard, draft)

    async def _in_thread(self, function: Callable[..., _Result], *values: Any) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *values)


def _open_archive(folder: Path | str, reached: Reached) -> "Archive":
    # Half a second of import that nobody needs to wait for before there are events.
    from milepost.events.archive import Archive  # noqa: PLC0415

    archive = Archive(folder, reached)
    archive.prepare()
    return archive


def _new_files(events: Iterable[Filed]) -> dict[str, list[UUID]]:
    """Give the events of each kind and day a file name of their own."""
    batch = uuid4().hex
    groups: dict[tuple[date, str], tuple[datetime, list[UUID]]] = {}
    for event in events:
        moment = event.timestamp.astimezone(UTC)
        key = moment.date(), event.event_type.partition(".")[0]
        groups.setdefault(key, (moment, []))[1].append(event.event_id)
    return {paths.batch_path(kind, moment, batch): ids for (_, kind), (moment, ids) in groups.items()}
