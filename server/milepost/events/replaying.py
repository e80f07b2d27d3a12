"""What one home of the events lost is made anew from the other: files from rows, rows from files."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from milepost.domain.events import BaseEvent, EventType, UserEvent
from milepost.events import compaction, messages, paths, reading, schemas
from milepost.events.archive import Archive, encoded
from milepost.events.errors import ArchiveError
from milepost.events.listing import Stored
from milepost.events.reading import Wanted
from milepost.events.verifying import Problems, Verification
from milepost.storage import archived, users
from milepost.storage import events as stored_events
from milepost.storage.engine import Database, Session
from milepost.storage.errors import ConflictError

# Looks for a moment in which nobody holds the rows of a file, and seconds between them.
ATTEMPTS, PAUSE_SECONDS = 100, 0.1


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was made anew; `homeless` events belong to people whom the database does not know."""

    rows: int = 0
    files: int = 0
    users: int = 0
    homeless: int = 0
    lost: tuple[str, ...] = ()


@dataclass(slots=True)
class _Count:
    rows: int = 0
    files: int = 0
    users: int = 0
    homeless: int = 0


async def replay(database: Database, archive: Archive, found: Verification, *, with_users: bool = False) -> Replayed:
    """Make anew what `verify` found missing, and put right what it found double. Raises ArchiveError, StorageError.

    `with_users` brings back people whose events name them. What only a damaged file held is lost.
    """
    await compaction.finish_moves(database, archive)
    count = _Count()
    for day in found.days:
        await _rows(database, archive, day, count, with_users=with_users)
    lost = []
    for day in found.days:
        for path in await _wrong_files(database, archive, day, found.seen.problems):
            if not await _rewrite(database, archive, path, found.seen.problems):
                lost.append(path)
                continue
            count.files += 1
    return Replayed(count.rows, count.files, count.users, count.homeless, tuple(lost))


async def _rows(database: Database, archive: Archive, day: date, count: _Count, *, with_users: bool) -> None:
    """Bring back rows that only files have, and let rows name a file that holds them."""
    held = await asyncio.to_thread(archive.read_stable, [paths.day_folder(day)], lambda files: _tables(archive, files))
    held = {path: table.filter(_is_of(table, day)) for path, table in held.items()}
    holders: dict[str, set[str]] = defaultdict(set)
    for path, table in held.items():
        for event_id in table["event_id"].to_pylist():
            holders[event_id].add(path)
    for path, table in held.items():
        async with database.begin() as session:
            told = [UUID(event_id) for event_id in table["event_id"].to_pylist()]
            rows = {str(row.event_id): row for row in await archived.placed_among(session, told)}
            absent = pc.invert(pc.is_in(table["event_id"], pa.array(list(rows), pa.string())))
            events = schemas.from_table(table.filter(absent))
            known = await _known(session, archive, events, count, with_users=with_users)
            returning = [event for event in events if event.user_id in known]
            await archived.restore(session, path, returning)
            misnamed = [row.event_id for one, row in rows.items() if row.path not in holders[one]]
            await archived.rename(session, path, misnamed)
        count.rows += len(returning)
        count.homeless += len(events) - len(returning)


def _is_of(table: pa.Table, day: date) -> pa.ChunkedArray:
    """Tell of each event whether it belongs into the folder of the day."""
    return pc.equal(pc.cast(table["timestamp"], pa.date32()), pa.scalar(day))


async def _known(
    session: Session, archive: Archive, events: Sequence[BaseEvent], count: _Count, *, with_users: bool
) -> set[UUID]:
    wanted = sorted({event.user_id for event in events})
    known = await archived.known_users(session, wanted)
    if with_users:
        for user_id in wanted:
            if user_id not in known and await _bring_back(session, archive, user_id):
                known.add(user_id)
                count.users += 1
    return known


async def _bring_back(session: Session, archive: Archive, user_id: UUID) -> bool:
    """Make a user anew, without a password, from what their latest event about themselves says."""
    wanted = Wanted(kinds=("user",), user=user_id)
    table = await asyncio.to_thread(reading.read, archive, wanted)
    told = schemas.from_table(table.select(schemas.ARCHIVE_SCHEMA.names).sort_by("timestamp"))
    named = [
        event
        for event in told
        if isinstance(event, UserEvent)
        and event.event_type in {EventType.USER_CREATED, EventType.USER_UPDATED}
        and event.email
        and event.username
    ]
    if not named:
        return False
    latest = named[-1]
    assert latest.email
    assert latest.username
    try:
        await users.create(session, id=user_id, email=latest.email, username=latest.username)
    except ConflictError:
        # Somebody else has the name by now.
        own = f"{latest.username}-{user_id.hex[-8:]}"
        await users.create(session, id=user_id, email=f"{own}@restored.invalid", username=own)
    return True


def _tables(archive: Archive, files: Sequence[Stored]) -> dict[str, pa.Table]:
    found = {}
    for file in files:
        try:
            found[file.name] = archive.table_of([file]).select(schemas.ARCHIVE_SCHEMA.names)
        except FileNotFoundError:
            raise
        except (OSError, pa.ArrowException):
            # A damaged file is written again from the rows that name it.
            continue
    return found


async def _wrong_files(database: Database, archive: Archive, day: date, problems: Problems) -> list[str]:
    """Return the files of a day that have to be written again; rows without a file there get one."""
    folder = paths.day_folder(day)
    async with database.begin() as session:
        rows = await archived.placed_of_day(session, day)
        missing = [row for row in rows if str(row.event_id) in problems.missing_in_archive]
        named = {row.path for row in missing if row.path is not None and row.path.startswith(folder)}
        named.update(await _name(session, [row.event_id for row in missing if row.path not in named]))
    named.update(path for path in problems.damaged if path.startswith(folder))
    held = await asyncio.to_thread(archive.read_stable, [folder], lambda files: _tables(archive, files))
    wrong = pa.array(sorted(problems.double | problems.misplaced), pa.string())
    named.update(path for path, table in held.items() if pc.any(pc.is_in(table["event_id"], wrong)).as_py())
    return sorted(named)


async def _name(session: Session, event_ids: Sequence[UUID]) -> set[str]:
    """Give events that no file has a file of their own for each kind."""
    grouped: dict[str, list[UUID]] = defaultdict(list)
    for event in await archived.events_of(session, event_ids):
        path = paths.batch_path(paths.kind_of(event), event.timestamp, f"again-{min(event_ids).hex}")
        grouped[path].append(event.event_id)
    for path, members in grouped.items():
        await archived.rename(session, path, members)
    return set(grouped)


async def _rewrite(database: Database, archive: Archive, path: str, problems: Problems) -> bool:
    """Write a file from all rows that name it and what only it knows; False where something may be lost."""
    for _ in range(ATTEMPTS):
        async with database.begin() as session:
            await archived.wait_for_upkeep(session)
            rows = await archived.lock_files(session, [path], finished=False)
            if rows is not None:
                table = schemas.to_table(await stored_events.rows_of_file(session, path))
                if path not in problems.damaged:
                    table = pa.concat_tables([table, await _only_there(session, archive, path)])
                return await asyncio.to_thread(_put, archive, path, table, problems)
        await asyncio.sleep(PAUSE_SECONDS)
    raise ArchiveError(messages.RESTLESS)


async def _only_there(session: Session, archive: Archive, path: str) -> pa.Table:
    """Return the events of a file that the database does not know, for their people are unknown to it."""
    folder = path.rpartition("/")[0]
    held = await asyncio.to_thread(archive.read_stable, [folder], lambda files: _tables(archive, files))
    table = held.get(path, schemas.to_table([]))
    known = await archived.known_events(session, [UUID(event_id) for event_id in table["event_id"].to_pylist()])
    ids = pa.array([str(event_id) for event_id in known], pa.string())
    return table.filter(pc.invert(pc.is_in(table["event_id"], ids)))


def _put(archive: Archive, path: str, table: pa.Table, problems: Problems) -> bool:
    """Write the file, or delete it when every event of it is in another one too."""
    if table.num_rows:
        compaction.write(archive, path, encoded(path, table))
        return True
    if path in problems.damaged:
        return False
    with archive.told(messages.FOLDER_UNUSABLE):
        archive.place.delete(path)
    return True
