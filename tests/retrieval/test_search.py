"""Search over a real database: scope before nearness."""

from uuid import uuid4

import pytest

from milepost.domain.criteria import Contract
from milepost.domain.entities import EntityType
from milepost.domain.validations import Snapshot
from milepost.providers import lexical
from milepost.retrieval import search, structural
from milepost.storage import courses, embeddings, goals, snapshots, tasks, users
from tests.retrieval.programs import COUNTS, RENAMED, SEARCHES, WRONG_SEARCHES

CONTRACT = Contract("python", ())


async def store(session, user_id, task_id, code, *, trusted=True):
    """Store a program as a validated snapshot with its embedding."""
    snapshot = Snapshot("file:///a.py", 1, f"{uuid4()}.py", "python", code)
    snapshot_id = await snapshots.add(session, user_id, task_id, snapshot)
    await snapshots.set_result(session, snapshot_id, passed=True, score=1, feedback={}, issues=[], trusted=trusted)
    vector = structural.embed(code, "python")
    kind = EntityType.CODE_SNAPSHOT
    await embeddings.put(session, user_id, kind, snapshot_id, code, structural.MODEL, vector)
    return str(snapshot_id)


class School:
    """A teacher's course with two goals of one task each, and a learner."""

    def __init__(self, teacher, learner, course, ids) -> None:
        self.teacher, self.learner, self.course = teacher, learner, course
        (self.goal, self.task), (self.other_goal, self.other_task) = ids


@pytest.fixture
async def school(session) -> School:
    teacher = await users.create(session, email="t@example.org", username="teacher")
    learner = await users.create(session, email="l@example.org", username="learner")
    course = await courses.create(session, teacher.id, title="Course", share_solutions=False)
    ids = []
    for title in ("Search", "Count"):
        goal = await goals.create(session, teacher.id, title=title, course_id=course.id)
        task = await tasks.create(session, teacher.id, goal.id, title=title, contract=CONTRACT)
        ids.append((goal.id, task.id))
    return School(teacher.id, learner.id, course.id, ids)


async def ask(session, user_id, text, **scope):
    return await search.similar_code(session, user_id=user_id, text=text, language="python", **scope)


async def test_the_nearest_programs_of_the_task_come_first(session, school):
    for code in (*COUNTS, *SEARCHES):
        await store(session, school.learner, school.task, code)
    for number, wrong in enumerate(WRONG_SEARCHES):
        found = await ask(session, school.learner, wrong, task_id=school.task, limit=3)
        assert len(found) == 3
        assert [one.distance for one in found] == sorted(one.distance for one in found)
        if number != RENAMED:
            assert found[0].code == SEARCHES[number]


async def test_the_task_comes_before_its_goal_and_the_goal_before_the_course(session, school):
    """A nearer program from further away does not overtake one of the task."""
    near, far = SEARCHES[0], COUNTS[0]
    await store(session, school.learner, school.task, far)
    await store(session, school.learner, school.other_task, near)
    places = {"task_id": school.task, "goal_id": school.goal, "course_id": school.course}
    assert [one.code for one in await ask(session, school.learner, near + "#", **places)] == [far, near]
    assert [one.code for one in await ask(session, school.learner, near + "#", limit=1, **places)] == [far]
    assert [one.code for one in await ask(session, school.learner, near + "#", task_id=school.task)] == [far]
    assert [one.code for one in await ask(session, school.learner, near + "#", goal_id=school.other_goal)] == [near]


async def test_only_trusted_programs_are_evidence(session, school):
    await store(session, school.learner, school.task, SEARCHES[0], trusted=False)
    await store(session, school.learner, school.task, SEARCHES[1])
    found = await ask(session, school.learner, SEARCHES[0] + "#", task_id=school.task)
    assert [one.code for one in found] == [SEARCHES[1]]


async def test_others_programs_are_found_only_where_the_course_shares_them(session, school):
    stranger = await users.create(session, email="s@example.org", username="stranger")
    own = await store(session, school.learner, school.task, SEARCHES[1])
    teachers = await store(session, school.teacher, school.task, SEARCHES[2])
    others = await store(session, stranger.id, school.task, SEARCHES[0])
    places = {"task_id": school.task}
    found = await ask(session, school.learner, SEARCHES[0] + "#", **places)
    assert {one.snapshot_id: one.own for one in found} == {own: True, teachers: False}
    await courses.update_fields(session, school.course, share_solutions=True)
    found = await ask(session, school.learner, SEARCHES[0] + "#", **places)
    assert {one.snapshot_id for one in found} == {own, teachers, others}
    found = await ask(session, school.learner, SEARCHES[0] + "#", shared=False, **places)
    assert {one.snapshot_id for one in found} == {own}


async def test_the_text_itself_and_copies_are_not_evidence(session, school):
    await store(session, school.learner, school.task, SEARCHES[0])
    await store(session, school.learner, school.task, SEARCHES[1])
    await store(session, school.teacher, school.task, SEARCHES[1])
    found = await ask(session, school.learner, SEARCHES[0], task_id=school.task)
    assert [one.code for one in found] == [SEARCHES[1]]


async def test_without_a_place_all_that_the_user_may_see_is_searched(session, school):
    await store(session, school.learner, None, COUNTS[0])
    await store(session, school.learner, school.task, SEARCHES[0])
    found = await ask(session, school.learner, COUNTS[1])
    assert {one.code for one in found} == {COUNTS[0], SEARCHES[0]}


async def test_a_large_scope_gives_near_programs_through_the_index(session, school, monkeypatch):
    """Above the limit of the exact plan, here a low one, the index answers, in the right order."""
    monkeypatch.setattr(embeddings, "EXACT_LIMIT", 20)
    await embeddings.ensure_index(session, structural.MODEL, structural.WIDTH)
    for number in range(40):
        await store(session, school.learner, school.task, COUNTS[1].replace("found", f"found{number}"))
    await store(session, school.learner, school.task, SEARCHES[0])
    found = await ask(session, school.learner, WRONG_SEARCHES[0], task_id=school.task)
    assert found[0].code == SEARCHES[0]
    assert len(found) == 5


async def describe(session, user_id, title):
    goal = await goals.create(session, user_id, title=title)
    model, vector = lexical.embed(title)
    await embeddings.put(session, user_id, EntityType.GOAL, goal.id, title, model, vector)
    return goal.id


@pytest.mark.parametrize(
    ("question", "nearest"),
    [("sorting a list", 0), ("quiero ordenar palabras", 1), ("una API con FastAPI", 2), ("building an API", 2)],
)
async def test_texts_are_found_in_both_languages_by_words_and_by_vector(session, school, question, nearest):
    titles = (
        "Sort lists and search in them",
        "Ordena una lista de palabras",
        "Build an API with FastAPI",
        "Leer archivos",
    )
    ids = [await describe(session, school.learner, title) for title in titles]
    model, vector = lexical.embed(question)
    found = await search.similar_text(session, user_id=school.learner, text=question, model=model, vector=vector)
    assert found[0].entity_id == ids[nearest]
    without = await search.similar_text(
        session, user_id=school.learner, text=question, model=model, vector=vector, exclude=[ids[nearest]], limit=2
    )
    assert ids[nearest] not in [one.entity_id for one in without]
    assert len(without) <= 2
