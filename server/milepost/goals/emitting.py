"""Events about users, courses, goals and tasks, written in the transaction of the change they report."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from milepost.domain.entities import Course, EntityType, Goal, Task, User
from milepost.domain.events import BaseEvent, EventType, GoalEvent, TaskEvent, UserEvent
from milepost.goals.sessions import DatabaseSession
from milepost.storage import events


async def user_event(session: DatabaseSession, event_type: EventType, user: User, **payload: Any) -> None:
    """Write what happened to a user."""
    event = UserEvent(
        event_id=uuid4(),
        event_type=event_type,
        user_id=user.id,
        timestamp=datetime.now(UTC),
        entity_type=EntityType.USER,
        entity_id=user.id,
        email=user.email,
        username=user.username,
        action=event_type.value.partition(".")[2],
        payload=payload,
    )
    await events.add(session, event)


async def course_event(session: DatabaseSession, event_type: EventType, course: Course, **payload: Any) -> None:
    """Write what happened to a course."""
    told = {"title": course.title, "status": course.status.value, "progress": course.progress_percentage}
    event = BaseEvent(
        event_id=uuid4(),
        event_type=event_type,
        user_id=course.user_id,
        timestamp=datetime.now(UTC),
        entity_type=EntityType.COURSE,
        entity_id=course.id,
        payload=told | payload,
    )
    await events.add(session, event)


async def goal_event(session: DatabaseSession, event_type: EventType, goal: Goal, **payload: Any) -> None:
    """Write what happened to a goal."""
    event = GoalEvent(
        event_id=uuid4(),
        event_type=event_type,
        user_id=goal.user_id,
        timestamp=datetime.now(UTC),
        entity_type=EntityType.GOAL,
        entity_id=goal.id,
        goal_id=goal.id,
        title=goal.title,
        status=goal.status.value,
        priority=goal.priority.value,
        course_id=goal.course_id,
        progress=goal.progress_percentage,
        ai_generated=goal.ai_generated,
        payload=payload,
    )
    await events.add(session, event)


async def task_event(
    session: DatabaseSession, event_type: EventType, task: Task, *, score: float | None = None, **payload: Any
) -> None:
    """Write what happened to a task; `score` (0 to 1) is the score of a validation."""
    event = TaskEvent(
        event_id=uuid4(),
        event_type=event_type,
        user_id=task.user_id,
        timestamp=datetime.now(UTC),
        entity_type=EntityType.TASK,
        entity_id=task.id,
        task_id=task.id,
        goal_id=task.goal_id,
        title=task.title,
        task_type=task.task_type.value,
        status=task.status.value,
        validation_score=score,
        estimated_hours=task.estimated_hours,
        actual_hours=task.actual_hours,
        payload=payload,
    )
    await events.add(session, event)
