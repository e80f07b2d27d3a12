"""Events for tests."""

from datetime import UTC, datetime
from uuid import uuid4

from milepost.domain.entities import EntityType
from milepost.domain.events import BaseEvent, EventType


def event_of(user_id, **fields) -> BaseEvent:
    """Return an event of the user, now."""
    defaults = {
        "event_id": uuid4(),
        "event_type": EventType.COURSE_UPDATED,
        "timestamp": datetime.now(UTC),
        "entity_type": EntityType.COURSE,
    }
    return BaseEvent(user_id=user_id, **{**defaults, **fields})
