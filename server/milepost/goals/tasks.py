"""Tasks: made, read, changed and deleted, each with its event and its embedding."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from milepost.domain.criteria import Contract
from milepost.domain.entities import Goal, Task, TaskStatus
from milepost.domain.events import EventType
from milepost.goals import changing, embedding, emitting, transitions
from milepost.goals.embedding import Embed
from milepost.goals.sessions import DatabaseSession
from milepost.storage import tasks


async def create(
    session: DatabaseSession, goal: Goal, embed: Embed, *, title: str, contract: Contract, **fields: Any
) -> Task:
    """Make a task of a goal; `fields` are those of the domain's Task. Raises RuleError, or ConflictError."""
    changing.require_title(title)
    task = await tasks.create(session, goal.user_id, goal.id, title=title, contract=contract, **fields)
    await embedding.store(session, embed, task)
    await emitting.task_event(session, transitions.task_event(None, task.status), task)
    return task


async def get(session: DatabaseSession, task_id: UUID) -> Task | None:
    """Return the task."""
    return await tasks.get(session, task_id)


async def list_of_goal(session: DatabaseSession, goal_id: UUID) -> list[Task]:
    """Return the goal's tasks in their order."""
    return await tasks.list_of_goal(session, goal_id)


async def list_of_user(session: DatabaseSession, user_id: UUID) -> list[Task]:
    """Return all of the user's tasks, those of one goal together and in their order."""
    return await tasks.list_of_user(session, user_id)


async def update(session: DatabaseSession, task_id: UUID, embed: Embed, **changes: Any) -> Task | None:
    """Change fields; nothing happens where nothing differs. Raises RuleError."""
    task = await tasks.get(session, task_id)
    changed = changing.differing(task, changes) if task is not None else {}
    if task is None or not changed:
        return task
    task = await tasks.update_fields(session, task_id, **changed)
    assert task is not None
    if changed.keys() & changing.TEXT_FIELDS:
        await embedding.store(session, embed, task)
    await emitting.task_event(session, EventType.TASK_UPDATED, task, changed=sorted(changed))
    return task


async def change_status(session: DatabaseSession, task: Task, status: TaskStatus, **fields: Any) -> Task:
    """Bring the task, whose goal or course the caller has locked, into another state; raises TransitionError.

    The goal does not follow by this alone: see `progress.move_task`.
    """
    event_type = transitions.task_event(task.status, status)
    fields["completed_at"] = datetime.now(UTC) if status is TaskStatus.COMPLETED else None
    changed = await tasks.update_fields(session, task.id, status=status, **fields)
    assert changed is not None
    await emitting.task_event(session, event_type, changed, before=task.status.value)
    return changed


async def delete(session: DatabaseSession, task_id: UUID) -> bool:
    """Delete the task; its last event says so, snapshots and events stay."""
    task = await tasks.get(session, task_id)
    if task is None:
        return False
    await tasks.delete(session, task_id)
    await emitting.task_event(session, EventType.TASK_SKIPPED, task, deleted=True)
    return True
