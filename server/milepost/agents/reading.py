"""What is stored, as the use cases ask for it; each function takes the session of its caller."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

from milepost.agents import validations
from milepost.domain.entities import CourseDraft, EntityType, Goal, User
from milepost.domain.events import EventType
from milepost.domain.validations import Snapshot, Validation
from milepost.goals import keys
from milepost.goals.sessions import DatabaseSession
from milepost.storage import courses, events, goals, snapshots, tasks
from milepost.storage.snapshots import StoredSnapshot

TaskCounts = tuple[str, float | None, int, int]
TaskRow = tuple[str, str, float | None, tuple[str, ...]]
GoalRow = tuple[str, str, float, list[TaskRow]]
# Under this name the event of a dismissal says what was dismissed.
FINGERPRINT = "fingerprint"
MOST_DISMISSALS = 10_000


async def last(session: DatabaseSession, user: User, snapshot: Snapshot, edition: str) -> Validation | None:
    """Return the stored validation of the newest snapshot of the file, if its text is this one."""
    stored = await snapshots.last(session, user.id, snapshot.path)
    if stored is None or stored.text != snapshot.text or stored.feedback is None:
        return None
    found = validations.load(dict(stored.feedback), snapshot, edition)
    return replace(found, notes=()) if found else None


async def history(session: DatabaseSession, user: User, path: str, limit: int) -> list[StoredSnapshot]:
    """Return the snapshots of a file, newest first."""
    return await snapshots.history(session, user.id, path, limit)


async def progress(session: DatabaseSession, user: User, course: CourseDraft | None) -> list[GoalRow]:
    """Return the user's goals with their tasks, of one course or all."""
    found = [goal for goal in await goals.list_of_user(session, user.id) if course is None or _belongs(goal, course)]
    return [await _goal_row(session, goal) for goal in found]


async def task(session: DatabaseSession, user: User, key: str) -> TaskCounts | None:
    """Return a task's status, its best score, and how many hints and fixes were taken; None if it is not stored."""
    found = await tasks.by_key(session, user.id, key)
    if found is None:
        return None
    happened = Counter(event.event_type for event in await events.list_of_entity(session, EntityType.TASK, found.id))
    hints, fixes = happened[EventType.AI_FEEDBACK_ACCEPTED], happened[EventType.AI_FIX_APPLIED]
    return found.status.value, await _best(session, found.id), hints, fixes


async def course_paths(session: DatabaseSession, user: User) -> list[str]:
    """Return the paths of the course files that were imported."""
    found = await courses.list_of_user(session, user.id)
    return [str(course.metadata["key"]) for course in found if "key" in course.metadata]


async def dismissed(session: DatabaseSession, user: User) -> set[str]:
    """Return by what the findings are known that the user dismissed."""
    kind = EventType.AI_FEEDBACK_DISMISSED
    found = await events.list_of_user(session, user.id, event_type=kind, limit=MOST_DISMISSALS)
    return {str(event.payload[FINGERPRINT]) for event in found if FINGERPRINT in event.payload}


def _belongs(goal: Goal, course: CourseDraft) -> bool:
    return str(goal.metadata.get("key", "")).startswith(keys.stored_key(course.path, ""))


async def _goal_row(session: DatabaseSession, goal: Goal) -> GoalRow:
    found = await tasks.list_of_goal(session, goal.id)
    rows = [(task.title, task.status.value, await _best(session, task.id), tuple(task.files)) for task in found]
    return goal.title, goal.status.value, goal.progress_percentage, rows


async def _best(session: DatabaseSession, task_id: UUID) -> float | None:
    return await snapshots.best_score(session, task_id)
