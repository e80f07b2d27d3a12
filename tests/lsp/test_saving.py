"""From a save to what the editor shows."""

import pytest

from tests.lsp import profiles
from tests.lsp.client import rules
from tests.lsp.memory import RIGHT, WRONG


@pytest.mark.parametrize("profile", profiles.ALL)
async def test_a_save_becomes_a_report(connect, folder, profile):
    client = await connect(profiles.ALL[profile], folder)
    uri = client.open(folder / "answer.py", WRONG)
    first = await client.published(uri)
    assert first["diagnostics"] == []
    assert first["version"] == 1
    client.save(uri)
    found = (await client.published(uri, lambda found: rules(found) == ["examples"]))["diagnostics"][0]
    assert found["source"] == "milepost"
    assert found["range"] == {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 13}}
    client.replace(uri, RIGHT)
    client.save(uri)
    last = await client.published(uri, lambda found: not found)
    assert last["version"] == 2
