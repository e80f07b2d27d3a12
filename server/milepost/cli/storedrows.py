"""What is stored, counted: rows of each table, rows of each archived file."""

from milepost.events.archive import Archive
from milepost.events.relay import Relay
from milepost.settings.loading import Settings
from milepost.storage import counts
from milepost.wiring.databases import DatabaseDoor

Rows = list[tuple[str, int]]


async def read(settings: Settings) -> tuple[Rows, Rows]:
    """Return the tables and the archive's files, each with its number of rows."""
    door = DatabaseDoor(settings)
    try:
        database = await door.open()
        relay = Relay(database, settings.archive)
        # The server leaves at once when its editor does; what it had no time to archive is archived now.
        await relay.drain()
        await relay.close()
        async with database.session() as session:
            tables = await counts.rows_by_table(session)
    finally:
        await door.close()
    files = Archive(settings.archive).files()
    return tables, [(str(file.path), file.rows) for file in files]
