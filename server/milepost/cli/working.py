"""`milepost worker` and `milepost events dead`: the shared way of events, through a broker."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from milepost.domain.text import Localized
from milepost.events import dead
from milepost.events.archive import Archive
from milepost.events.broker import Broker
from milepost.events.errors import EventsError
from milepost.settings import loading
from milepost.settings.loading import Settings
from milepost.storage import events as stored
from milepost.storage.engine import Database
from milepost.storage.errors import StorageError
from milepost.wiring import logs, relaying
from milepost.wiring.databases import DatabaseDoor

PARTS = ("relay", "archive")
_NO_BROKER = Localized(
    "A worker needs a broker: set MILEPOST_BROKER_URL, for example amqp://user:password@host:5672/. "
    "Without one there is nothing to do: events reach the archive by themselves.",
    "Un worker necesita un intermediario: define MILEPOST_BROKER_URL, por ejemplo amqp://usuario:clave@servidor:5672/. "
    "Sin él no hay nada que hacer: los eventos llegan al archivo por sí mismos.",
)
_READY = Localized(
    "working: events of {database} go to {archive}; stop with Ctrl+C",
    "en marcha: los eventos de {database} van a {archive}; se para con Ctrl+C",
)
_ARCHIVED = Localized("archived {events} events in {files} files", "archivados {events} eventos en {files} archivos")
_NONE_DEAD = Localized("Nothing was set aside.", "No hay nada apartado.")
_AGAIN = Localized("{count} on their way again", "{count} de nuevo en camino")


def work(arguments: argparse.Namespace) -> int:
    """Publish what waits in the database and archive what the broker delivers, until told to stop."""
    parts = frozenset([arguments.only] if arguments.only else PARTS)
    return _run(lambda database, settings: _work(database, settings, parts), needs_broker=True)


def show_dead(arguments: argparse.Namespace) -> int:
    """List what was set aside, or send it on its way again."""
    if arguments.requeue is None:
        return _run(_list_dead)
    return _run(lambda database, settings: _requeue(database, settings, arguments.requeue))


def _run(work: Callable[[Database, Settings], Awaitable[None]], *, needs_broker: bool = False) -> int:
    try:
        settings = loading.load_for_terminal()
    except loading.SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    logs.log_to_standard_error(settings.log_level)
    if needs_broker and not settings.broker_url:
        print(_NO_BROKER.pick(settings.language), file=sys.stderr)
        return 2
    try:
        asyncio.run(_with_database(work, settings))
    except (StorageError, EventsError) as error:
        print(error.say(settings.language), file=sys.stderr)
        return 1
    return 0


async def _with_database(work: Callable[[Database, Settings], Awaitable[None]], settings: Settings) -> None:
    door = DatabaseDoor(settings)
    try:
        await work(await door.open(), settings)
    finally:
        await door.close()


async def _work(database: Database, settings: Settings, parts: frozenset[str]) -> None:
    def tell(events: int, files: int) -> None:
        said = _ARCHIVED.say(settings.language, events=events, files=files)
        print(f"{datetime.now(UTC).astimezone():%H:%M:%S} {said}", flush=True)

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with relaying.working(settings, database, parts, tell):
        relaying.tune_process()
        where = "DATABASE_URL" if settings.database_url else str(settings.database_dir)
        print(_READY.say(settings.language, database=where, archive=Archive(settings.archive).place.label), flush=True)
        await stop.wait()


async def _list_dead(database: Database, settings: Settings) -> None:
    async with database.session() as session:
        aside = await stored.list_set_aside(session)
    rows = [("PostgreSQL", str(each.event_id), each.event_type, _when(each.timestamp), each.reason) for each in aside]
    if settings.broker_url:
        letters = await dead.list_letters(Broker(settings.broker_url))
        rows += [("RabbitMQ", each.event_id, each.event_type, each.since, each.reason) for each in letters]
    if not rows:
        print(_NONE_DEAD.pick(settings.language))
    for where, event_id, event_type, since, reason in rows:
        # Not a table: an id that is cut off is of no use.
        print(_printable(f"{event_id or '-'}  {event_type or '-'}  {since}  {where}"))
        print(_printable(f"    {reason}"))


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _printable(said: str) -> str:
    """Return a line that does nothing to the terminal, whoever wrote what is in it."""
    return "".join(letter if letter.isprintable() else "?" for letter in said)


async def _requeue(database: Database, settings: Settings, event_ids: list[str]) -> None:
    wanted = {event_id.lower() for event_id in event_ids}
    async with database.begin() as session:
        aside = await stored.list_set_aside(session)
        chosen = [each.event_id for each in aside if not wanted or str(each.event_id) in wanted]
        count = await stored.put_back(session, chosen)
    if settings.broker_url:
        count += await dead.send_again(Broker(settings.broker_url), wanted or None)
    print(_AGAIN.say(settings.language, count=count))
