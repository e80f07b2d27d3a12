"""Events that leave the archive: those of a person who is to be forgotten, and those that were kept long enough.

Rows go first and files follow inside one transaction, so that nobody writes the rows into a file meanwhile;
if it does not end, the rows are there again and the whole is done anew.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from milepost.events import compaction, messages, paths, schemas
from milepost.events.archive import Archive, encoded
from milepost.events.errors import ArchiveError
from milepost.events.listing import Stored
from milepost.storage import archived, users
from milepost.storage.engine import Database, Session

# Looks for a moment in which nobody is in the middle of something, and seconds between them.
ATTEMPTS, PAUSE_SECONDS = 100, 0.1


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
    if await asyncio.to_thread(compaction.notes, archive):
        # What somebody began comes first.
        return None
    # From here on nobody can store anything of this person, and no writer holds a row of theirs.
    await users.hold(session, user_id)
    if not await archived.delete_of_user(session, user_id):
        return None
    # Drafts of writers that died hold events too.
    await asyncio.to_thread(archive.prepare)
    await asyncio.to_thread(compaction.delete_unspoken, archive)
    erased = await asyncio.to_thread(_erase, archive, pc.field("user_id") == str(user_id), None)
    await users.erase(session, user_id)
    return erased


async def erase_events(archive: Archive, event_ids: Collection[str], files: Sequence[str]) -> Erased:
    """Take events out of the files that hold them, while the caller holds the upkeep lock and has deleted the rows."""
    gone = pa.array(sorted(event_ids), pa.string())
    return await asyncio.to_thread(_erase, archive, pc.field("event_id").isin(gone), set(files))


def _erase(archive: Archive, condition: pc.Expression, names: set[str] | None) -> Erased:
    """Write every file again that holds an event of the condition, without it."""
    files = archive.read_stable([paths.ROOT], list)
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
