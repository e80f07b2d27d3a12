"""How a database gets its schema."""

import asyncio

import pytest
from sqlalchemy import text

from milepost.storage import cluster, migrate
from milepost.storage.engine import Database
from milepost.storage.errors import SchemaError
from tests.fixtures import catalog
from tests.fixtures.database import execute_as_superuser

ROLE_QUERY = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"


@pytest.fixture
async def bare(bare_database_url):
    """Give a database without any table."""
    database = Database.connect(bare_database_url)
    yield database
    await database.dispose()


async def test_upgrade_brings_an_empty_database_to_the_newest(bare):
    assert (await migrate.status(bare)).current is None
    found = await migrate.upgrade(bare)
    assert found.pending == tuple(migrate.known_revisions())
    after = await migrate.status(bare)
    assert (after.current, after.pending) == (after.newest, ())


async def test_upgrade_of_a_new_database_changes_nothing(database):
    before = await catalog.describe(database)
    found = await migrate.upgrade(database)
    assert found.pending == ()
    assert await catalog.describe(database) == before


async def test_servers_that_start_at_once_upgrade_once(bare_database_url):
    databases = [Database.connect(bare_database_url) for _ in range(4)]
    found = await asyncio.gather(*(migrate.upgrade(database) for database in databases))
    assert sum(bool(status.pending) for status in found) == 1
    assert (await migrate.status(databases[0])).pending == ()
    await asyncio.gather(*(database.dispose() for database in databases))


async def test_a_newer_schema_is_refused_and_left_alone(database):
    """A server that is older than the schema says so, in the user's language, and touches nothing."""
    async with database.connection() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9001'"))
    before = await catalog.describe(database)
    with pytest.raises(SchemaError) as refused:
        await migrate.upgrade(database)
    assert "9001" in refused.value.say("en")
    assert "Update Milepost" in refused.value.say("en")
    assert "Actualiza Milepost" in refused.value.say("es")
    assert await catalog.describe(database) == before


async def test_a_failed_migration_leaves_nothing_behind(bare):
    """All statements of an upgrade are one transaction."""
    async with bare.connection() as connection:
        await connection.execute(text("CREATE TABLE code_snapshots (id int)"))
    before = await catalog.describe(bare)
    with pytest.raises(Exception, match="already exists"):
        await migrate.upgrade(bare)
    assert await catalog.describe(bare) == before


async def test_a_server_without_pgvector_is_explained(postgres, bare_database_url):
    """Milepost's role may not install an extension; the message says who may."""
    database_name = bare_database_url.split("@/")[1].split("?")[0]
    await execute_as_superuser(postgres, "DROP EXTENSION vector", database=database_name)
    database = Database.connect(bare_database_url)
    with pytest.raises(SchemaError) as refused:
        await migrate.upgrade(database)
    assert "CREATE EXTENSION vector" in refused.value.say("es")
    await database.dispose()


async def test_the_role_is_no_superuser(database):
    async with database.connection() as connection:
        row = (await connection.execute(text(ROLE_QUERY))).one()
        user = await connection.scalar(text("SELECT current_user"))
    assert user == cluster.ROLE
    assert tuple(row) == (False, False, False, False)
