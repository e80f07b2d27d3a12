"""Courses: made, read, changed and deleted, each with its event and its embedding."""

from typing import Any
from uuid import UUID

from milepost.domain.entities import Course, CourseStatus
from milepost.domain.events import EventType
from milepost.goals import changing, embedding, emitting, transitions
from milepost.goals.embedding import Embed
from milepost.goals.sessions import DatabaseSession
from milepost.storage import courses


async def create(session: DatabaseSession, user_id: UUID, embed: Embed, *, title: str, **fields: Any) -> Course:
    """Make a course; `fields` are those of the domain's Course. Raises RuleError."""
    changing.require_title(title)
    course = await courses.create(session, user_id, title=title, **fields)
    await embedding.store(session, embed, course)
    await emitting.course_event(session, transitions.course_event(None, course.status), course)
    return course


async def get(session: DatabaseSession, course_id: UUID) -> Course | None:
    """Return the course."""
    return await courses.get(session, course_id)


async def list_of_user(session: DatabaseSession, user_id: UUID) -> list[Course]:
    """Return the user's courses, oldest first."""
    return await courses.list_of_user(session, user_id)


async def update(session: DatabaseSession, course_id: UUID, embed: Embed, **changes: Any) -> Course | None:
    """Change fields; nothing happens where nothing differs. Raises RuleError."""
    course = await courses.get(session, course_id, lock=True)
    changed = changing.differing(course, changes) if course is not None else {}
    if course is None or not changed:
        return course
    course = await courses.update_fields(session, course_id, **changed)
    assert course is not None
    if changed.keys() & changing.TEXT_FIELDS:
        await embedding.store(session, embed, course)
    await emitting.course_event(session, EventType.COURSE_UPDATED, course, changed=sorted(changed))
    return course


async def change_status(session: DatabaseSession, course: Course, status: CourseStatus, **fields: Any) -> Course:
    """Bring the course, which the caller has locked, into another state; raises TransitionError."""
    event_type = transitions.course_event(course.status, status)
    changed = await courses.update_fields(session, course.id, status=status, **fields)
    assert changed is not None
    await emitting.course_event(session, event_type, changed, before=course.status.value)
    return changed


async def delete(session: DatabaseSession, course_id: UUID) -> bool:
    """Delete the course with its goals and tasks; its last event says so, snapshots and events stay."""
    course = await courses.get(session, course_id, lock=True)
    if course is None:
        return False
    await courses.delete(session, course_id)
    await emitting.course_event(session, EventType.COURSE_ARCHIVED, course, deleted=True)
    return True
