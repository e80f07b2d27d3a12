"""The vectors of courses, goals and tasks, stored in the transaction that creates or changes them."""

from collections.abc import Callable, Sequence

from milepost.domain.entities import Course, EntityType, Goal, Task
from milepost.goals import wording
from milepost.goals.sessions import DatabaseSession
from milepost.storage import embeddings

# Turns a text into the name of the model and its vector; called inside a transaction, so that it must be quick.
Embed = Callable[[str], tuple[str, Sequence[float]]]

_TYPES = {Course: EntityType.COURSE, Goal: EntityType.GOAL, Task: EntityType.TASK}


async def store(session: DatabaseSession, embed: Embed, entity: Course | Goal | Task) -> None:
    """Store the vector of what is said of an entity, in place of an older one."""
    content = wording.embedded_text(entity)
    model, vector = embed(content)
    await embeddings.put(session, entity.user_id, _TYPES[type(entity)], entity.id, content, model, vector)
