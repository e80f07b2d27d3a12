"""A broker, a database or a folder that is away or misbehaves: events wait where they are, and nobody else does."""

import asyncio
import logging
import os
import random
import time
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from milepost.domain.events import EventType
from milepost.events import dead, publishing
from milepost.events.archive import Archive
from milepost.events.broker import Broker
from milepost.events.errors import BrokerError
from milepost.events.publishing import BrokerRelay, RabbitPublisher, message_of
from milepost.events.worker import Load
from milepost.storage import events as stored
from milepost.storage import users
from milepost.storage.engine import Database
from tests.events import samples
from tests.events.flows import (
    AT_ONCE,
    archived,
    arrival,
    depth,
    everything_is_archived,
    finish,
    nothing_waits,
    publish,
    relay_of,
    running,
    store,
    until,
    worker_of,
)

pytestmark = pytest.mark.xdist_group("broker")

OUTAGE = 60.0 if os.environ.get("MILEPOST_SOAK") else 2.0
KINDS = [EventType.CODE_SUBMITTED, EventType.CODE_VALIDATED, EventType.TASK_COMPLETED]


def several(user, count):
    chance = random.Random(count)
    return [samples.event(chance.choice(KINDS), user.id) for _ in range(count)]


async def unpublished(database):
    async with database.session() as session:
        return await stored.count_unpublished(session)


@asynccontextmanager
async def saving(database, user):
    """Store fifty events a second meanwhile; give the ids and how many seconds each took."""
    ids, seconds = [], []

    async def save():
        while True:
            began = time.monotonic()
            ids.extend(await store(database, samples.event(EventType.CODE_SUBMITTED, user.id)))
            seconds.append(time.monotonic() - began)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(save())
    try:
        yield ids, seconds
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()


async def test_evt_03_a_broker_that_is_away_is_waited_for(database, user, broker, rabbitmq, tmp_path):
    """EVT-03: saves go on, the outbox grows and is emptied when the broker is back."""
    relay, worker = relay_of(database, broker), worker_of(database, tmp_path, broker)
    async with running(relay, worker):
        async with saving(database, user) as (ids, _):
            await asyncio.to_thread(rabbitmq.stop)
            began = len(ids)
            await asyncio.sleep(OUTAGE)

            async def told():
                return relay.problem("es") is not None and worker.problem("en") is not None

            await until(told)
            assert len(ids) > began
            assert await unpublished(database) > 0
            await asyncio.to_thread(rabbitmq.start)
        await until(lambda: everything_is_archived(database, tmp_path))

        async def fine():
            return relay.problem("en") is None and worker.problem("en") is None

        await until(fine)
    assert set(await finish(database, broker, tmp_path)) >= set(ids)


async def test_evt_03_a_broker_short_of_memory_is_waited_for(database, user, broker, rabbitmq, tmp_path, monkeypatch):
    """EVT-03: it takes nothing, so nothing counts as published; what it holds is still archived."""
    monkeypatch.setattr(publishing, "CONFIRM_SECONDS", 1.0)
    first = await store(database, *several(user, 20))
    await publish(database, broker)
    relay = relay_of(database, broker)
    await relay._publisher.open()
    await asyncio.to_thread(rabbitmq.control, "set_vm_memory_high_watermark", "absolute", "1")
    try:
        second = await store(database, *several(user, 30))
        with pytest.raises(BrokerError, match="30 events"):
            await relay.drain()
        assert await unpublished(database) == 30
        async with saving(database, user) as (third, _), running(worker_of(database, tmp_path, broker)):
            await arrival(tmp_path, first)
            await until(lambda: _longer(third, 5))
    finally:
        await asyncio.to_thread(rabbitmq.control, "set_vm_memory_high_watermark", "absolute", "512MB")
        await relay.close()
    await publish(database, broker)
    assert set(await finish(database, broker, tmp_path)) >= {*first, *second, *third}


async def _longer(ids, count):
    return len(ids) > count


async def test_evt_03_what_no_queue_takes_is_not_published(database, user, broker, tmp_path):
    """EVT-03: the broker returns it; the queue is declared anew at the next attempt."""
    relay = relay_of(database, broker)
    await store(database, *several(user, 5))
    assert await relay.drain() == 5
    async with running(worker_of(database, tmp_path, broker)):
        await until(lambda: everything_is_archived(database, tmp_path))
    async with broker.opened() as connection:
        await (await connection.channel()).queue_delete(broker.names.archive)
    await store(database, *several(user, 7))
    with pytest.raises(BrokerError, match="7 events"):
        await relay.drain()
    assert await unpublished(database) == 7
    assert await relay.drain() == 7
    await relay.close()
    assert len(await finish(database, broker, tmp_path)) == 12


async def test_evt_03_a_worker_whose_queue_is_deleted_comes_back(database, user, broker, tmp_path):
    async with running(relay_of(database, broker), worker_of(database, tmp_path, broker)):
        await store(database, *several(user, 5))
        await until(lambda: everything_is_archived(database, tmp_path))
        await until(lambda: nothing_waits(broker))
        async with broker.opened() as connection:
            await (await connection.channel()).queue_delete(broker.names.archive)
        await store(database, *several(user, 5))
        await until(lambda: everything_is_archived(database, tmp_path))
    await finish(database, broker, tmp_path)


class Muffler:
    """Stands between a relay and the broker, and keeps some of the confirms to itself."""

    ACKNOWLEDGED = b"\x00\x3c\x00\x50"

    def __init__(self, port, share):
        self.port, self.share, self.dropped = port, share, 0
        self.chance = random.Random(4)
        self.tasks = set()

    @asynccontextmanager
    async def between(self):
        """Give the port to connect to."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, client, to_client):
        self.tasks.add(asyncio.current_task())
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await asyncio.gather(self._pass(client, to_broker), self._pass_frames(from_broker, to_client))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            to_broker.close()
            to_client.close()

    async def _pass(self, source, target):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()

    async def _pass_frames(self, source, target):
        while True:
            head = await source.readexactly(7)
            rest = await source.readexactly(int.from_bytes(head[3:], "big") + 1)
            if head[0] == 1 and rest.startswith(self.ACKNOWLEDGED) and self.chance.random() < self.share:
                self.dropped += 1
                continue
            target.write(head + rest)
            await target.drain()


@pytest.mark.parametrize("share", [0.1, 1.0])
async def test_evt_04_without_confirm_nothing_is_published(
    share, database, user, broker, rabbitmq, tmp_path, monkeypatch
):
    """EVT-04: an event whose confirm is lost is published again, and archived once."""
    monkeypatch.setattr(publishing, "CONFIRM_SECONDS", 0.5)
    await store(database, *several(user, 200))
    muffler = Muffler(rabbitmq.port, share)
    async with muffler.between() as port:
        muffled = Broker(broker_url(port), broker.names)
        relay = BrokerRelay(database, RabbitPublisher(muffled), pace=AT_ONCE)
        while muffler.dropped == 0:
            before = await unpublished(database)
            assert before == 200 or share < 1
            try:
                await relay.drain()
            except BrokerError:
                assert 0 < await unpublished(database) <= before
            else:
                await store(database, *several(user, 50))
        await relay.close()
    if share == 1.0:
        assert await unpublished(database) == 200
        assert await depth(broker, broker.names.archive) > 0
    await publish(database, broker)
    assert await depth(broker, broker.names.archive) > len(await ids_of(database)) - 1
    await finish(database, broker, tmp_path)


def broker_url(port):
    return f"amqp://guest:guest@127.0.0.1:{port}/"


async def ids_of(database):
    async with database.session() as session:
        return list(await session.scalars(text("SELECT id::text FROM events")))


async def send(broker, *bodies):
    """Publish bodies as anybody might."""
    import aio_pika

    async with broker.opened() as connection:
        topology = await broker.declare(await connection.channel())
        for body in bodies:
            await topology.exchange.publish(aio_pika.Message(body, type="task.failed"), "task.failed")


NO_EVENTS = {
    "no JSON": b"\xff\x00 not at all",
    "no id": b'{"event_type": "task.failed"}',
    "no object": b"[1, 2]",
    "an id that is none": b'{"event_id": "mine", "user_id": "yours"}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("what", NO_EVENTS)
async def test_evt_05_a_message_that_is_no_event_is_buried(what, database, user, broker, tmp_path):
    """EVT-05, first way: one among a thousand; the others arrive, and it waits with the reason."""
    events = several(user, 999 if what == "no JSON" else 20)
    ids = await store(database, *events)
    await publish(database, broker)
    await send(broker, NO_EVENTS[what])
    async with running(worker_of(database, tmp_path, broker)):
        await arrival(tmp_path, ids)
        await until(lambda: _buried(broker))
    [letter] = await dead.list_letters(broker)
    assert letter.reason.startswith("the message is no event: no ")
    assert (letter.event_type, bool(letter.since)) == ("task.failed", True)
    assert await dead.list_letters(broker) == [letter]
    assert await dead.send_again(broker, ["another"]) == 0
    assert await dead.send_again(broker) == 1
    async with running(worker_of(database, tmp_path, broker)):
        await until(lambda: _buried(broker))


async def _buried(broker):
    return await depth(broker, broker.names.dead) == 1 and await depth(broker, broker.names.archive) == 0


async def test_evt_05_an_event_of_another_database_is_buried_and_of_nobody_dropped(database, user, broker, tmp_path):
    """Whoever was erased leaves nothing behind, not even a dead letter."""
    unknown = samples.event(EventType.TASK_FAILED, user.id)
    async with database.begin() as session:
        leaver = await users.create(session, email="a@example.org", username="a")
    await store(database, samples.event(EventType.TASK_FAILED, leaver.id, payload={"secret": "mine"}))
    await publish(database, broker)
    async with database.begin() as session:
        await session.execute(text("DELETE FROM users WHERE id = :id"), {"id": leaver.id})
    await send(broker, message_of(unknown).body)
    ids = await store(database, *several(user, 3))
    await publish(database, broker)
    async with running(worker_of(database, tmp_path, broker)):
        await arrival(tmp_path, ids)
        await until(lambda: _buried(broker))
    [letter] = await dead.list_letters(broker)
    assert "no such event" in letter.reason
    await store(database, unknown)
    assert await dead.send_again(broker) == 1
    await publish(database, broker)
    await finish(database, broker, tmp_path)


async def test_evt_05_a_message_that_is_given_back_again_and_again(database, user, broker, tmp_path):
    """EVT-05, second way: others that give it back do not wear it out; it is archived with its neighbours."""
    await store(database, *several(user, 100))
    await publish(database, broker)
    async with broker.opened() as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=10)
        queue = await channel.get_queue(broker.names.archive)
        for _ in range(25):
            message = await queue.get()
            await message.nack(requeue=True)
    await finish(database, broker, tmp_path)


async def test_evt_06_duplicates_in_another_order_change_nothing(database, user, broker, tmp_path):
    """EVT-06: a fifth is delivered twice, all in any order, in other batches: the files are as they were."""
    chance, events = random.Random(6), several(user, 1000)
    await store(database, *events)
    await publish(database, broker)
    await finish(database, broker, tmp_path)
    before = {file.path: (tmp_path / file.path).read_bytes() for file in Archive(tmp_path).files()}
    again = [*events, *chance.sample(events, 200)]
    chance.shuffle(again)
    publisher = RabbitPublisher(broker)
    await publisher.open()
    assert set(await publisher.send([(message_of(event), event.event_type.value) for event in again])) == {None}
    await publisher.close()
    assert await depth(broker, broker.names.archive) == 1200
    async with running(worker_of(database, tmp_path, broker, load=Load(batch=70, gather=0.01))):
        await until(lambda: nothing_waits(broker))
    await finish(database, broker, tmp_path)
    assert {file.path: (tmp_path / file.path).read_bytes() for file in Archive(tmp_path).files()} == before


async def test_evt_06_duplicates_of_what_is_new_are_archived_once(database_url, database, user, broker, tmp_path):
    """EVT-06: two workers get the same new events in different groupings, and neither writes one twice."""
    chance, events = random.Random(7), several(user, 300)
    await store(database, *events)
    again = [*events, *events]
    chance.shuffle(again)
    publisher = RabbitPublisher(broker)
    await publisher.open()
    await publisher.send([(message_of(event), event.event_type.value) for event in again])
    await publisher.close()
    await publish(database, broker)
    second, small = Database.connect(database_url), Load(batch=40, gather=0.01, first_pause=0.05)
    both = (worker_of(each, tmp_path, broker, load=small) for each in (database, second))
    async with running(*both):
        await until(lambda: everything_is_archived(database, tmp_path))
        await until(lambda: nothing_waits(broker))
    await second.dispose()
    await finish(database, broker, tmp_path)


async def test_several_workers_and_relays_share_the_work(database_url, database, user, broker, tmp_path):
    await store(database, *several(user, 600))
    second, small = Database.connect(database_url), Load(batch=50, gather=0.05)
    counts = {"one": 0, "two": 0}

    def heard(name):
        def add(events, _files):
            counts[name] += events

        return add

    relays = [relay_of(each, broker) for each in (database, second)]
    assert sum(await asyncio.gather(*(relay.drain() for relay in relays))) == 600
    for relay in relays:
        await relay.close()
    async with running(
        worker_of(database, tmp_path, broker, load=small, archived=heard("one")),
        worker_of(second, tmp_path, broker, load=small, archived=heard("two")),
    ):
        await until(lambda: everything_is_archived(database, tmp_path))
    await second.dispose()
    assert sum(counts.values()) == 600
    assert all(counts.values())
    await finish(database, broker, tmp_path)


async def test_evt_07_a_folder_that_cannot_be_used_is_waited_for(database, user, broker, tmp_path):
    """EVT-07: messages are kept in hand or at the broker until it can."""
    folder = tmp_path / "archive"
    folder.write_text("not a folder")
    await store(database, *several(user, 50))
    await publish(database, broker)
    worker = worker_of(database, folder, broker)
    async with running(worker):

        async def told():
            return "no se puede escribir" in (worker.problem("es") or "")

        await until(told)
        folder.unlink()
        await until(lambda: everything_is_archived(database, folder))
    await finish(database, broker, folder)


async def test_evt_07_one_day_that_cannot_be_written_holds_up_no_other(database, user, broker, tmp_path):
    """EVT-07: its events become dead letters with the reason, and go on once it can be."""
    blocked = tmp_path / "events" / "year=2026" / "month=03" / "day=05"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("in the way")
    bad = await store(database, *several(user, 3))
    later = samples.NOON.replace(day=6)
    good = await store(database, *(samples.event(EventType.USER_LOGIN, user.id, later) for _ in range(3)))
    await publish(database, broker)
    async with running(worker_of(database, tmp_path, broker)):
        await arrival(tmp_path, good)

        async def buried():
            return await depth(broker, broker.names.dead) == 3

        await until(buried)
    letters = await dead.list_letters(broker)
    assert sorted(letter.event_id for letter in letters) == sorted(bad)
    assert all("The event archive" in letter.reason for letter in letters)
    blocked.unlink()
    assert await dead.send_again(broker, [bad[0]]) == 1
    assert await dead.send_again(broker) == 2
    await finish(database, broker, tmp_path)


async def test_evt_07_a_slow_folder_delays_no_save(database, user, broker, tmp_path):
    """EVT-07: saving goes on while a file takes its time."""
    free = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_step):
        if _step.name == "WRITTEN":
            asyncio.run_coroutine_threadsafe(free.wait(), loop).result()

    async with running(relay_of(database, broker), worker_of(database, tmp_path, broker, reached=slow)):
        first = await store(database, *several(user, 3))
        async with saving(database, user) as (ids, _):
            await until(lambda: _longer(ids, 20))
            assert archived(tmp_path) == []
            free.set()
        await until(lambda: everything_is_archived(database, tmp_path))
    # One more may have been stored than was noted, as the saving ended.
    assert set(await finish(database, broker, tmp_path)) >= {*first, *ids}


async def test_evt_11_connections_to_the_database_end_all_the_time(database, user, broker, tmp_path):
    """EVT-11: every connection is ended again and again; everybody comes back."""
    end = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    events = several(user, 200)
    async with running(relay_of(database, broker), worker_of(database, tmp_path, broker)):
        for event in events[:10]:
            await store(database, event)
            async with database.session() as session:
                await session.execute(end)
        await store(database, *events[10:])
        await until(lambda: everything_is_archived(database, tmp_path))
    assert len(await finish(database, broker, tmp_path)) == 200


async def test_evt_11_a_database_that_is_away_is_waited_for(postgres, database_url, database, user, broker, tmp_path):
    """EVT-11: the worker keeps its messages in hand meanwhile."""
    from tests.fixtures.database import execute_as_superuser

    name = database_url.split("?")[0].rsplit("/", 1)[1]
    await store(database, *several(user, 20))
    await publish(database, broker)
    await database.dispose()
    later = Database.connect(database_url)
    await execute_as_superuser(postgres, f"ALTER DATABASE {name} RENAME TO {name}_away")
    worker = worker_of(later, tmp_path, broker)
    async with running(worker, relay_of(later, broker)):

        async def told():
            return worker.problem("en") is not None

        await until(told)
        await execute_as_superuser(postgres, f"ALTER DATABASE {name}_away RENAME TO {name}")
        await until(lambda: everything_is_archived(later, tmp_path))
    await finish(later, broker, tmp_path)
    await later.dispose()


async def test_a_clock_that_moved_back_loses_nothing(database, user, broker, tmp_path):
    """What is stored later with an earlier time is handed on like everything else."""
    await store(database, samples.event(EventType.USER_LOGIN, user.id))
    await publish(database, broker)
    await store(database, samples.event(EventType.USER_LOGIN, user.id, samples.NOON.replace(year=2020)))
    await publish(database, broker)
    assert len(await finish(database, broker, tmp_path)) == 2


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("amqp://milepost:h1dd3n@127.0.0.1:{port}/", "ACCESS_REFUSED"),
        ("amqp://milepost:h1dd3n@127.0.0.1:1/", "refused"),
        ("amqp://milepost:h1dd3n@nowhere.invalid:5672/", ""),
        ("amqp://guest:guest@127.0.0.1:{port}/h1dd3n", ""),
    ],
)
async def test_nothing_that_is_said_holds_the_password(url, reason, database, user, rabbitmq, caplog):
    """Neither the error nor the log, whatever the broker answers."""
    await store(database, *several(user, 1))
    caplog.set_level(logging.DEBUG, "milepost")
    relay = BrokerRelay(database, RabbitPublisher(Broker(url.format(port=rabbitmq.port))), pace=AT_ONCE)
    with pytest.raises(BrokerError) as caught:
        await relay.drain()
    assert reason in str(caught.value)
    async with running(relay):

        async def told():
            return relay.problem("en") is not None

        await until(told)
    said = f"{caught.value} {relay.problem('en')} {relay.problem('es')}"
    said += " ".join(record.getMessage() for record in caplog.records if record.name.startswith("milepost"))
    assert "broker" in said
    assert url.startswith("amqp://guest") or "h1dd3n" not in said


@pytest.mark.parametrize("url", ["", "http://host/", "amqp://", "amqp:///vhost", "postgresql://u:p@host/"])
def test_an_address_that_is_none_is_told(url):
    with pytest.raises(BrokerError, match="amqp://user"):
        Broker(url)
