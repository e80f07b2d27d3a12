"""`milepost demo`: one save, as an editor sees it, with the real server; then what was stored."""

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from milepost.agents import courses
from milepost.cli import screen, storedrows
from milepost.cli.client import JSON, EditorClient, uri_of
from milepost.domain.text import Position
from milepost.settings import loading
from milepost.syntax.lines import LineIndex

COURSE, FILE, WRONG = "first-steps", "average.py", "wrong/average/skips_first.py"
_RUNNING = {"examples", "tests", "stdio", "command"}
PATIENCE_SECONDS = 60
MARKER = ".made-by-the-demo"


def run(arguments: argparse.Namespace) -> int:
    """Run the demo; returns 0 when the task was completed."""
    folder = Path(arguments.data_dir).absolute()
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        print(f"{folder} holds something else; name another folder with --data-dir", file=sys.stderr)
        return 2
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()
    return asyncio.run(_Demo(folder).run())


class _Demo:
    """One editor session over a fresh copy of the bundled course."""

    def __init__(self, folder: Path) -> None:
        self._data, self._workspace = folder / "data", folder / "workspace"
        self._console = screen.console()
        self._refreshed = asyncio.Event()
        self._version = 1
        self._seen: list[str] = []

    async def run(self) -> int:
        started = courses.start(COURSE, self._workspace)
        file = self._workspace / FILE
        assert file in started
        wrong = (courses.bundled_folder() / COURSE / WRONG).read_text("utf-8")
        file.write_text(wrong, "utf-8")
        client = await EditorClient.start(
            [sys.executable, "-m", "milepost", "serve", "--stdio"],
            {**os.environ, "MILEPOST_DATA_DIR": str(self._data)},
            self._answer,
        )
        self._client, self._uri = client, uri_of(file)
        await self._open(wrong)
        completed = await self._two_saves(wrong)
        with self._waiting("closing the editor; the server stores what is left"):
            await client.stop()
        self._heading("What was stored")
        with self._waiting("reading it back"):
            tables, files = await storedrows.read(loading.load({"MILEPOST_DATA_DIR": str(self._data)}))
        self._console.print(screen.table_view(("table", "rows"), [(name, rows) for name, rows in tables if rows]))
        self._console.print()
        self._console.print(screen.table_view(("Parquet file", "rows"), files))
        self._console.print()
        self._console.print("task complete" if completed else "the task was not completed", style="bold")
        return 0 if completed else 1

    async def _open(self, text: str) -> None:
        with self._waiting("starting the server"):
            await self._client.request("initialize", _initialize(self._workspace))
            await self._client.notify("initialized", {})
            document = {"uri": self._uri, "languageId": "python", "version": 1, "text": text}
            await self._client.notify("textDocument/didOpen", {"textDocument": document})
            await self._client.wait_for("textDocument/publishDiagnostics", lambda params: params["uri"] == self._uri)

    async def _two_saves(self, wrong: str) -> bool:
        self._heading(f"A learner saves {FILE}")
        self._console.print(screen.code_view(wrong))
        await self._save(wrong, self._has_fixes)
        actions = await self._actions()
        fixed = self._show_fixes(actions, wrong)
        if fixed is None:
            return False
        self._heading("The preferred fix is applied, and the file saved again")
        self._version += 1
        document = {"uri": self._uri, "version": self._version}
        changes = [{"text": fixed}]
        await self._client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
        left = await self._save(fixed, self._is_completed)
        lens = await self._lens()
        self._console.print(f"  {lens}", style="green")
        return not left

    async def _save(self, text: str, is_done: Callable[[], Awaitable[bool]]) -> list[JSON]:
        """Save, show the fast and the complete result, and return the diagnostics that are left."""
        await asyncio.to_thread(Path(self._workspace, FILE).write_text, text, "utf-8")
        since = time.perf_counter()
        self._refreshed.clear()
        await self._client.notify("textDocument/didSave", {"textDocument": {"uri": self._uri}, "text": text})
        with self._waiting("checking, and looking for fixes"):
            await self._until(is_done)
        published = [
            (stamp, params["diagnostics"])
            for stamp, name, params in self._client.notifications
            if stamp >= since and name == "textDocument/publishDiagnostics" and params["uri"] == self._uri
        ]
        last = self._client.latest_diagnostics(self._uri)
        self._show_stages(published, since)
        if last:
            await self._show_hover(last[0])
        return last

    async def _until(self, is_done: Callable[[], Awaitable[bool]]) -> None:
        """Look again whenever the server says that there is something new to see."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await is_done():
                    await self._refreshed.wait()
                    self._refreshed.clear()

    async def _has_fixes(self) -> bool:
        return bool(await self._actions())

    async def _is_completed(self) -> bool:
        return not self._client.latest_diagnostics(self._uri) and "1.00" in await self._lens()

    def _show_stages(self, published: list[tuple[float, list[JSON]]], since: float) -> None:
        """Show each stage that changed what is seen; the fast one says nothing where syntax and structure are fine."""
        if not any(_is_fast(diagnostics) for _, diagnostics in published[:1]):
            self._console.print("  fast result: syntax and structure are fine", style="dim")
        seen = self._seen
        for stamp, diagnostics in published:
            if _told(diagnostics) != seen:
                self._console.print(f"  result after {(stamp - since) * 1000:.0f} ms", style="dim")
                self._show_diagnostics(diagnostics)
            seen = _told(diagnostics)
        self._seen = seen

    def _show_diagnostics(self, diagnostics: list[JSON]) -> None:
        if not diagnostics:
            self._console.print("  ✓ nothing to report", style="green")
        for one in diagnostics:
            start = one["range"]["start"]
            style = "red" if one.get("severity", 1) == 1 else "yellow"
            place = f"{FILE}:{start['line'] + 1}:{start['character'] + 1}"
            self._console.print(f"  ✗ {place}  {one['message']}  [{one.get('code', '')}]", style=style)

    async def _show_hover(self, diagnostic: JSON) -> None:
        position = {"textDocument": {"uri": self._uri}, "position": diagnostic["range"]["start"]}
        hover = await self._client.request("textDocument/hover", position)
        if hover:
            self._heading("Hovering over the finding")
            self._console.print(screen.markdown_view(hover["contents"]["value"]))

    async def _actions(self) -> list[JSON]:
        diagnostics = self._client.latest_diagnostics(self._uri)
        if not diagnostics:
            return []
        context = {"diagnostics": diagnostics, "only": ["quickfix"]}
        question = {"textDocument": {"uri": self._uri}, "range": diagnostics[0]["range"], "context": context}
        found: list[JSON] = await self._client.request("textDocument/codeAction", question)
        return [action for action in found if action.get("edit")]

    def _show_fixes(self, actions: list[JSON], text: str) -> str | None:
        """Show each quick fix as a difference; return the text after the preferred one."""
        self._heading("Quick fixes, each proved on a copy before it is offered")
        preferred = None
        for action in actions:
            after = _applied(text, action["edit"], self._uri)
            mark = " (preferred)" if action.get("isPreferred") else ""
            self._console.print(f"  → {action['title']}{mark}", style="green")
            self._console.print(screen.difference_view(text, after))
            preferred = after if preferred is None or action.get("isPreferred") else preferred
        return preferred

    async def _lens(self) -> str:
        lenses = await self._client.request("textDocument/codeLens", {"textDocument": {"uri": self._uri}})
        return lenses[0]["command"]["title"] if lenses else ""

    def _answer(self, method: str, params: JSON) -> Any:
        """Answer as an editor whose user trusts the bundled course."""
        if method == "workspace/codeLens/refresh":
            self._refreshed.set()
        if method == "workspace/configuration":
            return [None for _ in params["items"]]
        if method == "window/showMessageRequest":
            self._console.print(f"  ? {params['message']}\n  > {params['actions'][0]['title']}", style="cyan")
            return params["actions"][0]
        return None

    def _heading(self, text: str) -> None:
        self._console.print()
        self._console.print(text, style="bold")

    def _waiting(self, text: str) -> AbstractContextManager[object]:
        return self._console.status(f"  {text} ...")


def _told(diagnostics: list[JSON]) -> list[str]:
    return [one["message"] for one in diagnostics]


def _is_fast(diagnostics: list[JSON]) -> bool:
    """Tell whether something was found without running the program."""
    return any(str(one.get("code")).split("/")[0] not in _RUNNING for one in diagnostics)


def _initialize(folder: Path) -> JSON:
    kinds = {"codeActionKind": {"valueSet": ["quickfix", "source.fixAll"]}}
    document = {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {"versionSupport": True, "dataSupport": True, "codeDescriptionSupport": True},
        "codeAction": {"codeActionLiteralSupport": kinds, "isPreferredSupport": True, "dataSupport": True},
        "hover": {"contentFormat": ["markdown"]},
        "codeLens": {},
    }
    capabilities = {
        "workspace": {
            "configuration": True,
            "workspaceFolders": True,
            "codeLens": {"refreshSupport": True},
            "workspaceEdit": {"documentChanges": True},
        },
        "textDocument": document,
        "window": {"showMessage": {"messageActionItem": {}}},
        "general": {"positionEncodings": ["utf-16"]},
    }
    folders = [{"uri": uri_of(folder), "name": folder.name}]
    return {"processId": os.getpid(), "rootUri": None, "workspaceFolders": folders, "capabilities": capabilities}


def _applied(text: str, edit: JSON, uri: str) -> str:
    """Return the text after a workspace edit; the demo's files are ASCII, so that every unit is one character."""
    changes = edit.get("documentChanges") or [{"edits": edit["changes"][uri]}]
    index, edits = LineIndex(text), [one for change in changes for one in change["edits"]]
    for one in sorted(edits, key=lambda each: _position(each, "start"), reverse=True):
        start, end = index.offset(_position(one, "start")), index.offset(_position(one, "end"))
        text = text[:start] + one["newText"] + text[end:]
    return text


def _position(edit: JSON, side: str) -> Position:
    place = edit["range"][side]
    return Position(place["line"], place["character"])
