"""Being woken when events were committed."""

import pytest

from milepost.storage import events
from milepost.storage.notifications import listening
from tests.fixtures.database import execute_as_superuser
from tests.storage.samples import event_of


async def test_a_commit_rings(database, user):
    async with listening(database) as wakeups:
        async with database.begin() as session:
            await events.add(session, event_of(user.id))
        assert await wakeups.wait(60)
        assert not await wakeups.wait(0)


async def test_a_rollback_does_not_ring(database, user):
    """What was not committed is announced to nobody; a later commit is."""
    async with listening(database) as wakeups:
        async with database.session() as session:
            await events.add(session, event_of(user.id))
        assert not await wakeups.wait(0.05)
        async with database.begin() as session:
            await events.add(session, event_of(user.id))
        assert await wakeups.wait(60)


async def test_a_lost_connection_is_told(database, database_url, postgres):
    name = database_url.split("@/")[1].split("?")[0]
    async with listening(database) as wakeups:
        await execute_as_superuser(
            postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                await wakeups.wait(60)
