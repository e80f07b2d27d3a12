"""A model in the real server: its remarks arrive at the editor, and its silence keeps nothing back."""

import json

import pytest

from tests.e2e.serving import WRONG, environment, opened_and_saved, served, until, write_course
from tests.fixtures.chat import finding, review
from tests.fixtures.endpoint import endpoint, hangs, says
from tests.lsp.client import rules

KEY = "a-key-that-nobody-may-see"
SAID = review(finding("return a - b", "What does the sign do?", criterion=1, severity="warning"))


def with_model(tmp_path, database_url, url: str, seconds: str = "600") -> dict[str, str]:
    model = {
        "MILEPOST_MODEL_URL": url,
        "MILEPOST_MODEL": "tiny",
        "MILEPOST_MODEL_KEY": KEY,
        "MILEPOST_MODEL_SECONDS": seconds,
    }
    return environment(tmp_path / "data", database_url, **model)


async def test_a_remark_arrives_in_the_editor_and_its_request_can_be_seen(tmp_path, database_url):
    work = write_course(tmp_path / "course")
    async with (
        endpoint(says(SAID)) as model,
        served(tmp_path / "course", with_model(tmp_path, database_url, model.url)) as client,
    ):
        uri = await opened_and_saved(client, work / "add.py", WRONG)
        published = await client.published(uri, lambda found: "review/examples" in rules(found))
        (remark,) = [one for one in published["diagnostics"] if one["code"] == "review/examples"]
        assert remark["message"] == "What does the sign do?"
        assert remark["range"]["start"] == {"line": 1, "character": 4}
        (sent,) = await client.command("milepost.explainRequest", {"show": False})
        logged = "\n".join(client.errors)
    (request,) = model.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert sent["body"] == request.raw.decode()
    assert KEY not in json.dumps(sent) + json.dumps(client.received) + logged


@pytest.mark.parametrize("seconds", ["600", "0.5"])
async def test_a_model_that_hangs_keeps_nothing_back(tmp_path, database_url, seconds):
    work = write_course(tmp_path / "course")
    async with (
        endpoint(hangs()) as model,
        served(tmp_path / "course", with_model(tmp_path, database_url, model.url, seconds)) as client,
    ):
        uri = await opened_and_saved(client, work / "add.py", WRONG)
        await client.published(uri, lambda found: rules(found) == ["examples"])

        if seconds == "0.5":
            note = await client.message("window/showMessage", lambda params: "no review" in params["message"])
            assert "did not answer within" in note["message"]
        else:
            await until(client, "a request", asked(model))
            client.replace(uri, WRONG + "\n")
            client.save(uri)
            await until(client, "the end of the older request", gone(model))


def asked(model):
    async def requests():
        return model.requests

    return requests


def gone(model):
    async def is_gone():
        return model.gone.is_set()

    return is_gone
