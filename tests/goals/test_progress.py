"""What follows from a save, and from a decision."""

import asyncio

import pytest

from milepost.domain.entities import CourseStatus, EntityType, GoalStatus, TaskStatus
from milepost.goals import courses, goals, progress, tasks
from milepost.goals.problems import TransitionError
from milepost.storage import events
from tests.goals.records import CONTRACT, count, embed, told, tree


async def save(session, task, *, passed=True, score=None):
    return await progress.record_validation(
        session, task.id, passed=passed, score=1.0 if score is None and passed else score or 0.5, path="a.py"
    )


async def state(session, *entities):
    found = []
    for entity in entities:
        room = {"Course": courses, "Goal": goals, "Task": tasks}[type(entity).__name__]
        found.append((await room.get(session, entity.id)).status.value)
    return found


async def percentages(session, goal, course):
    return (await goals.get(session, goal.id)).progress_percentage, (
        await courses.get(session, course.id)
    ).progress_percentage


async def test_the_first_save_starts_everything(session, user):
    course, (goal,), ((task, other),) = await tree(session, user)
    before = await count(session, user)
    recorded = await save(session, task, passed=False)
    assert await state(session, course, goal, task, other) == ["ACTIVE", "IN_PROGRESS", "IN_PROGRESS", "TODO"]
    assert await told(session, user, after=before) == [
        "task.started",
        "goal.started",
        "course.started",
        "task.validated",
    ]
    assert [one.status for one in recorded.advanced] == ["IN_PROGRESS", "IN_PROGRESS", "ACTIVE"]
    assert (await goals.get(session, goal.id)).started_at
    assert recorded.note("en") is None
    assert recorded.task.validation_result == {"passed": False, "score": 0.5, "best_score": 0.5, "path": "a.py"}


async def test_a_later_save_tells_the_validation_only(session, user):
    _, _, ((task, _),) = await tree(session, user)
    await save(session, task, passed=False)
    before = await count(session, user)
    assert (await save(session, task, passed=None)).advanced == ()
    assert await told(session, user, after=before) == ["task.validated"]
    event = (await events.list_of_user(session, user.id))[-1]
    assert (event.validation_score, event.payload) == (0.5, {"passed": None, "path": "a.py"})


async def test_task_goal_and_course_complete_one_after_the_other(session, user):
    course, (goal, second), ((task, other), (third, fourth)) = await tree(session, user, goals_count=2)
    recorded = await save(session, task)
    assert [(one.entity_type, one.status) for one in recorded.advanced][3:] == [
        (EntityType.TASK, "COMPLETED"), (EntityType.GOAL, "IN_PROGRESS"), (EntityType.COURSE, "ACTIVE"),
    ]  # fmt: skip
    assert await percentages(session, goal, course) == (50, 25)
    before = await count(session, user)
    recorded = await save(session, other)
    assert await told(session, user, after=before) == [
        "task.started", "task.validated", "task.completed", "goal.completed", "course.updated",
    ]  # fmt: skip
    assert await percentages(session, goal, course) == (100, 50)
    assert recorded.advanced[-1].title.en == "Course"
    await save(session, third)
    before = await count(session, user)
    await save(session, fourth)
    assert (await told(session, user, after=before))[-3:] == ["task.completed", "goal.completed", "course.completed"]
    assert await state(session, course, goal, second, fourth) == ["COMPLETED"] * 4
    assert (await tasks.get(session, fourth.id)).completed_at
    assert (await goals.get(session, second.id)).completed_at


async def test_a_completed_task_stays_completed_and_says_so(session, user):
    _, (goal,), ((task, _),) = await tree(session, user)
    await save(session, task)
    before = await count(session, user)
    recorded = await save(session, task, passed=False, score=0.25)
    assert recorded.still_completed
    assert recorded.note("en").startswith("This version does not pass, but the task stays completed")
    assert recorded.note("es").startswith("Esta versión no pasa, pero la tarea sigue completada")
    assert await told(session, user, after=before) == ["task.validated"]
    assert await state(session, task, goal) == ["COMPLETED", "IN_PROGRESS"]
    assert recorded.task.validation_result["best_score"] == 1
    assert recorded.task.validation_result["score"] == 0.25
    again = await save(session, task)
    assert (again.advanced, again.still_completed) == ((), False)


async def test_choosing_a_task_starts_it(session, user):
    course, (goal,), ((task, _),) = await tree(session, user)
    assert [one.status for one in await progress.start_task(session, task.id)] == [
        "IN_PROGRESS",
        "IN_PROGRESS",
        "ACTIVE",
    ]
    assert await progress.start_task(session, task.id) == []
    assert await state(session, course, goal, task) == ["ACTIVE", "IN_PROGRESS", "IN_PROGRESS"]


async def test_what_is_not_assessed_does_not_complete(session, user):
    _, _, ((task, _),) = await tree(session, user)
    await save(session, task, passed=None)
    assert await state(session, task) == ["IN_PROGRESS"]


async def test_skipped_tasks_count_neither_as_done_nor_as_open(session, user):
    course, (goal,), ((task, other, third),) = await tree(session, user, 3)
    await save(session, task)
    assert (await percentages(session, goal, course))[0] == pytest.approx(33.33)
    await progress.move_task(session, other.id, TaskStatus.SKIPPED)
    assert (await percentages(session, goal, course))[0] == 50
    before = await count(session, user)
    advanced = await progress.move_task(session, third.id, TaskStatus.SKIPPED)
    assert await told(session, user, after=before) == ["task.skipped", "goal.completed", "course.completed"]
    assert [one.status for one in advanced] == ["SKIPPED", "COMPLETED", "COMPLETED"]


async def test_a_goal_of_skipped_tasks_only_is_not_completed(session, user):
    course, (goal,), (made,) = await tree(session, user)
    for task in made:
        await progress.move_task(session, task.id, TaskStatus.SKIPPED)
    assert await state(session, course, goal) == ["DRAFT", "PENDING"]


@pytest.mark.parametrize("status", [TaskStatus.SKIPPED, TaskStatus.FAILED])
async def test_a_save_takes_up_what_was_skipped_or_failed(session, user, status):
    _, _, ((task, _),) = await tree(session, user)
    await progress.move_task(session, task.id, status)
    await save(session, task)
    assert await state(session, task) == ["COMPLETED"]


async def test_a_review_ends_with_a_save(session, user):
    _, _, ((task, other),) = await tree(session, user)
    for one in (task, other):
        await progress.start_task(session, one.id)
        await progress.move_task(session, one.id, TaskStatus.IN_REVIEW)
    await save(session, task, passed=False)
    await save(session, other)
    assert await state(session, task, other) == ["IN_PROGRESS", "COMPLETED"]


async def test_a_completed_task_can_be_opened_again_and_all_above_with_it(session, user):
    course, (goal,), (made,) = await tree(session, user)
    for task in made:
        await save(session, task)
    assert await state(session, course, goal) == ["COMPLETED", "COMPLETED"]
    await progress.move_task(session, made[0].id, TaskStatus.IN_PROGRESS)
    assert await state(session, course, goal, made[0]) == ["ACTIVE", "IN_PROGRESS", "IN_PROGRESS"]
    assert await percentages(session, goal, course) == (50, 50)
    reopened = await goals.get(session, goal.id)
    assert (reopened.completed_at, (await tasks.get(session, made[0].id)).completed_at) == (None, None)


async def test_a_blocked_goal_waits_until_it_is_not(session, user):
    course, (goal,), (made,) = await tree(session, user)
    await progress.move_goal(session, goal.id, GoalStatus.BLOCKED)
    for task in made:
        await save(session, task)
    assert await state(session, goal) == ["BLOCKED"]
    assert (await percentages(session, goal, course))[0] == 100
    advanced = await progress.move_goal(session, goal.id, GoalStatus.IN_PROGRESS)
    assert await state(session, course, goal) == ["COMPLETED", "COMPLETED"]
    assert [one.status for one in advanced] == ["IN_PROGRESS", "COMPLETED", "COMPLETED"]


async def test_a_cancelled_goal_is_no_part_of_the_course(session, user):
    course, (goal, other), (made, _) = await tree(session, user, goals_count=2)
    for task in made:
        await save(session, task)
    before = await count(session, user)
    await progress.move_goal(session, other.id, GoalStatus.CANCELLED)
    assert await told(session, user, after=before) == ["goal.cancelled", "course.completed"]
    assert await state(session, course, goal) == ["COMPLETED", "COMPLETED"]


async def test_a_goal_may_be_completed_by_decision(session, user):
    course, (goal,), ((task, _),) = await tree(session, user)
    await progress.start_task(session, task.id)
    await progress.move_goal(session, goal.id, GoalStatus.COMPLETED)
    assert await percentages(session, goal, course) == (100, 100)
    await save(session, task)
    assert await state(session, course, goal) == ["COMPLETED", "COMPLETED"]


async def test_a_goal_without_a_course(session, user):
    goal = await goals.create(session, user.id, embed, title="Alone")
    task = await tasks.create(session, goal, embed, title="Only", contract=CONTRACT)
    recorded = await save(session, task)
    assert [one.entity_type for one in recorded.advanced][-1] is EntityType.GOAL
    assert await state(session, goal) == ["COMPLETED"]


async def test_a_course_is_archived_and_taken_up_again(session, user):
    course, (goal,), (made,) = await tree(session, user)
    (advance,) = await progress.move_course(session, course.id, CourseStatus.ARCHIVED)
    assert advance.status == "ARCHIVED"
    assert await progress.move_course(session, course.id, CourseStatus.ARCHIVED) == []
    for task in made:
        await save(session, task)
    assert await state(session, course, goal) == ["ARCHIVED", "COMPLETED"]


async def test_what_is_not_in_the_table_changes_nothing(session, user):
    course, (goal,), ((task, _),) = await tree(session, user)
    before = await count(session, user)
    with pytest.raises(TransitionError):
        await progress.move_task(session, task.id, TaskStatus.COMPLETED)
    with pytest.raises(TransitionError):
        await progress.move_goal(session, goal.id, GoalStatus.COMPLETED)
    with pytest.raises(TransitionError):
        await progress.move_course(session, course.id, CourseStatus.COMPLETED)
    assert await state(session, course, goal, task) == ["DRAFT", "PENDING", "TODO"]
    assert await count(session, user) == before


async def test_saves_at_once_do_not_stand_in_each_others_way(database, user):
    """Each saves another task of the same course; every one of them must be counted."""
    async with database.begin() as session:
        course, made, listed = await tree(session, user, 4, goals_count=2)

    async def one(task):
        async with database.begin() as session:
            await save(session, task)

    await asyncio.gather(*(one(task) for each in listed for task in each for _ in range(2)))
    async with database.session() as session:
        assert await state(session, course, *made) == ["COMPLETED"] * 3
        assert (await told(session, user)).count("task.completed") == 8
        assert (await told(session, user)).count("goal.completed") == 2
        assert (await told(session, user)).count("course.completed") == 1
