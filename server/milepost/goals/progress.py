"""How far tasks, goals and courses have come; what follows from a save, and from a decision.

A task completes when a save passes all its criteria, and stays completed when a later one does not.
A goal's percentage is the share of completed tasks among those that are not skipped; it completes when that is
all of them and at least one. A course's percentage is the mean of its goals that are not cancelled; it completes
when these are completed. Blocked and cancelled goals and archived courses keep their state until somebody decides.

Whoever changes a task locks what is topmost above it first, the course or else the goal: two saves wait for each
other instead of standing in each other's way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from milepost.domain.entities import Course, CourseStatus, EntityType, Goal, GoalStatus, Task, TaskStatus
from milepost.domain.events import EventType
from milepost.domain.text import Localized
from milepost.goals import courses, emitting, goals, messages, tasks, wording
from milepost.goals.sessions import DatabaseSession
from milepost.storage import courses as stored_courses
from milepost.storage import goals as stored_goals
from milepost.storage import tasks as stored_tasks

REMOVED = "removed"
_ALL = 100.0


@dataclass(frozen=True, slots=True)
class Advance:
    """A task, goal or course that came into another state or got further; `percentage` is None for a task."""

    entity_type: EntityType
    id: UUID
    title: Localized
    status: str
    percentage: float | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a validation changed; `still_completed` tells that it failed on a task that was completed before."""

    task: Task
    advanced: tuple[Advance, ...]
    still_completed: bool

    def note(self, language: str) -> str | None:
        """Return what the user should know beside the advances."""
        return messages.STILL_COMPLETED.pick(language) if self.still_completed else None


@dataclass(slots=True)
class _Branch:
    """A task with what stands above it, locked at the top, and what advanced so far."""

    course: Course | None
    goal: Goal
    advanced: list[Advance]


async def record_validation(  # noqa: PLR0913 - The columns of a result.
    session: DatabaseSession,
    task_id: UUID,
    *,
    passed: bool | None,
    score: float,
    path: str = "",
    summary: Mapping[str, Any] | None = None,
) -> Recorded | None:
    """Store the result of a save and let task, goal and course follow; None when the task is gone.

    `summary` is kept with the result and told by its event.
    """
    found = await _branch_of_task(session, task_id)
    if found is None:
        return None
    branch, task = found
    if task.status is not TaskStatus.COMPLETED:
        task = await _started(session, branch, task)
    result = {**(summary or {}), "passed": passed, "score": score, "best_score": _best(task, score), "path": path}
    task = await _updated(session, task, validation_result=result)
    await emitting.task_event(
        session, EventType.TASK_VALIDATED, task, score=score, passed=passed, path=path, **(summary or {})
    )
    before = task.status
    if before is not TaskStatus.COMPLETED and passed:
        task = await _moved(session, branch, task, TaskStatus.COMPLETED)
        await _follow(session, branch)
    elif before is TaskStatus.IN_REVIEW and passed is False:
        task = await _moved(session, branch, task, TaskStatus.IN_PROGRESS)
    return Recorded(task, tuple(branch.advanced), before is TaskStatus.COMPLETED and passed is False)


async def start_task(session: DatabaseSession, task_id: UUID) -> list[Advance]:
    """Start the task, and goal and course with it, unless they are under way: it was chosen, or saved."""
    found = await _branch_of_task(session, task_id)
    if found is None:
        return []
    branch, task = found
    if task.status is not TaskStatus.COMPLETED:
        await _started(session, branch, task)
    return branch.advanced


async def move_task(session: DatabaseSession, task_id: UUID, status: TaskStatus) -> list[Advance]:
    """Bring a task into a state that somebody decided; goal and course follow. Raises TransitionError."""
    found = await _branch_of_task(session, task_id)
    if found is None or found[1].status is status:
        return []
    branch, task = found
    await _moved(session, branch, task, status)
    if status is TaskStatus.IN_PROGRESS:
        await _begin_above(session, branch)
    await _follow(session, branch, reopen=task.status is TaskStatus.COMPLETED)
    return branch.advanced


async def move_goal(session: DatabaseSession, goal_id: UUID, status: GoalStatus) -> list[Advance]:
    """Bring a goal into a state that somebody decided; the course follows. Raises TransitionError."""
    branch = await _branch_of_goal(session, goal_id)
    if branch is None or branch.goal.status is status:
        return []
    reached = {"progress_percentage": _ALL} if status is GoalStatus.COMPLETED else {}
    await _move_goal(session, branch, status, **reached)
    if status in {GoalStatus.PENDING, GoalStatus.IN_PROGRESS}:
        await _follow(session, branch, reopen=True)
    else:
        await _follow_course(session, branch)
    return branch.advanced


async def move_course(session: DatabaseSession, course_id: UUID, status: CourseStatus) -> list[Advance]:
    """Bring a course into a state that somebody decided. Raises TransitionError."""
    course = await stored_courses.get(session, course_id, lock=True)
    if course is None or course.status is status:
        return []
    return [_of_course(await courses.change_status(session, course, status))]


async def refresh(session: DatabaseSession, goal_id: UUID, *, reopen: bool = False) -> list[Advance]:
    """Let the goal and its course follow from its tasks; `reopen` takes up what was completed and has new work."""
    branch = await _branch_of_goal(session, goal_id)
    if branch is None:
        return []
    await _follow(session, branch, reopen=reopen)
    return branch.advanced


async def delete_task(session: DatabaseSession, task_id: UUID) -> bool:
    """Delete a task; its goal and course follow."""
    found = await _branch_of_task(session, task_id)
    if found is None:
        return False
    await tasks.delete(session, task_id)
    await _follow(session, found[0])
    return True


async def delete_goal(session: DatabaseSession, goal_id: UUID) -> bool:
    """Delete a goal with its tasks; its course follows."""
    branch = await _branch_of_goal(session, goal_id)
    if branch is None:
        return False
    await goals.delete(session, goal_id)
    await _follow_course(session, branch)
    return True


async def _branch_of_goal(session: DatabaseSession, goal_id: UUID) -> _Branch | None:
    goal = await stored_goals.get(session, goal_id)
    if goal is None:
        return None
    course = await stored_courses.get(session, goal.course_id, lock=True) if goal.course_id is not None else None
    goal = await stored_goals.get(session, goal_id, lock=course is None)
    return _Branch(course, goal, []) if goal is not None else None


async def _branch_of_task(session: DatabaseSession, task_id: UUID) -> tuple[_Branch, Task] | None:
    task = await stored_tasks.get(session, task_id)
    branch = await _branch_of_goal(session, task.goal_id) if task is not None else None
    task = await stored_tasks.get(session, task_id) if branch is not None else None
    return (branch, task) if branch is not None and task is not None else None


async def _started(session: DatabaseSession, branch: _Branch, task: Task) -> Task:
    if task.status in {TaskStatus.TODO, TaskStatus.FAILED, TaskStatus.SKIPPED}:
        task = await _moved(session, branch, task, TaskStatus.IN_PROGRESS)
    await _begin_above(session, branch)
    return task


async def _begin_above(session: DatabaseSession, branch: _Branch) -> None:
    if branch.goal.status is GoalStatus.PENDING:
        await _move_goal(session, branch, GoalStatus.IN_PROGRESS)
    if branch.course is not None and branch.course.status is CourseStatus.DRAFT:
        await _move_course(session, branch, CourseStatus.ACTIVE)


async def _follow(session: DatabaseSession, branch: _Branch, *, reopen: bool = False) -> None:
    await _follow_goal(session, branch, reopen=reopen)
    await _follow_course(session, branch, reopen=reopen)


async def _follow_goal(session: DatabaseSession, branch: _Branch, *, reopen: bool) -> None:
    goal = branch.goal
    live = [task for task in await stored_tasks.list_of_goal(session, goal.id) if _counts(task)]
    share = _share([_ALL if task.status is TaskStatus.COMPLETED else 0.0 for task in live])
    if goal.status is GoalStatus.COMPLETED:
        if reopen and share < _ALL and live:
            await _move_goal(session, branch, GoalStatus.IN_PROGRESS, progress_percentage=share)
    elif goal.status in {GoalStatus.PENDING, GoalStatus.IN_PROGRESS} and share == _ALL:
        await _begin_above(session, branch)
        await _move_goal(session, branch, GoalStatus.COMPLETED, progress_percentage=share)
    elif share != goal.progress_percentage:
        updated = await stored_goals.update_fields(session, goal.id, progress_percentage=share)
        assert updated is not None
        branch.goal = updated
        branch.advanced.append(_of_goal(updated))
        await emitting.goal_event(session, EventType.GOAL_UPDATED, updated, changed=["progress_percentage"])


async def _follow_course(session: DatabaseSession, branch: _Branch, *, reopen: bool = False) -> None:
    course = branch.course
    if course is None:
        return
    live = [goal for goal in await stored_goals.list_of_course(session, course.id) if _is_live(goal)]
    share = _share([goal.progress_percentage for goal in live])
    done = bool(live) and all(goal.status is GoalStatus.COMPLETED for goal in live)
    if course.status is CourseStatus.ACTIVE and done:
        await _move_course(session, branch, CourseStatus.COMPLETED, progress_percentage=_ALL)
    elif course.status is CourseStatus.COMPLETED and reopen and live and not done:
        await _move_course(session, branch, CourseStatus.ACTIVE, progress_percentage=share)
    elif course.status is not CourseStatus.COMPLETED and share != course.progress_percentage:
        updated = await stored_courses.update_fields(session, course.id, progress_percentage=share)
        assert updated is not None
        branch.course = updated
        branch.advanced.append(_of_course(updated))
        await emitting.course_event(session, EventType.COURSE_UPDATED, updated, changed=["progress_percentage"])


async def _moved(session: DatabaseSession, branch: _Branch, task: Task, status: TaskStatus) -> Task:
    moved = await tasks.change_status(session, task, status)
    branch.advanced.append(Advance(EntityType.TASK, moved.id, wording.title_of(moved), moved.status.value))
    return moved


async def _move_goal(session: DatabaseSession, branch: _Branch, status: GoalStatus, **fields: Any) -> None:
    branch.goal = await goals.change_status(session, branch.goal, status, **fields)
    branch.advanced.append(_of_goal(branch.goal))


async def _move_course(session: DatabaseSession, branch: _Branch, status: CourseStatus, **fields: Any) -> None:
    assert branch.course is not None
    branch.course = await courses.change_status(session, branch.course, status, **fields)
    branch.advanced.append(_of_course(branch.course))


async def _updated(session: DatabaseSession, task: Task, **fields: Any) -> Task:
    updated = await stored_tasks.update_fields(session, task.id, **fields)
    assert updated is not None
    return updated


def _of_goal(goal: Goal) -> Advance:
    return Advance(EntityType.GOAL, goal.id, wording.title_of(goal), goal.status.value, goal.progress_percentage)


def _of_course(course: Course) -> Advance:
    title = wording.title_of(course)
    return Advance(EntityType.COURSE, course.id, title, course.status.value, course.progress_percentage)


def _counts(task: Task) -> bool:
    return task.status is not TaskStatus.SKIPPED and not task.metadata.get(REMOVED)


def _is_live(goal: Goal) -> bool:
    return goal.status is not GoalStatus.CANCELLED and not goal.metadata.get(REMOVED)


def _share(percentages: Sequence[float]) -> float:
    return round(sum(percentages) / len(percentages), 2) if percentages else 0.0


def _best(task: Task, score: float) -> float:
    earlier = (task.validation_result or {}).get("best_score")
    return max(score, float(earlier)) if isinstance(earlier, int | float) else score
