"""Snapshots: what was saved, once for each text."""

import asyncio

import pytest

from milepost.domain.criteria import Contract
from milepost.domain.validations import Snapshot
from milepost.storage import goals, snapshots, tasks


@pytest.fixture
async def task(database, user):
    async with database.begin() as session:
        goal = await goals.create(session, user.id, title="Search")
        return await tasks.create(session, user.id, goal.id, title="Linear", contract=Contract("python", ()))


def program(code: str, path: str = "/work/search.py") -> Snapshot:
    return Snapshot("file://" + path, 1, path, "python", code)


async def save(database, user, task, code: str, **result):
    """Store a program in a transaction of its own, as saves are."""
    async with database.begin() as session:
        snapshot_id = await snapshots.add(session, user.id, task and task.id, program(code))
        if result:
            await snapshots.set_result(session, snapshot_id, feedback={}, issues=[], **result)
    return snapshot_id


async def test_a_snapshot_comes_back(session, user, task):
    code = "\ufeffdef f():\r\n\n    return 'ñ😀\x00\ud800'\x0c\n"
    snapshot_id = await snapshots.add(session, user.id, task.id, program(code))
    found = await snapshots.get(session, snapshot_id)
    assert (found.text, found.path, found.language, found.task_id) == (code, "/work/search.py", "python", task.id)
    assert (found.passed, found.score, found.feedback, found.issues, found.trusted) == (None, None, None, None, False)
    assert found.lines_of_code == 2
    assert await snapshots.last(session, user.id, "/work/search.py") == found


async def test_unchanged_text_makes_no_new_row(database, user, task):
    """Only the last text counts: going back to an older one is a change."""
    saved = [await save(database, user, task, code) for code in ("a", "a", "b", "a")]
    assert [snapshot_id is None for snapshot_id in saved] == [False, True, False, False]
    async with database.session() as session:
        history = await snapshots.history(session, user.id, "/work/search.py")
        assert [found.text for found in history] == ["a", "b", "a"]
        assert await snapshots.history(session, user.id, "/work/search.py", limit=1) == history[:1]


async def test_another_task_or_file_is_another_snapshot(database, user, task):
    assert await save(database, user, None, "a")
    assert await save(database, user, task, "a")
    async with database.begin() as session:
        assert await snapshots.add(session, user.id, task.id, program("a", "/work/other.py"))


async def test_a_snapshot_of_a_deleted_task_is_kept(database, user, task):
    """A save that was waiting for the database arrives after its task was deleted."""
    async with database.begin() as session:
        await tasks.delete(session, task.id)
    snapshot_id = await save(database, user, task, "a")
    async with database.session() as session:
        assert (await snapshots.get(session, snapshot_id)).task_id is None


async def test_windows_that_save_at_once_make_one_row(database, user, task):
    saved = await asyncio.gather(*(save(database, user, task, "a") for _ in range(6)))
    assert sum(snapshot_id is not None for snapshot_id in saved) == 1


async def test_a_path_may_be_long_and_strange(session, user):
    """Longer than an entry of an index may be, and with bytes that are no UTF-8."""
    path = "/" + "ü\udcff" * 2000 + ".py"
    snapshot_id = await snapshots.add(session, user.id, None, program("a", path))
    assert (await snapshots.last(session, user.id, path)).id == snapshot_id


async def test_a_big_file_is_stored(session, user):
    code = "x = 1  # " + "é" * 5_000_000
    await snapshots.add(session, user.id, None, program(code))
    assert (await snapshots.last(session, user.id, "/work/search.py")).text == code


async def test_results(database, user, task):
    snapshot_id = await save(database, user, task, "a")
    async with database.begin() as session:
        done = await snapshots.set_result(
            session,
            snapshot_id,
            passed=False,
            score=0.5,
            feedback={"notes": ["\x00", float("nan")]},
            issues=[{"rule": "examples"}],
            trusted=False,
        )
        assert done
        found = await snapshots.get(session, snapshot_id)
        assert (found.passed, found.score, found.trusted) == (False, 0.5, False)
        assert (found.feedback, found.issues) == ({"notes": ["\x00", "nan"]}, [{"rule": "examples"}])
        assert await snapshots.best_score(session, task.id) == 0.5
        assert await snapshots.history_of_task(session, task.id) == [found]


async def test_a_result_without_a_snapshot_is_told(session, user):
    result = {"passed": True, "score": 1.0, "feedback": {}, "issues": [], "trusted": True}
    assert not await snapshots.set_result(session, user.id, **result)


async def test_trusted_programs_of_a_task(database, user, task):
    """Each text once, the newest first, none that is not trusted."""
    passed = {"passed": True, "score": 1.0}
    await save(database, user, task, "old", **passed, trusted=True)
    await save(database, user, task, "doubtful", **passed, trusted=False)
    again = [await save(database, user, task, code, **passed, trusted=True) for code in ("new", "old")]
    async with database.session() as session:
        found = await snapshots.trusted_for_task(session, task.id, language="python")
        assert [snapshot.id for snapshot in found] == [again[1], again[0]]
        assert await snapshots.trusted_for_task(session, task.id, language="go") == []
        assert len(await snapshots.trusted_for_task(session, task.id, limit=1)) == 1
