"""Events: facts, and the outbox that their rows are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    any_,
    cast,
    delete,
    exists,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.domain.entities import EntityType
from milepost.domain.events import BaseEvent, EventType
from milepost.storage import rows
from milepost.storage.models import Base, EventRow, UnwrittenFileRow
from milepost.storage.triggers import EVENTS_CHANNEL

# What `rows.event_of` reads; columns and no objects, for they are many.
_EVENTS = EventRow.__table__.c
COLUMNS = (
    _EVENTS.id,
    _EVENTS.user_id,
    type_coerce(_EVENTS.event_type, Text).label("event_type"),
    type_coerce(_EVENTS.entity_type, Text).label("entity_type"),
    _EVENTS.entity_id,
    _EVENTS.payload,
    _EVENTS.metadata.label("extra"),
    _EVENTS.schema_version,
    _EVENTS.created_at,
)
# Where a row lies, as PostgreSQL says it; good for one statement.
_row_place: ColumnElement[str] = literal_column("events.ctid")
# In the place of a file's path: the event cannot be read, and why. It waits for nobody until it is put back.
ASIDE = "aside:"
MAX_REASON = 300
_NO_SYNCHRONISATION = {"synchronize_session": False}
_IS_ASIDE = EventRow.parquet_path.startswith(ASIDE)
_WAITS = EventRow.published_at.is_(None) & (EventRow.parquet_path.is_(None) | ~_IS_ASIDE)
# The event was given to a file that may not be there yet.
IS_BEING_WRITTEN = exists().where(UnwrittenFileRow.path == EventRow.parquet_path)


@dataclass(frozen=True, slots=True)
class Filed:
    """Where an event belongs in the archive: its kind and time decide the folder, `path` is its file, once it has one."""

    event_id: UUID
    event_type: str
    timestamp: datetime
    path: str | None

    @property
    def is_aside(self) -> bool:
        """Tell whether the event was set aside."""
        return self.path is not None and self.path.startswith(ASIDE)


@dataclass(frozen=True, slots=True)
class SetAside:
    """An event that cannot be read."""

    event_id: UUID
    event_type: str
    timestamp: datetime
    reason: str


async def add(session: AsyncSession, event: BaseEvent) -> None:
    """Store the event in the caller's transaction: the fact and the change it reports stand or fall together."""
    await add_all(session, [event])


async def add_all(session: AsyncSession, events: Sequence[BaseEvent], path: str | None = None) -> None:
    """Store several events in the caller's transaction; those that are there already stay as they are.

    `path`: they were handed on, and this file of the archive holds them.
    """
    filed = {"parquet_path": path, "published_at": datetime.now(UTC)} if path else {}
    # Whoever repeats a transaction of which they could not learn the outcome adds nothing twice.
    statement = insert(Base.metadata.tables["events"]).on_conflict_do_nothing(index_elements=["id"])
    if events:
        # One prepared statement: compiling one for all rows takes longer than storing them.
        await session.execute(statement, [_values(event) | filed for event in events])


def _values(event: BaseEvent) -> dict[str, Any]:
    own = rows.own_fields(event)
    clashing = own.keys() & event.payload.keys()
    if clashing:
        raise ValueError(f"the payload repeats fields of the event: {sorted(clashing)}")
    return {
        "id": event.event_id,
        "user_id": event.user_id,
        "event_type": event.event_type,
        "entity_type": event.entity_type,
        "entity_id": event.entity_id,
        "payload": {**event.payload, **own},
        "metadata": dict(event.metadata),
        "schema_version": event.schema_version,
        "created_at": event.timestamp,
    }


async def claim_unpublished(session: AsyncSession, limit: int = 500) -> list[BaseEvent]:
    """Return unpublished events that nobody else holds, oldest first, and hold them until the transaction ends.

    Never by "id greater than the last": a transaction that began earlier may commit later.
    What cannot be read is set aside, with the reason, and is in nobody's way.
    """
    query = _oldest_first(select(*COLUMNS).where(_WAITS)).limit(limit).with_for_update(skip_locked=True)
    while True:
        readable, unreadable = await _read(session, query)
        if readable or not unreadable:
            return readable


async def limit_holding(session: AsyncSession, seconds: int) -> None:
    """Have the database end this transaction if its owner does nothing for so long: what it holds is for others then."""
    setting = func.set_config("idle_in_transaction_session_timeout", f"{seconds}s", True)  # noqa: FBT003 SQL has no names.
    await session.execute(select(setting))


@dataclass(frozen=True, slots=True)
class Naming:
    """How files are named: a format of PostgreSQL's `to_char` for the folder of a day, and what follows the kind."""

    folder: str
    suffix: str


async def file_waiting(session: AsyncSession, naming: Naming, limit: int) -> tuple[int, dict[str, list[BaseEvent]]]:
    """Give waiting events their files, count them as handed on and note that the files are to be written.

    Returns how many there were, and what belongs into the files that are new.
    Commit before writing. Events that somebody else holds are left to them; what cannot be read is set aside.
    """
    held = _oldest_first(select(_row_place).select_from(EventRow).where(_WAITS)).limit(limit)
    places = func.array(held.with_for_update(skip_locked=True).scalar_subquery(), type_=ARRAY(Text))
    folder = func.to_char(func.timezone("UTC", _EVENTS.created_at), naming.folder)
    path = folder + "/" + func.split_part(cast(_EVENTS.event_type, Text), ".", 1) + naming.suffix
    # The rows are found by one index and changed where they lie.
    filed = (
        update(Base.metadata.tables["events"])
        .where(_row_place == func.any(places))
        .values(parquet_path=func.coalesce(_EVENTS.parquet_path, path), published_at=func.now())
        .returning(*COLUMNS, _EVENTS.parquet_path)
        .cte("filed")
    )
    note = insert(UnwrittenFileRow).from_select(["path"], select(filed.c.parquet_path).distinct())
    noted = note.on_conflict_do_nothing(index_elements=["path"]).cte("noted")
    # One statement: whoever commits each by itself has no event without its note.
    found = (await session.execute(select(filed).add_cte(noted))).all()
    files: dict[str, list[BaseEvent]] = {}
    unreadable: dict[UUID, str] = {}
    for *row, path in found:
        try:
            files.setdefault(path, []).append(rows.event_of(row))
        except ValueError as error:
            unreadable[row[0]] = str(error)
    await _set_aside(session, unreadable)
    return len(found), {path: events for path, events in files.items() if path.endswith(naming.suffix)}


async def find_filed(session: AsyncSession, event_ids: Sequence[UUID]) -> list[Filed]:
    """Return where those of the events belong that there are."""
    return await _filed(session, _oldest_first(select(*_FILED).where(_among(event_ids))))


async def mark_published(session: AsyncSession, event_ids: Sequence[UUID]) -> None:
    """Note that these events were handed on."""
    statement = update(EventRow).where(_among(event_ids), EventRow.published_at.is_(None))
    await session.execute(statement.values(published_at=func.now()), execution_options=_NO_SYNCHRONISATION)


async def hold_file(session: AsyncSession, path: str) -> set[UUID]:
    """Return all events that name the file, and hold them until the transaction ends."""
    return set(await session.scalars(select(EventRow.id).where(EventRow.parquet_path == path).with_for_update()))


async def claim_file(session: AsyncSession, path: str, event_ids: Sequence[UUID]) -> int:
    """Give the file those of the events that no other has; return how many. Commit before writing."""
    claim = update(EventRow).where(_among(event_ids), EventRow.parquet_path.is_(None)).values(parquet_path=path)
    done = await session.execute(claim, execution_options=_NO_SYNCHRONISATION)
    return int(done.rowcount)  # type: ignore[attr-defined] # An update has one.


async def note_unwritten(session: AsyncSession, paths: Sequence[str]) -> None:
    """Note that these files are to be written, whatever becomes of the caller."""
    if paths:
        statement = insert(UnwrittenFileRow).on_conflict_do_nothing(index_elements=["path"])
        await session.execute(statement, [{"path": path} for path in paths])


async def note_written(session: AsyncSession, path: str) -> None:
    """Note that the file is there, or that no event needs it."""
    statement = delete(UnwrittenFileRow).where(UnwrittenFileRow.path == path)
    await session.execute(statement, execution_options=_NO_SYNCHRONISATION)


async def list_unwritten(session: AsyncSession) -> list[str]:
    """Return the files that are to be written and that nobody is just showing, oldest first."""
    begun = select(UnwrittenFileRow.path).order_by(UnwrittenFileRow.created_at, UnwrittenFileRow.path)
    return list(await session.scalars(begun.with_for_update(skip_locked=True)))


async def take_back_unwritten(session: AsyncSession) -> None:
    """Have the events of files that are to be written wait again: somebody else hands them on from now on."""
    begun = delete(UnwrittenFileRow).returning(UnwrittenFileRow.path)
    paths = list((await session.execute(begun, execution_options=_NO_SYNCHRONISATION)).scalars())
    if paths:
        statement = update(EventRow).where(EventRow.parquet_path.in_(paths)).values(published_at=None)
        await session.execute(statement, execution_options=_NO_SYNCHRONISATION)


async def rows_of_file(session: AsyncSession, path: str) -> list[BaseEvent]:
    """Return every event that names the file, in the order in which they are written.

    What cannot be read is set aside, and names it no longer.
    """
    readable, _ = await _read(session, _oldest_first(select(*COLUMNS).where(EventRow.parquet_path == path)))
    return readable


async def move_to_file(session: AsyncSession, paths: Sequence[str], new_path: str) -> int:
    """Give the events of several files to one (compaction); return how many they are.

    If one of the files was still to be written, that one is.
    """
    begun = delete(UnwrittenFileRow).where(UnwrittenFileRow.path.in_(paths)).returning(UnwrittenFileRow.path)
    if (await session.execute(begun, execution_options=_NO_SYNCHRONISATION)).all():
        await note_unwritten(session, [new_path])
    statement = update(EventRow).where(EventRow.parquet_path.in_(paths)).values(parquet_path=new_path)
    done = await session.execute(statement.returning(EventRow.id), execution_options=_NO_SYNCHRONISATION)
    return len(done.all())


async def list_files(session: AsyncSession) -> list[str]:
    """Return every file of the archive that any event names."""
    paths = select(EventRow.parquet_path).where(EventRow.parquet_path.is_not(None), ~_IS_ASIDE).distinct()
    return sorted(path for path in await session.scalars(paths) if path is not None)


async def list_set_aside(session: AsyncSession, limit: int = 1000) -> list[SetAside]:
    """Return the events that cannot be read, oldest first, with the reason of each."""
    found = await _filed(session, _oldest_first(select(*_FILED).where(_IS_ASIDE)).limit(limit))
    return [
        SetAside(each.event_id, each.event_type, each.timestamp, (each.path or "").removeprefix(ASIDE))
        for each in found
    ]


async def put_back(session: AsyncSession, event_ids: Sequence[UUID]) -> int:
    """Have events that were set aside handed on again, from the beginning; return how many they are."""
    statement = update(EventRow).where(_among(event_ids), _IS_ASIDE).values(parquet_path=None, published_at=None)
    done = await session.execute(statement.returning(EventRow.id), execution_options=_NO_SYNCHRONISATION)
    await session.execute(select(func.pg_notify(EVENTS_CHANNEL, "")))
    return len(done.all())


async def list_of_user(
    session: AsyncSession, user_id: UUID, *, event_type: EventType | None = None, limit: int = 1000
) -> list[BaseEvent]:
    """Return the user's events, oldest first."""
    query = select(*COLUMNS).where(EventRow.user_id == user_id)
    if event_type is not None:
        query = query.where(EventRow.event_type == event_type)
    return (await _sorted_out(session, _oldest_first(query).limit(limit)))[0]


async def list_of_entity(session: AsyncSession, entity_type: EntityType, entity_id: UUID) -> list[BaseEvent]:
    """Return what happened to an entity, oldest first."""
    query = select(*COLUMNS).where(EventRow.entity_type == entity_type, EventRow.entity_id == entity_id)
    return (await _sorted_out(session, _oldest_first(query)))[0]


async def count_unpublished(session: AsyncSession) -> int:
    """Return how many events wait to be handed on."""
    being_written = EventRow.parquet_path.in_(select(UnwrittenFileRow.path)) & EventRow.published_at.is_not(None)
    # Two counts and no "or", which would read the whole table.
    waiting, begun = (select(func.count()).where(each).scalar_subquery() for each in (_WAITS, being_written))
    return await session.scalar(select(waiting + begun)) or 0


_FILED = (
    _EVENTS.id,
    type_coerce(_EVENTS.event_type, Text).label("event_type"),
    _EVENTS.created_at,
    _EVENTS.parquet_path,
)


async def _filed(session: AsyncSession, query: Select[Any]) -> list[Filed]:
    return [Filed(*row) for row in await session.execute(query)]


async def _read(session: AsyncSession, query: Select[Any]) -> tuple[list[BaseEvent], dict[UUID, str]]:
    """Return the events, and why the others cannot be read; those are set aside."""
    readable, unreadable = await _sorted_out(session, query)
    await _set_aside(session, unreadable)
    return readable, unreadable


async def _set_aside(session: AsyncSession, unreadable: Mapping[UUID, str]) -> None:
    for event_id, reason in unreadable.items():
        aside = (
            update(EventRow)
            .where(EventRow.id == event_id)
            .values(parquet_path=ASIDE + reason[:MAX_REASON], published_at=None)
        )
        await session.execute(aside, execution_options=_NO_SYNCHRONISATION)


async def _sorted_out(session: AsyncSession, query: Select[Any]) -> tuple[list[BaseEvent], dict[UUID, str]]:
    readable: list[BaseEvent] = []
    unreadable: dict[UUID, str] = {}
    for row in await session.execute(query):
        try:
            readable.append(rows.event_of(row))
        except ValueError as error:
            unreadable[row.id] = str(error)
    return readable, unreadable


def _oldest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(EventRow.created_at, EventRow.id)


def _among(event_ids: Sequence[UUID]) -> ColumnElement[bool]:
    # One array and not a value for each: thousands of them would take longer to parse than to look up.
    return EventRow.id == any_(literal(list(event_ids), ARRAY(Uuid)))
