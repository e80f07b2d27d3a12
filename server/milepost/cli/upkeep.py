"""`milepost db` and `milepost doctor`: what is there, and what works on this machine."""

import argparse
import asyncio
import platform
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.text import Text

from milepost import __version__
from milepost.cli import screen
from milepost.domain.text import Localized
from milepost.providers import probing
from milepost.providers.errors import ProviderError
from milepost.sandbox import boxes
from milepost.sandbox.boxes import Tier
from milepost.settings import loading
from milepost.settings.loading import Settings
from milepost.storage import backups, migrate
from milepost.storage.engine import Database
from milepost.storage.errors import StorageError
from milepost.wiring.databases import DatabaseDoor
from milepost.wiring.models import open_models

_PROTECTION = {
    Tier.BUBBLEWRAP: Localized(
        "programs run in bubblewrap boxes: no network, none of your files, limits on time, memory and processes",
        "los programas se ejecutan en cajas de bubblewrap: sin red, sin tus archivos, con límites de tiempo y memoria",
    ),
    Tier.LIMITS: Localized(
        "programs run UNPROTECTED, with limits only, because the settings say so ({detail})",
        "los programas se ejecutan SIN PROTECCIÓN, solo con límites, porque así lo dicen los ajustes ({detail})",
    ),
    Tier.NONE: Localized(
        "no sandbox works here, so nothing is run ({detail}); get one with: sudo apt-get install bubblewrap",
        "sin un sandbox que funcione no se ejecuta nada ({detail}); instálalo con: sudo apt-get install bubblewrap",
    ),
}
_EMBEDDED = Localized("embedded PostgreSQL", "PostgreSQL incluido")
_OTHER_DATABASE = Localized("PostgreSQL (DATABASE_URL)", "PostgreSQL (DATABASE_URL)")
_NEW = Localized("empty; it is set up when first used", "vacío; se prepara al usarlo por primera vez")
_CURRENT = Localized("schema {schema}, up to date", "esquema {schema}, al día")
_PENDING = Localized("schema {schema}; upgraded when next used", "esquema {schema}; se actualiza al usarlo")
_NO_MODEL = Localized(
    "none is set, so nothing is reviewed and nothing is sent; docs/providers.md says how to set one",
    "no hay ninguno, así que nada se revisa y nada se envía; docs/providers.md dice cómo ponerlo",
)
_HALF_SET = Localized(
    "{given} is set and {missing} is not; a model needs both, see docs/providers.md",
    "{given} está puesto y {missing} no; un modelo necesita los dos, véase docs/providers.md",
)
_MODEL = Localized("{model} at {host} answered in {seconds:.1f} s", "{model} en {host} respondió en {seconds:.1f} s")
_EMBEDDER = Localized("vectors of {width} numbers from {model}", "vectores de {width} números de {model}")
_TOOLS = {"javascript": "node", "go": "go", "java": "javac", "rust": "rustc", "c": "cc", "c++": "c++"}


def upgrade(_arguments: argparse.Namespace) -> int:
    """Bring the schema up to date."""
    return _with_database(_upgrade)


def status(_arguments: argparse.Namespace) -> int:
    """Print the server, the schema and what is pending."""
    return _with_database(_status)


def backup(arguments: argparse.Namespace) -> int:
    """Write everything in the database to a file."""
    return _with_database(lambda database, _: backups.backup(database.url, Path(arguments.file).absolute()))


def restore(arguments: argparse.Namespace) -> int:
    """Put a backup in the place of what is there, all of it or nothing."""
    return _with_database(lambda database, _: backups.restore(database.url, Path(arguments.file).absolute()))


def doctor(_arguments: argparse.Namespace) -> int:
    """Print what works on this machine; returns 1 if something that a learner needs does not."""
    try:
        settings = loading.load_for_terminal()
    except loading.SettingsError as error:
        screen.tell(error, error=True)
        return 2
    return asyncio.run(_doctor(settings))


def _with_database(work: Callable[[Database, Settings], Awaitable[None]]) -> int:
    try:
        settings = loading.load_for_terminal()
        asyncio.run(_run(work, settings))
    except StorageError as error:
        screen.tell(error.say(settings.language), error=True)
        return 1
    except loading.SettingsError as error:
        screen.tell(error, error=True)
        return 1
    return 0


async def _run(work: Callable[[Database, Settings], Awaitable[None]], settings: Settings) -> None:
    door = DatabaseDoor(settings)
    try:
        await work(await door.connect(), settings)
    finally:
        await door.close()


async def _upgrade(database: Database, _settings: Settings) -> None:
    before = await migrate.upgrade(database)
    print(f"{before.current or '-'} -> {before.newest}" if before.pending else f"{before.newest}: up to date")


async def _status(database: Database, settings: Settings) -> None:
    found = await migrate.status(database)
    where = "DATABASE_URL" if settings.database_url else str(settings.database_dir)
    rows = [("database", where), ("schema", found.current or "-"), ("newest", found.newest)]
    rows.append(("pending", ", ".join(found.pending) or "-"))
    screen.console().print(screen.table_view(("", ""), rows))


async def _doctor(settings: Settings) -> int:
    language, console = settings.language, screen.console()
    console.print(f"Milepost {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}")
    protection = await boxes.probe(settings.interpreter or None)
    well = protection.runs
    said = _PROTECTION[protection.tier].say(language, detail=protection.detail)
    console.print(_line(good=well, name="sandbox", text=said))
    good, text = await _database_health(settings)
    console.print(_line(good=good, name="database", text=text))
    console.print(_line(good=True, name="data", text=str(settings.data_dir)))
    answering, said = await _model_health(settings)
    console.print(_line(good=answering, name="model", text=said))
    found = [name for name, tool in _TOOLS.items() if shutil.which(tool)]
    console.print(_line(good=True, name="tools", text=", ".join(["python", *found])))
    return 0 if well and good and answering else 1


async def _model_health(settings: Settings) -> tuple[bool, str]:
    """Ask the model something small, and say in plain words what came of it."""
    language = settings.language
    models = None
    try:
        models = open_models(settings)
        if models is None and (settings.model_url or settings.model):
            given, missing = ("modelUrl", "model") if settings.model_url else ("model", "modelUrl")
            return False, _HALF_SET.say(language, given=given, missing=missing)
        if models is None:
            return True, _NO_MODEL.pick(language)
        usage = await probing.probe(models.chat)
        host = models.servers[0].access.host
        said = [_MODEL.say(language, model=usage.model, host=host, seconds=usage.latency_ms / 1000)]
        if models.embedder is not None:
            await models.embedder.embed(["milepost"])
            said.append(_EMBEDDER.say(language, width=models.embedder.width, model=settings.embedding_model))
        return True, "; ".join(said)
    except ProviderError as error:
        return False, error.say(language)
    finally:
        if models is not None:
            await models.close()


async def _database_health(settings: Settings) -> tuple[bool, str]:
    door = DatabaseDoor(settings)
    try:
        found = await migrate.status(await door.connect())
    except StorageError as error:
        return False, error.say(settings.language)
    finally:
        await door.close()
    kind = _OTHER_DATABASE if settings.database_url else _EMBEDDED
    state = _NEW if found.current is None else _PENDING if found.pending else _CURRENT
    return True, f"{kind.pick(settings.language)}, {state.say(settings.language, schema=found.current)}"


def _line(*, good: bool, name: str, text: str) -> Text:
    sign, colour = ("✓", "green") if good else ("✗", "red")
    return Text.assemble((f"{sign} ", colour), (f"{name:10}", "bold"), text)
