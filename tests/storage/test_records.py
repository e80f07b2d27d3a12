"""Users, courses, goals and tasks: made, read, changed, deleted."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text

from milepost.domain.criteria import Contract, Rubric
from milepost.domain.entities import CourseStatus, EntityType, GoalStatus, Priority, TaskStatus, TaskType
from milepost.domain.validations import Snapshot
from milepost.storage import courses, embeddings, events, goals, snapshots, tasks, users
from milepost.storage.errors import ConflictError
from tests.storage.samples import event_of

CONTRACT = Contract("python", (Rubric("Reads well."),))


@pytest.fixture
async def course(session, user):
    return await courses.create(session, user.id, title="Python")


@pytest.fixture
async def goal(session, user, course):
    return await goals.create(session, user.id, title="Search", course_id=course.id)


@pytest.fixture
async def task(session, user, goal):
    return await tasks.create(session, user.id, goal.id, title="Linear", contract=CONTRACT)


async def test_the_local_user_is_made_once(database):
    """Servers that start at once end up with the same user."""

    async def ensure():
        async with database.begin() as session:
            return await users.ensure_local(session)

    found = await asyncio.gather(*(ensure() for _ in range(5)))
    assert len({user.id for user in found}) == 1
    assert found[0].hashed_password is None


async def test_users(session):
    ada = await users.create(session, email=" Ada@Example.ORG ", username="ada", full_name="Ada", metadata={"a": 1})
    assert (ada.email, ada.is_active, ada.is_superuser) == ("ada@example.org", True, False)
    assert await users.by_email(session, "ADA@example.org") == ada
    assert await users.by_username(session, "ada") == ada
    changed = await users.update_fields(session, ada.id, email="A@B.c", is_active=False)
    assert (changed.email, changed.is_active, changed.metadata) == ("a@b.c", False, {"a": 1})
    assert await users.get(session, ada.id) == changed
    await users.record_login(session, ada.id)
    assert (await users.get(session, ada.id)).last_login_at is not None
    assert changed.id in {user.id for user in await users.list_all(session)}


async def test_a_taken_name_is_a_conflict_and_spoils_nothing(session, user):
    """After the refusal the transaction goes on."""
    with pytest.raises(ConflictError, match="idx_users_username"):
        await users.create(session, email="other@example.org", username=user.username)
    other = await users.create(session, email="other@example.org", username="other")
    with pytest.raises(ConflictError, match="idx_users_email"):
        await users.update_fields(session, other.id, email=user.email)
    assert await users.get(session, other.id) == other


async def test_courses(session, user, course):
    assert (course.status, course.progress_percentage, course.share_solutions) == (CourseStatus.DRAFT, 0.0, False)
    changed = await courses.update_fields(
        session, course.id, status=CourseStatus.ACTIVE, progress_percentage=12.5, metadata={"key": "python"}
    )
    assert await courses.get(session, course.id) == changed
    assert await courses.by_key(session, user.id, "python") == changed
    assert await courses.by_key(session, uuid4(), "python") is None
    assert await courses.list_of_user(session, user.id) == [changed]
    assert await courses.delete(session, course.id)
    assert not await courses.delete(session, course.id)
    assert await courses.get(session, course.id) is None


async def test_goals(session, user, course, goal):
    alone = await goals.create(session, user.id, title="Alone", ai_generated=True, priority=Priority.URGENT)
    assert (alone.course_id, alone.status, alone.ai_generated) == (None, GoalStatus.PENDING, True)
    due = datetime(2030, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    changed = await goals.update_fields(
        session,
        goal.id,
        status=GoalStatus.IN_PROGRESS,
        due_date=due,
        validation_criteria={"a": [1]},
        metadata={"key": "k"},
    )
    assert (changed.due_date, changed.validation_criteria) == (due, {"a": [1]})
    assert await goals.by_key(session, user.id, "k") == changed
    assert await goals.list_of_course(session, course.id) == [changed]
    assert {found.id for found in await goals.list_of_user(session, user.id)} == {goal.id, alone.id}
    with pytest.raises(ConflictError, match="fk_goals_course_id_courses"):
        await goals.create(session, user.id, title="Lost", course_id=uuid4())


async def test_tasks(session, user, goal, task):
    assert (task.contract, task.files, task.status, task.task_type) == (CONTRACT, (), TaskStatus.TODO, TaskType.CODE)
    first = await tasks.create(
        session, user.id, goal.id, title="First", contract=CONTRACT, files=("a.py", "b/*.py"), position=-1
    )
    assert await tasks.list_of_goal(session, goal.id) == [first, task]
    assert await tasks.list_of_user(session, user.id) == [first, task]
    other = Contract("go", ())
    changed = await tasks.update_fields(
        session, task.id, contract=other, files=("c.py",), validation_result={"score": 0.5}, metadata={"key": "k"}
    )
    assert (changed.contract, changed.files, changed.validation_result) == (other, ("c.py",), {"score": 0.5})
    assert await tasks.by_key(session, user.id, "k") == changed
    assert await tasks.update_fields(session, task.id) == changed
    assert await tasks.update_fields(session, uuid4(), title="?") is None


async def test_changes_move_the_time_of_the_change(database, user):
    async with database.begin() as session:
        course = await courses.create(session, user.id, title="Python")
    async with database.begin() as session:
        await courses.update_fields(session, course.id, title="Python 3")
        times = await session.execute(text("SELECT created_at < updated_at FROM courses"))
        assert times.scalar_one()


async def test_an_unknown_field_is_an_error_of_the_program(session, user):
    with pytest.raises(AttributeError):
        await courses.create(session, user.id, title="Python", colour="red")


async def test_progress_outside_of_its_range_is_refused(session, course):
    with pytest.raises(ConflictError, match="ck_courses_progress_percentage"):
        await courses.update_fields(session, course.id, progress_percentage=101)


async def test_deleting_a_course_keeps_history(session, user, course, goal, task):
    """Goals, tasks and every embedding go; snapshots and events stay."""
    program = Snapshot("file:///a.py", 1, "/a.py", "python", "x = 1")
    snapshot_id = await snapshots.add(session, user.id, task.id, program)
    for kind, entity in ((EntityType.COURSE, course), (EntityType.GOAL, goal), (EntityType.TASK, task)):
        await embeddings.put(session, user.id, kind, entity.id, entity.title, "model", [1.0, 0.0])
    await embeddings.put(session, user.id, EntityType.CODE_SNAPSHOT, snapshot_id, "x = 1", "model", [1.0, 0.0])
    happened = event_of(user.id, entity_type=EntityType.TASK, entity_id=task.id)
    await events.add(session, happened)

    assert await courses.delete(session, course.id)

    assert await goals.get(session, goal.id) is None
    assert await tasks.get(session, task.id) is None
    assert (await snapshots.get(session, snapshot_id)).task_id is None
    assert await events.list_of_entity(session, EntityType.TASK, task.id) == [happened]
    left = await session.execute(text("SELECT entity_type::text, entity_id FROM embeddings"))
    assert left.all() == [("code_snapshot", snapshot_id)]


async def test_erasing_a_user_leaves_nothing(session, user, task):
    """Everything of the user goes, other users stay, and the files that still tell of the user are named."""
    other = await users.create(session, email="other@example.org", username="other")
    kept = await courses.create(session, other.id, title="Kept")
    await snapshots.add(session, user.id, task.id, Snapshot("file:///a.py", 1, "/a.py", "python", "x = 1"))
    await embeddings.put(session, user.id, EntityType.TASK, task.id, "Linear", "model", [1.0])
    archived, fresh = event_of(user.id), event_of(user.id)
    for event in (archived, fresh):
        await events.add(session, event)
    await events.claim_file(session, "events/a.parquet", [archived.event_id])

    assert await users.erase(session, user.id) == ["events/a.parquet"]

    for table in ("goals", "tasks", "events", "embeddings", "code_snapshots"):
        assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
    assert await users.list_all(session) == [other]
    assert await courses.list_of_user(session, other.id) == [kept]
    assert await users.erase(session, user.id) == []


async def test_a_locked_row_waits(database, user):
    """Of two transactions that read a goal to change it, the second sees what the first one wrote."""
    async with database.begin() as session:
        goal = await goals.create(session, user.id, title="Search")

    async def add_ten() -> None:
        async with database.begin() as session:
            found = await goals.get(session, goal.id, lock=True)
            await asyncio.sleep(0)
            await goals.update_fields(session, goal.id, progress_percentage=found.progress_percentage + 10)

    await asyncio.gather(*(add_ten() for _ in range(4)))
    async with database.session() as session:
        assert (await goals.get(session, goal.id)).progress_percentage == 40
