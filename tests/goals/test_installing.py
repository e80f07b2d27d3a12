"""A course file brought into the database: once, again, changed, at once."""

import asyncio
from collections import Counter

import pytest

from milepost.domain.entities import EntityType, TaskType
from milepost.goals import course_file, courses, goals, installing, progress, tasks, wording
from milepost.storage import embeddings, events
from tests.goals.records import MODEL, count, embed, told

COURSE = """\
course: {title: {en: First steps, es: Primeros pasos}, language: python, description: For all.}
goals:
  - title: Functions
    description: {en: What they are, es: Qué son}
    tasks:
      - {title: {en: Say hello, es: Saludar}, files: [hello.py], statement: "Write `hello()`.",
         criteria: [{defines: [hello()]}, {examples: [{call: hello(), expect: "'hi'", approx: 0.5}], weight: 2}]}
      - {title: Add, files: [add.py], criteria: [{defines: ["add(a, b)"]}], type: testing}
  - title: Loops
    tasks:
      - {title: Count, files: [count.py], criteria: [{requires: [{construct: for}]}]}
"""


@pytest.fixture
def draft(folder):
    def load(text=COURSE, **replaced):
        for before, after in replaced.values():
            assert before in text
            text = text.replace(before, after)
        folder.write("milepost.yaml", text)
        return course_file.load(folder.file)

    return load


async def everything(session, user):
    """Return all rows that an import can touch."""
    return (
        await courses.list_of_user(session, user.id),
        await goals.list_of_user(session, user.id),
        await tasks.list_of_user(session, user.id),
    )


async def statuses(session, user):
    return {one.title: one.status.value for one in await tasks.list_of_user(session, user.id)}


async def install(session, user, draft):
    return await installing.install(session, user.id, draft, embed)


async def complete(session, task):
    await progress.record_validation(session, task.id, passed=True, score=1)


async def test_the_first_import_makes_everything(session, user, draft, folder):
    installed = await install(session, user, draft())
    assert Counter(await told(session, user)) == {"course.created": 1, "goal.created": 2, "task.created": 3}
    assert installed.course.title == "First steps"
    assert wording.title_of(installed.course).es == "Primeros pasos"
    assert [goal.title for goal in installed.goals] == ["Functions", "Loops"]
    assert wording.description_of(installed.goals[0]).es == "Qué son"
    assert list(installed.tasks) == ["functions / say hello", "functions / add", "loops / count"]
    task = installed.tasks["functions / say hello"]
    assert task.contract == course_file.load(folder.file).goals[0].tasks[0].contract
    assert (task.files, task.position, task.description) == (("hello.py",), 0, "Write `hello()`.")
    assert installed.tasks["functions / add"].task_type is TaskType.TESTING
    assert len(await embeddings.hashes(session, EntityType.TASK, MODEL)) == 3


async def test_what_is_stored_is_found_by_its_key(session, user, draft):
    loaded = draft()
    installed = await install(session, user, loaded)
    assert await installing.find_course(session, user.id, loaded.path) == installed.course
    task = await installing.find_task(session, user.id, loaded.path, "loops / count")
    assert task == installed.tasks["loops / count"]
    assert await installing.find_task(session, user.id, loaded.path, "loops / other") is None


async def test_the_second_import_changes_nothing_and_tells_nothing(session, user, draft):
    first = await install(session, user, draft())
    before = await everything(session, user), await count(session, user)
    assert await install(session, user, draft()) == first
    assert (await everything(session, user), await count(session, user)) == before


async def test_it_changes_nothing_after_progress_either(session, user, draft):
    installed = await install(session, user, draft())
    await complete(session, installed.tasks["functions / add"])
    before = await everything(session, user), await count(session, user)
    await install(session, user, draft())
    assert (await everything(session, user), await count(session, user)) == before


async def test_changed_texts_are_told(session, user, draft):
    first = await install(session, user, draft())
    before = await count(session, user)
    changed = draft(a=("Write `hello()`.", "Write it."), b=("Qué son", "Lo que son"))
    second = await install(session, user, changed)
    assert Counter(await told(session, user, after=before)) == {
        "course.updated": 1, "goal.updated": 1, "task.updated": 1,
    }  # fmt: skip
    assert second.tasks["functions / say hello"].description == "Write it."
    assert second.tasks["functions / say hello"].id == first.tasks["functions / say hello"].id


async def test_a_changed_criterion_changes_its_task_only(session, user, draft):
    await install(session, user, draft())
    before = await count(session, user)
    installed = await install(session, user, draft(a=("weight: 2", "weight: 3")))
    (event,) = [
        one for one in (await events.list_of_user(session, user.id))[before:] if one.entity_type is EntityType.TASK
    ]
    assert (event.entity_id, event.payload["changed"]) == (installed.tasks["functions / say hello"].id, ["contract"])


async def test_a_renamed_task_keeps_its_history(session, user, draft):
    first = await install(session, user, draft())
    await complete(session, first.tasks["functions / add"])
    second = await install(session, user, draft(a=("title: Add", "title: Sum"), b=("title: Functions", "title: Calls")))
    task = second.tasks["calls / sum"]
    assert (task.id, task.title, task.status.value) == (first.tasks["functions / add"].id, "Sum", "COMPLETED")
    assert [goal.id for goal in second.goals] == [goal.id for goal in first.goals]
    assert second.course.id == first.course.id


async def test_a_task_that_moves_to_another_goal_is_the_same(session, user, draft):
    first = await install(session, user, draft())
    lines = COURSE.split("\n")
    moved = "\n".join([*lines[:7], *lines[8:-1], lines[7]])
    second = await install(session, user, draft(moved))
    task = second.tasks["loops / add"]
    assert (task.id, task.goal_id) == (first.tasks["functions / add"].id, second.goals[1].id)
    assert len(await tasks.list_of_user(session, user.id)) == 3


async def test_a_removed_task_is_skipped_and_its_goal_follows(session, user, draft):
    first = await install(session, user, draft())
    await complete(session, first.tasks["functions / say hello"])
    before = await count(session, user)
    without = "\n".join(line for line in COURSE.split("\n") if "title: Add" not in line)
    second = await install(session, user, draft(without))
    assert await statuses(session, user) == {"Say hello": "COMPLETED", "Add": "SKIPPED", "Count": "TODO"}
    assert second.goals[0].status.value == "COMPLETED"
    assert Counter(await told(session, user, after=before)) == {
        "course.updated": 2, "task.updated": 1, "task.skipped": 1, "goal.completed": 1,
    }  # fmt: skip
    before = await everything(session, user), await count(session, user)
    await install(session, user, draft(without))
    assert (await everything(session, user), await count(session, user)) == before
    third = await install(session, user, draft())
    assert third.tasks["functions / add"].id == first.tasks["functions / add"].id
    assert await statuses(session, user) == {"Say hello": "COMPLETED", "Add": "TODO", "Count": "TODO"}
    assert (third.goals[0].status.value, third.goals[0].progress_percentage) == ("IN_PROGRESS", 50)


async def test_a_removed_completed_task_stays_completed(session, user, draft):
    first = await install(session, user, draft())
    await complete(session, first.tasks["functions / add"])
    await install(session, user, draft("\n".join(line for line in COURSE.split("\n") if "title: Add" not in line)))
    assert (await statuses(session, user))["Add"] == "COMPLETED"
    assert (await goals.get(session, first.goals[0].id)).progress_percentage == 0


async def test_a_removed_goal_is_cancelled_and_comes_back(session, user, draft):
    first = await install(session, user, draft())
    await install(session, user, draft(COURSE.partition("  - title: Loops")[0]))
    assert (await goals.get(session, first.goals[1].id)).status.value == "CANCELLED"
    assert (await statuses(session, user))["Count"] == "SKIPPED"
    third = await install(session, user, draft())
    assert [goal.status.value for goal in third.goals] == ["PENDING", "PENDING"]
    assert (await statuses(session, user))["Count"] == "TODO"


async def test_new_work_opens_what_was_completed(session, user, draft):
    short = COURSE.partition("  - title: Loops")[0]
    short = "\n".join(line for line in short.split("\n") if "title: Add" not in line)
    first = await install(session, user, draft(short))
    await complete(session, first.tasks["functions / say hello"])
    assert (await courses.get(session, first.course.id)).status.value == "COMPLETED"
    second = await install(session, user, draft())
    assert (second.course.status.value, second.goals[0].status.value) == ("ACTIVE", "IN_PROGRESS")
    assert second.goals[0].progress_percentage == 50


async def test_goals_without_a_course(session, user, draft):
    alone = draft("goals:" + COURSE.partition("goals:")[2])
    first = await install(session, user, alone)
    assert first.course is None
    assert [goal.course_id for goal in first.goals] == [None, None]
    before = await count(session, user)
    assert await install(session, user, alone) == first
    assert await count(session, user) == before
    joined = await install(session, user, draft())
    assert [goal.id for goal in joined.goals] == [goal.id for goal in first.goals]
    assert {goal.course_id for goal in joined.goals} == {joined.course.id}


async def test_a_moved_folder_keeps_its_progress(session, user, draft, folder, tmp_path):
    first = await install(session, user, draft())
    await complete(session, first.tasks["functions / add"])
    folder.root.rename(tmp_path / "elsewhere")
    moved = course_file.load(tmp_path / "elsewhere")
    second = await install(session, user, moved)
    assert second.course.id == first.course.id
    assert second.tasks["functions / add"].status.value == "COMPLETED"
    assert await installing.find_task(session, user.id, moved.path, "functions / add")
    assert await installing.find_course(session, user.id, str(folder.file)) is None


async def test_a_copy_is_a_course_of_its_own(session, user, draft, tmp_path):
    first = await install(session, user, draft())
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/milepost.yaml").write_text(COURSE)
    second = await install(session, user, course_file.load(tmp_path / "copy"))
    assert second.course.id != first.course.id
    assert len(await tasks.list_of_user(session, user.id)) == 6


async def test_what_others_keep_in_the_metadata_stays(session, user, draft):
    installed = await install(session, user, draft())
    task = installed.tasks["loops / count"]
    await tasks.update(session, task.id, embed, metadata={**task.metadata, "note": "x"})
    await install(session, user, draft(a=("title: Count", "title: Count up")))
    assert (await tasks.get(session, task.id)).metadata["note"] == "x"


async def test_two_imports_at_once_make_one_course(database, user, draft):
    loaded = draft()

    async def one():
        async with database.begin() as session:
            return await install(session, user, loaded)

    found = await asyncio.gather(*(one() for _ in range(4)))
    assert len({installed.course.id for installed in found}) == 1
    async with database.session() as session:
        assert Counter(await told(session, user)) == {"course.created": 1, "goal.created": 2, "task.created": 3}


async def test_an_import_and_saves_at_once(database, user, draft):
    async with database.begin() as session:
        installed = await install(session, user, draft())
    changed = draft(a=("Write `hello()`.", "Write it."))

    async def again():
        async with database.begin() as session:
            await install(session, user, changed)

    async def save(task):
        async with database.begin() as session:
            await complete(session, task)

    await asyncio.gather(again(), *(save(task) for task in installed.tasks.values()), again())
    async with database.session() as session:
        assert set((await statuses(session, user)).values()) == {"COMPLETED"}
        assert (await courses.get(session, installed.course.id)).status.value == "COMPLETED"
        assert (await tasks.get(session, installed.tasks["functions / say hello"].id)).description == "Write it."
