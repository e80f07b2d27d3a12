"""The third home of the events, a real broker, beside the others."""

import asyncio

import pytest

from milepost.domain.events import EventType
from milepost.events import queues, verifying
from milepost.events.archive import Archive
from milepost.events.broker import Broker
from milepost.events.errors import BrokerError
from milepost.events.publishing import BrokerRelay, RabbitPublisher
from milepost.events.verifying import Queues
from milepost.events.worker import Load, Worker
from milepost.storage import events as stored
from tests.events import samples

pytestmark = pytest.mark.xdist_group("broker")


async def test_what_the_queue_holds_is_on_the_way_until_a_worker_archived_it(
    database, user, broker, tmp_path, monkeypatch
):
    monkeypatch.setattr(verifying, "PAUSE_SECONDS", 0.05)

    async def verify():
        return await verifying.verify(database, Archive(tmp_path), lambda: queues.ask(broker))

    assert (await verify()).queues == Queues(0)
    async with database.begin() as session:
        await stored.add_all(session, [samples.event(EventType.CODE_SUBMITTED, user.id) for _ in range(7)])
    relay = BrokerRelay(database, RabbitPublisher(broker))
    await relay.drain()
    await relay.close()
    found = await verify()
    assert (found.well, found.on_the_way, found.queues) == (True, 7, Queues(7))
    worker = Worker(database, tmp_path, broker, load=Load(gather=0.05))
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(60):
        while (found := await verify()).seen.archived < 7:
            assert found.well
    working.cancel()
    await asyncio.wait([working])
    await worker.close()
    assert ((await verify()).well, (await verify()).on_the_way) == (True, 0)
    async with database.begin() as session:
        await stored.add(session, samples.event(EventType.CODE_SUBMITTED, user.id))
    relay = BrokerRelay(database, RabbitPublisher(broker))
    await relay.drain()
    await relay.close()
    async with broker.opened() as connection:
        channel = await connection.channel()
        await (await channel.get_queue(broker.names.archive)).purge()
    lost = await verify()
    assert (lost.well, len(lost.seen.problems.missing_in_archive)) == (False, 1)


async def test_a_broker_that_is_away_is_told(database, tmp_path):
    away = Broker("amqp://guest:guest@127.0.0.1:9/")
    with pytest.raises(BrokerError, match="cannot be used"):
        await verifying.verify(database, Archive(tmp_path), lambda: queues.ask(away))
