"""`milepost forget` and `milepost export`: everything of a person goes, or goes along."""

import argparse
import sys
from pathlib import Path
from uuid import UUID

from milepost.agents import journal, reviewing_memory
from milepost.cli import events, screen
from milepost.domain.entities import User
from milepost.domain.text import Localized
from milepost.events import dead, erasing, exporting
from milepost.events.archive import Archive
from milepost.events.broker import Broker
from milepost.settings.loading import Settings
from milepost.storage import belongings, users
from milepost.storage.engine import Database

_UNKNOWN = Localized("There is no user {name!r}.", "No existe: usuario {name!r}.")
_ASK = Localized(
    "Everything of {name} will be deleted for good, from the database and the event archive. "
    "Backups that you made keep it.\nType {name} to go on: ",
    "Se borrará para siempre todo lo de {name}, de la base de datos y del archivo de eventos. "
    "Las copias de seguridad que hiciste lo conservan.\nEscribe {name} para seguir: ",
)
_NOT_ASKED = Localized(
    "Nobody can be asked here; say --yes if {name} is really to be forgotten.",
    "Aquí no se puede preguntar; di --yes si de verdad hay que olvidar a {name}.",
)
_KEPT = Localized("Nothing was deleted.", "No se borró nada.")
_FORGOTTEN = Localized(
    "{name} is forgotten: {rows} rows and {events} archived events are gone, {files} files were written anew.",
    "{name} ya no está: desaparecieron {rows} filas y {events} eventos archivados, y se reescribieron {files} archivos.",
)
_LIVING = Localized(
    "Milepost is running in {count} more places, which may hold texts that are not stored yet; close the editors.",
    "Milepost está abierto en {count} sitios más, que pueden tener textos sin guardar; cierra los editores.",
)
_EXPORTED = Localized("Everything of {name} is in {folder}.", "Todo lo de {name} está en {folder}.")


def forget(arguments: argparse.Namespace) -> int:
    """Remove a person, once that was confirmed; returns 2 if there is nobody of the name or it was not."""

    async def work(database: Database, archive: Archive, settings: Settings) -> int:
        return await _forget(database, archive, settings, arguments)

    return events.run(work)


def export(arguments: argparse.Namespace) -> int:
    """Write everything of a person into a folder."""

    async def work(database: Database, archive: Archive, settings: Settings) -> int:
        return await _export(database, archive, settings, arguments)

    return events.run(work)


async def _forget(database: Database, archive: Archive, settings: Settings, arguments: argparse.Namespace) -> int:
    user = await _find(database, arguments.key)
    user_id = user.id if user is not None else _as_id(arguments.key)
    if user_id is None:
        screen.tell(_UNKNOWN.say(settings.language, name=arguments.key), error=True)
        return 2
    name = user.username if user is not None else str(user_id)
    async with database.session() as session:
        counts = await belongings.counts(session, user_id)
    screen.console().print(screen.table_view(("", ""), counts.items()))
    if not arguments.yes and not _confirmed(name, settings.language):
        return 2
    # What an earlier session could not store yet would come back with the next one.
    living = journal.erase_kept(settings.data_dir) if name == users.LOCAL_USERNAME else 0
    reviewing_memory.erase(settings.data_dir)
    if settings.broker_url:
        # What is still on its way there the workers drop once they know nobody of the id.
        await dead.erase(Broker(settings.broker_url), user_id)
    erased = await erasing.forget(database, archive, user_id)
    rows = sum(counts.values()) + (user is not None)
    said = _FORGOTTEN.say(settings.language, name=name, rows=rows, events=erased.events, files=erased.files)
    screen.tell(said)
    if living:
        print(_LIVING.say(settings.language, count=living))
    return 0


def _confirmed(name: str, language: str) -> bool:
    if not sys.stdin.isatty():
        screen.tell(_NOT_ASKED.say(language, name=name), error=True)
        return False
    if input(_ASK.say(language, name=name)).strip() == name:
        return True
    screen.tell(_KEPT.pick(language), error=True)
    return False


async def _export(database: Database, archive: Archive, settings: Settings, arguments: argparse.Namespace) -> int:
    user = await _find(database, arguments.key)
    if user is None:
        screen.tell(_UNKNOWN.say(settings.language, name=arguments.key), error=True)
        return 2
    folder = Path(arguments.into or f"milepost-{user.username}")
    counts = await exporting.export(database, archive, user.id, folder)
    screen.console().print(screen.table_view(("", ""), counts.items()))
    screen.tell(_EXPORTED.say(settings.language, name=user.username, folder=folder))
    return 0


async def _find(database: Database, name: str) -> User | None:
    user_id = _as_id(name)
    async with database.session() as session:
        if user_id is not None:
            return await users.get(session, user_id)
        return await users.by_username(session, name) or await users.by_email(session, name)


def _as_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
