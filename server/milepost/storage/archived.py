"""Event rows beside the files of the archive that hold them: what merging, erasing and comparing need to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Uuid, cast, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.domain.events import BaseEvent
from milepost.storage import events, rows
from milepost.storage.models import EventRow, UnwrittenFileRow, UserRow

# Any number that nobody else uses; whoever changes files that are there already holds the lock of this name.
LOCK_KEY = 7_331_650_002
_NO_SYNCHRONISATION = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Placed:
    """One event row: the file that it names, and whether it was handed on and, without a broker, written."""

    event_id: UUID
    path: str | None
    published: bool

    @property
    def is_aside(self) -> bool:
        """Tell whether the event cannot be read and was set aside."""
        return self.path is not None and self.path.startswith(events.ASIDE)


async def try_upkeep(session: AsyncSession) -> bool:
    """Be the only one who changes existing files until the transaction ends; False if somebody else is."""
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(LOCK_KEY))))


async def wait_for_upkeep(session: AsyncSession) -> None:
    """Be the only one who changes existing files until the transaction ends, as soon as that is possible."""
    await session.execute(select(func.pg_advisory_xact_lock(LOCK_KEY)))


async def lock_files(session: AsyncSession, paths: Sequence[str], *, finished: bool = True) -> set[UUID] | None:
    """Return the events that name these files and hold them until the transaction ends.

    None while others hold one of them or, if they have to be `finished`, one was not handed on yet: somebody may be
    writing its file.
    """
    named = EventRow.parquet_path.in_(paths)
    query = select(EventRow.id, EventRow.published_at).where(named)
    held = (await session.execute(query.with_for_update(skip_locked=True))).all()
    unfinished = any(published is None for _, published in held) or await session.scalar(
        select(UnwrittenFileRow.path).where(UnwrittenFileRow.path.in_(paths)).limit(1)
    )
    if len(held) != await _count(session, named) or (finished and unfinished):
        return None
    return {row_id for row_id, _ in held}


async def delete_of_user(session: AsyncSession, user_id: UUID) -> bool:
    """Delete the events of a user, unless others hold one of them: they may be writing it into a file.

    Never waits for a row, so that two who hold rows cannot wait for each other.
    """
    own = EventRow.user_id == user_id
    held = (await session.scalars(select(EventRow.id).where(own).with_for_update(skip_locked=True))).all()
    if len(held) != await _count(session, own):
        return False
    await session.execute(delete(EventRow).where(own), execution_options=_NO_SYNCHRONISATION)
    return True


async def delete_events(session: AsyncSession, event_ids: Sequence[UUID]) -> Mapping[UUID, str | None]:
    """Delete those of the events that nobody else holds; return the file that each of them named."""
    free = select(EventRow.id).where(_among(event_ids)).with_for_update(skip_locked=True)
    held = list(await session.scalars(free))
    statement = delete(EventRow).where(_among(held)).returning(EventRow.id, EventRow.parquet_path)
    gone = await session.execute(statement, execution_options=_NO_SYNCHRONISATION)
    return {row.id: row.parquet_path for row in gone}


async def days(session: AsyncSession) -> list[date]:
    """Return every day, in UTC, that has an event."""
    day = cast(func.timezone("UTC", EventRow.created_at), Date)
    return sorted(await session.scalars(select(day).distinct()))


async def placed_of_day(session: AsyncSession, day: date) -> list[Placed]:
    """Return where the events of a day are said to be."""
    return [Placed(*row) for row in await session.execute(_placed().where(_of_day(day)))]


async def placed_among(session: AsyncSession, event_ids: Sequence[UUID]) -> list[Placed]:
    """Return where those of the events that there are are said to be."""
    return [Placed(*row) for row in await session.execute(_placed().where(_among(event_ids)))]


async def events_of(session: AsyncSession, event_ids: Sequence[UUID]) -> list[BaseEvent]:
    """Return these events, oldest first."""
    query = select(*events.COLUMNS).where(_among(event_ids)).order_by(EventRow.created_at, EventRow.id)
    return [rows.event_of(row) for row in await session.execute(query)]


async def known_events(session: AsyncSession, event_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the events that there are."""
    return set(await session.scalars(select(EventRow.id).where(_among(event_ids))))


async def known_users(session: AsyncSession, user_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the users that there are."""
    return set(await session.scalars(select(UserRow.id).where(UserRow.id.in_(user_ids))))


async def restore(session: AsyncSession, path: str, found: Sequence[BaseEvent]) -> None:
    """Bring events back that a file of the archive holds; those that are there stay as they are."""
    await events.add_all(session, found, path)


async def rename(session: AsyncSession, path: str, event_ids: Sequence[UUID]) -> None:
    """Have rows name the file that holds their events."""
    statement = update(EventRow).where(_among(event_ids))
    values = {"parquet_path": path, "published_at": func.coalesce(EventRow.published_at, func.now())}
    await session.execute(statement.values(values), execution_options=_NO_SYNCHRONISATION)


def _among(event_ids: Sequence[UUID]) -> ColumnElement[bool]:
    # One array: a list of parameters has an end.
    return EventRow.id == func.any(literal(list(event_ids), ARRAY(Uuid())))


def _placed() -> Select[Any]:
    done = EventRow.published_at.is_not(None) & ~events.IS_BEING_WRITTEN
    columns: tuple[Any, ...] = (EventRow.id, EventRow.parquet_path, done)
    return select(*columns)


def _of_day(day: date) -> ColumnElement[bool]:
    first = datetime.combine(day, day_time(), tzinfo=UTC)
    return (EventRow.created_at >= first) & (EventRow.created_at < first + timedelta(days=1))


async def _count(session: AsyncSession, condition: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).where(condition)) or 0
