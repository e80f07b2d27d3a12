"""Code actions, code lens and hover."""

import copy

import pytest

from tests.lsp import profiles
from tests.lsp.client import hover_at, place_of, rules
from tests.lsp.memory import COURSE, RIGHT, WRONG


async def reported(client, folder, text=WRONG):
    """Open and save a wrong program; return its uri and its findings."""
    uri = client.open(folder / "answer.py", text)
    client.save(uri)
    await client.published(uri, rules)
    await client.wait("all stages", lambda: client.workspace.named("validate") and not client.workspace.running)
    await client.settled()
    return uri, client.publications(uri)[-1]["diagnostics"]


def titled(actions):
    return [action["title"] for action in actions]


async def test_the_actions_of_a_finding(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, found = await reported(client, folder)
    actions = await client.actions(uri, found)
    assert titled(actions) == [
        "Return 42",
        "Start over (rewrites most of the program)",
        "Return 43 (does not meet every criterion yet)",
        "Hint: show me where",
        "Explain this finding",
        "Dismiss this finding…",
        "Milepost: apply the verified fix",
    ]
    assert [action["kind"] for action in actions] == [
        "quickfix",
        "quickfix",
        "quickfix",
        "quickfix.milepost.hint",
        "quickfix.milepost.explain",
        "quickfix.milepost.dismiss",
        "source.fixAll.milepost",
    ]
    assert [action.get("isPreferred") for action in actions] == [True] + [None] * 6
    assert all(action["diagnostics"] == found for action in actions[:6])


async def test_an_editor_that_would_run_the_command_in_place_of_the_edit_gets_the_edit_alone(connect, folder):
    for capabilities, has_command in ((profiles.VSCODE, True), (profiles.ALE, False)):
        client = await connect(capabilities, folder)
        uri, found = await reported(client, folder)
        fixes = [action for action in await client.actions(uri, found) if "edit" in action]
        assert fixes
        assert all(("command" in action) is has_command for action in fixes)


async def test_a_fix_is_bound_to_the_version_it_was_made_for(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, found = await reported(client, folder)
    edit = (await client.actions(uri, found))[0]["edit"]
    assert edit == {
        "documentChanges": [
            {
                "textDocument": {"uri": uri, "version": 1},
                "edits": [{"range": place_of(1, 11, 1, 13), "newText": "42"}],
            }
        ]
    }


async def test_an_editor_without_versioned_edits_gets_plain_ones(connect, folder):
    client = await connect(profiles.NEOVIM, folder)
    uri, found = await reported(client, folder)
    edit = (await client.actions(uri, found))[0]["edit"]
    assert edit == {"changes": {uri: [{"range": place_of(1, 11, 1, 13), "newText": "42"}]}}


async def test_an_editor_that_knows_only_commands_gets_commands(connect, folder):
    client = await connect({"workspace": {"applyEdit": True}}, folder)
    uri, found = await reported(client, folder)
    actions = await client.actions(uri, found)
    assert {action["command"] for action in actions} == {
        "milepost.applyFix",
        "milepost.nextHint",
        "milepost.explain",
        "milepost.dismiss",
    }
    first = actions[0]
    await client.command(first["command"], *first["arguments"])
    edit = (await client.message("workspace/applyEdit"))["edit"]
    assert edit["changes"][uri][0]["newText"] == "42"
    await client.wait("the record", lambda: client.workspace.named("fix_applied") == [("fix_applied", "Return 42")])


async def test_nothing_is_offered_on_a_text_that_changed(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, found = await reported(client, folder)
    client.change(uri, {"range": place_of(2, 0, 2, 0), "text": "# more\n"})
    assert await client.actions(uri, found) == []
    client.change(uri, {"range": place_of(2, 0, 3, 0), "text": ""})
    edit = (await client.actions(uri, found))[0]["edit"]
    assert edit["documentChanges"][0]["textDocument"]["version"] == 3


async def test_only_the_wanted_kinds_are_offered(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, found = await reported(client, folder)
    assert titled(await client.actions(uri, [], only=["source.fixAll"])) == ["Milepost: apply the verified fix"]
    assert titled(await client.actions(uri, [], only=["source"])) == ["Milepost: apply the verified fix"]
    assert len(await client.actions(uri, found, only=["quickfix"])) == 6
    assert await client.actions(uri, found, only=["refactor", "source.organizeImports", "quick"]) == []


async def test_findings_of_the_line_count_wherever_the_cursor_is(connect, folder):
    """Neovim asks with the cursor's place and the findings of its line."""
    client = await connect(profiles.NEOVIM, folder)
    uri, found = await reported(client, folder)
    cursor = place_of(1, 0, 1, 0)
    params = {"textDocument": {"uri": uri}, "range": cursor, "context": {"diagnostics": found}}
    assert "Return 42" in titled(await client.request("textDocument/codeAction", params))
    params["context"] = {"diagnostics": []}
    assert titled(await client.request("textDocument/codeAction", params)) == ["Milepost: apply the verified fix"]


async def test_a_taken_fix_is_recorded_when_the_editor_says_so(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, found = await reported(client, folder)
    action = (await client.actions(uri, found))[0]
    client.replace(uri, RIGHT)
    client.save(uri)
    await client.published(uri, lambda found: not found, version=2)
    await client.command(action["command"]["command"], *action["command"]["arguments"])
    await client.wait("the record", lambda: client.workspace.named("fix_applied") == [("fix_applied", "Return 42")])
    assert client.all("workspace/applyEdit") == []


@pytest.mark.parametrize(("reveal", "steps"), [("location", 1), ("message", 2), ("fix", 3)])
async def test_a_task_that_hides_its_fixes_offers_none(connect, folder, reveal, steps):
    (folder / "milepost.yaml").write_text(COURSE.replace("reveal: fix", f"reveal: {reveal}"), "utf-8")
    client = await connect(profiles.VSCODE, folder)
    uri, found = await reported(client, folder)
    actions = await client.actions(uri, found)
    assert any("edit" in action for action in actions) == (reveal == "fix")
    assert bool(found[0]["data"]["fixes"]) == (reveal == "fix")
    for step in range(steps):
        assert any(action["kind"] == "quickfix.milepost.hint" for action in await client.actions(uri, found))
        assert await client.command("milepost.nextHint", {"uri": uri, "finding": found[0]["data"]["id"]}) == step + 1
    assert all(action["kind"] != "quickfix.milepost.hint" for action in await client.actions(uri, found))


@pytest.mark.parametrize(
    ("locale", "language", "title"),
    [
        ("en", "en", "Task 1 of 2 · 2 of 3 criteria · score 0.67"),
        ("es-ES", "es", "Tarea 1 de 2 · 2 de 3 criterios · puntuación 0.67"),
    ],
)
async def test_the_line_above_the_file(connect, folder, locale, language, title):
    client = await connect(profiles.VSCODE, folder, locale=locale)
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)
    document = {"textDocument": {"uri": uri}}
    (lens,) = await client.request("textDocument/codeLens", document)
    assert lens["command"]["title"].startswith({"en": "Task 1 of 2 · 3 criteria", "es": "Tarea 1 de 2"}[language])
    client.save(uri)
    await client.message("workspace/codeLens/refresh")
    (lens,) = await client.request("textDocument/codeLens", document)
    assert lens["command"]["title"] == title
    assert lens["range"] == place_of(0, 0, 0, 0)
    assert lens["data"] == {"task": "The answer", "passed": 2, "criteria": 3}
    assert await client.command(lens["command"]["command"], *lens["command"]["arguments"])


async def test_the_line_stays_while_a_run_lasts(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, _ = await reported(client, folder)
    client.replace(uri, "# slow\n" + WRONG)
    client.save(uri)
    await client.wait("the run", lambda: client.workspace.running)
    (lens,) = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert "2 of 3 criteria" in lens["command"]["title"]


async def test_no_line_above_files_that_no_task_claims(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "unclaimed.py", WRONG)
    await client.published(uri)
    assert await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}}) == []
    assert await client.actions(uri, []) == []


@pytest.mark.parametrize(("profile", "text"), [("vscode", "**41**"), ("emacs", "answer() gave 41, expected 42")])
async def test_hover_explains_as_the_editor_can_show_it(connect, folder, profile, text):
    client = await connect(profiles.ALL[profile], folder)
    uri, _ = await reported(client, folder)
    hover = await client.request("textDocument/hover", hover_at(uri, 1, 6))
    assert text in hover["contents"]["value"]
    assert hover["range"] == place_of(1, 4, 1, 13)
    assert await client.request("textDocument/hover", hover_at(uri, 0, 0)) is None


async def test_related_places_only_for_editors_that_show_them(connect, folder, workspace):
    seen = {}
    for name in ("vscode", "emacs"):
        client = await connect(profiles.ALL[name], folder)
        _, found = await reported(client, folder)
        seen[name] = "relatedInformation" in found[0]
    assert seen == {"vscode": True, "emacs": False}


async def test_a_preferred_mark_only_for_editors_that_know_it(connect, folder):
    capabilities = copy.deepcopy(profiles.VSCODE)
    del capabilities["textDocument"]["codeAction"]["isPreferredSupport"]
    client = await connect(capabilities, folder)
    uri, found = await reported(client, folder)
    assert all("isPreferred" not in action for action in await client.actions(uri, found))


async def test_lsp_07_every_offered_fix_applies_and_removes_its_finding(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, found = await reported(client, folder)
    action = (await client.actions(uri, found))[0]
    edits = action["edit"]["documentChanges"][0]["edits"]
    client.change(uri, *({"range": edit["range"], "text": edit["newText"]} for edit in reversed(edits)))
    client.save(uri, RIGHT)
    await client.published(uri, lambda found: not found)
    assert client.server.session.mismatches == 0
    assert await client.actions(uri, []) == []
    assert rules(client.publications(uri)[-1]["diagnostics"]) == []
