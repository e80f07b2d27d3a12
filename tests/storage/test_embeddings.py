"""Vectors: found by nearness in scope, exactly in small scopes, by the index in big ones."""

import asyncio
import math
import random
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from milepost.domain.criteria import Contract
from milepost.domain.entities import EntityType
from milepost.domain.validations import Snapshot
from milepost.storage import courses, embeddings, goals, snapshots, tasks, users
from milepost.storage.models import STRUCTURAL_MODEL, STRUCTURAL_WIDTH
from milepost.storage.scopes import Scope

MODEL = "test-2"
CONTRACT = Contract("python", ())


def towards(degrees: float) -> list[float]:
    return [math.cos(math.radians(degrees)), math.sin(math.radians(degrees))]


async def put_goal(session, user, content: str, degrees: float, model: str = MODEL):
    goal = await goals.create(session, user.id, title=content)
    await embeddings.put(session, user.id, EntityType.GOAL, goal.id, content, model, towards(degrees))
    return goal.id


def texts_of(user) -> Scope:
    return Scope(user.id, entity_types=(EntityType.GOAL, EntityType.TASK, EntityType.COURSE))


async def contents(session, scope, degrees=0.0, limit=10, model=MODEL):
    return [found.content for found in await embeddings.nearest(session, model, towards(degrees), scope, limit)]


async def test_nearest_first(session, user):
    for content, degrees in (("far", 90), ("near", 10), ("nearer", -5), ("opposite", 180)):
        await put_goal(session, user, content, degrees)
    found = await embeddings.nearest(session, MODEL, towards(0), texts_of(user), limit=3)
    assert [neighbour.content for neighbour in found] == ["nearer", "near", "far"]
    assert [neighbour.distance for neighbour in found] == pytest.approx(
        [1 - math.cos(math.radians(angle)) for angle in (5, 10, 90)], abs=1e-6
    )


async def test_vectors_of_another_model_are_never_compared(session, user):
    await put_goal(session, user, "mine", 0)
    await put_goal(session, user, "other", 0, model="it's another")
    assert await contents(session, texts_of(user)) == ["mine"]
    assert await contents(session, texts_of(user), model="it's another") == ["other"]
    assert await contents(session, texts_of(user), model="unknown") == []


async def test_putting_again_replaces(session, user):
    goal_id = await put_goal(session, user, "old", 90)
    await embeddings.put(session, user.id, EntityType.GOAL, goal_id, "new", MODEL, towards(0), {"a": 1})
    (found,) = await embeddings.nearest(session, MODEL, towards(0), texts_of(user))
    assert (found.content, found.metadata, found.entity_id) == ("new", {"a": 1}, goal_id)
    assert found.distance == pytest.approx(0, abs=1e-6)
    assert await embeddings.hashes(session, EntityType.GOAL, MODEL) == {goal_id: embeddings.content_hash("new")}
    await embeddings.delete_entity(session, EntityType.GOAL, goal_id)
    assert await embeddings.nearest(session, MODEL, towards(0), texts_of(user)) == []


async def test_a_vector_of_the_wrong_width_is_refused(database, user):
    """The model's index knows its width."""
    with pytest.raises(DBAPIError, match="384 dimensions"):
        async with database.begin() as session:
            await embeddings.put(session, user.id, EntityType.GOAL, uuid4(), "x", STRUCTURAL_MODEL, [1.0])


@pytest.fixture
async def teacher(session):
    return await users.create(session, email="teacher@example.org", username="teacher")


async def put_program(session, owner, task, code: str, *, trusted: bool = True, language: str = "python"):
    path = f"/{owner.username}/{code}"
    snapshot = Snapshot("file://" + path, 1, path, language, code)
    snapshot_id = await snapshots.add(session, owner.id, task and task.id, snapshot)
    result = {"passed": True, "score": 1.0, "feedback": {}, "issues": [], "trusted": trusted}
    await snapshots.set_result(session, snapshot_id, **result)
    await embeddings.put(session, owner.id, EntityType.CODE_SNAPSHOT, snapshot_id, code, MODEL, towards(0))
    return snapshot_id


async def make_task(session, owner, **course_fields):
    course = await courses.create(session, owner.id, title="Course", **course_fields)
    goal = await goals.create(session, owner.id, title="Goal", course_id=course.id)
    task = await tasks.create(session, owner.id, goal.id, title="Task", contract=CONTRACT)
    return course, goal, task


async def test_programs_of_others_are_found_only_where_they_are_shared(session, user, teacher):
    """Own programs, those of a course that shares, and the solutions of a course's author; no other."""
    stranger = await users.create(session, email="stranger@example.org", username="stranger")
    _, _, closed = await make_task(session, teacher)
    _, _, open_ = await make_task(session, teacher, share_solutions=True)
    for owner, task, code in (
        (user, closed, "own"),
        (teacher, closed, "solution"),
        (stranger, closed, "secret"),
        (stranger, open_, "shared"),
        (stranger, None, "loose"),
        (user, None, "own loose"),
    ):
        await put_program(session, owner, task, code)
    assert sorted(await contents(session, Scope(user.id))) == ["own", "own loose", "shared", "solution"]
    assert sorted(await contents(session, Scope(user.id, shared=False))) == ["own", "own loose"]


async def test_scopes_of_programs(session, user):
    course, goal, task = await make_task(session, user)
    second = await tasks.create(session, user.id, goal.id, title="Second", contract=CONTRACT)
    _, other_goal, elsewhere = await make_task(session, user)
    kept = await put_program(session, user, task, "a")
    await put_program(session, user, task, "doubtful", trusted=False)
    await put_program(session, user, task, "go", language="go")
    await put_program(session, user, second, "b")
    await put_program(session, user, elsewhere, "c")

    async def found(**fields):
        return sorted(await contents(session, Scope(user.id, **fields)))

    assert await found(task_ids=(task.id,)) == ["a", "go"]
    assert await found(task_ids=(task.id, second.id), language="python") == ["a", "b"]
    assert await found(task_ids=(task.id,), trusted=False) == ["a", "doubtful", "go"]
    assert await found(goal_id=goal.id) == ["a", "b", "go"]
    assert await found(course_id=course.id, exclude=(kept,)) == ["b", "go"]
    assert await found(goal_id=other_goal.id) == ["c"]
    assert await found(goal_id=uuid4()) == []


async def test_texts_of_others_are_not_found(session, user, teacher):
    await put_goal(session, teacher, "theirs", 0)
    await put_goal(session, user, "mine", 0)
    assert await contents(session, texts_of(user)) == ["mine"]


async def fill(session, user, count: int, generator: random.Random) -> list[list[float]]:
    """Store programs with random vectors of the structural model, quickly."""
    vectors = [[generator.gauss(0, 1) for _ in range(8)] + [0.0] * (STRUCTURAL_WIDTH - 8) for _ in range(count)]
    await session.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
    await session.execute(
        text("""
            WITH made AS (
                INSERT INTO code_snapshots
                    (user_id, file_path, language, code_content, content_hash, lines_of_code, trusted)
                SELECT :user_id, '/' || number, 'python', number::text, number::text, 1, true
                FROM generate_series(0, :count - 1) AS number RETURNING id, code_content
            )
            INSERT INTO embeddings (user_id, entity_type, entity_id, content, content_hash, model, embedding)
            SELECT :user_id, 'code_snapshot', made.id, code_content, '', :model,
                   (CAST(:vectors AS text[]))[code_content::int + 1]::vector
            FROM made"""),
        {"user_id": user.id, "count": count, "model": STRUCTURAL_MODEL, "vectors": [str(vector) for vector in vectors]},
    )
    return vectors


def exact(vectors: list[list[float]], wanted: list[float], limit: int) -> list[str]:
    """Return the contents of the nearest, as plain arithmetic finds them."""

    def nearness(index: int) -> float:
        vector = vectors[index]
        return sum(map(float.__mul__, vector, wanted)) / math.hypot(*vector)

    return [str(index) for index in sorted(range(len(vectors)), key=nearness, reverse=True)[:limit]]


@pytest.mark.parametrize("count", [300, embeddings.EXACT_LIMIT + 300])
async def test_small_and_big_scopes_find_the_same(database, user, count):
    """Below the limit everything in scope is compared; above it the index finds nearly all of the nearest."""
    generator = random.Random(count)
    async with database.begin() as session:
        vectors = await fill(session, user, count, generator)
    async with database.connection() as connection:
        await connection.execute(text("ANALYZE"))
    hits = 0
    async with database.session() as session:
        for _ in range(5):
            wanted = [generator.gauss(0, 1) for _ in range(8)] + [0.0] * (STRUCTURAL_WIDTH - 8)
            found = await embeddings.nearest(session, STRUCTURAL_MODEL, wanted, Scope(user.id), limit=20)
            distances = [neighbour.distance for neighbour in found]
            assert distances == sorted(distances)
            hits += len({neighbour.content for neighbour in found} & set(exact(vectors, wanted, 20)))
            used_index = await session.scalar(text("SELECT current_setting('hnsw.iterative_scan', true)"))
    assert (used_index == "relaxed_order") == (count > embeddings.EXACT_LIMIT)
    assert hits >= (100 if count <= embeddings.EXACT_LIMIT else 95)
    if count <= embeddings.EXACT_LIMIT:
        return
    async with database.session() as session:
        query = embeddings.indexed_query(STRUCTURAL_MODEL, wanted, Scope(user.id), 20)
        compiled = query.compile(database.engine, compile_kwargs={"literal_binds": True})
        connection = await session.connection()
        plan = "\n".join((await connection.exec_driver_sql(f"EXPLAIN {compiled}")).scalars())
    assert "idx_embeddings_embedding_milepost_structural_1" in plan


async def test_an_index_is_made_for_a_model(database, user):
    """Made once, used, and for wide vectors over half precision."""
    wide = [1.0] + [0.0] * 2999
    async with database.begin() as session:
        name = await embeddings.ensure_index(session, "it's wide", 3000)
        assert await embeddings.ensure_index(session, "it's wide", 3000) == name
        assert await embeddings.ensure_index(session, "too wide", 5000) is None
        goal = await goals.create(session, user.id, title="Wide")
        await embeddings.put(session, user.id, EntityType.GOAL, goal.id, "Wide", "it's wide", wide)
        (found,) = await embeddings.nearest(session, "it's wide", wide, texts_of(user))
        assert found.entity_id == goal.id
        definition = await session.scalar(
            text("SELECT indexdef FROM pg_indexes WHERE indexname = :name"), {"name": name}
        )
    assert name.startswith(embeddings.RESERVED_PREFIX)
    assert "halfvec_cosine_ops" in definition
    assert "it''s wide" in definition


async def test_an_index_is_made_once_by_many_at_once(database):
    async def ensure(model):
        async with database.begin() as session:
            return await embeddings.ensure_index(session, model, 384)

    for number in range(5):
        assert len(set(await asyncio.gather(*[ensure(f"meeting-{number}") for _ in range(8)]))) == 1


GOALS = {
    "Learn to build web services with FastAPI": 10,
    "Aprender a construir servicios web con FastAPI": 20,
    "Sorting and searching algorithms": 100,
    "Consultas a bases de datos": 170,
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("building a service for the web", "Learn to build web services with FastAPI"),
        ("construyendo un servicio", "Aprender a construir servicios web con FastAPI"),
        ("sorted search", "Sorting and searching algorithms"),
        ("consultar una base", "Consultas a bases de datos"),
    ],
)
async def test_words_are_found_in_both_languages(session, user, query, expected):
    """Stems of either language meet, and any of the words will do; the vector here says nothing."""
    for content in GOALS:
        await put_goal(session, user, content, 0)
    found = await embeddings.search_text(session, query, texts_of(user), model=MODEL, vector=towards(0))
    assert found[0].content == expected


async def test_words_and_vector_are_fused(session, user):
    """What both find comes before what one of them finds; distances grow from 0 to below 1."""
    for content, degrees in GOALS.items():
        await put_goal(session, user, content, degrees)
    found = await embeddings.search_text(
        session, "aprender FastAPI", texts_of(user), model=MODEL, vector=towards(20), limit=3
    )
    assert found[0].content == "Aprender a construir servicios web con FastAPI"
    assert found[1].content == "Learn to build web services with FastAPI"
    assert [neighbour.distance for neighbour in found] == sorted(neighbour.distance for neighbour in found)
    assert 0 <= found[0].distance < found[2].distance < 1


@pytest.mark.parametrize("query", ["", "the", "' & | ! :*", "a\x00b", "http://a.com/x?y=1&z=2 & more", "<->"])
async def test_any_query_is_a_query(session, user, query):
    """Nothing that is typed is an error; the vector still finds."""
    goal_id = await put_goal(session, user, "Sorting", 0)
    found = await embeddings.search_text(session, query, texts_of(user), model=MODEL, vector=towards(0))
    assert [neighbour.entity_id for neighbour in found] == [goal_id]


async def test_a_goal_without_vector_of_this_model_is_found_by_its_words(session, user):
    """After a change of the provider old rows carry another model's vectors."""
    goal_id = await put_goal(session, user, "Sorting and searching", 0, model="older")
    found = await embeddings.search_text(session, "sort", texts_of(user), model=MODEL, vector=towards(0))
    assert [neighbour.entity_id for neighbour in found] == [goal_id]


async def test_a_huge_text_can_be_indexed(session, user):
    words = " ".join(f"word{number}" for number in range(400_000))
    await put_goal(session, user, words, 0)
    found = await embeddings.search_text(session, "word7", texts_of(user), model=MODEL, vector=towards(0))
    assert len(found) == 1
