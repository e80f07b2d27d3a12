"""The life of the embedded PostgreSQL: shared by all processes that use its folder, stopped by the last one."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg

from milepost.domain.text import Localized
from milepost.storage import cluster, messages, reaper
from milepost.storage.errors import DataFolderError
from milepost.storage.folder_locks import FileLock

START_SECONDS = 60
POLL_SECONDS = 0.02
# The second launch is for a server that was found dying.
MAX_LAUNCHES = 2
_NOT_YET = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)
_NOT_PREPARED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)


class EmbeddedPostgres:
    """A PostgreSQL in a folder of the user; `start` may be called again at any time to bring it back."""

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self._cluster = cluster.Cluster(folder, settings or {})
        self._users: FileLock | None = None

    @property
    def folder(self) -> Path:
        """Where everything is."""
        return self._cluster.folder

    def url(self, *, role: str = cluster.ROLE, database: str = cluster.DATABASE) -> str:
        """Return the address for a role; Milepost's own is no superuser."""
        password = self._cluster.password(role)
        return f"postgresql+asyncpg://{role}:{password}@/{database}?host={quote(str(self._cluster.socket_folder()))}"

    def postmaster_pid(self) -> int | None:
        """Return the process id of the running PostgreSQL."""
        return reaper.postmaster_pid(self.folder)

    async def start(self) -> str:
        """Join the running PostgreSQL or start it, and return Milepost's address. Raises DataFolderError."""
        await asyncio.to_thread(self._cluster.prepare)
        async with self._starting():
            if self._users is None:
                await self._join()
            else:
                await self._bring_up()
        return self.url()

    async def _join(self) -> None:
        users = self._cluster.lock(reaper.USERS)
        try:
            await users.shared()
            # Before PostgreSQL: whatever happens to this start, somebody waits for its last user to leave.
            await asyncio.to_thread(self._start_reaper)
            await self._bring_up()
        except Exception:
            await self._leave(users)
            raise
        except asyncio.CancelledError:
            users.close()
            raise
        self._users = users

    async def stop(self) -> None:
        """Leave; the last one to leave stops PostgreSQL."""
        users, self._users = self._users, None
        if users is not None:
            async with self._starting():
                await self._leave(users)

    async def _leave(self, users: FileLock) -> None:
        users.close()
        with self._cluster.lock(reaper.USERS) as others:
            if await self._is_last(others):
                await asyncio.to_thread(reaper.shut_down, self.folder)

    async def _is_last(self, users: FileLock) -> bool:
        if users.try_exclusive():
            return True
        # The reaper may have been faster. It lets go at once and then waits for us: now only users count.
        await users.shared()
        return users.try_exclusive()

    @asynccontextmanager
    async def _starting(self) -> AsyncIterator[None]:
        with self._cluster.lock(reaper.STARTING) as lock:
            await lock.exclusive()
            yield

    async def _bring_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        launches = 0
        while True:
            launches += await asyncio.to_thread(self._launch_if_down, launches)
            reason = await self._try_ready()
            if reason is None:
                break
            if time.monotonic() > deadline:
                raise self._failure(messages.START_TIMEOUT, seconds=START_SECONDS, reason=reason)
            await asyncio.sleep(POLL_SECONDS)

    def _launch_if_down(self, launches: int) -> bool:
        """Launch unless it runs; in a thread that owns the lock, so that a cancelled start leaves no half of it."""
        with self._cluster.lock(reaper.RUNNING) as running:
            if not running.try_exclusive():
                return False
            if launches >= MAX_LAUNCHES:
                raise self._failure(messages.START_FAILED, reason=self._cluster.last_words())
            if not self._cluster.is_initialised():
                self._cluster.initialise(running)
            self._cluster.launch(running)
            return True

    def _failure(self, message: Localized, **values: object) -> DataFolderError:
        return DataFolderError(message, path=self.folder, **values)

    def _start_reaper(self) -> None:
        with self._cluster.lock(reaper.REAPER) as waiting:
            if not waiting.try_exclusive():
                return
        self._cluster.start_reaper()

    async def _try_ready(self) -> str | None:
        """Return None when Milepost can work with it, else the reason why not yet."""
        if not self._cluster.is_initialised():
            return "another process makes the data"
        try:
            async with _connected(self.url()) as connection:
                prepared = await connection.fetchval("SELECT true FROM pg_extension WHERE extname = 'vector'")
        except _NOT_YET as error:
            return str(error)
        except _NOT_PREPARED:
            prepared = False
        if not prepared:
            await self._prepare_database()
        return None

    async def _prepare_database(self) -> None:
        """Make Milepost's role, its database and, as only the superuser may, the extension in it."""
        role, database = cluster.ROLE, cluster.DATABASE
        try:
            async with _connected(self.url(role=cluster.SUPERUSER, database="postgres")) as connection:
                if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
                    await connection.execute(f"CREATE ROLE {role} LOGIN")
                await connection.execute(f"ALTER ROLE {role} PASSWORD '{self._cluster.password(role)}'")
                if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
                    await connection.execute(f"CREATE DATABASE {database} OWNER {role}")
            async with _connected(self.url(role=cluster.SUPERUSER)) as connection:
                await connection.execute("CREATE EXTENSION IF NOT EXISTS vector; ALTER EXTENSION vector UPDATE")
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            path = self._cluster.password_file(cluster.SUPERUSER)
            raise DataFolderError(messages.CREDENTIALS_LOST, path=path) from error


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(url.replace("+asyncpg", "", 1), timeout=START_SECONDS)
    try:
        yield connection
    finally:
        await connection.close()
