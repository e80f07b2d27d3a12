"""Events to write, for the tests of this room."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from milepost.domain.entities import EntityType
from milepost.domain.events import AIEvent, BaseEvent, CodeEvent, EventType, GoalEvent, TaskEvent, UserEvent

NOON = datetime(2026, 3, 5, 12, 30, 15, 123456, tzinfo=UTC)

CLASSES: dict[str, type[BaseEvent]] = {
    "user": UserEvent,
    "goal": GoalEvent,
    "task": TaskEvent,
    "code": CodeEvent,
    "ai": AIEvent,
}


def event(kind: EventType, user: UUID, at: datetime = NOON, **own: Any) -> BaseEvent:
    """Return one event of the dataclass that belongs to its type."""
    maker = CLASSES.get(kind.value.partition(".")[0], BaseEvent)
    return maker(event_id=uuid4(), event_type=kind, user_id=user, timestamp=at, entity_type=EntityType.TASK, **own)
