"""What tests of the shared way have in common: parts that run, children that are killed, and the count at the end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import text

from milepost.events import dead, verifying
from milepost.events.archive import Archive
from milepost.events.errors import BrokerError
from milepost.events.publishing import BrokerRelay, RabbitPublisher
from milepost.events.watching import Pace
from milepost.events.worker import Load, Worker
from milepost.storage import events as stored

CHILD = Path(__file__).with_name("broker_child.py")
QUICK = Load(batch=200, gather=0.05, first_pause=0.05, longest_pause=0.2)
AT_ONCE = Pace(gather=0.0, poll=1.0, first_pause=0.05, longest_pause=0.2, batch=50)
# Only ends a test that would fail.
PATIENCE = 120


@asynccontextmanager
async def running(*parts):
    """Have relays and workers run meanwhile."""
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
    return BrokerRelay(database, RabbitPublisher(broker), **{"pace": AT_ONCE} | options)


def worker_of(database, folder, broker, **options):
    return Worker(database, folder, broker, **{"load": QUICK} | options)


async def store(database, *several):
    async with database.begin() as session:
        for event in several:
            await stored.add(session, event)
    return [str(event.event_id) for event in several]


async def publish(database, broker):
    """Hand everything that waits to the broker."""
    relay = relay_of(database, broker)
    try:
        return await relay.drain()
    finally:
        await relay.close()


async def publish_all(database, broker):
    """Hand over until nothing waits, as a relay does if the broker is slow or rows are still in a dead one's hands."""

    async def published():
        with suppress(BrokerError):
            await publish(database, broker)
        async with database.session() as session:
            return await stored.count_unpublished(session) == 0

    await until(published)


async def until(condition):
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.05)


def archived(folder):
    return sorted(Archive(folder).read(["event_id"])["event_id"].to_pylist())


async def arrival(folder, ids):
    async def there():
        return await asyncio.to_thread(archived, folder) == sorted(ids)

    await until(there)


async def depth(broker, queue):
    """Return how many messages wait in a queue, and nobody has in hand."""
    async with broker.opened() as connection:
        channel = await connection.channel()
        return (await channel.declare_queue(queue, passive=True)).declaration_result.message_count


async def everything_is_archived(database, folder):
    async with database.session() as session:
        rows = set(await session.scalars(text("SELECT id::text FROM events")))
    return rows == set(await asyncio.to_thread(archived, folder))


async def finish(database, broker, folder):
    """Have a worker go on until the broker has nothing left, then count; return the ids of all events."""

    async def done():
        return await everything_is_archived(database, folder) and await nothing_waits(broker)

    stay, left = 2 * QUICK.gather, True
    while left:
        async with running(worker_of(database, folder, broker)):
            await until(done)
            # What is in its hands the broker does not count, and a worker that always ends then gets nowhere.
            await asyncio.sleep(stay)
        # Now it was acknowledged, or waits again.
        await until(lambda: nobody_consumes(broker))
        stay, left = 2 * stay, not await nothing_waits(broker)
    return await settled(database, broker, folder)


async def nobody_consumes(broker):
    async with broker.opened() as connection:
        channel = await connection.channel()
        queues = [broker.names.archive, broker.names.suspects]
        found = [(await channel.declare_queue(queue, passive=True)).declaration_result for queue in queues]
        return not any(each.consumer_count for each in found)


async def nothing_waits(broker):
    return await depth(broker, broker.names.archive) + await depth(broker, broker.names.suspects) == 0


async def settled(database, broker, folder):
    """Compare the three homes: every event of the database is in the archive, once, in the file that it names."""
    async with database.session() as session:
        rows = (await session.execute(text("SELECT id::text, parquet_path FROM events"))).all()
        assert await stored.count_unpublished(session) == 0
    assert archived(folder) == sorted(row.id for row in rows)
    files = Archive(folder).files()
    assert sorted({row.parquet_path for row in rows}) == [file.path for file in files]
    assert [path for path in folder.rglob(".*.partial") if path.is_file()] == []
    assert (await verifying.verify(database, Archive(folder))).well
    assert await nothing_waits(broker)
    assert await dead.list_letters(broker) == []
    return [row.id for row in rows]


class Nursery:
    """Starts writers, relays and workers in processes of their own."""

    def __init__(self):
        command = [sys.executable, str(CHILD)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.place = {}
        self.alive = set()

    async def start(self, role, **order):
        pid = int(await self._ask(**self.place | {"role": role} | order))
        self.alive.add(pid)
        return pid

    async def news(self, pid):
        """Return "stopped" or the return code, once there is one of them."""
        said = await self._ask(wait=pid)
        if said != "stopped":
            self.alive.discard(pid)
        return said

    async def kill(self, pid):
        """End a child; its pid is nobody else's before `news` was told of its end."""
        os.kill(pid, signal.SIGKILL)
        assert await self.news(pid) == str(-signal.SIGKILL)

    async def clear(self):
        for pid in list(self.alive):
            await self.kill(pid)

    def close(self):
        with self.process:
            self.process.stdin.close()

    async def _ask(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        async with asyncio.timeout(PATIENCE):
            return (await asyncio.to_thread(self.process.stdout.readline)).strip()
