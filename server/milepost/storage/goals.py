"""Goals."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.domain.entities import Goal
from milepost.storage import models, rows
from milepost.storage.records import Records

_RECORDS = Records(models.GoalRow, rows.goal_of)
_OLDEST_FIRST = (models.GoalRow.created_at, models.GoalRow.id)


async def create(session: AsyncSession, user_id: UUID, *, title: str, **fields: Any) -> Goal:
    """Make a goal; `fields` are those of the domain's Goal. Raises ConflictError when its course is gone."""
    return await _RECORDS.create(session, user_id=user_id, title=title, **fields)


async def get(session: AsyncSession, goal_id: UUID, *, lock: bool = False) -> Goal | None:
    """Return the goal; `lock` keeps it from being changed by others until the transaction ends."""
    return await _RECORDS.get(session, goal_id, lock=lock)


async def by_key(session: AsyncSession, user_id: UUID, key: str) -> Goal | None:
    """Return the user's goal whose metadata carry this `key`."""
    query = select(models.GoalRow).where(models.GoalRow.user_id == user_id, _RECORDS.has_key(key))
    return await _RECORDS.first(session, query.order_by(*_OLDEST_FIRST))


async def list_of_user(session: AsyncSession, user_id: UUID) -> list[Goal]:
    """Return all of the user's goals, oldest first."""
    query = select(models.GoalRow).where(models.GoalRow.user_id == user_id)
    return await _RECORDS.all(session, query.order_by(*_OLDEST_FIRST))


async def list_of_course(session: AsyncSession, course_id: UUID) -> list[Goal]:
    """Return the course's goals, oldest first."""
    query = select(models.GoalRow).where(models.GoalRow.course_id == course_id)
    return await _RECORDS.all(session, query.order_by(*_OLDEST_FIRST))


async def update_fields(session: AsyncSession, goal_id: UUID, **fields: Any) -> Goal | None:
    """Change the fields and return the new goal, or None when there is none."""
    return await _RECORDS.update(session, goal_id, fields)


async def delete(session: AsyncSession, goal_id: UUID) -> bool:
    """Delete the goal with its tasks; snapshots and events stay."""
    return await _RECORDS.delete(session, goal_id)
