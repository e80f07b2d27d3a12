"""The whole way of a save with a model behind a real connection: LLM-07 and LLM-08."""

import asyncio
import json
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from milepost.domain.validations import Snapshot, Stage
from milepost.providers import endpoint as endpoints
from milepost.settings import loading
from milepost.storage import events, users
from milepost.storage.engine import Database
from milepost.wiring import opening
from tests.agents.reviewed import COURSE, ONE, TWO, WRONG
from tests.fixtures.chat import finding, review
from tests.fixtures.endpoint import breaks_off, drips, endpoint, floods, hangs, says, status

# A kill limit, no measurement.
PATIENCE = 300


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(endpoints, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    files = {"milepost.yaml": COURSE.format(reveal="message", more=""), "one.py": ONE, "two.py": TWO, "sums.py": WRONG}
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@asynccontextmanager
async def opened(tmp_path: Path, database_url: str, **variables: str):
    environment = {
        "MILEPOST_DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": database_url,
        "MILEPOST_REPAIR_SECONDS": "0",
    }
    settings = loading.load({**environment, **variables}, file=tmp_path / "none")
    workspace = await opening.open_workspace(lambda: settings, apart=False)
    try:
        yield workspace
    finally:
        await workspace.close()


def with_model(url: str, seconds: str = "300") -> dict[str, str]:
    return {"MILEPOST_MODEL_URL": url, "MILEPOST_MODEL": "tiny", "MILEPOST_MODEL_SECONDS": seconds}


async def begun(workspace, folder: Path, text: str = WRONG, *, trust: bool = True):
    """Submit a text; return its snapshot and the task that claims it."""
    path = folder / "sums.py"
    snapshot = Snapshot(path.as_uri(), 1, str(path), "python", text)
    claim = workspace.claim(str(path))
    if trust:
        await workspace.trust(claim, granted=True)
    await workspace.submit(snapshot, claim)
    return snapshot, claim


async def stages_of(workspace, folder: Path, text: str = WRONG, **how):
    snapshot, claim = await begun(workspace, folder, text, **how)
    async with asyncio.timeout(PATIENCE):
        return [stage async for stage in workspace.validate(snapshot, claim, "en")]


async def stored(database_url: str):
    database = Database.connect(database_url)
    async with database.session() as session:
        user = await users.ensure_local(session)
        found = await events.list_of_user(session, user.id)
    await database.dispose()
    return found


SAID = review(finding("amount = 1", "Is that where a sum starts?", criterion=1, severity="warning"))


async def test_a_review_is_the_last_stage_and_a_fact_with_its_cost(tmp_path, folder, database_url):
    async with endpoint(says(SAID)) as server, opened(tmp_path, database_url, **with_model(server.url)) as workspace:
        stages = await stages_of(workspace, folder)
        assert [stage.stage for stage in stages] == [Stage.CHECKED, Stage.COMPLETE, Stage.REVIEWED]
        assert [one.rule for one in stages[-1].findings] == ["examples", "review/examples"]
        (sent,) = workspace.sent_requests()
        assert sent.body == server.requests[0].raw.decode()
        assert await workspace.flushed()
        claim = workspace.claim(stages[-1].snapshot.path)
        last = await workspace.last(stages[-1].snapshot.path, WRONG, claim, "en")
        assert [one.rule for one in last.findings] == ["examples", "review/examples"]
    facts = {event.event_type.value: event for event in await stored(database_url)}
    assert facts["code.reviewed"].issues_count == 1
    feedback = facts["ai.feedback_generated"]
    assert (feedback.model_used, feedback.tokens_used, feedback.agent_node) == ("tiny", 18, "review")
    assert (feedback.payload["tokens_in"], feedback.payload["tokens_out"]) == (11, 7)
    assert feedback.payload["task_id"] == str(facts["code.reviewed"].task_id)
    assert feedback.latency_ms > 0


async def test_an_answer_of_no_use_is_paid_for_once_and_no_review(tmp_path, folder, database_url):
    async with (
        endpoint(says("no JSON")) as server,
        opened(tmp_path, database_url, **with_model(server.url)) as workspace,
    ):
        for text in (WRONG, WRONG + "\n\n# again\n"):
            assert (await stages_of(workspace, folder, text))[-1].notes
        assert await workspace.flushed()
        assert len(server.requests) == 1
    facts = await stored(database_url)
    (feedback,) = [event for event in facts if event.event_type.value == "ai.feedback_generated"]
    assert (feedback.model_used, feedback.tokens_used) == ("tiny", 18)
    assert (feedback.payload["trouble"], feedback.payload["useless"]) == ("garbled", 1)
    assert "code.reviewed" not in {event.event_type.value for event in facts}


async def test_what_was_dismissed_stays_away_in_the_next_session(tmp_path, folder, database_url):
    async with endpoint(says(SAID)) as server:
        async with opened(tmp_path, database_url, **with_model(server.url)) as workspace:
            found = (await stages_of(workspace, folder))[-1].findings[-1]
            claim = workspace.claim(str(folder / "sums.py"))
            await workspace.dismiss(claim, str(folder / "sums.py"), found, "wrong")
            assert await workspace.flushed()
        async with opened(tmp_path, database_url, **with_model(server.url)) as workspace:
            last = (await stages_of(workspace, folder))[-1]
    assert (last.stage, [one.rule for one in last.findings]) == (Stage.REVIEWED, ["examples"])


async def test_the_next_session_asks_nothing_again(tmp_path, folder, database_url):
    seen = []
    async with endpoint(says(SAID)) as server:
        for text in (WRONG, WRONG + "\n\n# a comment\n"):
            async with opened(tmp_path, database_url, **with_model(server.url)) as workspace:
                seen.append([one.rule for one in (await stages_of(workspace, folder, text))[-1].findings])
    assert seen == [["examples", "review/examples"]] * 2
    assert len(server.requests) == 1
    feedback = [event for event in await stored(database_url) if event.event_type.value == "ai.feedback_generated"]
    assert len(feedback) == 1


FAULTS = {
    "429": (status(429), "busy"),
    "500": (status(500), "a fault of its own"),
    "hang": (hangs(), "did not answer"),
    "slow drip": (drips(), "did not answer"),
    "cut stream": (breaks_off(), "cut short"),
    "no JSON": (says("certainly! the program is fine"), "cannot be read"),
    "wrong schema": (says({"verdict": "good"}), "cannot be read"),
    "length": (says('{"findings": [', finish="length"), "before its answer was whole"),
    "10 MB": (floods(10_000_000), "far too long"),
    "redirect": (status(307, Location="http://127.0.0.1:9/"), "goes nowhere but"),
    "no key": (status(401), "wants a key"),
    "unknown model": (status(404), "does not know the model"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_the_endpoint_does_the_report_is_there_and_one_note_says_what_is_missing(
    tmp_path, folder, database_url, fault
):
    act, words = FAULTS[fault]
    async with opened(tmp_path, database_url) as workspace:
        plain = (await stages_of(workspace, folder))[-1]
    # Only what never ends may run into the limit, however slow this machine is.
    seconds = "2" if words == "did not answer" else str(PATIENCE)
    async with endpoint(act) as server, opened(tmp_path, database_url, **with_model(server.url, seconds)) as workspace:
        stages = await stages_of(workspace, folder)
        assert [stage.stage for stage in stages] == [Stage.CHECKED, Stage.COMPLETE, Stage.REVIEWED]
        complete, reviewed = stages[1:]
        assert complete.findings == reviewed.findings == plain.findings
        assert complete.results == reviewed.results == plain.results
        (note,) = reviewed.notes
        assert words in note
        assert await workspace.flushed()
    degraded = [event for event in await stored(database_url) if event.event_type.value == "system.degraded"]
    assert [event.payload["part"] for event in degraded] == ["model"]
    assert server.requests or seconds == "2"


async def test_nothing_waits_for_a_model_and_a_newer_save_closes_its_connection(tmp_path, folder, database_url):
    """While the endpoint hangs everything else is there already; leaving the run ends the request."""
    async with (
        endpoint(hangs()) as server,
        opened(tmp_path, database_url, **with_model(server.url, "3000")) as workspace,
    ):
        snapshot, claim = await begun(workspace, folder)
        async with asyncio.timeout(PATIENCE), aclosing(workspace.validate(snapshot, claim, "en")) as stages:
            seen = [await anext(stages), await anext(stages)]
            assert seen[-1].stage is Stage.COMPLETE
            assert server.requests == []
            waiting = asyncio.ensure_future(anext(stages))
            while not server.requests:
                await asyncio.sleep(0.01)
            assert await workspace.flushed()
            assert not waiting.done()
            waiting.cancel()
            await asyncio.wait([waiting])
            await server.gone.wait()


async def test_an_address_that_cannot_be_used_is_said_in_the_same_note(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url, **with_model("http://models.example.com/v1")) as workspace:
        reviewed = (await stages_of(workspace, folder))[-1]
        assert workspace.sent_requests() == []
    assert reviewed.stage is Stage.REVIEWED
    assert "modelUrl has to begin with https://" in reviewed.notes[0]


@pytest.mark.parametrize("why", ["no model is set", "nothing may be seen", "the folder is not trusted", "no tokens"])
async def test_without_consent_no_byte_leaves(tmp_path, folder, database_url, monkeypatch, why):
    monkeypatch.setenv("OPENAI_API_KEY", "there-is-one")
    monkeypatch.setenv("MILEPOST_MODEL_KEY", "there-is-one")
    async with endpoint(says(SAID)) as server:
        variables = with_model(server.url)
        if why == "no model is set":
            variables = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "there-is-one"}
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        elif why == "nothing may be seen":
            variables["MILEPOST_MODEL_MAY_SEE"] = "statement"
        elif why == "no tokens":
            variables["MILEPOST_MODEL_TOKENS_PER_DAY"] = "0"
        async with opened(tmp_path, database_url, **variables) as workspace:
            stages = await stages_of(workspace, folder, trust=why != "the folder is not trusted")
    assert stages[1].stage is Stage.COMPLETE
    assert server.connections == 0


async def test_no_secret_is_in_what_leaves_or_is_kept(tmp_path, folder, database_url):
    """LLM-05 on the whole way: the request, what explains it, and every event."""
    secret = "ghp_" + "a1B2" * 9
    text = WRONG.replace("amount = 1", f'token = "{secret}"\n    amount = 1')
    said = review(finding("amount = 1", f"Your token is {secret}."))
    async with endpoint(says(said)) as server, opened(tmp_path, database_url, **with_model(server.url)) as workspace:
        await stages_of(workspace, folder, text)
        assert secret not in json.dumps([one.body for one in workspace.sent_requests()])
        assert await workspace.flushed()
    assert server.requests
    assert all(secret.encode() not in request.raw for request in server.requests)
    assert secret not in str(await stored(database_url))
