"""The states of courses, goals and tasks: which may follow which, and the event that tells of it."""

from collections.abc import Mapping
from enum import StrEnum

from milepost.domain.entities import CourseStatus, GoalStatus, TaskStatus
from milepost.domain.events import EventType
from milepost.domain.text import Localized
from milepost.goals import messages
from milepost.goals.problems import TransitionError

Table = Mapping[tuple[StrEnum | None, StrEnum], EventType]

# None is the state before there is any. What is taken up again tells `updated`: it was started and ended before.
COURSE: Table = {
    (None, CourseStatus.DRAFT): EventType.COURSE_CREATED,
    (CourseStatus.DRAFT, CourseStatus.ACTIVE): EventType.COURSE_STARTED,
    (CourseStatus.DRAFT, CourseStatus.ARCHIVED): EventType.COURSE_ARCHIVED,
    (CourseStatus.ACTIVE, CourseStatus.COMPLETED): EventType.COURSE_COMPLETED,
    (CourseStatus.ACTIVE, CourseStatus.ARCHIVED): EventType.COURSE_ARCHIVED,
    (CourseStatus.COMPLETED, CourseStatus.ACTIVE): EventType.COURSE_UPDATED,
    (CourseStatus.COMPLETED, CourseStatus.ARCHIVED): EventType.COURSE_ARCHIVED,
    (CourseStatus.ARCHIVED, CourseStatus.ACTIVE): EventType.COURSE_UPDATED,
}
GOAL: Table = {
    (None, GoalStatus.PENDING): EventType.GOAL_CREATED,
    (GoalStatus.PENDING, GoalStatus.IN_PROGRESS): EventType.GOAL_STARTED,
    (GoalStatus.PENDING, GoalStatus.BLOCKED): EventType.GOAL_BLOCKED,
    (GoalStatus.PENDING, GoalStatus.CANCELLED): EventType.GOAL_CANCELLED,
    (GoalStatus.IN_PROGRESS, GoalStatus.COMPLETED): EventType.GOAL_COMPLETED,
    (GoalStatus.IN_PROGRESS, GoalStatus.BLOCKED): EventType.GOAL_BLOCKED,
    (GoalStatus.IN_PROGRESS, GoalStatus.CANCELLED): EventType.GOAL_CANCELLED,
    (GoalStatus.BLOCKED, GoalStatus.PENDING): EventType.GOAL_UPDATED,
    (GoalStatus.BLOCKED, GoalStatus.IN_PROGRESS): EventType.GOAL_UPDATED,
    (GoalStatus.BLOCKED, GoalStatus.CANCELLED): EventType.GOAL_CANCELLED,
    (GoalStatus.COMPLETED, GoalStatus.IN_PROGRESS): EventType.GOAL_UPDATED,
    (GoalStatus.CANCELLED, GoalStatus.PENDING): EventType.GOAL_UPDATED,
}
TASK: Table = {
    (None, TaskStatus.TODO): EventType.TASK_CREATED,
    (TaskStatus.TODO, TaskStatus.IN_PROGRESS): EventType.TASK_STARTED,
    (TaskStatus.TODO, TaskStatus.FAILED): EventType.TASK_FAILED,
    (TaskStatus.TODO, TaskStatus.SKIPPED): EventType.TASK_SKIPPED,
    (TaskStatus.IN_PROGRESS, TaskStatus.IN_REVIEW): EventType.TASK_UPDATED,
    (TaskStatus.IN_PROGRESS, TaskStatus.COMPLETED): EventType.TASK_COMPLETED,
    (TaskStatus.IN_PROGRESS, TaskStatus.FAILED): EventType.TASK_FAILED,
    (TaskStatus.IN_PROGRESS, TaskStatus.SKIPPED): EventType.TASK_SKIPPED,
    (TaskStatus.IN_REVIEW, TaskStatus.IN_PROGRESS): EventType.TASK_UPDATED,
    (TaskStatus.IN_REVIEW, TaskStatus.COMPLETED): EventType.TASK_COMPLETED,
    (TaskStatus.IN_REVIEW, TaskStatus.FAILED): EventType.TASK_FAILED,
    (TaskStatus.IN_REVIEW, TaskStatus.SKIPPED): EventType.TASK_SKIPPED,
    (TaskStatus.COMPLETED, TaskStatus.IN_PROGRESS): EventType.TASK_UPDATED,
    (TaskStatus.FAILED, TaskStatus.IN_PROGRESS): EventType.TASK_UPDATED,
    (TaskStatus.FAILED, TaskStatus.SKIPPED): EventType.TASK_SKIPPED,
    (TaskStatus.SKIPPED, TaskStatus.TODO): EventType.TASK_UPDATED,
    (TaskStatus.SKIPPED, TaskStatus.IN_PROGRESS): EventType.TASK_STARTED,
}


def course_event(before: CourseStatus | None, after: CourseStatus) -> EventType:
    """Return the event of a course's change of state; raises TransitionError."""
    return _event(COURSE, messages.COURSE, before, after)


def goal_event(before: GoalStatus | None, after: GoalStatus) -> EventType:
    """Return the event of a goal's change of state; raises TransitionError."""
    return _event(GOAL, messages.GOAL, before, after)


def task_event(before: TaskStatus | None, after: TaskStatus) -> EventType:
    """Return the event of a task's change of state; raises TransitionError."""
    return _event(TASK, messages.TASK, before, after)


def _event(table: Table, entity: Localized, before: StrEnum | None, after: StrEnum) -> EventType:
    found = table.get((before, after))
    if found is None:
        values = {"before": before, "after": after, "allowed": ", ".join(to for since, to in table if since == before)}
        english = messages.NO_TRANSITION.say("en", entity=entity.en, **values)
        raise TransitionError(Localized(english, messages.NO_TRANSITION.say("es", entity=entity.es, **values)))
    return found
