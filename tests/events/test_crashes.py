"""Relays that are killed or stopped in the middle: nothing lost, nothing twice, nothing unreadable."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pyarrow.dataset as ds
import pytest
from sqlalchemy import text

from milepost.domain.events import EventType
from milepost.events import paths
from milepost.events.archive import Archive
from milepost.events.relay import Relay
from milepost.events.steps import Step
from milepost.storage import events as stored
from milepost.storage import users
from tests.events import samples
from tests.events.flows import until

CHILD = Path(__file__).with_name("relay_child.py")
ROUNDS = 25 if os.environ.get("MILEPOST_SOAK") else 1
RANDOM_KILLS = 500 if os.environ.get("MILEPOST_SOAK") else 10
REFUSED = "3"
ON_THE_WAY = [
    step for step in Step if step not in {Step.HELD, Step.CONFIRMED, Step.RECEIVED, Step.FILED, Step.ACKNOWLEDGED}
]
STOPPABLE = [Step.CLAIMED, Step.READ, Step.CREATED, Step.SYNCED, Step.LOCKED, Step.RENAMED, Step.MARKED]


class Poller(threading.Thread):
    """Reads the whole archive again and again, as an analyst would, and keeps what went wrong."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.wrong, self.reads = folder, [], 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.005):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001
                self.wrong.append(error)

    def look(self):
        if not (self.folder / "events").is_dir():
            return
        ids = Archive(self.folder).read(["event_id"])["event_id"].to_pylist()
        outside = ds.dataset(self.folder / "events", format="parquet", partitioning="hive")
        seen = outside.to_table(columns=["event_id"] if "event_id" in outside.schema.names else [])
        if len(set(ids)) != len(ids) or (
            "event_id" in seen.column_names and len(seen) > len(seen["event_id"].unique())
        ):
            self.wrong.append("an event twice")
        self.reads += 1


@contextmanager
def polled(folder):
    poller = Poller(folder)
    poller.start()
    try:
        yield poller
    finally:
        poller.done.set()
        poller.join()


class Nursery:
    """Starts relays in processes of their own, one at a time, and hears what becomes of them."""

    def __init__(self, child=CHILD):
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, str(child)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.place = {}

    async def start(self, **order):
        self.process.stdin.write(json.dumps(self.place | order) + "\n")
        self.process.stdin.flush()
        return int(await self.news())

    async def news(self):
        return (await asyncio.to_thread(self.process.stdout.readline)).strip()

    def close(self):
        with self.process:
            self.process.stdin.close()


@pytest.fixture(scope="module")
def empty_nursery():
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def nursery(empty_nursery, database_url, tmp_path):
    empty_nursery.place = {"url": database_url, "folder": str(tmp_path)}
    return empty_nursery


async def store(database, user, count, seed=0):
    chance = random.Random(seed)
    kinds = [EventType.CODE_SUBMITTED, EventType.CODE_VALIDATED, EventType.TASK_COMPLETED]
    several = [
        samples.event(chance.choice(kinds), user.id, samples.NOON + timedelta(days=chance.randint(0, 1)))
        for _ in range(count)
    ]
    async with database.begin() as session:
        for event in several:
            await stored.add(session, event)
    return [str(event.event_id) for event in several]


async def drain(database, folder):
    """Write until nothing waits: PostgreSQL takes a moment to let go of the rows that a dead writer held."""
    relay = Relay(database, folder)

    async def written():
        await relay.drain()
        return await unpublished(database) == 0

    try:
        await until(written)
    finally:
        await relay.close()


def archived(folder):
    return sorted(Archive(folder).read()["event_id"].to_pylist())


def contents(folder):
    return {file.path: (folder / file.path).read_bytes() for file in Archive(folder).files()}


def leftovers(folder):
    return [path for path in folder.rglob(".*") if path.is_file()]


async def unpublished(database):
    async with database.session() as session:
        return await stored.count_unpublished(session)


@pytest.mark.parametrize("step", ON_THE_WAY)
async def test_evt_07_killed_at_a_named_point(step, nursery, database, user, tmp_path):
    """EVT-07 and EVT-02: the writer dies by SIGKILL at this point, another takes over; the exact ids are there."""
    ids = []
    with polled(tmp_path) as poller:
        for round_number in range(ROUNDS):
            ids += await store(database, user, 30, seed=round_number)
            await nursery.start(step=step.name, signal="SIGKILL")
            assert await nursery.news() == str(-signal.SIGKILL)
            await drain(database, tmp_path)
            assert archived(tmp_path) == sorted(ids)
            assert leftovers(tmp_path) == []
            assert await unpublished(database) == 0
        await asyncio.to_thread(poller.look)
    assert poller.wrong == []
    assert poller.reads > 0


async def test_evt_07_killed_at_random_moments(nursery, database, user, tmp_path):
    """EVT-07: wherever the writer is when it dies, what was committed is in the archive once."""
    ids, chance = [], random.Random(7)
    with polled(tmp_path) as poller:
        for round_number in range(RANDOM_KILLS):
            ids += await store(database, user, 60, seed=round_number)
            victim = await nursery.start()
            # A moment, not a condition: most fall between the first claim and the last mark.
            await asyncio.sleep(chance.uniform(0.02, 0.15))
            # Its pid is nobody else's before its end was reported, and that is not read before.
            os.kill(victim, signal.SIGKILL)
            await nursery.news()
        await drain(database, tmp_path)
    assert archived(tmp_path) == sorted(ids)
    assert poller.wrong == []
    assert leftovers(tmp_path) == []


@pytest.fixture
async def other(database, tmp_path):
    """Give a relay that is there from the beginning, so that it does not clear the zombie's draft away."""
    relay = Relay(database, tmp_path)
    await relay.drain()
    yield relay
    await relay.close()


@pytest.mark.parametrize("step", STOPPABLE)
async def test_evt_08_a_writer_that_wakes_up_late_adds_nothing(step, nursery, database, user, other):
    """EVT-08: stopped at this point while another does the work, then going on."""
    ids = await store(database, user, 30)
    zombie = await nursery.start(step=step.name, signal="SIGSTOP")
    try:
        assert await nursery.news() == "stopped"
        await other.drain()
        # While the zombie holds its rows in the database, they wait for it and are not written by two.
        held = step in {Step.LOCKED, Step.RENAMED}
        # After marking one file it may hold those of the next.
        assert (await unpublished(database) > 0) is held or step is Step.MARKED
        before = contents(other.folder)
    finally:
        os.kill(zombie, signal.SIGCONT)
        assert await nursery.news() == "0"
    await other.drain()
    assert archived(other.folder) == sorted(ids)
    assert leftovers(other.folder) == []
    assert before.items() <= contents(other.folder).items()
    assert await unpublished(database) == 0


@pytest.mark.parametrize("step", [Step.CLAIMED, Step.READ, Step.SYNCED])
async def test_evt_08_a_writer_that_wakes_up_late_brings_nothing_back(step, nursery, database, user, other):
    """EVT-08: its rows went to another file or were erased meanwhile; the file it wrote is shown to nobody."""
    async with database.begin() as session:
        leaver = await users.create(session, email="a@example.org", username="a")
    kept = await store(database, user, 10)
    await store(database, leaver, 10)
    zombie = await nursery.start(step=step.name, signal="SIGSTOP")
    try:
        assert await nursery.news() == "stopped"
        async with database.begin() as session:
            files = await stored.list_files(session)
            await stored.move_to_file(session, files, paths.batch_path("code", samples.NOON, "compacted"))
            await session.execute(text("DELETE FROM users WHERE id = :id"), {"id": leaver.id})
        await other.drain()
        assert archived(other.folder) == sorted(kept)
    finally:
        os.kill(zombie, signal.SIGCONT)
        assert await nursery.news() == "0"
    assert archived(other.folder) == sorted(kept)
    assert len(Archive(other.folder).files()) == 1
    assert leftovers(other.folder) == []


async def test_evt_07_a_folder_that_may_only_be_read(nursery, database, user, tmp_path):
    """EVT-07: somebody without the right to write is told so, and the events wait."""
    ids = await store(database, user, 5)
    (tmp_path / "events").mkdir()
    (tmp_path / "events").chmod(0o555)
    await nursery.start(powerless=True)
    assert await nursery.news() == REFUSED
    assert archived(tmp_path) == []
    assert await unpublished(database) == len(ids)
    (tmp_path / "events").chmod(0o755)
    await drain(database, tmp_path)
    assert archived(tmp_path) == sorted(ids)


def test_the_poller_would_notice(tmp_path):
    """What the tests above rely on: an unreadable file and an event that is there twice are seen."""
    archive = Archive(tmp_path)
    event = samples.event(EventType.USER_LOGIN, uuid4())
    for batch in ("one", "two"):
        archive.publish(archive.draft(paths.batch_path("user", event.timestamp, batch), [event]))
    poller = Poller(tmp_path)
    poller.look()
    assert poller.wrong == ["an event twice"]
    (tmp_path / archive.files()[0].path).write_bytes(b"PAR1")
    with pytest.raises(Exception, match="Parquet"):
        poller.look()
