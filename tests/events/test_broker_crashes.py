"""Writers, relays, workers, PostgreSQL and the broker are killed or stopped: nothing lost, nothing twice."""

import asyncio
import os
import random
import signal
from collections import deque
from uuid import UUID

import pytest

from milepost.domain.events import EventType
from milepost.events import dead
from milepost.events.archive import Archive
from milepost.events.steps import Step
from milepost.storage import migrate, users
from milepost.storage.embedded import EmbeddedPostgres
from milepost.storage.engine import Database
from tests.events import samples
from tests.events.flows import (
    PATIENCE,
    Nursery,
    archived,
    depth,
    everything_is_archived,
    finish,
    nothing_waits,
    publish,
    publish_all,
    running,
    store,
    until,
    worker_of,
)
from tests.events.test_crashes import Poller, polled

pytestmark = pytest.mark.xdist_group("broker")

ROUNDS = int(os.environ.get("MILEPOST_ROUNDS") or 10)
TIMES = 25 if os.environ.get("MILEPOST_SOAK") else 1
RELAYING = [Step.HELD, Step.CONFIRMED, Step.MARKED]
ARCHIVING = [
    Step.RECEIVED,
    Step.CLAIMED,
    Step.READ,
    Step.CREATED,
    Step.WRITTEN,
    Step.SYNCED,
    Step.LOCKED,
    Step.RENAMED,
    Step.FOLDER_SYNCED,
    Step.MARKED,
    Step.FILED,
    Step.ACKNOWLEDGED,
]
KINDS = [EventType.CODE_SUBMITTED, EventType.CODE_VALIDATED, EventType.TASK_COMPLETED]


@pytest.fixture(scope="module")
def empty_nursery():
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
async def nursery(empty_nursery, database_url, broker, rabbitmq, tmp_path):
    empty_nursery.place = {
        "url": database_url,
        "folder": str(tmp_path),
        "broker": rabbitmq.url,
        "prefix": broker.names.prefix,
    }
    yield empty_nursery
    await empty_nursery.clear()


def several(user, count, seed=0):
    chance = random.Random(seed)
    return [samples.event(chance.choice(KINDS), user.id) for _ in range(count)]


@pytest.mark.parametrize("step", RELAYING)
async def test_evt_02_a_relay_killed_at_a_named_point(step, nursery, database, user, broker, tmp_path):
    """EVT-02: what it had published and not marked is published again, and archived once."""
    for round_number in range(TIMES):
        await store(database, *several(user, 30, round_number))
        relay = await nursery.start("relay", step=step.name, signal="SIGKILL")
        assert await nursery.news(relay) == str(-signal.SIGKILL)
        await publish_all(database, broker)
        await finish(database, broker, tmp_path)


@pytest.mark.parametrize("step", ARCHIVING)
async def test_evt_02_a_worker_killed_at_a_named_point(step, nursery, database, user, broker, tmp_path):
    """EVT-02: its messages are delivered to another, who names the same files."""
    with polled(tmp_path) as poller:
        for round_number in range(TIMES):
            await store(database, *several(user, 30, round_number))
            worker = await nursery.start("worker", step=step.name, signal="SIGKILL")
            await publish(database, broker)
            assert await nursery.news(worker) == str(-signal.SIGKILL)
            await finish(database, broker, tmp_path)
    assert poller.wrong == []


@pytest.fixture
async def durable(tmp_path):
    """Give a PostgreSQL of this test's own, to be killed: what was committed outlives the process."""
    server = EmbeddedPostgres(tmp_path / "postgresql", settings={"fsync": "off", "full_page_writes": "off"})
    database = Database.connect(await server.start())
    await migrate.upgrade(database)
    yield server, database
    await database.dispose()
    await server.stop()


class Site:
    """Everything that runs, each of which can be killed and comes back."""

    def __init__(self, nursery, server, rabbitmq):
        self.nursery, self.server, self.rabbitmq = nursery, server, rabbitmq
        self.pids = {}

    async def begin(self, *roles):
        for role in roles:
            self.pids[role] = await self.nursery.start(role)

    async def end(self, role):
        await self.nursery.kill(self.pids.pop(role))

    async def strike(self, victim):
        if victim == "postgresql":
            os.kill(self.server.postmaster_pid(), signal.SIGKILL)
            await self.server.start()
        elif victim == "broker":
            await asyncio.to_thread(self.rabbitmq.kill)
            await asyncio.to_thread(self.rabbitmq.start)
        else:
            await self.end(victim)
            await self.begin(victim)


async def test_evt_02_anything_is_killed_at_any_moment(nursery, durable, rabbitmq, broker, tmp_path):
    """EVT-02: under load; what was known to be stored is in the archive once, and so is nothing else."""
    server, database = durable
    async with database.begin() as session:
        user = await users.ensure_local(session)
    folder, noted = tmp_path / "archive", tmp_path / "noted"
    nursery.place |= {"url": server.url(), "folder": str(folder), "user": str(user.id), "noted": str(noted)}
    site, chance = Site(nursery, server, rabbitmq), random.Random()
    await publish(database, broker)
    await asyncio.to_thread(rabbitmq.save_names)
    await site.begin("writer", "relay", "worker")
    victims = deque(["writer", "relay", "worker", "postgresql", "broker"])
    with polled(folder) as poller:
        for round_number in range(ROUNDS):
            if round_number % len(victims) == 0:
                chance.shuffle(victims)
            # A moment, not a condition.
            await asyncio.sleep(chance.uniform(0.05, 0.6))
            await site.strike(victims[0])
            victims.rotate(-1)
        count = len(noted.read_text().split())

        async def goes_on():
            return len(noted.read_text().split()) > count + 10

        await until(goes_on)
        await site.end("writer")
        await until(lambda: everything_is_archived(database, folder))
        await site.end("relay")
        await site.end("worker")
        await publish_all(database, broker)
        stored_ids = await finish(database, broker, folder)
    assert set(noted.read_text().split()) <= set(stored_ids)
    assert poller.wrong == []


@pytest.mark.parametrize("step", [Step.RECEIVED, Step.CLAIMED, Step.SYNCED, Step.FOLDER_SYNCED, Step.FILED])
async def test_evt_08_a_worker_that_wakes_up_late_adds_nothing(
    step, nursery, database, user, broker, rabbitmq, tmp_path
):
    """EVT-08: the broker gave its messages to another meanwhile; what it goes on with changes nothing."""
    await store(database, *several(user, 30))
    held = step is Step.FOLDER_SYNCED
    zombie = await nursery.start("worker", step=step.name, signal="SIGSTOP", broker=f"{rabbitmq.url}?heartbeat=1")
    await publish(database, broker)
    assert await nursery.news(zombie) == "stopped"
    async with running(worker_of(database, tmp_path, broker)):
        # The broker takes it for dead after two heartbeats.
        await until(lambda: everything_is_archived(database, tmp_path))
        if not held:
            await until(lambda: nothing_waits(broker))
        before = {file.path: (tmp_path / file.path).read_bytes() for file in Archive(tmp_path).files()}
        os.kill(zombie, signal.SIGCONT)
        more = await store(database, *several(user, 5))
        await publish(database, broker)
        await until(lambda: everything_is_archived(database, tmp_path))
    await nursery.kill(zombie)
    await finish(database, broker, tmp_path)
    after = {file.path: (tmp_path / file.path).read_bytes() for file in Archive(tmp_path).files()}
    assert before.items() <= after.items()
    assert len(archived(tmp_path)) == 30 + len(more)


async def test_evt_05_a_message_that_ends_its_worker(nursery, database, user, broker, tmp_path):
    """EVT-05, third way: it is found out, buried with the reason, and its neighbours are not lost."""
    events = several(user, 200)
    ids = await store(database, *events)
    fatal = ids[50]
    await publish(database, broker)
    others = sorted(one for one in ids if one != fatal)
    deaths, worker = 0, await nursery.start("worker", fatal=fatal)

    async def buried_and_the_others_filed():
        return await depth(broker, broker.names.dead) and await asyncio.to_thread(archived, tmp_path) == others

    async with asyncio.timeout(PATIENCE):
        # Whoever dies between two queues leaves the message in both, so that it may end one more after it was buried.
        while not await buried_and_the_others_filed():
            if _is_zombie(worker):
                assert await nursery.news(worker) == str(-signal.SIGKILL)
                deaths, worker = deaths + 1, await nursery.start("worker", fatal=fatal)
            await asyncio.sleep(0.05)
    assert deaths > 5
    await nursery.clear()
    letters = await dead.list_letters(broker)
    assert {UUID(letter.event_id) for letter in letters} == {UUID(fatal)}
    assert all("ended 5 times" in letter.reason for letter in letters)
    assert await dead.send_again(broker) == len(letters)
    await finish(database, broker, tmp_path)


def _is_zombie(pid):
    import psutil

    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_evt_07_a_disk_that_is_full_keeps_the_messages_at_the_broker(nursery, database, user, broker, tmp_path):
    """EVT-07: whoever cannot write acknowledges nothing; whoever can gets it all."""
    ids = await store(database, *several(user, 100))
    worker = await nursery.start("worker", largest_file=1000)
    await publish(database, broker)

    async def claimed():
        async with database.session() as session:
            return await session.scalar(_text("SELECT count(*) FROM events WHERE parquet_path IS NOT NULL")) > 0

    async def given_back():
        return await depth(broker, broker.names.archive) == len(ids)

    await until(claimed)
    assert archived(tmp_path) == []
    await nursery.kill(worker)
    await until(given_back)
    await finish(database, broker, tmp_path)


def _text(statement):
    from sqlalchemy import text

    return text(statement)


def test_the_poller_is_the_one_that_notices(tmp_path):
    """Its own test stands beside it."""
    assert Poller(tmp_path).wrong == []
