"""What the doctor says about the model."""

import dataclasses

import pytest

from milepost.cli import upkeep
from milepost.settings import loading
from tests.fixtures.endpoint import endpoint, says, status


def settings_for(tmp_path, url: str, **more):
    environment = {"MILEPOST_DATA_DIR": str(tmp_path), "MILEPOST_MODEL_URL": url, "MILEPOST_MODEL": "tiny"}
    return dataclasses.replace(loading.load(environment, file=tmp_path / "none"), **more)


async def test_a_model_that_answers(tmp_path):
    async with endpoint(says({"sum": 6})) as server:
        good, said = await upkeep._model_health(settings_for(tmp_path, server.url))
    assert good
    assert f"tiny at 127.0.0.1:{server.port} answered in" in said


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (status(401), "wants a key, and none was found"),
        (says('{"sum": ', finish="length"), "stopped after 7 tokens"),
        (status(404), "does not know the model 'tiny'"),
        (says("I'd rather not"), "cannot be read"),
    ],
)
async def test_a_model_that_does_not_answer(tmp_path, act, words):
    async with endpoint(act) as server:
        good, said = await upkeep._model_health(settings_for(tmp_path, server.url))
    assert not good
    assert words in said


async def test_no_model_is_well(tmp_path):
    good, said = await upkeep._model_health(settings_for(tmp_path, "", model=""))
    assert good
    assert "none is set" in said


@pytest.mark.parametrize(
    ("url", "model", "missing"), [("", "tiny", "modelUrl"), ("http://localhost:1/v1", "", "model")]
)
async def test_half_of_a_model_is_named(tmp_path, url, model, missing):
    good, said = await upkeep._model_health(settings_for(tmp_path, url, model=model))
    assert not good
    assert f"is set and {missing} is not" in said


async def test_a_key_that_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MILEPOST_MODEL_KEY", "a-key")
    async with endpoint(status(401)) as server:
        good, said = await upkeep._model_health(settings_for(tmp_path, server.url))
    assert not good
    assert "refused the key" in said
    assert "a-key" not in said


async def test_an_address_that_is_none(tmp_path):
    good, said = await upkeep._model_health(settings_for(tmp_path, "http://example.com/v1", language="es"))
    assert not good
    assert "https://" in said
    assert "modelUrl tiene que empezar" in said
