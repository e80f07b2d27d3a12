"""Goals: made, read, changed and deleted, each with its event and its embedding."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from milepost.domain.entities import Goal, GoalStatus
from milepost.domain.events import EventType
from milepost.goals import changing, embedding, emitting, transitions
from milepost.goals.embedding import Embed
from milepost.goals.sessions import DatabaseSession
from milepost.storage import goals


async def create(session: DatabaseSession, user_id: UUID, embed: Embed, *, title: str, **fields: Any) -> Goal:
    """Make a goal; `fields` are those of the domain's Goal. Raises RuleError, or ConflictError without its course."""
    changing.require_title(title)
    goal = await goals.create(session, user_id, title=title, **fields)
    await embedding.store(session, embed, goal)
    await emitting.goal_event(session, transitions.goal_event(None, goal.status), goal)
    return goal


async def get(session: DatabaseSession, goal_id: UUID) -> Goal | None:
    """Return the goal."""
    return await goals.get(session, goal_id)


async def list_of_user(session: DatabaseSession, user_id: UUID) -> list[Goal]:
    """Return all of the user's goals, oldest first."""
    return await goals.list_of_user(session, user_id)


async def list_of_course(session: DatabaseSession, course_id: UUID) -> list[Goal]:
    """Return the course's goals, oldest first."""
    return await goals.list_of_course(session, course_id)


async def update(session: DatabaseSession, goal_id: UUID, embed: Embed, **changes: Any) -> Goal | None:
    """Change fields; nothing happens where nothing differs. Raises RuleError."""
    goal = await goals.get(session, goal_id, lock=True)
    changed = changing.differing(goal, changes) if goal is not None else {}
    if goal is None or not changed:
        return goal
    goal = await goals.update_fields(session, goal_id, **changed)
    assert goal is not None
    if changed.keys() & changing.TEXT_FIELDS:
        await embedding.store(session, embed, goal)
    await emitting.goal_event(session, EventType.GOAL_UPDATED, goal, changed=sorted(changed))
    return goal


async def change_status(session: DatabaseSession, goal: Goal, status: GoalStatus, **fields: Any) -> Goal:
    """Bring the goal, which the caller has locked, into another state; raises TransitionError."""
    event_type = transitions.goal_event(goal.status, status)
    now = datetime.now(UTC)
    if status is GoalStatus.IN_PROGRESS and goal.started_at is None:
        fields["started_at"] = now
    fields["completed_at"] = now if status is GoalStatus.COMPLETED else None
    changed = await goals.update_fields(session, goal.id, status=status, **fields)
    assert changed is not None
    await emitting.goal_event(session, event_type, changed, before=goal.status.value)
    return changed


async def delete(session: DatabaseSession, goal_id: UUID) -> bool:
    """Delete the goal with its tasks; its last event says so, snapshots and events stay."""
    goal = await goals.get(session, goal_id, lock=True)
    if goal is None:
        return False
    await goals.delete(session, goal_id)
    await emitting.goal_event(session, EventType.GOAL_CANCELLED, goal, deleted=True)
    return True
