"""Being woken by the database instead of asking it again and again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from milepost.storage.engine import Database
from milepost.storage.triggers import EVENTS_CHANNEL


class Wakeups:
    """A bell that rings when somebody committed new events, and when the connection is gone."""

    def __init__(self) -> None:
        self._bell = asyncio.Event()
        self.lost = False

    def ring(self, *_notification: object) -> None:
        """Wake whoever waits."""
        self._bell.set()

    def lose(self, *_connection: object) -> None:
        """Note that nothing will come any more, and wake whoever waits."""
        self.lost = True
        self._bell.set()

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait for a ring since the last wait, at most `timeout` seconds; tell whether there was one.

        Raises ConnectionResetError once the connection is gone: open a new one then.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self._bell.wait(), timeout)
        rung = self._bell.is_set()
        self._bell.clear()
        if self.lost:
            self._bell.set()
            raise ConnectionResetError("the connection that listened for events is gone")
        return rung


@asynccontextmanager
async def listening(database: Database, channel: str = EVENTS_CHANNEL) -> AsyncIterator[Wakeups]:
    """Give a bell for new events. Look for events after opening it: those before are not announced.

    Raises DatabaseUnavailableError.
    """
    wakeups = Wakeups()
    connection = await database.open_raw()
    try:
        connection.add_termination_listener(wakeups.lose)
        await connection.add_listener(channel, wakeups.ring)
        yield wakeups
    finally:
        connection.remove_termination_listener(wakeups.lose)
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=1)
