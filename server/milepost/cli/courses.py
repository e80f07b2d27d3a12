"""`milepost init` and `milepost course`: course files, imported, started, trusted, exported, listed."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from milepost.agents.messages import GOAL_TEMPLATE
from milepost.agents.trust import TrustFile
from milepost.agents.workspace import Workspace
from milepost.cli import checking, screen
from milepost.cli.checking import UsageError
from milepost.domain.entities import CourseDraft
from milepost.domain.text import Localized
from milepost.goals import course_file
from milepost.goals.problems import CourseError
from milepost.settings import loading
from milepost.settings.loading import Settings
from milepost.storage.errors import StorageError
from milepost.wiring import opening

_EXISTS = Localized("{path} exists already.", "{path} ya existe.")
_WRITTEN = Localized("{path} written; fill it in.", "{path} escrito; complétalo.")
_IMPORTED = Localized(
    "{title}: tasks: {tasks}, solutions proved: {proven} of {solutions}.",
    "{title}: tareas: {tasks}, soluciones comprobadas: {proven} de {solutions}.",
)
_STARTED = Localized("Course started. Open one of these files:", "Curso iniciado. Abre uno de estos archivos:")
_TRUSTED = Localized(
    "The tests and commands of {path} may run your programs.",
    "Las pruebas y órdenes de {path} pueden ejecutar tus programas.",
)
_NOT_TRUSTED = Localized("Nothing of {path} runs any more.", "Ya no se ejecuta nada de {path}.")
_UNKNOWN = Localized("There is no course {name!r}.", "No existe el curso {name!r}.")
_COLUMNS = (Localized("course", "curso"), Localized("tasks", "tareas"), Localized("folder", "carpeta"))
_PROVING = Localized("proving the solutions of {title}", "comprobando las soluciones de {title}")


def init(arguments: argparse.Namespace) -> int:
    """Write a `milepost.yaml` to fill in."""
    try:
        language = loading.load_for_terminal().language
    except loading.SettingsError as error:
        screen.tell(error, error=True)
        return 2
    file = Path(arguments.folder, course_file.FILE_NAME)
    if file.exists() or file.is_symlink():
        screen.tell(_EXISTS.say(language, path=file), error=True)
        return 2
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(GOAL_TEMPLATE.say(language, title="Mi objetivo" if language == "es" else "My goal"), "utf-8")
    screen.tell(_WRITTEN.say(language, path=file))
    return 0


def add(arguments: argparse.Namespace) -> int:
    """Import a course and prove its solutions; a solution that fails is named."""
    return _run(arguments, lambda workspace, settings: _add(workspace, settings, Path(arguments.folder)))


def start(arguments: argparse.Namespace) -> int:
    """Copy a course into a folder, import it and name the files to begin with."""
    return _run(arguments, lambda workspace, settings: _start(workspace, settings, arguments))


def trust(arguments: argparse.Namespace) -> int:
    """Keep whether a course may run, for editors that cannot ask; an open one takes it up with the next save."""
    try:
        settings = loading.load_for_terminal()
        course = course_file.load(Path(arguments.folder).absolute())
    except CourseError as error:
        screen.tell(error.say(settings.language), error=True)
        return 2
    except loading.SettingsError as error:
        screen.tell(error, error=True)
        return 2
    TrustFile(settings.data_dir / "trust.json").keep(course.path, course.content_hash, granted=not arguments.no)
    screen.tell((_NOT_TRUSTED if arguments.no else _TRUSTED).say(settings.language, path=course.path))
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Print the course file of a bundled or stored course."""
    return _run(arguments, lambda workspace, settings: _export(workspace, settings, arguments.title))


def show_list(arguments: argparse.Namespace) -> int:
    """List bundled and stored courses."""
    return _run(arguments, _list)


def _run(arguments: argparse.Namespace, work: Callable[[Workspace, Settings], Awaitable[int]]) -> int:
    try:
        settings = loading.load_for_terminal()
        if getattr(arguments, "unprotected", False):
            settings = checking.unprotected(settings)
        return asyncio.run(_opened(settings, work))
    except (CourseError, StorageError) as error:
        screen.tell(error.say(settings.language), error=True)
    except (UsageError, loading.SettingsError) as error:
        screen.tell(error, error=True)
    return 2


async def _opened(settings: Settings, work: Callable[[Workspace, Settings], Awaitable[int]]) -> int:
    async with opening.opened_workspace(settings) as workspace:
        return await work(workspace, settings)


async def _add(workspace: Workspace, settings: Settings, folder: Path) -> int:
    draft = course_file.load(folder)
    sandbox = await workspace.open_sandbox(str(folder))
    if sandbox is None:
        raise UsageError(checking.NO_SANDBOX.pick(settings.language))
    await workspace.store_goal(draft.path)
    console = screen.console(error=True)
    tasks = [(goal, task) for goal in draft.goals for task in goal.tasks]
    proven = 0
    warnings: list[Localized] = []
    for goal, task in tasks:
        with console.status(_PROVING.say(settings.language, title=task.title.pick(settings.language))):
            prepared = await workspace.prepare(draft, goal, task, sandbox)
        proven += len(prepared.solutions)
        warnings += prepared.warnings
    for warning in warnings:
        screen.tell(warning.pick(settings.language), error=True)
    solutions = sum(len(task.solutions) for _, task in tasks)
    title = draft.title.pick(settings.language) if draft.title else str(folder)
    screen.tell(_IMPORTED.say(settings.language, title=title, tasks=len(tasks), proven=proven, solutions=solutions))
    return 1 if warnings else 0


async def _start(workspace: Workspace, settings: Settings, arguments: argparse.Namespace) -> int:
    try:
        started = await workspace.start_course(arguments.source, arguments.into)
    except FileNotFoundError as error:
        raise UsageError(_UNKNOWN.say(settings.language, name=str(error))) from error
    print(_STARTED.pick(settings.language))
    for path in started:
        screen.tell(f"  {path}")
    return 0


async def _export(workspace: Workspace, settings: Settings, title: str) -> int:
    for draft in await workspace.known_courses():
        if title.casefold() in _titles(draft):
            sys.stdout.write(course_file.dump(draft))
            return 0
    raise UsageError(_UNKNOWN.say(settings.language, name=title))


async def _list(workspace: Workspace, settings: Settings) -> int:
    rows = [
        (draft.title.pick(settings.language), sum(len(goal.tasks) for goal in draft.goals), Path(draft.path).parent)
        for draft in await workspace.known_courses()
        if draft.title
    ]
    screen.console().print(screen.table_view([each.pick(settings.language) for each in _COLUMNS], rows))
    return 0


def _titles(draft: CourseDraft) -> set[str]:
    folder = Path(draft.path).parent.name
    return {folder.casefold(), *((draft.title.en.casefold(), draft.title.es.casefold()) if draft.title else ())}
