"""What is known of each task: its proven solutions, and the validated programs like a given one."""

import asyncio
import contextlib
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from milepost.agents import recording
from milepost.agents.courses import Courses
from milepost.agents.journal import Entry
from milepost.agents.preparing import PreparedTask, prepare
from milepost.agents.saves import Help, Submission
from milepost.domain.entities import CourseDraft, EntityType, TaskDraft, TaskStatus, User
from milepost.domain.validations import Evidence, Snapshot
from milepost.goals import installing, users
from milepost.goals.keys import task_key
from milepost.goals.problems import CourseError
from milepost.goals.sessions import DatabaseSession
from milepost.providers import lexical
from milepost.providers.embedding import TextEmbedder
from milepost.providers.errors import ProviderError
from milepost.retrieval import nearest, search
from milepost.sandbox.boxes import Sandbox
from milepost.storage import embeddings
from milepost.storage.embeddings import Neighbour
from milepost.storage.engine import Database
from milepost.storage.errors import StorageError

logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")
TaskIds = dict[str, UUID]
# So many of the nearest programs are handed to the search for fixes.
DONORS = 30
# So many texts are embedded for one search, in rounds of so many; the next search goes on.
AT_ONCE, MOST_ROUNDS = 500, 20
# Characters; a program for a task is far shorter, and nothing is near to a longer one as a whole.
LONGEST_COMPARED = 20_000


class Library:
    """Courses in the database and in memory; each is installed once for each content, each task prepared once."""

    def __init__(self, open_database: Callable[[], Awaitable[Database]], embedder: TextEmbedder | None = None) -> None:
        """Take how to reach the database, which may be away, and the user's own embedder of texts if there is one."""
        self._embedder = embedder
        self.courses = Courses()
        self._open_database = open_database
        self._user: User | None = None
        self._completed: set[UUID] = set()
        self._fingerprints: dict[tuple[str, str], str] = {}
        self._installed: dict[tuple[str, str], TaskIds] = {}
        self._installing = asyncio.Lock()
        self._prepared: dict[tuple[str, str], asyncio.Task[PreparedTask]] = {}

    async def read(self, query: Callable[[DatabaseSession, User], Awaitable[_Result]]) -> _Result | None:
        """Return what the query gives, or None while the database is away."""
        try:
            database = await self._open_database()
            async with database.begin() as session:
                return await query(session, await self._owner(session))
        except (StorageError, OSError) as error:
            logger.info("the database is away: %s", error)
            return None

    async def transact(self, work: Callable[[DatabaseSession, User], Awaitable[_Result]]) -> _Result:
        """Do something in one transaction; raises StorageError while the database is away."""
        database = await self._open_database()
        async with database.begin() as session:
            return await work(session, await self._owner(session))

    async def install(self, course: CourseDraft) -> TaskIds:
        """Store the course unless it is stored in just this content; returns the ids of its tasks by key."""
        known = (course.path, course.content_hash)
        async with self._installing:
            if known not in self._installed:
                database = await self._open_database()
                async with database.begin() as session:
                    user = await self._owner(session)
                    installed = await installing.install(session, user.id, course, lexical.embed)
                self._installed[known] = {key: task.id for key, task in installed.tasks.items()}
                self._completed |= {task.id for task in installed.tasks.values() if task.status is TaskStatus.COMPLETED}
            return self._installed[known]

    async def change(self, course: CourseDraft, change: Callable[[DatabaseSession, TaskIds], Awaitable[None]]) -> None:
        """Change something of a course in one transaction; raises StorageError while the database is away."""
        ids = await self.install(course)
        database = await self._open_database()
        async with database.begin() as session:
            await change(session, ids)

    async def record(self, entry: Entry) -> None:
        """Store one entry of the journal in one transaction; raises StorageError while the database is away."""
        if isinstance(entry, Submission | Help):
            # The rows of a task have to exist before anything can be stored under it.
            with contextlib.suppress(CourseError):
                await self.install(self.courses.last_good(entry.course_path))
        database = await self._open_database()
        async with database.begin() as session:
            recorded = await recording.record(session, await self._owner(session), entry)
        if recorded is not None and recorded.task.status is TaskStatus.COMPLETED:
            self._completed.add(recorded.task.id)

    def is_completed(self, course: CourseDraft, key: str) -> bool:
        """Tell whether the task is known to be completed."""
        return self._installed.get((course.path, course.content_hash), {}).get(key) in self._completed

    async def prepared(self, course: CourseDraft, key: str, sandbox: Sandbox) -> PreparedTask:
        """Return the task's proven solutions and generated cases; made once, and then for all who wait."""
        task = _find(course, key)
        known = (key, self._fingerprint(course, key))
        making = self._prepared.get(known)
        if making is None or (making.done() and (making.cancelled() or making.exception())):
            making = self._prepared[known] = asyncio.create_task(self._prepare(course, task, key, sandbox))
        return await asyncio.shield(making)

    async def close(self) -> None:
        """End what is still being prepared, so that nobody needs the database any more."""
        preparing = list(self._prepared.values())
        for task in preparing:
            task.cancel()
        await asyncio.gather(*preparing, return_exceptions=True)

    async def evidence(
        self, snapshot: Snapshot, course: CourseDraft, key: str, limit: int = DONORS
    ) -> Sequence[Evidence]:
        """Return validated programs of the task nearest to the snapshot; without the database, its own solutions."""
        if len(snapshot.text) > LONGEST_COMPARED:
            return ()
        ids = self._installed.get((course.path, course.content_hash), {})
        task_id = ids.get(key)
        if task_id is not None:
            found = await self.read(
                lambda session, user: search.similar_code(
                    session,
                    user_id=user.id,
                    text=snapshot.text,
                    language=snapshot.language,
                    task_id=task_id,
                    limit=limit,
                )
            )
            if found:
                return found
        making = self._prepared.get((key, self._fingerprint(course, key)))
        known = making.result().solutions if making is not None and making.done() else ()
        candidates = [nearest.Candidate(solution.path, solution.code) for solution in known]
        return await asyncio.to_thread(nearest.rank, snapshot.text, snapshot.language, candidates, limit)

    def _fingerprint(self, course: CourseDraft, key: str) -> str:
        """Return what changes when the task does, and not when another one of its course does."""
        known = (course.content_hash, key)
        if known not in self._fingerprints:
            self._fingerprints[known] = _fingerprint(_find(course, key))
        return self._fingerprints[known]

    async def similar_texts(self, text: str, limit: int = 5) -> Sequence[Neighbour]:
        """Return the user's goals, tasks and courses like a text; nothing while the database is away."""
        model, vector = await self._vector(text)
        found = await self.read(
            lambda session, user: search.similar_text(
                session, user_id=user.id, text=text, model=model, vector=vector, limit=limit
            )
        )
        return found or ()

    async def _vector(self, text: str) -> tuple[str, Sequence[float]]:
        """Return the vector of a text by the user's own embedder, by the built-in one where that is away or absent."""
        if self._embedder is not None:
            try:
                (vector,) = await self._embedder.embed([text])
                await self._embed_missing(self._embedder)
            except (ProviderError, StorageError, OSError) as error:
                logger.info("texts are compared by the built-in embedder: %s", error)
            else:
                return self._embedder.model, vector
        return lexical.embed(text)

    async def _embed_missing(self, embedder: TextEmbedder) -> None:
        """Give every text that is stored a vector of this embedder, and the vectors their index."""
        known, model = lexical.MODEL, embedder.model
        for _ in range(MOST_ROUNDS):
            texts = await self.transact(
                lambda session, user: embeddings.missing_texts(session, user.id, known, model, AT_ONCE)
            )
            vectors = await embedder.embed([content for _, _, content in texts])
            await self.transact(partial(_put_all, texts=texts, model=model, vectors=vectors))
            if len(texts) < AT_ONCE:
                break
        await self.transact(lambda session, _user: embeddings.ensure_index(session, model, embedder.width))

    async def _prepare(self, course: CourseDraft, task: TaskDraft, key: str, sandbox: Sandbox) -> PreparedTask:
        prepared = await prepare(task, sandbox)
        try:
            task_id = (await self.install(course))[key]
            database = await self._open_database()
            async with database.begin() as session:
                user = await self._owner(session)
                await recording.store_solutions(session, user, task_id, task.contract.language, prepared.solutions)
        except (StorageError, OSError) as error:
            logger.info("solutions are kept in memory only: %s", error)
        return prepared

    async def _owner(self, session: DatabaseSession) -> User:
        if self._user is None:
            self._user = await users.ensure_local(session)
        return self._user


async def _put_all(
    session: DatabaseSession,
    user: User,
    *,
    texts: Sequence[tuple[EntityType, UUID, str]],
    model: str,
    vectors: Sequence[Sequence[float]],
) -> None:
    for (kind, entity_id, content), vector in zip(texts, vectors, strict=True):
        await embeddings.put(session, user.id, kind, entity_id, content, model, vector)


async def _similar(
    session: DatabaseSession, user: User, snapshot: Snapshot, task_id: UUID, limit: int
) -> Sequence[Evidence]:
    return await search.similar_code(
        session, user_id=user.id, text=snapshot.text, language=snapshot.language, task_id=task_id, limit=limit
    )


def _find(course: CourseDraft, key: str) -> TaskDraft:
    return next(task for goal in course.goals for task in goal.tasks if task_key(goal, task) == key)


def _fingerprint(task: TaskDraft) -> str:
    known: dict[str, Any] = {"contract": asdict(task.contract), "solutions": [asdict(one) for one in task.solutions]}
    return hashlib.sha256(json.dumps(known, sort_keys=True, default=str).encode()).hexdigest()
