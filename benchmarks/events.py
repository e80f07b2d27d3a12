"""Throughput of events beside bare loops with the same libraries, in one run, as ratios.

Through a broker: a loop of aio-pika that publishes the same bodies with confirms in one process and consumes them in
another, beside the whole way: committed rows, relay, RabbitMQ, worker, Parquet, parquet_path, also two processes.
Without one: asyncpg's COPY of the same rows plus one pyarrow write, beside the relay that archives them.
Rates are events a second; servers are started here, on loopback, with the settings that Milepost gives them.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import aio_pika
import asyncpg
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from milepost.domain.entities import EntityType
from milepost.domain.events import AIEvent, CodeEvent, EventType, GoalEvent, TaskEvent, UserEvent
from milepost.events import bodies, schemas
from milepost.events.archive import Archive
from milepost.events.relay import Relay
from milepost.storage import migrate, rows, users
from milepost.storage.cluster import ROLE, SUPERUSER
from milepost.storage.embedded import EmbeddedPostgres
from milepost.storage.engine import Database
from milepost.wiring import relaying
from tests.fixtures.broker import RabbitMQ

WINDOW, PREFETCH = 500, 4000
COLUMNS = [
    "id",
    "user_id",
    "event_type",
    "entity_type",
    "entity_id",
    "payload",
    "metadata",
    "schema_version",
    "created_at",
]


def mixed(user, count, seed=1):
    """Return events of six types with what they usually hold, a millisecond apart, the last one now."""
    chance, now = random.Random(seed), datetime.now(UTC)
    code = {"file_path": "course/search.py", "language": "python", "lines_of_code": 24}
    makers = [
        (CodeEvent, EventType.CODE_SUBMITTED, lambda: {**code, "code_snapshot_id": uuid4(), "task_id": uuid4()}),
        (
            CodeEvent,
            EventType.CODE_VALIDATED,
            lambda: {**code, "code_snapshot_id": uuid4(), "issues_count": 1, "validation_score": 0.75},
        ),
        (TaskEvent, EventType.TASK_COMPLETED, lambda: {"task_id": uuid4(), "goal_id": uuid4(), "title": "Sequential"}),
        (AIEvent, EventType.AI_FIX_OFFERED, lambda: {"agent_node": "repair", "latency_ms": 12.5}),
        (GoalEvent, EventType.GOAL_UPDATED, lambda: {"goal_id": uuid4(), "title": "Search", "progress": 40.0}),
        (UserEvent, EventType.USER_LOGIN, lambda: {"email": "ana@example.org", "username": "ana", "action": "login"}),
    ]
    for number in range(count):
        kind, event_type, own = chance.choice(makers)
        yield kind(
            event_id=uuid4(),
            event_type=event_type,
            user_id=user,
            timestamp=now - timedelta(milliseconds=count - number),
            entity_type=EntityType.TASK,
            payload={"note": "x" * chance.randint(0, 120)},
            **own(),
        )


def record(event):
    """Return the row of an event."""
    payload = json.dumps({**event.payload, **rows.own_fields(event)}, default=str)
    kinds = event.event_type.value, event.entity_type.value
    return event.event_id, event.user_id, *kinds, event.entity_id, payload, "{}", 1, event.timestamp


def plain(event):
    """Return an event as pyarrow takes rows."""
    own = {name: str(value) if name.endswith("_id") else value for name, value in rows.own_fields(event).items()}
    return own | {
        "event_id": str(event.event_id),
        "event_type": event.event_type.value,
        "user_id": str(event.user_id),
        "entity_type": event.entity_type.value,
        "payload": json.dumps(dict(event.payload)),
        "metadata": "{}",
        "timestamp": event.timestamp,
        "schema_version": 1,
    }


async def copy(database, records):
    """Commit the rows by COPY."""
    connection = await database.open_raw()
    try:
        await connection.copy_records_to_table("events", records=records, columns=COLUMNS)
    finally:
        await connection.close()


class Places:
    """A database and a folder for each measurement, of one PostgreSQL."""

    def __init__(self, server, root):
        self.server, self.root, self.number = server, root, 0

    async def fresh(self):
        """Return a migrated, empty database, its address, its user's id and an empty folder."""
        self.number += 1
        name = f"bench{self.number}"
        await self._as_superuser("postgres", f"CREATE DATABASE {name} OWNER {ROLE}")
        await self._as_superuser(name, "CREATE EXTENSION vector")
        url = self.server.url(database=name)
        database = Database.connect(url)
        await migrate.upgrade(database)
        async with database.begin() as session:
            user = await users.ensure_local(session)
        return database, url, user.id, self.root / name

    async def drop(self, database):
        """Remove a database."""
        await database.dispose()
        await self._as_superuser("postgres", f"DROP DATABASE bench{self.number} WITH (FORCE)")

    async def _as_superuser(self, database, statement):
        url = self.server.url(role=SUPERUSER, database=database).replace("+asyncpg", "")
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()


async def without_broker(places, count):
    """Return the seconds of the bare COPY and write, and those of the relay, for the same rows."""
    database, _, user, folder = await places.fresh()
    events = list(mixed(user, count))
    records, listed = [record(event) for event in events], [plain(event) for event in events]
    del events
    began = time.perf_counter()
    await copy(database, records)
    table = pa.Table.from_pylist(listed, schema=schemas.ARCHIVE_SCHEMA)
    pq.write_table(table, places.root / "bare.parquet", compression="zstd")
    bare = time.perf_counter() - began
    del records, listed, table
    relay = Relay(database, folder)
    began = time.perf_counter()
    archived = await relay.drain()
    seconds = time.perf_counter() - began
    await relay.close()
    assert archived == count == sum(file.rows for file in Archive(folder).files())
    await places.drop(database)
    return bare, seconds


async def bare_loop(role, url, folder, count):
    """Publish the bodies with confirms, or consume and acknowledge them; print when it is done."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(on_return_raises=True)
        await channel.set_qos(prefetch_count=PREFETCH)
        exchange = await channel.declare_exchange("bare", aio_pika.ExchangeType.TOPIC, durable=True)
        queue = await channel.declare_queue("bare", durable=True, arguments={"x-queue-type": "quorum"})
        await queue.bind(exchange, "#")
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await (publish(exchange, folder) if role == "publish" else consume(queue, count))
    print("done", flush=True)


async def publish(exchange, folder):
    """Publish line by line, a window at a time, each confirmed."""
    lines = (Path(folder) / "bodies").read_bytes().splitlines()
    for start in range(0, len(lines), WINDOW):
        sent = (
            exchange.publish(aio_pika.Message(line, delivery_mode=2, message_id=str(uuid4())), "code.validated")
            for line in lines[start : start + WINDOW]
        )
        await asyncio.gather(*sent)


async def consume(queue, count):
    """Acknowledge as many messages as there are."""
    enough, seen = asyncio.Event(), 0

    async def take(message):
        nonlocal seen
        await message.ack()
        seen += 1
        if seen == count:
            enough.set()

    await queue.consume(take)
    await enough.wait()


async def bare_broker(broker, root, events):
    """Return the seconds of the bare loop, publisher and consumer in processes of their own."""
    (root / "bodies").write_bytes(b"\n".join(bodies.encode(event) for event in events))
    command = [sys.executable, __file__, "--url", broker.url, "--folder", str(root), "--events", str(len(events))]
    pipe = asyncio.subprocess.PIPE
    loops = [
        await asyncio.create_subprocess_exec(*command, "--role", role, stdin=pipe, stdout=pipe)
        for role in ("consume", "publish")
    ]
    for loop in loops:
        assert await loop.stdout.readline() == b"ready\n"
    began = time.perf_counter()
    for loop in loops:
        loop.stdin.write(b"\n")
    for loop in loops:
        assert await loop.stdout.readline() == b"done\n"
    seconds = time.perf_counter() - began
    for loop in loops:
        await loop.communicate()
    return seconds


async def whole_way(places, broker, events_of):
    """Return the seconds from the commit until every event is archived and its row says where."""
    database, url, user, folder = await places.fresh()
    events = list(events_of(user))
    environment = os.environ | {
        "DATABASE_URL": url,
        "MILEPOST_BROKER_URL": broker.url,
        "MILEPOST_DATA_DIR": str(folder),
        "MILEPOST_LANGUAGE": "en",
    }
    command = [sys.executable, "-m", "milepost", "worker", "--only"]
    pipe = asyncio.subprocess.PIPE
    workers = [
        await asyncio.create_subprocess_exec(*command, part, stdout=pipe, env=environment)
        for part in ("archive", "relay")
    ]
    for worker in workers:
        assert (await worker.stdout.readline()).startswith(b"working")
    # Both are connected once they have passed on an event.
    await copy(database, [record(event) for event in mixed(user, 1, seed=0)])
    assert b"archived 1 " in await workers[0].stdout.readline()
    records = [record(event) for event in events]
    await copy(database, records)
    began, left = time.perf_counter(), len(events)
    while left:
        left -= int((await workers[0].stdout.readline()).split()[2])
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.terminate()
        await worker.communicate()
    async with database.connection() as connection:
        query = "SELECT count(*) FROM events WHERE published_at IS NOT NULL AND parquet_path IS NOT NULL"
        assert (await connection.exec_driver_sql(query)).scalar() == len(events) + 1
    assert sum(file.rows for file in Archive(folder).files()) == len(events) + 1
    await places.drop(database)
    return seconds


def line(name, bare, ours, count, target):
    """Print one comparison."""
    ratio = bare / ours
    print(
        f"{name:28} {count / bare:9.0f} {count / ours:9.0f} {ratio:7.2f}  target {target:.2f}  {met(ratio >= target)}"
    )
    return ratio


def met(good):
    """Say whether a target is met."""
    return "met" if good else "MISSED"


async def compare(arguments):
    """Start the servers and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        server = EmbeddedPostgres(root / "postgresql")
        await server.start()
        places = Places(server, root)
        relaying.tune_process()
        print(f"{'events/s':28} {'bare':>9} {'milepost':>9} {'ratio':>7}")
        try:
            await compare_without_broker(places, arguments)
            if not arguments.no_broker:
                await compare_with_broker(places, root, arguments)
        finally:
            await server.stop()


async def compare_without_broker(places, arguments):
    """Print the rates of the embedded way, and how its cost grows with the number of events."""
    costs = {}
    # The first run pays for imports and a cold disk, and is not counted.
    await without_broker(places, min(arguments.sizes))
    for count in arguments.sizes:
        runs = [await without_broker(places, count) for _ in range(arguments.rounds)]
        bare, ours = (statistics.median(column) for column in zip(*runs, strict=True))
        line(f"embedded, {count:,}", bare, ours, count, 1 / 3)
        costs[count] = ours / count * 1e6
    if len(costs) > 1:
        said = ", ".join(f"{count:,}: {cost:.0f}" for count, cost in costs.items())
        spread = max(costs.values()) / min(costs.values())
        print(f"microseconds an event: {said}; largest / smallest {spread:.2f}  target 1.20  {met(spread <= 1.2)}")


async def compare_with_broker(places, root, arguments):
    """Print the rates of the shared way."""
    broker = RabbitMQ(root / "rabbitmq")
    broker.start()
    try:
        runs = []
        for _ in range(arguments.rounds):
            bare = await bare_broker(broker, root, list(mixed(uuid4(), arguments.events)))
            ours = await whole_way(places, broker, lambda user: mixed(user, arguments.events))
            runs.append((bare, ours))
        bare, ours = (statistics.median(column) for column in zip(*runs, strict=True))
        line(f"through RabbitMQ, {arguments.events:,}", bare, ours, arguments.events, 1 / 2)
    finally:
        broker.remove()


def main():
    """Compare, or be one of the bare loops."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000, help="events through the broker")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="events without it")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--no-broker", action="store_true")
    for name in ("--role", "--url", "--folder"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.role:
        asyncio.run(bare_loop(arguments.role, arguments.url, arguments.folder, arguments.events))
    else:
        asyncio.run(compare(arguments))


if __name__ == "__main__":
    main()
