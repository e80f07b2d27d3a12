"""Rows turned into domain values; the only place where the two meet."""

import dataclasses
from typing import Any
from uuid import UUID

from milepost.domain import events
from milepost.domain.entities import Course, Goal, Task, User
from milepost.storage import contracts, models

_BASE_FIELDS = frozenset(field.name for field in dataclasses.fields(events.BaseEvent))
_KINDS: dict[str, type[events.BaseEvent]] = {
    "user": events.UserEvent,
    "goal": events.GoalEvent,
    "task": events.TaskEvent,
    "code": events.CodeEvent,
    "ai": events.AIEvent,
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
    names = (field.name for field in dataclasses.fields(event) if field.name not in _BASE_FIELDS)
    return {name: value for name in names if (value := getattr(event, name)) is not None}


def event_of(row: models.EventRow) -> events.BaseEvent:
    """Return the event of a row as the dataclass of its kind."""
    kind = _KINDS.get(row.event_type.value.partition(".")[0], events.BaseEvent)
    payload = dict(row.payload)
    own = {
        field.name: _as_field(field.name, payload.pop(field.name))
        for field in dataclasses.fields(kind)
        if field.name not in _BASE_FIELDS and field.name in payload
    }
    return kind(
        event_id=row.id,
        event_type=row.event_type,
        user_id=row.user_id,
        timestamp=row.created_at,
        entity_type=row.entity_type,
        entity_id=row.entity_id,
        payload=payload,
        metadata=row.extra,
        schema_version=row.schema_version,
        **own,
    )


def _as_field(name: str, value: Any) -> Any:
    return UUID(value) if name.endswith("_id") and isinstance(value, str) else value
