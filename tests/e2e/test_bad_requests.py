"""Documents that come and go as they should not, and commands that do not exist or are called wrongly."""

import pytest
import pytest_asyncio

from tests.e2e.serving import (
    ENDLESS,
    RIGHT,
    WRONG,
    answers_hover,
    environment,
    history,
    lens,
    opened_and_saved,
    served,
    until,
    write_course,
)
from tests.lsp.client import RefusedError, hover_at, place_of, rules

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("bad-requests")]


@pytest.fixture(scope="module")
def place(tmp_path_factory, module_database_url):
    root = tmp_path_factory.mktemp("bad-requests")
    return write_course(root / "course"), environment(root / "data", module_database_url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(place):
    work, variables = place
    async with served(work.parent, variables) as client:
        yield client


def uri_requests(uri: str) -> dict[str, dict]:
    document = {"textDocument": {"uri": uri}}
    return {
        "textDocument/hover": hover_at(uri, 3, 3),
        "textDocument/codeLens": document,
        "textDocument/codeAction": {**document, "range": place_of(0, 0, 9, 9), "context": {"diagnostics": []}},
    }


@pytest.mark.parametrize(
    "uri", ["file:///nowhere/a.py", "untitled:Untitled-1", "file:///%00", "", "not a uri", "http://["]
)
async def test_a_document_that_was_never_opened_gets_nothing(editor, uri):
    document = {"uri": uri, "version": 7}
    editor.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "x = 1\n"}]})
    editor.save(uri, "x = 1\n")
    editor.close(uri)
    for method, params in uri_requests(uri).items():
        assert not await editor.request(method, params)
    with pytest.raises(RefusedError, match="Open a file of a task first"):
        await editor.command("milepost.history", {"uri": uri})
    assert editor.publications(uri) == []


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///%00", "not a uri"])
async def test_a_document_that_is_no_file_can_be_opened_saved_and_closed(editor, uri):
    editor.open(uri, WRONG)
    editor.save(uri)
    editor.replace(uri, RIGHT)
    for method, params in uri_requests(uri).items():
        assert not await editor.request(method, params)
    editor.close(uri)
    await answers_hover(editor, uri)


async def test_one_text_saved_twice_at_once_is_one_snapshot(editor, place):
    uri = await opened_and_saved(editor, place[0] / "twice.py", WRONG)
    editor.save(uri)
    await lens(editor, uri, "score 0.67")
    editor.replace(uri, RIGHT)
    editor.save(uri)
    editor.save(uri)
    await lens(editor, uri, "score 1.00")
    await history(editor, uri, 2)
    # The queue is in order: what a third save brings comes after anything that a doubled one could have brought.
    editor.replace(uri, WRONG + "# 3\n")
    editor.save(uri)
    entries = await history(editor, uri, 3)
    assert [entry["text"] for entry in entries] == [WRONG + "# 3\n", RIGHT, WRONG]


async def test_two_texts_saved_at_once_are_both_kept_and_the_last_is_shown(editor, place):
    uri = await opened_and_saved(editor, place[0] / "both.py", ENDLESS)
    editor.replace(uri, WRONG)
    editor.save(uri)
    shown = await editor.published(uri, lambda found: rules(found) == ["examples"])
    assert "gave -1" in shown["diagnostics"][0]["message"]
    assert [entry["text"] for entry in await history(editor, uri, 2)] == [WRONG, ENDLESS]


async def test_a_document_closed_while_it_is_validated_shows_nothing_and_is_kept(editor, place):
    uri = await opened_and_saved(editor, place[0] / "closed.py", ENDLESS)
    await editor.message("window/workDoneProgress/create")
    editor.close(uri)
    await answers_hover(editor, uri)
    assert (editor.publications(uri) or [{"diagnostics": []}])[-1]["diagnostics"] == []
    editor.open(place[0] / "closed.py", ENDLESS)
    assert [entry["text"] for entry in await history(editor, uri, 1)] == [ENDLESS]
    editor.save(uri)
    shown = await editor.published(uri, lambda found: "examples" in rules(found))
    assert "did not end" in shown["diagnostics"][0]["message"] or "longer" in shown["diagnostics"][0]["message"]


async def test_a_renamed_document_goes_on_under_its_new_name(editor, place):
    old, new = place[0] / "old.py", place[0] / "new.py"
    uri = await opened_and_saved(editor, old, WRONG)
    await editor.published(uri, lambda found: rules(found) == ["examples"])
    old.rename(new)
    editor.close(uri)
    await editor.published(uri, lambda found: not found)
    renamed = editor.open(new, WRONG)
    editor.replace(renamed, RIGHT)
    editor.save(renamed)
    await lens(editor, renamed, "score 1.00")
    assert [entry["text"] for entry in await history(editor, renamed, 1)] == [RIGHT]
    editor.open(old, WRONG)
    assert [entry["text"] for entry in await history(editor, uri, 1)] == [WRONG]


async def test_a_file_deleted_under_its_editor_is_judged_as_the_editor_has_it(editor, place):
    file = place[0] / "deleted.py"
    uri = await opened_and_saved(editor, file, WRONG)
    await editor.published(uri, lambda found: rules(found) == ["examples"])
    file.unlink()
    editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 3}]})
    editor.replace(uri, RIGHT)
    editor.save(uri)
    await lens(editor, uri, "score 1.00")
    assert len(await history(editor, uri, 2)) == 2
    editor.close(uri)
    await answers_hover(editor, uri)


async def test_unknown_commands_and_methods_are_refused_by_name(editor):
    with pytest.raises(RefusedError, match=r"milepost\.fly"):
        await editor.command("milepost.fly")
    with pytest.raises(RefusedError) as refused:
        await editor.request("milepost/fly", {})
    assert refused.value.code == -32601
    editor.notify("milepost/fly", {})
    await answers_hover(editor, "file:///nowhere")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([{"colour": "red"}], "no argument colour"),
        ([{"uri": 7}], "uri has the wrong type"),
        ([7], "takes one object"),
        ([[1]], "takes one object"),
        (["a", "b"], "takes one object"),
        (["file:///nowhere/a.py"], "Open a file of a task first"),
    ],
)
async def test_wrong_arguments_are_refused_with_what_is_wrong(editor, arguments, said):
    for name in ("validate", "selectTask", "nextHint", "applyFix", "dismiss", "history", "similar", "explain"):
        with pytest.raises(RefusedError, match=said):
            await editor.command(f"milepost.{name}", *arguments)
    await answers_hover(editor, "file:///nowhere")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/hover", {}),
        ("textDocument/hover", {"textDocument": {"uri": "file:///a"}, "position": {"line": -1, "character": "x"}}),
        ("textDocument/codeAction", [1, 2]),
        ("workspace/executeCommand", {"command": None}),
        ("workspace/executeCommand", {"command": "milepost.history", "arguments": 7}),
    ],
)
async def test_requests_that_make_no_sense_are_refused(editor, method, params):
    with pytest.raises(RefusedError):
        await editor.request(method, params)
    await answers_hover(editor, "file:///nowhere")


async def test_an_error_is_said_in_the_users_language(place):
    async with served(place[0].parent, {**place[1], "MILEPOST_LANGUAGE": "es"}) as client:
        with pytest.raises(RefusedError, match="Abre antes un archivo de una tarea"):
            await client.command("milepost.validate", {"uri": "file:///nowhere/a.py"})
        uri = await opened_and_saved(client, place[0] / "vacio.py", "")

        async def shown():
            return client.publications(uri) and client.publications(uri)[-1]["diagnostics"]

        found = await until(client, "a finding", shown)
        assert "add no está definid" in found[0]["message"]
