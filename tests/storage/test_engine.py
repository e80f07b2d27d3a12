"""The pool: what it does when the server is away, and that changes are all or nothing."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import exc, text

from milepost.storage import courses
from milepost.storage.engine import POOL_OVERFLOW, POOL_SIZE, Database, is_away
from milepost.storage.errors import DatabaseUnavailableError, StorageError
from tests.fixtures.database import execute_as_superuser

TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"


def name_of(url: str) -> str:
    return url.split("@/")[1].split("?", maxsplit=1)[0]


async def test_begin_commits_or_nothing(database, user):
    async def interrupted() -> None:
        async with database.begin() as session:
            await courses.create(session, user.id, title="Lost")
            raise KeyError

    with pytest.raises(KeyError):
        await interrupted()
    async with database.begin() as session:
        await courses.create(session, user.id, title="Kept")
    async with database.session() as session:
        assert [course.title for course in await courses.list_of_user(session, user.id)] == ["Kept"]


async def test_session_changes_nothing(database, user):
    async with database.session() as session:
        await courses.create(session, user.id, title="Lost")
    async with database.session() as session:
        assert await courses.list_of_user(session, user.id) == []


async def test_a_cancelled_transaction_leaves_nothing(database, user):
    """A newer save cancels an older run in the middle of its transaction."""
    inside = asyncio.Event()

    async def run() -> None:
        async with database.begin() as session:
            await courses.create(session, user.id, title="Lost")
            inside.set()
            await session.execute(text("SELECT pg_sleep(60)"))

    task = asyncio.create_task(run())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.session() as session:
        assert await courses.list_of_user(session, user.id) == []


async def test_connections_that_died_at_rest_are_replaced(database, database_url, postgres, user):
    await execute_as_superuser(postgres, TERMINATE.format(name_of(database_url)))
    async with database.begin() as session:
        assert await courses.list_of_user(session, user.id) == []


async def test_a_connection_that_dies_in_use_is_the_databases_absence(database, database_url, postgres, user):
    """What was written before is gone with it, and the next transaction works."""

    async def interrupted() -> None:
        async with database.begin() as session:
            await courses.create(session, user.id, title="Lost")
            await execute_as_superuser(postgres, TERMINATE.format(name_of(database_url)))
            await courses.list_of_user(session, user.id)

    with pytest.raises(DatabaseUnavailableError) as away:
        await interrupted()
    assert "cannot be reached" in away.value.say("en")
    assert "No se puede acceder" in away.value.say("es")
    async with database.begin() as session:
        assert await courses.list_of_user(session, user.id) == []


async def test_all_connections_in_use_is_absence_too(database_url, monkeypatch):
    monkeypatch.setattr("milepost.storage.engine.POOL_TIMEOUT_SECONDS", 0.1)
    database = Database.connect(database_url)
    sessions = [database.session() for _ in range(POOL_SIZE + POOL_OVERFLOW)]
    for held in sessions:
        await (await held.__aenter__()).execute(text("SELECT 1"))
    with pytest.raises(DatabaseUnavailableError):
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
    for held in sessions:
        await held.__aexit__(None, None, None)
    await database.dispose()


async def test_a_server_that_never_was(tmp_path):
    database = Database.connect(f"postgresql+asyncpg://milepost:secret@/milepost?host={tmp_path}")
    with pytest.raises(DatabaseUnavailableError) as away:
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
    assert "secret" not in str(away.value)
    await database.dispose()


async def test_a_wrong_password_is_absence(database_url):
    password = database_url.split(":")[2].split("@")[0]
    database = Database.connect(database_url.replace(password, "guessed"))
    with pytest.raises(DatabaseUnavailableError):
        async with database.connection():
            pass
    await database.dispose()


@pytest.mark.parametrize(
    "url", ["", "milepost", "sqlite:///a.db", "postgresql+asyncpg://host", "postgresql://h:port/d"]
)
def test_what_names_no_postgresql_is_refused(url):
    with pytest.raises(StorageError, match="postgresql\\+asyncpg://"):
        Database.connect(url)


async def test_a_wrong_statement_is_no_absence(database):
    with pytest.raises(exc.ProgrammingError):
        async with database.session() as session:
            await session.execute(text("SELECT nothing FROM nowhere"))


async def test_errors_of_the_caller_pass_through(database):
    """A missing file in the caller's own block has nothing to do with the database."""
    with pytest.raises(FileNotFoundError):
        async with database.begin():
            raise FileNotFoundError


def test_a_full_disk_is_absence():
    assert is_away(exc.DBAPIError("INSERT", {}, asyncpg.DiskFullError("no space")))
    assert not is_away(exc.DBAPIError("INSERT", {}, asyncpg.UniqueViolationError("twice")))


async def test_a_killed_server_is_revived_on_the_next_use(database_url):
    """The hook is asked once the server does not answer, and not before."""
    asked = []

    async def revive() -> None:
        asked.append(True)

    database = Database.connect(database_url, revive=revive)
    async with database.session() as session:
        await session.execute(text("SELECT 1"))
    assert asked == []
    await database.dispose()
    lost = Database.connect("postgresql+asyncpg://a:b@/c?host=/nowhere", revive=revive)
    with pytest.raises(DatabaseUnavailableError):
        async with lost.session() as session:
            await session.execute(text("SELECT 1"))
    assert asked == [True]
    await lost.dispose()


async def test_a_closed_database_starts_nothing_again(database_url):
    """What comes after the end does not bring the server back to life."""
    asked = []

    async def revive() -> None:
        asked.append(True)

    database = Database.connect(database_url.replace("host=/", "host=/nowhere/"), revive=revive)
    await database.dispose()
    with pytest.raises(DatabaseUnavailableError):
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
    assert asked == []


async def test_what_is_in_use_at_the_end_is_closed_too(database_url):
    """The pool forgets a connection that is in use, and nobody would close it later."""
    database = Database.connect(database_url)
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        await database.dispose()
        assert driver.is_closed()


async def test_a_connection_that_is_made_during_the_end_is_closed_too(database_url, monkeypatch):
    opened = []
    opening = asyncpg.connect

    async def open_late(**options):
        opened.append(await opening(**options))
        await database.dispose()
        return opened[0]

    database = Database.connect(database_url)
    monkeypatch.setattr("asyncpg.connect", open_late)
    with pytest.raises(DatabaseUnavailableError):
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
    assert opened[0].is_closed()


async def test_a_statement_by_itself_holds_nothing(database, user):
    """Whoever is stopped after one leaves the rows to others."""
    async with database.begin() as session:
        await courses.create(session, user.id, title="Kept")
    lock = text("SELECT id FROM courses FOR UPDATE NOWAIT")
    async with database.each_by_itself() as first, database.begin() as second:
        assert (await first.execute(lock)).one() == (await second.execute(lock)).one()
