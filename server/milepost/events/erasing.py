"""Events that leave the archive: those of a person who is to be forgotten, and those that were kept long enough.

Rows go first and files follow inside one transaction, so that nobody writes the rows into a file meanwhile;
if it does not end, the rows are there again and the whole is done anew.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from milepost.events import compaction, messages, paths, schemas
from milepost.events.archive import Archive, encoded
from milepost.events.errors import ArchiveError
from milepost.events.listing import Stored
from milepost.storage import archived, retention, users
from milepost.storage.engine import Database, Session
from milepost.storage.retention import Kept

# Looks for a moment in which nobody is in the middle of something, and seconds between them.
ATTEMPTS, PAUSE_SECONDS = 100, 0.1
# Events that a course lets go at once.
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Erased:
    """What left the archive: events, and files that were written again or deleted."""

    events: int = 0
    files: int = 0


async def forget(database: Database, archive: Archive, user_id: UUID) -> Erased:
    """Remove a person with everything of theirs from database and archive. Raises ArchiveError and StorageError.

    Somebody whom only the archive knows is removed from it.
    """
    for _ in range(ATTEMPTS):
        await compaction.finish_moves(database, archive)
        async with database.begin() as session:
            erased = await _forget(session, archive, user_id)
        if erased is not None:
            return erased
        await asyncio.sleep(PAUSE_SECONDS)
    raise ArchiveError(messages.RESTLESS)


async def _forget(session: Session, archive: Archive, user_id: UUID) -> Erased | None:
    """Do it in a transaction; None while others are in the middle of something."""
    await archived.wait_for_upkeep(session)
    if await compaction.in_thread(compaction.notes, archive):
        # What somebody began comes first.
        return None
    # From here on nobody can store anything of this person, and no writer holds a row of theirs.
    await users.hold(session, user_id)
    if not await archived.delete_of_user(session, user_id):
        return None
    # Drafts of writers that died hold events too.
    await compaction.in_thread(archive.prepare)
    await compaction.in_thread(compaction.delete_unspoken, archive)
    erased = await compaction.in_thread(_erase, archive, pc.field("user_id") == str(user_id), None)
    await users.erase(session, user_id)
    return erased


async def erase_expired(database: Database, archive: Archive, now: datetime) -> Erased:
    """Remove what courses have kept for as many days as they say. Raises ArchiveError and StorageError."""
    async with database.session() as session:
        courses = await retention.courses(session)
    total = Erased()
    for kept in courses:
        while True:
            await compaction.finish_moves(database, archive)
            async with database.begin() as session:
                erased = await _expire(session, archive, kept, now)
            if not erased.events:
                break
            total = Erased(total.events + erased.events, total.files + erased.files)
    return total


async def _expire(session: Session, archive: Archive, kept: Kept, now: datetime) -> Erased:
    """Remove a batch in a transaction; nothing while others are in the middle of something."""
    await archived.wait_for_upkeep(session)
    if await compaction.in_thread(compaction.notes, archive):
        return Erased()
    gone = await archived.delete_events(session, await retention.expired(session, kept, now, BATCH))
    files = {path for path in gone.values() if path is not None}
    condition = pc.field("event_id").isin(pa.array([str(event_id) for event_id in gone], pa.string()))
    written = await compaction.in_thread(_erase, archive, condition, files) if files else Erased()
    return Erased(len(gone), written.files)


def _erase(archive: Archive, condition: pc.Expression, names: set[str] | None) -> Erased:
    """Write every file again that holds an event of the condition, without it."""
    folders = [paths.ROOT] if names is None else sorted({name.rpartition("/")[0] for name in names})
    files = archive.read_stable(folders, list)
    done = [_rewrite(archive, file, condition) for file in files if names is None or file.name in names]
    return Erased(sum(done), sum(map(bool, done)))


def _rewrite(archive: Archive, file: Stored, condition: pc.Expression) -> int:
    """Take the events of the condition out of a file; return how many they were."""
    with archive.told(messages.UNREADABLE):
        found = int(archive.dataset_of([file]).count_rows(filter=condition))
        if not found:
            return 0
        rest = archive.table_of([file], None, ~condition | condition.is_null())
    with archive.told(messages.FOLDER_UNUSABLE):
        if rest.num_rows:
            compaction.write(archive, file.path, encoded(file.name, rest.select(schemas.ARCHIVE_SCHEMA.names)))
        else:
            archive.place.delete(file.path)
            archive.place.settle(file.path.rpartition("/")[0])
    return found
