"""Courses, goals and tasks: made, read, changed and deleted, each with event and embedding in one transaction."""

import itertools

import pytest

from milepost.domain.entities import CourseStatus, EntityType, GoalStatus, Priority, TaskStatus
from milepost.domain.events import GoalEvent, TaskEvent
from milepost.goals import courses, goals, progress, tasks
from milepost.goals.problems import RuleError, TransitionError
from milepost.storage import embeddings, events
from tests.goals.records import CONTRACT, MODEL, count, embed, told, tree


async def content_hash(session, kind, entity):
    return (await embeddings.hashes(session, kind, MODEL)).get(entity.id)


async def test_everything_made_is_told_and_embedded(session, user):
    course, (goal,), ((task, _),) = await tree(session, user)
    assert await told(session, user) == ["course.created", "goal.created", "task.created", "task.created"]
    for kind, entity in ((EntityType.COURSE, course), (EntityType.GOAL, goal), (EntityType.TASK, task)):
        assert await content_hash(session, kind, entity) == embeddings.content_hash(entity.title)
    assert await courses.get(session, course.id) == course
    assert await goals.get(session, goal.id) == goal
    assert await tasks.get(session, task.id) == task
    assert await courses.list_of_user(session, user.id) == [course]
    assert await goals.list_of_user(session, user.id) == await goals.list_of_course(session, course.id) == [goal]
    assert await tasks.list_of_user(session, user.id) == await tasks.list_of_goal(session, goal.id)


async def test_events_carry_what_their_kind_has(session, user):
    course, (goal,), ((task, _),) = await tree(session, user)
    (told_course,) = await events.list_of_entity(session, EntityType.COURSE, course.id)
    assert told_course.payload == {"title": "Course", "status": "DRAFT", "progress": 0.0}
    (told_goal,) = await events.list_of_entity(session, EntityType.GOAL, goal.id)
    assert isinstance(told_goal, GoalEvent)
    assert (told_goal.goal_id, told_goal.course_id, told_goal.priority) == (goal.id, course.id, "MEDIUM")
    (told_task,) = await events.list_of_entity(session, EntityType.TASK, task.id)
    assert isinstance(told_task, TaskEvent)
    assert (told_task.task_id, told_task.goal_id, told_task.status) == (task.id, goal.id, "TODO")


async def test_a_goal_alone(session, user):
    goal = await goals.create(session, user.id, embed, title="Learn FastAPI", priority=Priority.HIGH, ai_generated=True)
    assert (goal.course_id, goal.priority, goal.ai_generated) == (None, Priority.HIGH, True)


async def test_a_change_is_told_and_embedded_again(session, user):
    course, (goal,), ((task, _),) = await tree(session, user)
    before = await count(session, user)
    await courses.update(session, course.id, embed, title="New", share_solutions=True)
    await goals.update(session, goal.id, embed, description="More")
    await tasks.update(session, task.id, embed, title="Other", files=("a.py",))
    assert await told(session, user, after=before) == ["course.updated", "goal.updated", "task.updated"]
    assert await content_hash(session, EntityType.COURSE, course) == embeddings.content_hash("New")
    assert await content_hash(session, EntityType.GOAL, goal) == embeddings.content_hash("Goal 0\nMore")
    assert await content_hash(session, EntityType.TASK, task) == embeddings.content_hash("Other")
    changed = [event.payload["changed"] for event in (await events.list_of_user(session, user.id))[before:]]
    assert changed == [["share_solutions", "title"], ["description"], ["files", "title"]]


async def test_no_change_tells_nothing(session, user):
    course, (goal,), ((task, _),) = await tree(session, user)
    before = await count(session, user)
    assert await courses.update(session, course.id, embed, title="Course") == course
    assert await goals.update(session, goal.id, embed, title="Goal 0") == goal
    assert await tasks.update(session, task.id, embed, contract=CONTRACT, files=()) == task
    assert await count(session, user) == before


async def test_a_course_with_texts_in_two_languages_is_embedded_with_both(session, user):
    metadata = {"es": {"title": "Curso"}}
    course = await courses.create(session, user.id, embed, title="Course", metadata=metadata)
    assert await content_hash(session, EntityType.COURSE, course) == embeddings.content_hash("Course\nCurso")


async def test_what_is_not_allowed(session, user):
    course, (goal,), ((task, _),) = await tree(session, user)
    rooms = ((courses, course), (goals, goal), (tasks, task))
    forbidden = ({"title": " "}, {"status": "ACTIVE"}, {"progress_percentage": 5}, {"user_id": None})
    for (room, entity), changes in itertools.product(rooms, forbidden):
        with pytest.raises(RuleError) as caught:
            await room.update(session, entity.id, embed, **changes)
        assert caught.value.say("es") != caught.value.say("en")


async def test_nothing_begins_without_a_title_or_in_the_middle(session, user):
    with pytest.raises(RuleError):
        await courses.create(session, user.id, embed, title="  ")
    with pytest.raises(TransitionError):
        await courses.create(session, user.id, embed, title="x", status=CourseStatus.COMPLETED)


async def test_deleting_is_told_and_takes_what_is_below(session, user):
    course, (goal, other), ((task, _), _) = await tree(session, user, goals_count=2)
    before = await count(session, user)
    assert await progress.delete_task(session, task.id)
    assert await progress.delete_goal(session, other.id)
    assert await courses.delete(session, course.id)
    assert await told(session, user, after=before) == ["task.skipped", "goal.cancelled", "course.archived"]
    assert all(event.payload["deleted"] for event in (await events.list_of_user(session, user.id))[before:])
    assert await goals.get(session, goal.id) is None
    for kind in (EntityType.COURSE, EntityType.GOAL, EntityType.TASK):
        assert await embeddings.hashes(session, kind, MODEL) == {}


async def test_what_is_not_there(session, user):
    course, (goal,), ((task, _),) = await tree(session, user)
    await courses.delete(session, course.id)
    assert not await courses.delete(session, course.id)
    assert not await goals.delete(session, goal.id)
    assert not await tasks.delete(session, task.id)
    assert await courses.update(session, course.id, embed, title="x") is None
    assert await goals.update(session, goal.id, embed, title="x") is None
    assert await tasks.update(session, task.id, embed, title="x") is None
    assert await progress.start_task(session, task.id) == []
    assert await progress.record_validation(session, task.id, passed=True, score=1) is None
    assert await progress.move_task(session, task.id, TaskStatus.SKIPPED) == []
    assert await progress.move_goal(session, goal.id, GoalStatus.BLOCKED) == []
    assert await progress.move_course(session, course.id, CourseStatus.ACTIVE) == []
    assert await progress.refresh(session, goal.id) == []
    assert not await progress.delete_task(session, task.id)
    assert not await progress.delete_goal(session, goal.id)


async def test_a_change_that_fails_leaves_no_event(database, user):
    def fail(text):
        raise RuntimeError(text)

    async def create():
        async with database.begin() as session:
            await courses.create(session, user.id, fail, title="Course")

    with pytest.raises(RuntimeError):
        await create()
    async with database.session() as session:
        assert await told(session, user) == []
        assert await courses.list_of_user(session, user.id) == []
