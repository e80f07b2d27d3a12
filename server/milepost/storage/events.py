"""Events: facts, and the outbox that their rows are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.domain.entities import EntityType
from milepost.domain.events import BaseEvent, EventType
from milepost.storage import rows
from milepost.storage.models import EventRow

_NO_SYNCHRONISATION = {"synchronize_session": False}


async def add(session: AsyncSession, event: BaseEvent) -> None:
    """Store the event in the caller's transaction: the fact and the change it reports stand or fall together."""
    await add_all(session, [event])


async def add_all(session: AsyncSession, events: Sequence[BaseEvent]) -> None:
    """Store a few thousand events at most in the caller's transaction; those that are there stay as they are."""
    values = [_values(event) for event in events]
    # Whoever repeats a transaction of which they could not learn the outcome adds nothing twice.
    await session.execute(insert(EventRow).values(values).on_conflict_do_nothing(index_elements=[EventRow.id]))


def _values(event: BaseEvent) -> dict[Any, Any]:
    own = rows.own_fields(event)
    clashing = own.keys() & event.payload.keys()
    if clashing:
        raise ValueError(f"the payload repeats fields of the event: {sorted(clashing)}")
    return {
        EventRow.id: event.event_id,
        EventRow.user_id: event.user_id,
        EventRow.event_type: event.event_type,
        EventRow.entity_type: event.entity_type,
        EventRow.entity_id: event.entity_id,
        EventRow.payload: {**event.payload, **own},
        EventRow.extra: dict(event.metadata),
        EventRow.schema_version: event.schema_version,
        EventRow.created_at: event.timestamp,
    }


async def claim_unpublished(session: AsyncSession, limit: int = 500) -> list[BaseEvent]:
    """Return unpublished events that nobody else holds, oldest first, and hold them until the transaction ends.

    Never by "id greater than the last": a transaction that began earlier may commit later.
    """
    query = select(EventRow).where(EventRow.published_at.is_(None)).order_by(EventRow.created_at, EventRow.id)
    return await _all(session, query.limit(limit).with_for_update(skip_locked=True))


async def mark_published(session: AsyncSession, event_ids: Sequence[UUID]) -> None:
    """Note that these events were handed on."""
    statement = update(EventRow).where(EventRow.id.in_(event_ids), EventRow.published_at.is_(None))
    await session.execute(statement.values(published_at=func.now()), execution_options=_NO_SYNCHRONISATION)


async def claim_for_file(session: AsyncSession, event_ids: Sequence[UUID], path: str) -> list[str]:
    """Give `path` to those of the events that no file has yet; return all files that now name any of them.

    Commit before writing. Each of these files is then written from `rows_of_file`: a redelivery in any grouping
    writes the same files again.
    """
    claim = update(EventRow).where(EventRow.id.in_(event_ids), EventRow.parquet_path.is_(None))
    await session.execute(claim.values(parquet_path=path), execution_options=_NO_SYNCHRONISATION)
    paths = select(EventRow.parquet_path).where(EventRow.id.in_(event_ids), EventRow.parquet_path.is_not(None))
    return sorted(path for path in await session.scalars(paths.distinct()) if path is not None)


async def rows_of_file(session: AsyncSession, path: str) -> list[BaseEvent]:
    """Return every event that names the file, in the order in which they are written."""
    query = select(EventRow).where(EventRow.parquet_path == path)
    return await _all(session, query.order_by(EventRow.created_at, EventRow.id))


async def move_to_file(session: AsyncSession, paths: Sequence[str], new_path: str) -> int:
    """Give the events of several files to one (compaction); return how many they are."""
    statement = update(EventRow).where(EventRow.parquet_path.in_(paths)).values(parquet_path=new_path)
    done = await session.execute(statement.returning(EventRow.id), execution_options=_NO_SYNCHRONISATION)
    return len(done.all())


async def list_files(session: AsyncSession) -> list[str]:
    """Return every file of the archive that any event names."""
    paths = select(EventRow.parquet_path).where(EventRow.parquet_path.is_not(None)).distinct()
    return sorted(path for path in await session.scalars(paths) if path is not None)


async def list_of_user(
    session: AsyncSession, user_id: UUID, *, event_type: EventType | None = None, limit: int = 1000
) -> list[BaseEvent]:
    """Return the user's events, oldest first."""
    query = select(EventRow).where(EventRow.user_id == user_id)
    if event_type is not None:
        query = query.where(EventRow.event_type == event_type)
    return await _all(session, query.order_by(EventRow.created_at, EventRow.id).limit(limit))


async def list_of_entity(session: AsyncSession, entity_type: EntityType, entity_id: UUID) -> list[BaseEvent]:
    """Return what happened to an entity, oldest first."""
    query = select(EventRow).where(EventRow.entity_type == entity_type, EventRow.entity_id == entity_id)
    return await _all(session, query.order_by(EventRow.created_at, EventRow.id))


async def count_unpublished(session: AsyncSession) -> int:
    """Return how many events wait to be handed on."""
    return await session.scalar(select(func.count()).where(EventRow.published_at.is_(None))) or 0


async def _all(session: AsyncSession, query: Select[EventRow]) -> list[BaseEvent]:
    found = await session.scalars(query.execution_options(populate_existing=True))
    return [rows.event_of(row) for row in found]
