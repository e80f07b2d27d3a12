"""Events that a course has kept long enough: `retention` in a course's metadata is a number of days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import String, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.storage.models import CodeSnapshotRow, CourseRow, EventRow, GoalRow, TaskRow

KEY = "retention"


@dataclass(frozen=True, slots=True)
class Kept:
    """A course whose events are kept until they are so many days old."""

    course_id: UUID
    days: int


async def courses(session: AsyncSession) -> list[Kept]:
    """Return the courses that keep their events for a time only."""
    query = select(CourseRow.id, CourseRow.extra[KEY]).where(CourseRow.extra.has_key(KEY))
    found = await session.execute(query.order_by(CourseRow.id))
    return [Kept(course_id, days) for course_id, days in found if isinstance(days, int) and days > 0]


async def expired(session: AsyncSession, kept: Kept, now: datetime, limit: int) -> Sequence[UUID]:
    """Return events about a course, or anything inside it, that it has kept long enough; oldest first."""
    goals = select(GoalRow.id).where(GoalRow.course_id == kept.course_id)
    tasks = select(TaskRow.id).where(TaskRow.goal_id.in_(goals))
    snapshots = select(CodeSnapshotRow.id).where(CodeSnapshotRow.task_id.in_(tasks))
    # What is gone from the tables is known by what the events themselves say.
    about = or_(
        EventRow.entity_id == kept.course_id,
        EventRow.entity_id.in_(goals),
        EventRow.entity_id.in_(tasks),
        EventRow.entity_id.in_(snapshots),
        EventRow.payload["course_id"].astext == str(kept.course_id),
        EventRow.payload["goal_id"].astext.in_(select(cast(GoalRow.id, String)).where(GoalRow.id.in_(goals))),
        EventRow.payload["task_id"].astext.in_(select(cast(TaskRow.id, String)).where(TaskRow.id.in_(tasks))),
    )
    old = EventRow.created_at < now - timedelta(days=kept.days)
    query = select(EventRow.id).where(old, about).order_by(EventRow.created_at, EventRow.id).limit(limit)
    return (await session.scalars(query)).all()
