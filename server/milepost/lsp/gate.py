"""The way to the workspace: opened when the first document needs it, never before."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The workspace brings everything that the server runs on; it is loaded when the first document needs it.
    from milepost.agents.workspace import Workspace


COURSE_FILE = "milepost.yaml"
DRAFT_FILE = "milepost.draft.yaml"

# While modules are imported in a thread, the message loop gets the interpreter's lock back after this many seconds
# instead of Python's 5 ms, which every single answer would otherwise wait for.
_SWITCH_INTERVAL = 0.0005


def course_above(path: str) -> str | None:
    """Return the nearest course file in the folders above a file; a handful of file lookups, nothing is read."""
    for folder in Path(path).parents:
        candidate = folder / COURSE_FILE
        with suppress(OSError):
            if candidate.is_file():
                return str(candidate)
    return None


async def import_in_background(*modules: str) -> None:
    """Import heavy modules in a thread while the message loop goes on answering."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _SWITCH_INTERVAL))
    # Modules stay for ever: looking for garbage in them, now and later, would only keep answers waiting.
    gc.disable()
    try:
        for module in modules:
            await asyncio.to_thread(import_module, module)
        gc.freeze()
    finally:
        gc.enable()
        sys.setswitchinterval(before)


class Gate:
    """Opens the workspace once, and again when it could not be opened."""

    def __init__(self, open_workspace: Callable[[], Awaitable[Workspace]]) -> None:
        self._open_workspace = open_workspace
        self._opening: asyncio.Future[Workspace] | None = None

    async def workspace(self) -> Workspace:
        """Return the workspace; raises what its opening raised, and the next call tries again."""
        if self._opening is None or (self._opening.done() and _failed(self._opening)):
            self._opening = asyncio.ensure_future(self._open_workspace())
        return await asyncio.shield(self._opening)

    @property
    def present(self) -> Workspace | None:
        """Return the workspace if it is open."""
        opening = self._opening
        return None if opening is None or not opening.done() or _failed(opening) else opening.result()

    async def close(self) -> None:
        """Close the workspace if it was opened, after its opening if that is under way."""
        if self._opening is not None:
            with suppress(Exception):
                await (await self._opening).close()


def _failed(opening: asyncio.Future[Workspace]) -> bool:
    return opening.cancelled() or opening.exception() is not None
