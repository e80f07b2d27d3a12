"""From a wrong program to a right one, in editors that can do everything, one thing less, or nothing."""

import copy

import pytest

from milepost.lsp.options import ServerSettings
from tests.lsp import profiles
from tests.lsp.client import rules
from tests.lsp.memory import RIGHT, WRONG
from tests.lsp.test_actions import reported, titled

# What the server may only send to an editor that announced it, at the end of its path in the capabilities.
ASKED = {
    "client/registerCapability": ("workspace", "didChangeWatchedFiles", "dynamicRegistration"),
    "workspace/configuration": ("workspace", "configuration"),
    "workspace/codeLens/refresh": ("workspace", "codeLens", "refreshSupport"),
    "workspace/applyEdit": ("workspace", "applyEdit"),
    "window/workDoneProgress/create": ("window", "workDoneProgress"),
    "window/showDocument": ("window", "showDocument", "support"),
    "milepost/stored": ("experimental", "milepost", "stored"),
}
LEAVES = (
    *ASKED.values(),
    ("workspace", "workspaceEdit", "documentChanges"),
    ("workspace", "workspaceEdit"),
    ("workspace", "didChangeWatchedFiles"),
    ("workspace", "codeLens"),
    ("textDocument", "codeLens"),
    ("textDocument", "hover"),
    ("textDocument", "codeAction"),
    ("textDocument", "codeAction", "codeActionLiteralSupport"),
    ("textDocument", "codeAction", "resolveSupport"),
    ("textDocument", "codeAction", "dataSupport"),
    ("textDocument", "publishDiagnostics"),
    ("textDocument", "synchronization"),
    ("general",),
    ("window",),
    ("workspace",),
    ("textDocument",),
)
EVERYTHING = {**profiles.VSCODE, "experimental": {"milepost": {"stored": True}}}


def without(path: tuple[str, ...]) -> dict:
    """Return the capabilities of the most able editor but for one."""
    left = copy.deepcopy(EVERYTHING)
    holder = left
    for name in path[:-1]:
        holder = holder[name]
    if path[-1] == "support":
        # The one member that the protocol requires.
        holder["support"] = False
    else:
        del holder[path[-1]]
    return left


def announced(capabilities: dict, path: tuple[str, ...]) -> bool:
    value = capabilities
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return bool(value)


EDITORS = {
    **profiles.ALL,
    "everything": EVERYTHING,
    **{f"without {'.'.join(path)}": without(path) for path in dict.fromkeys(LEAVES)},
}


@pytest.mark.parametrize("name", EDITORS)
async def test_the_way_of_a_program_in_every_editor(connect, folder, name):
    capabilities = EDITORS[name]
    client = await connect(capabilities, folder, settings=ServerSettings(pause=0, slow_after=0))
    uri, found = await reported(client, folder)
    assert rules(found) == ["examples"]
    actions = await client.actions(uri, found)
    assert "Return 42" in titled(actions)
    assert "Hint: show me where" in titled(actions)
    document = {"textDocument": {"uri": uri}}
    lenses = await client.request("textDocument/codeLens", document)
    assert "2 of 3 criteria" in lenses[0]["command"]["title"]
    hover = await client.request("textDocument/hover", {**document, "position": found[0]["range"]["start"]})
    assert "41" in hover["contents"]["value"]
    for command in ("task", "progress", "history", "similar", "explain", "nextHint"):
        assert await client.command(f"milepost.{command}", {"uri": uri}) is not None
    client.workspace._tell()
    client.replace(uri, RIGHT)
    client.save(uri)
    await client.published(uri, lambda shown: shown == [], client.versions[uri])
    await client.settled()
    unasked = [method for method, path in ASKED.items() if client.all(method) and not announced(capabilities, path)]
    allowed = (
        {"client/registerCapability"} if announced(capabilities, ("workspace", "didChangeConfiguration")) else set()
    )
    assert set(unasked) <= allowed
    assert await client.request("shutdown") is None


async def test_an_editor_that_can_do_everything_is_asked_for_everything(connect, folder):
    """Without this the tests above would pass for a server that never asks for anything."""
    client = await connect(EVERYTHING, folder, settings=ServerSettings(pause=0, slow_after=0))
    uri, _ = await reported(client, folder)
    client.workspace._tell()
    await client.command("milepost.progress", {"uri": uri})
    await client.command("milepost.applyFix", {"uri": uri})
    client.replace(uri, "# slow\n" + WRONG)
    client.save(uri)
    # It appears only while a run lasts.
    await client.wait("a progress", lambda: client.all("window/workDoneProgress/create"))
    client.workspace.release.set()
    for method in ASKED:
        await client.wait(method, lambda method=method: client.all(method))
