"""The database of the settings, opened when first needed."""

import asyncio
import contextlib

from milepost.providers import lexical
from milepost.settings.loading import Settings
from milepost.storage import embeddings, migrate
from milepost.storage.embedded import EmbeddedPostgres
from milepost.storage.engine import Database


class DatabaseDoor:
    """The database, opened when first needed: the embedded one, or the one that the settings name."""

    def __init__(self, settings: Settings) -> None:
        """Take where the database is; nothing is opened yet."""
        self._settings = settings
        self._embedded = None if settings.database_url else EmbeddedPostgres(settings.database_dir)
        self._database: Database | None = None
        self._current = False
        self._opening = asyncio.Lock()

    async def open(self) -> Database:
        """Return the database with its schema up to date. Raises StorageError."""
        async with self._opening:
            if not self._current:
                database = await self._connect()
                await migrate.upgrade(database)
                async with database.begin() as session:
                    await embeddings.ensure_index(session, lexical.MODEL, lexical.WIDTH)
                self._current = True
            assert self._database
            return self._database

    async def connect(self) -> Database:
        """Return the database with its schema as it is. Raises StorageError."""
        async with self._opening:
            return await self._connect()

    async def close(self) -> None:
        """Close every connection; the embedded server stops when nobody else uses it."""
        if self._database is not None:
            await self._database.dispose()
        if self._embedded is not None:
            await self._embedded.stop()

    async def _connect(self) -> Database:
        if self._database is None and self._embedded is None:
            self._database = Database.connect(self._settings.database_url)
        elif self._database is None and self._embedded is not None:
            with contextlib.suppress(OSError):
                # What is wrong with the folder is said, in the user's words, when the server starts in it.
                self._settings.data_dir.mkdir(parents=True, exist_ok=True)
            self._database = Database.connect(await self._embedded.start(), revive=self._embedded.start)
        assert self._database
        return self._database
