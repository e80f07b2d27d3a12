"""Courses."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.domain.entities import Course
from milepost.storage import models, rows
from milepost.storage.records import Records

_RECORDS = Records(models.CourseRow, rows.course_of)


async def create(session: AsyncSession, user_id: UUID, *, title: str, **fields: Any) -> Course:
    """Make a course; `fields` are those of the domain's Course."""
    return await _RECORDS.create(session, user_id=user_id, title=title, **fields)


async def get(session: AsyncSession, course_id: UUID, *, lock: bool = False) -> Course | None:
    """Return the course; `lock` keeps it from being changed by others until the transaction ends."""
    return await _RECORDS.get(session, course_id, lock=lock)


async def by_key(session: AsyncSession, user_id: UUID, key: str) -> Course | None:
    """Return the user's course whose metadata carry this `key`."""
    query = select(models.CourseRow).where(models.CourseRow.user_id == user_id, _RECORDS.has_key(key))
    return await _RECORDS.first(session, query.order_by(models.CourseRow.created_at))


async def list_of_user(session: AsyncSession, user_id: UUID) -> list[Course]:
    """Return the user's courses, oldest first."""
    query = select(models.CourseRow).where(models.CourseRow.user_id == user_id)
    return await _RECORDS.all(session, query.order_by(models.CourseRow.created_at, models.CourseRow.id))


async def update_fields(session: AsyncSession, course_id: UUID, **fields: Any) -> Course | None:
    """Change the fields and return the new course, or None when there is none."""
    return await _RECORDS.update(session, course_id, fields)


async def delete(session: AsyncSession, course_id: UUID) -> bool:
    """Delete the course with its goals and their tasks; snapshots and events stay."""
    return await _RECORDS.delete(session, course_id)
