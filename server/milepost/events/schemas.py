"""The Arrow schemas of the archive; a specialised one is a view, every file holds the columns of all of them."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from milepost.domain.entities import EntityType
from milepost.domain.events import AIEvent, BaseEvent, CodeEvent, EventType, GoalEvent, TaskEvent, UserEvent
from milepost.events import messages
from milepost.events.errors import ArchiveError

# What is written today. A later version only adds columns, so that its readers read the files of this one.
SCHEMA_VERSION = 1
_TEXT = pa.string()
_FRACTION = pa.float64()
_FLAG = pa.bool_()
_MOMENT = pa.timestamp("us", tz="UTC")


def _schema(**types: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=True) for name, kind in types.items()])


def _texts(*names: str) -> dict[str, pa.DataType]:
    return dict.fromkeys(names, _TEXT)


def _special(**types: pa.DataType) -> pa.Schema:
    return pa.unify_schemas([EVENT_SCHEMA, _schema(**types)])


EVENT_SCHEMA = _schema(
    **_texts("event_id", "event_type", "user_id", "entity_type", "entity_id", "payload", "metadata"),
    timestamp=_MOMENT,
    schema_version=pa.int16(),
)
USER_EVENT_SCHEMA = _special(**_texts("email", "username", "action", "ip_address", "user_agent"))
GOAL_EVENT_SCHEMA = _special(
    **_texts("goal_id", "title", "status", "priority", "course_id"),
    progress=_FRACTION,
    ai_generated=_FLAG,
)
TASK_EVENT_SCHEMA = _special(
    **_texts("task_id", "goal_id", "title", "task_type", "status"),
    validation_score=_FRACTION,
    estimated_hours=_FRACTION,
    actual_hours=_FRACTION,
)
CODE_EVENT_SCHEMA = _special(
    **_texts("code_snapshot_id", "task_id", "file_path", "language"),
    lines_of_code=pa.int32(),
    issues_count=pa.int32(),
    validation_passed=_FLAG,
    validation_score=_FRACTION,
)
AI_EVENT_SCHEMA = _special(
    **_texts("agent_node", "model_used", "feedback_type"),
    tokens_used=pa.int64(),
    latency_ms=_FRACTION,
)

CLASSES: Mapping[str, type[BaseEvent]] = {
    "user": UserEvent,
    "goal": GoalEvent,
    "task": TaskEvent,
    "code": CodeEvent,
    "ai": AIEvent,
}
SCHEMAS: Mapping[type[BaseEvent], pa.Schema] = {
    BaseEvent: EVENT_SCHEMA,
    UserEvent: USER_EVENT_SCHEMA,
    GoalEvent: GOAL_EVENT_SCHEMA,
    TaskEvent: TASK_EVENT_SCHEMA,
    CodeEvent: CODE_EVENT_SCHEMA,
    AIEvent: AI_EVENT_SCHEMA,
}

# A dataset takes its schema from its first file, whichever that is, so every file has all columns.
# A new column goes into one of the schemas above, never out of one.
ARCHIVE_SCHEMA = pa.unify_schemas(list(SCHEMAS.values()))


def require_known(versions: Any) -> None:
    """Raise ArchiveError if a column of schema versions holds one that this Milepost does not know."""
    found = pc.max(versions).as_py()
    if found is not None and found > SCHEMA_VERSION:
        raise ArchiveError(messages.LATER_SCHEMA, found=found, known=SCHEMA_VERSION)


def to_table(events: Sequence[BaseEvent]) -> pa.Table:
    """Return the events as rows of ARCHIVE_SCHEMA, oldest first; the same events give the same table."""
    ordered = sorted(events, key=lambda event: (event.timestamp, event.event_id))
    known = {field.name for kind in set(map(type, events)) for field in dataclasses.fields(kind)}
    return pa.table([_column(field, ordered, known) for field in ARCHIVE_SCHEMA], schema=ARCHIVE_SCHEMA)


def from_table(table: pa.Table) -> list[BaseEvent]:
    """Return the events of rows of ARCHIVE_SCHEMA; what a column could not hold when it was written stays missing."""
    return [_event(row) for row in table.to_pylist()]


def _event(row: Mapping[str, Any]) -> BaseEvent:
    event_type = EventType(row["event_type"])
    kind = CLASSES.get(event_type.value.partition(".")[0], BaseEvent)
    found = {field.name: _value(field.name, row[field.name]) for field in dataclasses.fields(kind)}
    return kind(**{**found, "event_type": event_type, "entity_type": EntityType(row["entity_type"])})


def _value(name: str, value: Any) -> Any:
    if name in {"payload", "metadata"}:
        return json.loads(value or "{}")
    return UUID(value) if name.endswith("_id") and value is not None else value


def _column(field: Any, events: Sequence[BaseEvent], known: set[str]) -> Any:
    values = [getattr(event, field.name, None) for event in events] if field.name in known else []
    if values.count(None) == len(values):
        return pa.nulls(len(events), field.type)
    return pa.array(_fitting(values, field.type), type=field.type)


def _fitting(values: Sequence[Any], kind: pa.DataType) -> list[Any]:
    """Return the values as a column takes them; a value that it cannot hold is missing, never an error."""
    if pa.types.is_integer(kind):
        limit = 2 ** (kind.bit_width - 1)
        return [value if type(value) is int and -limit <= value < limit else None for value in values]
    if pa.types.is_floating(kind):
        return [float(value) if _is_number(value) else None for value in values]
    if pa.types.is_boolean(kind):
        return [value if isinstance(value, bool) else None for value in values]
    if pa.types.is_timestamp(kind):
        return [value if isinstance(value, datetime) else None for value in values]
    # Most are plain, and there are many.
    return [value if type(value) is str and value.isascii() else _text(value) for value in values]


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (type(value) is int and abs(value) < 2**53)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str) and isinstance(value, Mapping):
        value = _JSON.encode(value if isinstance(value, dict) else dict(value)) if value else "{}"
    # Lone surrogates have no UTF-8; written as escapes they stay valid inside JSON too.
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def _simple(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return str(value) if isinstance(value, (UUID, datetime)) else repr(value)


_JSON = json.JSONEncoder(ensure_ascii=False, default=_simple)
