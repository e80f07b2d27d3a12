"""The use cases over the real database, sandbox, graph and search for fixes."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from milepost.domain.validations import Snapshot, Stage, Validation
from milepost.settings import loading
from milepost.storage import events, snapshots, tasks, users
from milepost.storage.engine import Database
from milepost.wiring import opening

COURSE = """
course: {title: Sums, language: python, share_solutions: true}
goals:
  - title: Adding
    tasks:
      - title: Sum up
        files: [sums.py]
        solutions: [solutions/one.py, solutions/two.py, solutions/wrong.py]
        criteria:
          - defines: ["total(numbers)"]
          - examples:
              - {call: "total([1, 2])", expect: "3"}
              - {call: "total([])", expect: "0"}
              - {call: "total([5])", expect: "5"}
"""
ONE = "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result\n"
TWO = "def total(numbers):\n    return sum(numbers)\n"
WRONG = ONE.replace("result = 0", "result = 1  # A start.")


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "course"
    (folder / "solutions").mkdir(parents=True)
    (folder / "milepost.yaml").write_text(COURSE)
    for name, code in (("one", ONE), ("two", TWO), ("wrong", WRONG)):
        (folder / "solutions" / f"{name}.py").write_text(code)
    return folder


@asynccontextmanager
async def opened(tmp_path: Path, url: str, *, apart: bool = False):
    # The budget of the search is no timing here: it is generous, so that a busy machine finds the fix all the same.
    environment = {"MILEPOST_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": url, "MILEPOST_REPAIR_SECONDS": "60"}
    settings = loading.load(environment, file=tmp_path / "none")
    workspace = await opening.open_workspace(lambda: settings, apart=apart)
    try:
        yield workspace
    finally:
        await workspace.close()


def saved(folder: Path, text: str) -> Snapshot:
    path = folder / "sums.py"
    path.write_text(text)
    return Snapshot(path.as_uri(), 1, str(path), "python", text)


async def save(workspace, snapshot: Snapshot, *, trust: bool = True) -> list[Validation]:
    claim = workspace.claim(snapshot.path)
    if trust:
        await workspace.trust(claim, granted=True)
    await workspace.submit(snapshot, claim)
    stages = [validation async for validation in workspace.validate(snapshot, claim, "en")]
    assert await workspace.flushed()
    return [workspace.fast(snapshot, claim, "en"), *stages]


async def test_a_save_goes_the_whole_way(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url) as workspace:
        stages = await save(workspace, saved(folder, WRONG))
        assert [validation.stage for validation in stages] == [Stage.FAST, Stage.CHECKED, Stage.COMPLETE]
        complete = stages[-1]
        assert (complete.passed, [finding.rule for finding in complete.findings]) == (False, ["examples"])
        assert complete.fixes[0].verified
        assert {evidence.code for evidence in complete.evidence} == {ONE, TWO}
        history = await workspace.history(str(folder / "sums.py"))
        assert [(entry.passed, entry.text) for entry in history] == [(False, WRONG)]
        right = (await save(workspace, saved(folder, WRONG.replace("result = 1", "result = 0"))))[-1]
        assert right.passed is True
        (goal,) = await workspace.progress(str(folder / "sums.py"))
        assert (goal.status, goal.percentage, goal.tasks[0].status) == ("COMPLETED", 100.0, "COMPLETED")
    database = Database.connect(database_url)
    async with database.session() as session:
        user = await users.ensure_local(session)
        types = {event.event_type.value for event in await events.list_of_user(session, user.id, limit=1000)}
        (task,) = await tasks.list_of_user(session, user.id)
        trusted = {one.text for one in await snapshots.trusted_for_task(session, task.id)}
    await database.dispose()
    assert {"code.submitted", "code.validated", "task.completed", "goal.completed", "ai.fix_offered"} <= types
    assert trusted == {ONE, TWO, WRONG.replace("result = 1", "result = 0")}


async def test_the_search_for_fixes_runs_in_its_own_process(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url, apart=True) as workspace:
        complete = (await save(workspace, saved(folder, WRONG)))[-1]
    assert complete.fixes[0].verified


async def test_nothing_of_an_untrusted_folder_runs(tmp_path, folder, database_url):
    (folder / "sums.py").write_text(ONE)
    async with opened(tmp_path, database_url) as workspace:
        complete = (await save(workspace, saved(folder, ONE), trust=False))[-1]
        assert complete.passed is None
        assert "not trusted" in complete.notes[0]
        assert [result.passed for result in complete.results] == [True, None]


async def test_an_answer_about_trust_is_remembered(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url) as workspace:
        claim = workspace.claim(str(folder / "sums.py"))
        assert not workspace.was_asked(claim)
        await workspace.trust(claim, granted=False)
    async with opened(tmp_path, database_url) as workspace:
        assert workspace.was_asked(claim)
        assert not workspace.is_trusted(claim)


async def test_a_completed_task_stays_completed_and_says_so(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url) as workspace:
        await save(workspace, saved(folder, ONE))
        complete = (await save(workspace, saved(folder, WRONG)))[-1]
        assert any("stays completed" in note for note in complete.notes)
        (goal,) = await workspace.progress(str(folder / "sums.py"))
        assert goal.tasks[0].status == "COMPLETED"


async def test_the_same_text_again_shows_its_last_report(tmp_path, folder, database_url):
    snapshot = saved(folder, WRONG)
    async with opened(tmp_path, database_url) as workspace:
        complete = (await save(workspace, snapshot))[-1]
    async with opened(tmp_path, database_url) as workspace:
        claim = workspace.claim(snapshot.path)
        last = await workspace.last(snapshot.path, WRONG, claim, "en")
        assert (last.findings, last.fixes, last.score) == (complete.findings, complete.fixes, complete.score)
        assert await workspace.last(snapshot.path, WRONG + "\n", claim, "en") is None
        assert await workspace.last(snapshot.path, WRONG, claim, "es") is None


async def test_without_a_database_the_report_is_whole_and_a_note_says_what_is_missing(tmp_path, folder):
    url = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"
    async with opened(tmp_path, url) as workspace:
        snapshot = saved(folder, WRONG)
        claim = workspace.claim(snapshot.path)
        await workspace.trust(claim, granted=True)
        await workspace.submit(snapshot, claim)
        stages = [validation async for validation in workspace.validate(snapshot, claim, "en")]
        assert [finding.rule for finding in stages[-1].findings] == ["examples"]
        assert stages[-1].fixes[0].verified
        assert any("will be stored later" in note for note in stages[-1].notes)


async def test_what_was_saved_without_a_database_is_stored_by_the_next_session(tmp_path, folder, database_url):
    async with opened(tmp_path, "postgresql+asyncpg://nobody@127.0.0.1:1/nothing") as workspace:
        snapshot = saved(folder, WRONG)
        await workspace.submit(snapshot, workspace.claim(snapshot.path))
    async with opened(tmp_path, database_url) as workspace:
        assert await workspace.flushed()
        assert [entry.text for entry in await workspace.history(snapshot.path)] == [WRONG]


async def test_a_newer_save_abandons_the_older_run_and_keeps_its_snapshot(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url) as workspace:
        endless = saved(folder, "def total(numbers):\n    while True:\n        pass\n")
        claim = workspace.claim(endless.path)
        await workspace.trust(claim, granted=True)
        await workspace.submit(endless, claim)
        stages = workspace.validate(endless, claim, "en")
        first = asyncio.ensure_future(anext(stages))
        await asyncio.sleep(0.05)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await stages.aclose()
        complete = (await save(workspace, saved(folder, ONE)))[-1]
        assert complete.passed is True
        history = await workspace.history(endless.path)
        assert [(entry.passed, entry.score) for entry in history] == [(True, 1.0), (None, None)]


async def test_a_solution_that_fails_is_named_and_left_out(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url) as workspace:
        claim = workspace.claim(str(folder / "sums.py"))
        sandbox = await workspace.open_sandbox(str(folder))
        prepared = await workspace.prepare(claim.course, claim.goal, claim.task, sandbox)
    assert [solution.path for solution in prepared.solutions] == ["solutions/one.py", "solutions/two.py"]
    assert len(prepared.warnings) == 1
    assert "solutions/wrong.py: this solution" in prepared.warnings[0].en
    assert "solutions/wrong.py: esta solución" in prepared.warnings[0].es
