"""`milepost goal new` and `milepost goal approve`: a goal drafted from a wish, and stored when it is approved."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from milepost.agents.planning import DRAFT_NAME, PlanError
from milepost.agents.workspace import Workspace
from milepost.cli import screen
from milepost.domain.text import Localized
from milepost.goals.problems import CourseError
from milepost.settings import loading
from milepost.settings.loading import Settings
from milepost.storage.errors import StorageError
from milepost.wiring import opening

_DRAFTED = Localized(
    "{path} is the draft. Change what you like, then: milepost goal approve {path}",
    "{path} es el borrador. Cambia lo que quieras y después: milepost goal approve {path}",
)
_STORED = Localized("Stored: {path}. Open one of these files:", "Guardado: {path}. Abre uno de estos archivos:")
_MISSING = Localized("{path}: there is no such file", "{path}: no existe ese archivo")


def new(arguments: argparse.Namespace) -> int:
    """Draft a goal and say where its document is."""
    return _run(lambda workspace, settings: _new(workspace, settings, " ".join(arguments.wish), arguments.into))


def approve(arguments: argparse.Namespace) -> int:
    """Store the goal of a draft."""
    return _run(lambda workspace, settings: _approve(workspace, settings, Path(arguments.draft)))


def _run(work: Callable[[Workspace, Settings], Awaitable[int]]) -> int:
    try:
        settings = loading.load_for_terminal()
        return asyncio.run(_opened(settings, work))
    except (CourseError, StorageError, PlanError) as error:
        screen.tell(error.say(settings.language), error=True)
    except loading.SettingsError as error:
        screen.tell(error, error=True)
    return 2


async def _opened(settings: Settings, work: Callable[[Workspace, Settings], Awaitable[int]]) -> int:
    async with opening.opened_workspace(settings) as workspace:
        try:
            return await work(workspace, settings)
        finally:
            await workspace.flushed()


async def _new(workspace: Workspace, settings: Settings, wish: str, folder: str) -> int:
    plan = await workspace.planner.draft(wish, folder, settings.language)
    if plan.note:
        screen.tell(plan.note)
    screen.tell(_DRAFTED.say(settings.language, path=plan.path))
    return 0


async def _approve(workspace: Workspace, settings: Settings, draft: Path) -> int:
    file = draft / DRAFT_NAME if await asyncio.to_thread(draft.is_dir) else draft
    try:
        text = await asyncio.to_thread(file.read_text, "utf-8")
    except (OSError, UnicodeDecodeError):
        screen.tell(_MISSING.say(settings.language, path=file), error=True)
        return 2
    course, *begun = await workspace.planner.approve(str(file), text)
    screen.tell(_STORED.say(settings.language, path=course))
    for path in begun:
        screen.tell(f"  {path}")
    return 0
