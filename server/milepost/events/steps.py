"""The points on the way of a batch at which the process may die; a test ends it at each of them."""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """What was just done: first on the way into a file, then those that a broker adds."""

    CLAIMED = "claimed"
    READ = "read"
    CREATED = "created"
    WRITTEN = "written"
    SYNCED = "synced"
    LOCKED = "locked"
    RENAMED = "renamed"
    FOLDER_SYNCED = "folder synced"
    MARKED = "marked"
    HELD = "held"
    CONFIRMED = "confirmed"
    RECEIVED = "received"
    FILED = "filed"
    ACKNOWLEDGED = "acknowledged"


Reached = Callable[[Step], None]


def nothing(_step: Step) -> None:
    """Do nothing at any step."""
