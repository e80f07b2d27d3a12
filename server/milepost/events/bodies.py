"""An event as the body of a message, for whoever listens at the broker, and back to what a worker needs of it."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from milepost.domain.events import BaseEvent


class Told(NamedTuple):
    """What a worker needs of a body; the rest is in the database."""

    event_id: UUID
    user_id: UUID


def encode(event: BaseEvent) -> bytes:
    """Return all fields that the event has as one JSON object; times in ISO 8601, ids as text."""
    names = (field.name for field in dataclasses.fields(event))
    told = {name: value for name in names if (value := getattr(event, name)) is not None}
    return json.dumps(told, default=_simple).encode()


def decode(body: bytes) -> Told:
    """Return what a body tells of. Raises ValueError for one that tells of no event."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("no JSON") from error
    try:
        return Told(UUID(told["event_id"]), UUID(told["user_id"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError("no event_id and user_id") from error


def _simple(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
