"""Rows turned into domain values; the only place where the two meet."""

import dataclasses
from typing import Any

from asyncpg.pgproto import pgproto

from milepost.domain import events
from milepost.domain.entities import Course, EntityType, Goal, Task, User
from milepost.storage import contracts, models

_BASE_FIELDS = frozenset(field.name for field in dataclasses.fields(events.BaseEvent))
_KINDS: dict[str, type[events.BaseEvent]] = {
    "user": events.UserEvent,
    "goal": events.GoalEvent,
    "task": events.TaskEvent,
    "code": events.CodeEvent,
    "ai": events.AIEvent,
}
_EVERY_KIND: list[type[events.BaseEvent]] = [events.BaseEvent, *_KINDS.values()]
_OWN_FIELDS = {
    kind: tuple(field.name for field in dataclasses.fields(kind) if field.name not in _BASE_FIELDS)
    for kind in _EVERY_KIND
}


def _copied(row: models.Base, kind: type[Any], **others: Any) -> dict[str, Any]:
    names = (field.name for field in dataclasses.fields(kind) if field.name not in {"metadata", *others})
    return {name: getattr(row, name) for name in names} | others


def user_of(row: models.UserRow) -> User:
    """Return the user of a row."""
    return User(**_copied(row, User), metadata=row.extra)


def course_of(row: models.CourseRow) -> Course:
    """Return the course of a row."""
    return Course(**_copied(row, Course), metadata=row.extra)


def goal_of(row: models.GoalRow) -> Goal:
    """Return the goal of a row."""
    return Goal(**_copied(row, Goal), metadata=row.extra)


def task_of(row: models.TaskRow) -> Task:
    """Return the task of a row."""
    contract = contracts.from_json(row.contract)
    return Task(**_copied(row, Task, contract=contract, files=tuple(row.files)), metadata=row.extra)


def own_fields(event: events.BaseEvent) -> dict[str, Any]:
    """Return what only this kind of event has, without what is not known."""
    return {name: value for name in _OWN_FIELDS[type(event)] if (value := getattr(event, name)) is not None}


def event_of(row: Any) -> events.BaseEvent:
    """Return the event of a row of `events.COLUMNS` as the dataclass of its kind.

    Raises ValueError for a row that is none, whoever wrote it.
    """
    event_id, user_id, event_type, entity_type, entity_id, stored, metadata, schema_version, created_at = row
    kind = _KINDS.get(event_type.partition(".")[0], events.BaseEvent)
    if not isinstance(stored, dict) or not isinstance(metadata, dict):
        raise ValueError("payload and metadata have to be objects")  # noqa: TRY004 Whoever reads it catches one kind.
    payload = dict(stored)
    own = {name: _as_field(name, payload.pop(name)) for name in _OWN_FIELDS[kind] if name in payload}
    return kind(
        event_id=event_id,
        event_type=events.EventType(event_type),
        user_id=user_id,
        timestamp=created_at,
        entity_type=EntityType(entity_type),
        entity_id=entity_id,
        payload=payload,
        metadata=metadata,
        schema_version=schema_version,
        **own,
    )


def _as_field(name: str, value: Any) -> Any:
    if not name.endswith("_id") or value is None:
        return value
    try:
        # The driver's own kind of UUID: a fifth of the time, and there are several in each event.
        return pgproto.UUID(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{name} is no id: {str(value)[:40]!r}") from error
