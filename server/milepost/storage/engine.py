"""The connection pool, and the two ways to use it: read (`session`) and change (`begin`)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

import asyncpg
from sqlalchemy import exc, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from milepost.storage import escaping, messages
from milepost.storage.errors import DatabaseUnavailableError, StorageError

DRIVER = "postgresql+asyncpg"
# A language server has one user at a time: a few connections serve it, and a lost one is noticed before it is used.
POOL_SIZE = 4
POOL_OVERFLOW = 4
POOL_TIMEOUT_SECONDS = 10
CONNECT_TIMEOUT_SECONDS = 10
# Long enough for building an index; it only ends the wait for a server that hangs.
COMMAND_TIMEOUT_SECONDS = 300

# For neighbours, who do not know the library behind it.
Session = AsyncSession
Revive = Callable[[], Awaitable[object]]
# Classes of SQLSTATE: connection, insufficient resources (a full disk), operator intervention, system error.
_AWAY_STATES = ("08", "53", "57P", "58")
_CONNECT_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_DOWN = (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)


@dataclass(slots=True)
class _Gate:
    closed: bool = False
    passed: "WeakSet[asyncpg.Connection[asyncpg.Record]]" = field(default_factory=WeakSet)


class Database:
    """One PostgreSQL database; make it by `connect`, end it by `dispose`."""

    def __init__(self, engine: AsyncEngine, address: dict[str, Any], gate: _Gate) -> None:
        self.engine = engine
        self._gate = gate
        self._address = address
        self._sessions = async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
        self._single = async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"))

    @property
    def url(self) -> str:
        """Return the address, password included, for PostgreSQL's own tools."""
        return str(self._address["dsn"])

    @classmethod
    def connect(cls, url: str, *, revive: Revive | None = None, pool_size: int = POOL_SIZE) -> "Database":
        """Return a database that connects on first use; `revive` is called when the server does not answer.

        Raises StorageError for a URL that names no PostgreSQL.
        """
        address = _address(url)

        gate = _Gate()

        async def open_connection(*_unused: Any, **_options: Any) -> "asyncpg.Connection[asyncpg.Record]":
            if not gate.closed:
                connection = await _open(address, revive)
                gate.passed.add(connection)
                if not gate.closed:
                    return connection
                connection.terminate()
            raise DatabaseUnavailableError(messages.UNAVAILABLE, reason="closed")

        engine = create_async_engine(
            DRIVER + "://",
            async_creator=open_connection,
            pool_size=pool_size,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            pool_pre_ping=True,
            json_serializer=escaping.dump_json,
            json_deserializer=escaping.load_json,
        )
        return cls(engine, address, gate)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Give a session for reading; what it changed is rolled back. Raises DatabaseUnavailableError."""
        async with _translated(), self._sessions() as session:
            yield session

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """Give a session whose changes are committed at the end, or none of them. Raises DatabaseUnavailableError."""
        async with _translated(), self._sessions.begin() as session:
            yield session

    @asynccontextmanager
    async def each_by_itself(self) -> AsyncIterator[AsyncSession]:
        """Give a session that commits each statement by itself. Raises DatabaseUnavailableError.

        The server ends it whatever becomes of this process: one that is stopped in between holds no row.
        """
        async with _translated(), self._single() as session:
            yield session

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection inside a transaction, for what is no work with rows."""
        async with _translated(), self.engine.begin() as connection:
            yield connection

    async def open_raw(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Open a connection outside the pool, for LISTEN; the caller closes it."""
        return await _open(self._address, None)

    async def dispose(self) -> None:
        """Close every connection for good: what comes late does not start the server again."""
        self._gate.closed = True
        await self.engine.dispose()
        # The pool forgets those that are in use, and nobody would close them.
        for connection in self._gate.passed:
            connection.terminate()


def _address(url: str) -> dict[str, Any]:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise StorageError(messages.BAD_URL) from error
    if parsed.get_backend_name() not in {"postgresql", "postgres"} or not parsed.database:
        raise StorageError(messages.BAD_URL)
    # asyncpg reads libpq's own form, where `host` may be the folder of a socket and `sslmode` is known.
    dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    return {"dsn": dsn, "timeout": CONNECT_TIMEOUT_SECONDS, "command_timeout": COMMAND_TIMEOUT_SECONDS}


async def _open(address: dict[str, Any], revive: Revive | None) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        try:
            return await _connect(address)
        except _DOWN:
            if revive is None:
                raise
        await revive()
        return await _connect(address)
    except _CONNECT_ERRORS as error:
        raise _unavailable(error) from error


async def _connect(address: dict[str, Any]) -> "asyncpg.Connection[asyncpg.Record]":
    settings = {"application_name": "milepost", "jit": "off", "timezone": "UTC"}
    return await asyncpg.connect(**address, server_settings=settings)


def is_away(error: BaseException) -> bool:
    """Tell whether the error means that the server cannot be used now, and not that the statement was wrong."""
    if isinstance(error, exc.DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or state.startswith(_AWAY_STATES)
    return isinstance(error, (ConnectionError, TimeoutError, exc.TimeoutError))


def _unavailable(error: BaseException) -> DatabaseUnavailableError:
    cause = getattr(error, "orig", None) or error
    reason = (str(cause) or repr(cause)).splitlines()[0]
    return DatabaseUnavailableError(messages.UNAVAILABLE, reason=reason)


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except (exc.SQLAlchemyError, ConnectionError, TimeoutError) as error:
        if not is_away(error):
            raise
        raise _unavailable(error) from error
