"""From rows through a real RabbitMQ into files: everything arrives, once."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from milepost.domain.events import EventType
from milepost.events.archive import Archive
from milepost.events.publishing import BrokerRelay, RabbitPublisher
from milepost.events.watching import Pace
from milepost.events.worker import Load, Worker
from milepost.storage import events as stored
from tests.events import samples

pytestmark = pytest.mark.xdist_group("broker")

QUICK = Load(batch=200, gather=0.05, first_pause=0.05, longest_pause=0.2)
AT_ONCE = Pace(gather=0.0, poll=3600.0, first_pause=0.05, longest_pause=0.2, batch=50)
# Only ends a test that would fail.
PATIENCE = 60


@asynccontextmanager
async def running(*parts):
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        for part in parts:
            await part.close()


def relay_of(database, broker, **options):
    return BrokerRelay(database, RabbitPublisher(broker), pace=AT_ONCE, **options)


def worker_of(database, folder, broker, **options):
    return Worker(database, folder, broker, load=QUICK, **options)


async def store(database, *several):
    async with database.begin() as session:
        for event in several:
            await stored.add(session, event)
    return [str(event.event_id) for event in several]


async def arrival(folder, ids):
    async with asyncio.timeout(PATIENCE):
        while sorted((await asyncio.to_thread(Archive(folder).read))["event_id"].to_pylist()) != sorted(ids):
            await asyncio.sleep(0.05)


async def depth(broker, queue):
    """Return how many messages wait in a queue, and nobody has in hand."""
    async with broker.opened() as connection:
        channel = await connection.channel()
        return (await channel.declare_queue(queue, passive=True)).declaration_result.message_count


async def test_every_type_of_event_arrives_once(database, user, broker, tmp_path):
    """Commit, broker, Parquet, parquet_path; nothing is left anywhere on the way."""
    several = [samples.event(kind, user.id, payload={"note": "ñ"}) for kind in EventType]
    async with running(relay_of(database, broker), worker_of(database, tmp_path, broker)):
        ids = await store(database, *several)
        await arrival(tmp_path, ids)
        ids += await store(database, samples.event(EventType.CODE_SUBMITTED, user.id))
        await arrival(tmp_path, ids)
    async with database.session() as session:
        assert await stored.count_unpublished(session) == 0
        assert await stored.list_files(session) == [file.path for file in Archive(tmp_path).files()]
    assert [await depth(broker, name) for name in (broker.names.archive, broker.names.dead)] == [0, 0]


async def test_others_may_listen(database, user, broker):
    """A message says all of an event, under its type."""
    async with broker.opened() as connection:
        channel = await connection.channel()
        topology = await broker.declare(channel)
        mine = await channel.declare_queue(exclusive=True)
        await mine.bind(topology.exchange, "goal.*")
        event = samples.event(EventType.GOAL_UPDATED, user.id, title="Größe 🐍", progress=0.5, payload={"n": [1, None]})
        await store(database, samples.event(EventType.TASK_FAILED, user.id), event)
        relay = relay_of(database, broker)
        assert await relay.drain() == 2
        await relay.close()
        message = await mine.get()
        assert (message.message_id, message.type, message.routing_key) == (str(event.event_id), *["goal.updated"] * 2)
        told = json.loads(message.body)
        assert told["timestamp"] == event.timestamp.isoformat()
        assert (told["title"], told["progress"], told["payload"]) == ("Größe 🐍", 0.5, {"n": [1, None]})
        assert await mine.get(fail=False) is None
