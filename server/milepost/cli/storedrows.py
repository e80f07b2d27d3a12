"""What is stored, counted: rows of each table, rows of each archived file."""

import asyncio
import contextlib

from milepost.events.archive import Archive
from milepost.events.relay import Relay
from milepost.settings.loading import Settings
from milepost.storage import counts, events
from milepost.storage.engine import Database
from milepost.wiring.databases import DatabaseDoor

Rows = list[tuple[str, int]]
# Seconds in which the archive usually has everything many times over.
PATIENCE_SECONDS = 10.0


async def read(settings: Settings) -> tuple[Rows, Rows]:
    """Return the tables and the archive's files, each with its number of rows."""
    door = DatabaseDoor(settings)
    try:
        database = await door.open()
        relay = Relay(database, settings.archive)
        # The server leaves at once when its editor does; what it had no time to archive is archived now, by this process
        # or by the one that the server left behind.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await relay.drain() or await _waiting(database):  # noqa: ASYNC110 The other process tells nothing.
                    await asyncio.sleep(0.05)
        await relay.close()
        async with database.session() as session:
            tables = await counts.rows_by_table(session)
    finally:
        await door.close()
    files = Archive(settings.archive).files()
    return tables, [(str(file.path), file.rows) for file in files]


async def _waiting(database: Database) -> int:
    async with database.session() as session:
        return await events.count_unpublished(session)
