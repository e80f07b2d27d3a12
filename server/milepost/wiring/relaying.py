"""Where events go: with a broker in the settings through it to the workers, without one straight into the archive."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from milepost.settings.loading import Settings
from milepost.storage.engine import Database


class Relaying(Protocol):
    """What takes events from the database."""

    async def run(self) -> None:
        """Work until cancelled."""

    async def drain(self) -> int:
        """Take every event that waits; return how many."""

    async def close(self) -> None:
        """Let go of everything."""


def tune_process() -> None:
    """Have this process look for garbage rarely: a batch is very many small objects, none of which refer in circles."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def open_relay(settings: Settings, database: Database) -> Relaying:
    """Return the relay that the settings ask for. Raises BrokerError for an impossible address."""
    # Either way costs memory and time that the other does not need.
    if settings.broker_url:
        from milepost.events.broker import Broker  # noqa: PLC0415
        from milepost.events.publishing import BrokerRelay, RabbitPublisher  # noqa: PLC0415

        return BrokerRelay(database, RabbitPublisher(Broker(settings.broker_url)))
    from milepost.events.relay import Relay  # noqa: PLC0415

    return Relay(database, settings.archive)


@contextlib.asynccontextmanager
async def working(
    settings: Settings, database: Database, parts: frozenset[str], archived: Callable[[int, int], None]
) -> AsyncIterator[None]:
    """Have a relay and a worker run meanwhile, or one of them; `archived` hears how many events and files it were."""
    from milepost.events import tidying  # noqa: PLC0415 As above.
    from milepost.events.archive import Archive  # noqa: PLC0415
    from milepost.events.broker import Broker  # noqa: PLC0415
    from milepost.events.worker import Worker  # noqa: PLC0415

    broker = Broker(settings.broker_url)
    running: list[Relaying | Worker] = []
    if "relay" in parts:
        running.append(open_relay(settings, database))
    if "archive" in parts:
        running.append(Worker(database, settings.archive, broker, archived=archived))
    tasks = [asyncio.create_task(each.run()) for each in running]
    if "archive" in parts:
        tasks.append(asyncio.create_task(tidying.keep_tidy(database, Archive(settings.archive))))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in running:
            await each.close()
