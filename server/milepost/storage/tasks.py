"""Tasks."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.domain.criteria import Contract
from milepost.domain.entities import Task
from milepost.storage import contracts, models, rows
from milepost.storage.records import Records

_RECORDS = Records(models.TaskRow, rows.task_of)
_IN_ORDER = (models.TaskRow.position, models.TaskRow.created_at, models.TaskRow.id)


async def create(
    session: AsyncSession, user_id: UUID, goal_id: UUID, *, title: str, contract: Contract, **fields: Any
) -> Task:
    """Make a task; `fields` are those of the domain's Task. Raises ConflictError when its goal is gone."""
    fields |= {"user_id": user_id, "goal_id": goal_id, "title": title, "contract": contract}
    return await _RECORDS.create(session, **_as_stored(fields))


async def get(session: AsyncSession, task_id: UUID, *, lock: bool = False) -> Task | None:
    """Return the task; `lock` keeps it from being changed by others until the transaction ends."""
    return await _RECORDS.get(session, task_id, lock=lock)


async def by_key(session: AsyncSession, user_id: UUID, key: str) -> Task | None:
    """Return the user's task whose metadata carry this `key`."""
    query = select(models.TaskRow).where(models.TaskRow.user_id == user_id, _RECORDS.has_key(key))
    return await _RECORDS.first(session, query.order_by(*_IN_ORDER))


async def list_of_goal(session: AsyncSession, goal_id: UUID) -> list[Task]:
    """Return the goal's tasks in their order."""
    query = select(models.TaskRow).where(models.TaskRow.goal_id == goal_id)
    return await _RECORDS.all(session, query.order_by(*_IN_ORDER))


async def list_of_user(session: AsyncSession, user_id: UUID) -> list[Task]:
    """Return all of the user's tasks, those of one goal together and in their order."""
    query = select(models.TaskRow).where(models.TaskRow.user_id == user_id)
    return await _RECORDS.all(session, query.order_by(models.TaskRow.goal_id, *_IN_ORDER))


async def update_fields(session: AsyncSession, task_id: UUID, **fields: Any) -> Task | None:
    """Change the fields and return the new task, or None when there is none."""
    return await _RECORDS.update(session, task_id, _as_stored(fields))


async def delete(session: AsyncSession, task_id: UUID) -> bool:
    """Delete the task; its snapshots and events stay."""
    return await _RECORDS.delete(session, task_id)


def _as_stored(fields: dict[str, Any]) -> dict[str, Any]:
    if "contract" in fields:
        fields["contract"] = contracts.to_json(fields["contract"])
    if "files" in fields:
        fields["files"] = list(fields["files"])
    return fields
