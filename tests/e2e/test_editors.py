"""The real server as a child, driven under the capability profiles of real editors: open, save, fix, done."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

from milepost.agents import courses
from milepost.domain.text import Edit, Position, Range
from milepost.syntax.edits import apply_edits

PROFILES = ("visual-studio-code", "neovim@v0.11.0", "emacs")
WRONG = courses.bundled_folder() / "first-steps/wrong/average/skips_first.py"
# A kill limit for a hung server, not a measurement.
PATIENCE = 60


@pytest.fixture
def folder(tmp_path) -> Path:
    courses.start("first-steps", tmp_path / "course")
    return tmp_path / "course"


@asynccontextmanager
async def editing(profile: str, folder: Path, url: str) -> AsyncIterator[LanguageClient]:
    """Give a client of this profile whose user trusts the folder."""
    client = make_test_lsp_client()
    # lsprotocol 2025.0.0 takes an action that has an edit and a command for a plain command.
    client.protocol._converter.register_structure_hook(types.Command | types.CodeAction, _action_or_command)

    @client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
    def trust(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        return params.actions[0] if params.actions else None

    environment = {**os.environ, "MILEPOST_DATA_DIR": str(folder.parent / "data"), "DATABASE_URL": url}
    environment["MILEPOST_REPAIR_SECONDS"] = "60"
    await client.start_io(sys.executable, "-m", "milepost", "serve", "--stdio", env=environment)
    params = types.InitializeParams(
        capabilities=client_capabilities(profile),
        process_id=os.getpid(),
        workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
    )
    async with asyncio.timeout(PATIENCE):
        await client.initialize_session(params)
    yield client
    async with asyncio.timeout(PATIENCE):
        await client.shutdown_session()
    with suppress(Exception):
        await client.stop()


def _action_or_command(value: dict, _: object) -> types.Command | types.CodeAction:
    kind = types.Command if isinstance(value.get("command"), str) else types.CodeAction
    return get_converter().structure(value, kind)


async def until(client: LanguageClient, uri: str, holds: Callable[[list[types.Diagnostic]], bool]) -> list:
    """Wait until what is shown at the document fulfils the condition."""
    async with asyncio.timeout(PATIENCE):
        while uri not in client.diagnostics or not holds(list(client.diagnostics[uri])):
            await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return list(client.diagnostics[uri])


async def fixes(client: LanguageClient, uri: str, diagnostics: list[types.Diagnostic]) -> list[types.CodeAction]:
    """Ask for quick fixes until the search has offered one."""
    context = types.CodeActionContext(diagnostics=diagnostics, only=[types.CodeActionKind.QuickFix])
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), diagnostics[0].range, context)
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await client.text_document_code_action_async(params) or []
            edits = [one for one in found if isinstance(one, types.CodeAction) and one.edit]
            if edits:
                return edits
            await asyncio.sleep(0.1)


def applied(text: str, action: types.CodeAction, uri: str) -> str:
    """Return the text after the action, whose positions are those of an ASCII file."""
    changes = action.edit.document_changes
    edits = changes[0].edits if changes else action.edit.changes[uri]
    return apply_edits(text, [Edit(_range(edit.range), edit.new_text) for edit in edits])


def _range(place: types.Range) -> Range:
    return Range(Position(place.start.line, place.start.character), Position(place.end.line, place.end.character))


@pytest.mark.parametrize("profile", PROFILES)
async def test_from_a_wrong_program_to_a_completed_task(profile, folder, database_url):
    file = folder / "average.py"
    text = WRONG.read_text("utf-8")
    file.write_text(text, "utf-8")
    uri = file.as_uri()
    async with editing(profile, folder, database_url) as client:
        client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text)))
        await until(client, uri, lambda shown: not shown)
        client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri), text))
        shown = await until(client, uri, lambda shown: any(one.code == "examples" for one in shown))
        assert all(one.source == "milepost" for one in shown)
        (action, *_) = await fixes(client, uri, shown)
        right = applied(text, action, uri)
        changed = types.VersionedTextDocumentIdentifier(2, uri)
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(changed, [types.TextDocumentContentChangeWholeDocument(right)])
        )
        client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri), right))
        await until(client, uri, lambda shown: not shown)
        lens = await until_lens(client, uri, "score 1.00")
        assert lens.startswith("Task 4 of ")


async def until_lens(client: LanguageClient, uri: str, wanted: str) -> str:
    """Ask for the code lens until it says what is wanted."""
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    async with asyncio.timeout(PATIENCE):
        while True:
            lenses = await client.text_document_code_lens_async(params) or []
            titles = [lens.command.title for lens in lenses if lens.command]
            if any(wanted in title for title in titles):
                return next(title for title in titles if wanted in title)
            await asyncio.sleep(0.1)
