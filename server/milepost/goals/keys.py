"""What a goal and a task are called inside their course file: stable while titles stay."""

from milepost.domain.entities import GoalDraft, TaskDraft
from milepost.domain.text import Localized


def title_key(title: Localized) -> str:
    """Return the title without what its author may change in passing: case and spaces."""
    return " ".join(title.en.casefold().split())


def goal_key(goal: GoalDraft) -> str:
    """Return the identity of a goal inside its course file."""
    return title_key(goal.title)


def task_key(goal: GoalDraft, task: TaskDraft) -> str:
    """Return the identity of a task inside its course file."""
    return f"{title_key(goal.title)} / {title_key(task.title)}"


def stored_key(course_path: str, key: str) -> str:
    """Return the key under which the metadata of a stored goal or task carry its identity."""
    return f"{course_path}#{key}"
