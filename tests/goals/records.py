"""What several tests of stored courses, goals and tasks begin with."""

from typing import Any

from milepost.domain.criteria import Contract, Rubric
from milepost.goals import courses, goals, tasks
from milepost.storage import events

CONTRACT = Contract("python", (Rubric("Good names."),), files={"tests/a.py": "é"})
MODEL = "test-lexical"


def embed(text: str) -> tuple[str, list[float]]:
    """Return a vector that tells texts apart."""
    return MODEL, [float(len(text)), 1.0, float(sum(text.encode()) % 97)]


async def tree(session, user, count=2, *, goals_count=1):
    """Make a course with goals of so many tasks each."""
    course = await courses.create(session, user.id, embed, title="Course")
    made = [
        await goals.create(session, user.id, embed, title=f"Goal {n}", course_id=course.id) for n in range(goals_count)
    ]
    listed = [
        [
            await tasks.create(session, goal, embed, title=f"Task {n}", contract=CONTRACT, position=n)
            for n in range(count)
        ]
        for goal in made
    ]
    return course, made, listed


async def told(session, user, *, after: int = 0) -> list[str]:
    """Return the types of the user's events from the given number on, oldest first."""
    return [event.event_type.value for event in (await events.list_of_user(session, user.id))[after:]]


async def count(session, user) -> int:
    """Return how many events the user has."""
    return len(await events.list_of_user(session, user.id))


def fields(entity: Any, *names: str) -> tuple[Any, ...]:
    """Return some fields of an entity."""
    return tuple(getattr(entity, name) for name in names)
