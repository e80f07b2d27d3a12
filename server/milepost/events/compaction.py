"""The small files of a closed day become one file for each kind, sorted so that readers skip most of it.

The order of the steps is what matters. The new file is written whole under a hidden name; then, while the rows of the
day are held, the rows are given the new name and a note is left (`listing.Note`), from which on readers take the
hidden file for the old ones; only when the database has agreed are the old files deleted and the hidden one is
given its name. Whoever finds a note goes on from there, so that it may stop at any point.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

import pyarrow as pa

from milepost.events import listing, messages, paths, places, schemas
from milepost.events.archive import Archive, encoded
from milepost.events.errors import ArchiveError
from milepost.events.listing import Note, Stored
from milepost.storage import archived
from milepost.storage import events as stored_events
from milepost.storage.engine import Database

# A day is closed when it has been over for so long: nearly all of its events have arrived by then.
GRACE = timedelta(hours=6)
# Times that a hidden file is written again because somebody took it for a leftover.
ATTEMPTS = 5

_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Compacted:
    """What one run did: files that are no more, files that took their place, days and kinds left as they were."""

    before: int = 0
    after: int = 0
    left: int = 0


def _now() -> datetime:
    return datetime.now(UTC)


async def compact(
    database: Database, archive: Archive, *, now: Callable[[], datetime] = _now, grace: timedelta = GRACE
) -> Compacted:
    """Merge what can be merged, after finishing what others began. Raises ArchiveError and StorageError.

    Any number of servers may do so at once, and others may write, read and erase meanwhile.
    """
    await finish_moves(database, archive)
    await _clear(database, archive)
    closed = (now().astimezone(UTC) - grace).date()
    groups = await in_thread(_groups, archive, closed)
    before = after = left = 0
    for day, kind, count in groups:
        if await _merge(database, archive, day, kind):
            before, after = before + count, after + 1
        else:
            left += 1
        await finish_moves(database, archive, paths.day_folder(day))
    await in_thread(_widen_first, archive)
    return Compacted(before, after, left)


async def finish_moves(database: Database, archive: Archive, folder: str = paths.ROOT) -> None:
    """Bring to an end what notes say was begun. Raises ArchiveError and StorageError."""
    for note in await in_thread(notes, archive, folder):
        # The rows have to be sure of their new file before the old ones go.
        async with database.begin() as session:
            if not await archived.try_upkeep(session):
                return
            await stored_events.move_to_file(session, note.sources, note.target)
        async with database.begin() as session:
            if await archived.try_upkeep(session):
                await in_thread(_finish, archive, note)


async def _clear(database: Database, archive: Archive) -> None:
    """Delete hidden files whose writer died before anybody relied on them."""
    async with database.begin() as session:
        if await archived.try_upkeep(session):
            await in_thread(delete_unspoken, archive)


async def in_thread(function: Callable[..., _Result], *values: Any) -> _Result:
    """Call a function aside from the loop; whoever is cancelled meanwhile waits for its end.

    Otherwise the transaction that keeps others from the files would be over while they are written.
    """
    working = asyncio.ensure_future(asyncio.to_thread(function, *values))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


def notes(archive: Archive, folder: str = paths.ROOT) -> list[Note]:
    """Return what was begun and not ended. Raises ArchiveError."""
    with archive.told(messages.UNREADABLE):
        entries = places.list_entries(archive.place, folder)
        found = []
        for entry in entries:
            try:
                found += listing.read_notes(archive.place, [entry.path])
            except FileNotFoundError:
                # Somebody else ended it.
                continue
        return found


async def _merge(database: Database, archive: Archive, day: date, kind: str) -> bool:
    """Put one hidden file and its note in the place of the files of a day and kind, unless somebody is at them."""
    async with database.begin() as session:
        if not await archived.try_upkeep(session):
            return False
        files = await in_thread(_mergeable, archive, day, kind)
        names = [file.name for file in files]
        rows = await archived.lock_files(session, names)
        if not files or rows is None:
            return False
        try:
            table = await in_thread(_read, archive, files)
        except ArchiveError as error:
            # One that is damaged, or of a later version, holds up no other.
            _log.warning("files of %s are left alone: %s", day, error)
            return False
        if not _agree(table, rows):
            _log.warning("files of %s are left alone, for they and the database differ: see `events verify`", day)
            return False
        target = paths.merged_path(kind, day, max(map(paths.generation_of, names)) + 1)
        note = Note(target, paths.content_path(target, secrets.token_hex(8)), tuple(names))
        await in_thread(write, archive, note.content, encoded(target, table))
        await stored_events.move_to_file(session, names, target)
        await in_thread(write, archive, note.path, pa.py_buffer(note.encoded()))
    return True


def _groups(archive: Archive, closed: date) -> list[tuple[date, str, int]]:
    """Return the closed days and kinds that are not one merged file yet, with the number of their files."""

    def place(file: Stored) -> tuple[date, str]:
        return paths.day_of(file.name), paths.kind_in(file.name)

    files = sorted(archive.read_stable([paths.ROOT], list), key=place)
    grouped = [(key, list(group)) for key, group in groupby(files, place)]
    return [(day, kind, len(group)) for (day, kind), group in grouped if day < closed and not _is_merged(group)]


def _is_merged(group: Sequence[Stored]) -> bool:
    return len(group) == 1 and paths.generation_of(group[0].name) > 0


def _mergeable(archive: Archive, day: date, kind: str) -> list[Stored]:
    with archive.told(messages.UNREADABLE):
        folder = paths.day_folder(day)
        if listing.read_notes(archive.place, [entry.path for entry in places.list_entries(archive.place, folder)]):
            return []
        found = [file for file in listing.list_stored(archive.place, folder) if paths.kind_in(file.name) == kind]
    return [] if _is_merged(found) else found


def _read(archive: Archive, files: Sequence[Stored]) -> pa.Table:
    with archive.told(messages.UNREADABLE):
        return archive.table_of(files).select(schemas.ARCHIVE_SCHEMA.names)


def _agree(table: pa.Table, rows: set[UUID]) -> bool:
    return table.num_rows == len(rows) and set(table["event_id"].to_pylist()) == {str(row_id) for row_id in rows}


def write(archive: Archive, path: str, content: pa.Buffer) -> None:
    """Write a file whole, in place of what has the name. Raises ArchiveError."""
    with archive.told(messages.FOLDER_UNUSABLE):
        for _ in range(ATTEMPTS):
            if archive.place.publish(archive.place.draft(path, content)):
                return
    raise ArchiveError(messages.RESTLESS)


def _finish(archive: Archive, note: Note) -> None:
    """Delete the old files, then show the new one: a row that is nowhere for a moment is better than one twice."""
    place, folder = archive.place, note.target.rpartition("/")[0]
    with archive.told(messages.FOLDER_UNUSABLE):
        if note.path not in {entry.path for entry in places.list_entries(place, folder)}:
            # Others ended it; what now has the name of an old file may be something else.
            return
        for source in note.sources:
            place.delete(source)
        place.settle(folder)
        place.move(note.content, note.target)
        place.delete(note.path)
        place.settle(folder)


def delete_unspoken(archive: Archive) -> None:
    """Delete hidden files that no note speaks of, while the caller holds the upkeep lock. Raises ArchiveError."""
    with archive.told(messages.FOLDER_UNUSABLE):
        entries = [entry.path for entry in places.list_entries(archive.place, paths.ROOT)]
        spoken_of = {note.content for note in listing.read_notes(archive.place, entries)}
        for path in entries:
            if paths.is_content_path(path) and path not in spoken_of:
                archive.place.delete(path)


def _widen_first(archive: Archive) -> None:
    """Give the first file every column of today: an outside reader takes the schema of the whole from it."""
    first = next(iter(archive.read_stable([paths.ROOT], list)), None)
    if first is None or first.path != first.name:
        return
    with archive.told(messages.UNREADABLE):
        known = set(archive.metadata(first).schema.to_arrow_schema().names)
    if set(schemas.ARCHIVE_SCHEMA.names) - known:
        write(archive, first.path, encoded(first.name, _read(archive, [first])))
