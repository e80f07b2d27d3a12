"""`milepost events`: whether the homes of the events agree, and what puts them right."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import fields

from milepost.cli import screen
from milepost.domain.text import Localized
from milepost.events import replaying, tidying, verifying
from milepost.events.archive import Archive
from milepost.events.errors import EventsError
from milepost.events.verifying import AskQueues, Problems, Verification
from milepost.settings import loading
from milepost.settings.loading import Settings
from milepost.storage.engine import Database
from milepost.storage.errors import StorageError
from milepost.wiring.databases import DatabaseDoor

# Ids that are printed of each kind of problem; more say nothing more.
SHOWN = 20

_COUNTS = Localized(
    "database: {rows} events, {waiting} of them not handed on yet · archive ({place}): {archived} events",
    "base de datos: {rows} eventos, {waiting} aún sin entregar · archivo ({place}): {archived} eventos",
)
_QUEUES = Localized(
    "broker: {waiting} messages on their way, {dead} that could not be used",
    "broker: {waiting} mensajes en camino, {dead} que no se pudieron usar",
)
_ASIDE = Localized(
    "{count} events cannot be read and were set aside: see `milepost events dead`",
    "{count} eventos son ilegibles y se apartaron: mira `milepost events dead`",
)
_WELL = Localized("Nothing is missing and nothing is double.", "No falta nada y no hay nada doble.")
_REPAIR = Localized("`milepost events replay` puts this right.", "`milepost events replay` lo arregla.")
_MORE = Localized("… and {count} more", "… y {count} más")
_PROBLEMS = {
    "missing_in_archive": Localized("missing in the archive: {count}", "faltan en el archivo: {count}"),
    "missing_in_database": Localized("missing in the database: {count}", "faltan en la base de datos: {count}"),
    "double": Localized("more than once in the archive: {count}", "más de una vez en el archivo: {count}"),
    "misnamed": Localized(
        "in another file than the database says: {count}", "en un archivo distinto al dicho: {count}"
    ),
    "misplaced": Localized("in the folder of another day: {count}", "en la carpeta de otro día: {count}"),
    "damaged": Localized("files that cannot be read: {count}", "archivos ilegibles: {count}"),
}
_REPLAYED = Localized(
    "{rows} events came back into the database, {files} files of the archive were written anew, {users} people came back.",
    "Volvieron {rows} eventos a la base de datos, se reescribieron {files} archivos y volvieron {users} personas.",
)
_HOMELESS = Localized(
    "{count} events belong to people whom the database does not know; `milepost events replay --users` brings back "
    "those whose events name them.",
    "{count} eventos son de personas que la base de datos no conoce; `milepost events replay --users` recupera "
    "a las que sus eventos nombran.",
)
_LOST = Localized("{path} cannot be read and no event row names it.", "{path} es ilegible y ninguna fila lo nombra.")
_COMPACTED = Localized(
    "{before} files became {after}; {events} events were old enough to go; {left} days and kinds have to wait.",
    "{before} archivos pasaron a ser {after}; {events} eventos caducaron; {left} días y tipos tienen que esperar.",
)

Work = Callable[[Database, Archive, Settings], Awaitable[int]]


def verify(_arguments: argparse.Namespace) -> int:
    """Print what is missing or double; returns 1 if anything is."""
    return run(_verify)


def replay(arguments: argparse.Namespace) -> int:
    """Make anew what is missing; returns 1 if something stays wrong."""

    async def work(database: Database, archive: Archive, settings: Settings) -> int:
        return await _replay(database, archive, settings, with_users=arguments.users)

    return run(work)


def compact(_arguments: argparse.Namespace) -> int:
    """Merge the files of closed days."""
    return run(_compact)


def run(work: Work) -> int:
    """Do something with database and archive; returns 2 if that cannot be done."""
    language = "en"
    try:
        settings = loading.load_for_terminal()
        language = settings.language
        return asyncio.run(_opened(work, settings))
    except (StorageError, EventsError) as error:
        print(error.say(language), file=sys.stderr)
    except loading.SettingsError as error:
        print(error, file=sys.stderr)
    return 2


async def _opened(work: Work, settings: Settings) -> int:
    door = DatabaseDoor(settings)
    try:
        return await work(await door.open(), Archive(settings.archive), settings)
    finally:
        await door.close()


def _queues(settings: Settings) -> AskQueues | None:
    """Return what asks the broker for the depth of its queues; None where there is no broker."""
    if not settings.broker_url:
        return None
    # Only who has a broker needs its library.
    from milepost.events import queues  # noqa: PLC0415
    from milepost.events.broker import Broker  # noqa: PLC0415

    broker = Broker(settings.broker_url)
    return lambda: queues.ask(broker)


async def _verify(database: Database, archive: Archive, settings: Settings) -> int:
    found = await verifying.verify(database, archive, _queues(settings))
    _print(found, archive, settings.language)
    return 0 if found.well else 1


def _print(found: Verification, archive: Archive, language: str) -> None:
    seen = found.seen

    def show(text: str, style: str = "") -> None:
        # A path has to stay in one piece.
        screen.console().print(text, style=style, soft_wrap=True)

    place = archive.place.label
    said = _COUNTS.say(language, rows=seen.rows, waiting=seen.waiting, place=place, archived=seen.archived)
    show(said)
    if found.queues is not None:
        show(_QUEUES.say(language, waiting=found.queues.waiting, dead=found.queues.dead))
    if seen.aside:
        show(_ASIDE.say(language, count=seen.aside), style="red")
    for field in fields(Problems):
        ids = sorted(getattr(seen.problems, field.name))
        if ids:
            show(_PROBLEMS[field.name].say(language, count=len(ids)), style="red")
            _print_ids(ids, language)
    show((_REPAIR if seen.problems else _WELL).pick(language) if seen.problems or found.well else "")


def _print_ids(ids: list[str], language: str) -> None:
    for one in ids[:SHOWN]:
        print(f"  {one}")
    if len(ids) > SHOWN:
        print(f"  {_MORE.say(language, count=len(ids) - SHOWN)}")


async def _replay(database: Database, archive: Archive, settings: Settings, *, with_users: bool) -> int:
    found = await verifying.verify(database, archive, _queues(settings))
    done = await replaying.replay(database, archive, found, with_users=with_users)
    language = settings.language
    print(_REPLAYED.say(language, rows=done.rows, files=done.files, users=done.users))
    if done.homeless:
        print(_HOMELESS.say(language, count=done.homeless))
    for path in done.lost:
        print(_LOST.say(language, path=path))
    return 1 if done.homeless or done.lost else 0


async def _compact(database: Database, archive: Archive, settings: Settings) -> int:
    erased, done = await tidying.tidy(database, archive)
    said = _COMPACTED.say(settings.language, before=done.before, after=done.after, events=erased.events, left=done.left)
    print(said)
    return 0
