"""Changes to the fields of an entity: which are allowed, and which make a difference."""

from collections.abc import Mapping
from typing import Any

from milepost.domain.entities import Course, Goal, Task, User
from milepost.goals import messages
from milepost.goals.problems import RuleError

TEXT_FIELDS = frozenset({"title", "description", "metadata"})
# These follow from what happens: `progress` and the functions that change a state set them.
_FIXED = frozenset(
    {
        "id",
        "user_id",
        "status",
        "progress_percentage",
        "started_at",
        "completed_at",
        "validation_result",
        "last_login_at",
        "hashed_password",
    }
)


def differing(entity: User | Course | Goal | Task, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes that change something; raises RuleError for fields that only follow."""
    fixed = sorted(_FIXED & changes.keys())
    if fixed:
        raise RuleError(messages.fill(messages.FIXED_FIELDS, names=", ".join(fixed)))
    if "title" in changes:
        require_title(changes["title"])
    return {name: value for name, value in changes.items() if getattr(entity, name) != value}


def require_title(title: str) -> None:
    """Raise RuleError for a title without letters."""
    if not title.strip():
        raise RuleError(messages.NO_TITLE)
