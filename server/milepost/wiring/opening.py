"""From settings to a workspace: the database, the sandboxes, the search for fixes, the relay, and their ends."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from milepost.agents import fixing, reviewing_memory
from milepost.agents.fixing import FixRequest
from milepost.agents.library import Library
from milepost.agents.reviewing import Reviewer
from milepost.agents.reviewing_memory import Memory
from milepost.agents.workspace import Means, Workspace
from milepost.domain.validations import Fix
from milepost.sandbox.boxes import Sandbox
from milepost.settings.loading import Settings
from milepost.wiring.archiving import Archiver
from milepost.wiring.databases import DatabaseDoor
from milepost.wiring.repairing import RepairProcess

if TYPE_CHECKING:
    from milepost.wiring.models import Models

logger = logging.getLogger(__name__)
CLOSING_SECONDS = 3.0


class Boxes:
    """One sandbox for each interpreter in use, started when first needed."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        """Take the settings as they are at any time."""
        self._settings = settings
        self._open: dict[str | None, Sandbox] = {}
        self._stack = contextlib.AsyncExitStack()
        self._opening = asyncio.Lock()

    def interpreter(self, folder: str) -> str | None:
        """Return the interpreter for a folder: the user's choice, else its `.venv`, else None for Milepost's own."""
        chosen = self._settings().interpreter
        own = Path(folder, ".venv", *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
        return chosen or (str(own) if own.exists() else None)

    async def open(self, folder: str) -> Sandbox | None:
        """Return the sandbox for a folder that is trusted; None where no protection works."""
        interpreter = self.interpreter(folder)
        async with self._opening:
            if interpreter not in self._open:
                sandbox = Sandbox(interpreter, unprotected=self._settings().unprotected)
                self._open[interpreter] = await self._stack.enter_async_context(sandbox)
        sandbox = self._open[interpreter]
        return sandbox if sandbox.protection.runs else None

    async def close(self) -> None:
        """End every sandbox."""
        await self._stack.aclose()


class Searches:
    """One process that searches for fixes for each interpreter in use."""

    def __init__(self, *, unprotected: bool) -> None:
        """Say whether candidates may run without a boundary."""
        self._unprotected = unprotected
        self._processes: dict[str, RepairProcess] = {}

    async def find_fixes(self, request: FixRequest, sandbox: Sandbox) -> list[Fix]:
        """Search with the interpreter of the sandbox."""
        interpreter = sandbox.interpreter or ""
        if interpreter not in self._processes:
            self._processes[interpreter] = RepairProcess(interpreter or None, unprotected=self._unprotected)
        return await self._processes[interpreter].find_fixes(request)

    async def close(self) -> None:
        """End the processes."""
        for process in self._processes.values():
            await process.close()


async def open_workspace(settings: Callable[[], Settings], *, apart: bool = True) -> Workspace:
    """Return a workspace; its `close` ends everything that is opened here.

    `apart` is for a server that has to answer meanwhile: fixes are searched for, and events archived, in processes of
    their own.
    """
    now = settings()
    door, boxes = DatabaseDoor(now), Boxes(settings)
    searches = Searches(unprotected=now.unprotected)
    archiver = Archiver()
    # Looking for a key may take a moment, in which the editor is answered.
    models = await asyncio.to_thread(_models, now)

    async def close() -> None:
        ends = (archiver.close, searches.close, boxes.close, door.close, *([models.close] if models else []))
        await asyncio.gather(*(_ended(end) for end in ends))

    library = Library(door.open, models.embedder if models else None)
    workspace = Workspace(
        Means(
            library=library,
            open_sandbox=boxes.open,
            find_fixes=searches.find_fixes if apart else fixing.find_fixes,
            repair_seconds=lambda: settings().repair_seconds,
            data_dir=now.data_dir,
            close=close,
            on_stored=archiver.poke if apart else _nothing,
            reviewer=_reviewer(models, now),
            chat=models.chat if models else None,
        )
    )
    if apart:
        workspace.announce()
    return workspace


def _models(settings: Settings) -> "Models | None":
    if not settings.uses_model:
        return None
    # Whoever uses no model pays nothing for its client.
    from milepost.wiring.models import open_models  # noqa: PLC0415

    return open_models(settings)


def _reviewer(models: "Models | None", settings: Settings) -> Reviewer | None:
    may_see = frozenset(word.strip() for word in settings.model_may_see.split(","))
    if models is None:
        return None
    memory = Memory(settings.data_dir / reviewing_memory.FILE_NAME)
    return Reviewer(models.chat, may_see, int(settings.model_review_tokens), memory)


def _nothing() -> None:
    pass


async def _ended(end: Callable[[], Awaitable[None]]) -> None:
    try:
        async with asyncio.timeout(CLOSING_SECONDS):
            await end()
    except Exception:
        # One part that cannot end well must not keep the others from ending.
        logger.exception("a part did not end well")


@contextlib.asynccontextmanager
async def opened_workspace(settings: Settings) -> AsyncIterator[Workspace]:
    """Give a workspace for the command line and close it."""
    workspace = await open_workspace(lambda: settings, apart=False)
    try:
        yield workspace
    finally:
        await workspace.close()
