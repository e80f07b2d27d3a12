"""Finding what is like a given program or text among what is stored, first where it is most likely to help."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from milepost.domain.entities import EntityType
from milepost.domain.validations import Evidence
from milepost.retrieval import nearest, structural
from milepost.storage import embeddings
from milepost.storage.embeddings import Neighbour
from milepost.storage.engine import Session
from milepost.storage.scopes import TEXTS, Scope

# So many of the nearest by vector are put in their exact order.
RERANKED = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look for code: the task, then its goal, then its course; what is None is not looked into."""

    task_id: UUID | None = None
    goal_id: UUID | None = None
    course_id: UUID | None = None


async def similar_code(  # noqa: PLR0913 - Everything but the text narrows the search.
    session: Session,
    *,
    user_id: UUID,
    text: str,
    language: str,
    task_id: UUID | None = None,
    goal_id: UUID | None = None,
    course_id: UUID | None = None,
    shared: bool = True,
    limit: int = 5,
) -> list[Evidence]:
    """Return trusted programs like a text, nearest first: those of the task before those of its goal and course.

    With `shared` also those of others, where their course shares them. The text itself is not among them.
    """
    found: dict[str, Evidence] = {}
    vector = await asyncio.to_thread(structural.embed, text, language)
    for scope in _widening(Place(task_id, goal_id, course_id), user_id, language, shared=shared):
        wanted = max(limit, RERANKED)
        neighbours = await embeddings.nearest(session, structural.MODEL, vector, scope, wanted)
        candidates = _candidates(neighbours, user_id, text)
        for evidence in await asyncio.to_thread(nearest.rank, text, language, candidates, wanted):
            found.setdefault(evidence.code, evidence)
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


async def similar_text(  # noqa: PLR0913 - A question has a vector of some model.
    session: Session,
    *,
    user_id: UUID,
    text: str,
    model: str,
    vector: Sequence[float],
    entity_types: Sequence[EntityType] = TEXTS,
    exclude: Sequence[UUID] = (),
    limit: int = 5,
) -> list[Neighbour]:
    """Return goals, tasks and courses like a text in English or Spanish, best first: by its words and by its vector."""
    scope = Scope(user_id, entity_types=tuple(entity_types), exclude=tuple(exclude))
    return await embeddings.search_text(session, text, scope, model=model, vector=vector, limit=limit)


def _widening(place: Place, user_id: UUID, language: str, *, shared: bool) -> Iterator[Scope]:
    """Yield the scopes to search, the narrowest first; without any place everything that the user may see."""
    if place.task_id is not None:
        yield Scope(user_id, task_ids=(place.task_id,), language=language, shared=shared)
    if place.goal_id is not None:
        yield Scope(user_id, goal_id=place.goal_id, language=language, shared=shared)
    if place.course_id is not None:
        yield Scope(user_id, course_id=place.course_id, language=language, shared=shared)
    if place == Place():
        yield Scope(user_id, language=language, shared=shared)


def _candidates(neighbours: Sequence[Neighbour], user_id: UUID, text: str) -> list[nearest.Candidate]:
    return [
        nearest.Candidate(str(one.entity_id), one.content, own=one.user_id == user_id)
        for one in neighbours
        if one.content != text
    ]
