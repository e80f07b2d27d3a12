"""From rows through a real RabbitMQ into files: everything arrives, once."""

import json

import pytest

from milepost.domain.events import EventType
from tests.events import samples
from tests.events.flows import arrival, finish, relay_of, running, store, worker_of

pytestmark = pytest.mark.xdist_group("broker")


async def test_every_type_of_event_arrives_once(database, user, broker, tmp_path):
    """Commit, broker, Parquet, parquet_path; nothing is left anywhere on the way."""
    several = [samples.event(kind, user.id, payload={"note": "ñ"}) for kind in EventType]
    async with running(relay_of(database, broker), worker_of(database, tmp_path, broker)):
        ids = await store(database, *several)
        await arrival(tmp_path, ids)
        ids += await store(database, samples.event(EventType.CODE_SUBMITTED, user.id))
        await arrival(tmp_path, ids)
    assert sorted(await finish(database, broker, tmp_path)) == sorted(ids)


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
