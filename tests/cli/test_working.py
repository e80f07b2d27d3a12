"""`milepost worker` and `milepost events dead`, as somebody types them, with a real broker."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from uuid import uuid4

import aio_pika
import pytest
from sqlalchemy import text

from milepost.domain.events import EventType
from milepost.events import dead, queues
from milepost.events.archive import Archive
from milepost.events.broker import Broker
from milepost.storage import events as stored
from milepost.storage import users
from tests.events import samples

pytestmark = pytest.mark.xdist_group("broker")
# Only ends a test that would fail.
PATIENCE = 120


@pytest.fixture
async def environment(rabbitmq, database_url, tmp_path):
    """Give the environment of somebody whose broker holds nothing of others."""
    # The names at the broker are fixed on the command line; a virtual host of its own keeps tests apart.
    host = f"test-{uuid4().hex}"
    await asyncio.to_thread(rabbitmq.control, "add_vhost", host)
    await asyncio.to_thread(rabbitmq.control, "set_permissions", "--vhost", host, "guest", ".*", ".*", ".*")
    yield {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "MILEPOST_LANGUAGE": "en",
        "MILEPOST_DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": database_url,
        "MILEPOST_BROKER_URL": f"{rabbitmq.url}{host}",
        "COLUMNS": "200",
    }
    await asyncio.to_thread(rabbitmq.control, "delete_vhost", host)


async def milepost(environment, *words):
    """Run one command; return its exit status, what it said, and what it said was wrong."""
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "milepost", *words]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=pipe, stderr=pipe)
    out, wrong = await process.communicate()
    return process.returncode, out.decode(), wrong.decode()


@asynccontextmanager
async def working(environment, *words):
    """Have a worker run meanwhile, and end it as a service manager does."""
    command = [sys.executable, "-m", "milepost", "worker", *words]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    try:
        assert await line_of(process) == (
            f"working: events of DATABASE_URL go to {environment['MILEPOST_DATA_DIR']}; stop with Ctrl+C"
        )
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def line_of(process):
    async with asyncio.timeout(PATIENCE):
        return (await process.stdout.readline()).decode().rstrip("\n")


async def test_two_processes_and_a_broker(environment, tmp_path):
    """What a newcomer does: one command changes something, the other archives the events of it."""
    async with working(environment) as worker:
        status, said, _ = await milepost(environment, "goal", "create", "title=Learn to search")
        assert (status, said.startswith("created: Learn to search")) == (0, True)
        assert " archived " in await line_of(worker)
    assert "goal.created" in Archive(tmp_path / "data").read(["event_type"])["event_type"].to_pylist()
    status, said, _ = await milepost(environment, "events", "verify")
    assert status == 0
    assert "broker: 0 messages on their way, 0 that could not be used" in said
    assert "Nothing is missing" in said


async def test_relay_and_archive_may_be_apart(environment, database, user):
    async with working(environment, "--only", "relay"), working(environment, "--only", "archive") as archive:
        async with database.begin() as session:
            await stored.add(session, samples.event(EventType.TASK_STARTED, user.id))
        assert (await line_of(archive)).endswith(" archived 1 events in 1 files")


async def test_what_was_set_aside_is_listed_and_sent_again(environment, database, user, tmp_path):
    """Rows that cannot be read and messages that are no events, in one list."""
    assert (await milepost(environment, "events", "dead"))[:2] == (0, "Nothing was set aside.\n")
    bad = samples.event(EventType.TASK_STARTED, user.id, task_id=uuid4())
    async with database.begin() as session:
        await stored.add(session, bad)
        await session.execute(text('UPDATE events SET payload = \'{"task_id": "mine"}\''))
    broker = Broker(environment["MILEPOST_BROKER_URL"])
    async with broker.opened() as connection:
        topology = await broker.declare(await connection.channel())
        await topology.exchange.publish(aio_pika.Message(b"nothing"), "task.failed")
    async with working(environment), asyncio.timeout(PATIENCE):
        while (await queues.ask(broker)).dead == 0:
            await asyncio.sleep(0.1)
    _, said, _ = await milepost(environment, "events", "dead")
    assert f"{bad.event_id}  task.started" in said
    assert "task_id is no id: 'mine'" in said
    assert "the message is no event: no JSON" in said
    status, _, _ = await milepost(environment, "events", "verify")
    assert status == 1
    async with database.begin() as session:
        await session.execute(text("UPDATE events SET payload = '{}'"))
    assert (await milepost(environment, "events", "dead", "--requeue", str(uuid4())))[1] == "0 on their way again\n"
    assert (await milepost(environment, "events", "dead", "--requeue", str(bad.event_id)))[
        1
    ] == "1 on their way again\n"
    async with working(environment) as worker:
        assert (await line_of(worker)).endswith(" archived 1 events in 1 files")
    assert (await milepost(environment, "events", "dead", "--requeue"))[1] == "1 on their way again\n"


async def test_whoever_is_forgotten_leaves_no_dead_letter(environment, database):
    async with database.begin() as session:
        leaver = await users.create(session, email="ana@example.org", username="ana")
    broker = Broker(environment["MILEPOST_BROKER_URL"])
    async with broker.opened() as connection:
        topology = await broker.declare(await connection.channel())
        for body in (f'{{"user_id": "{leaver.id}"}}', '{"user_id": "another"}'):
            message = aio_pika.Message(body.encode())
            await topology.channel.default_exchange.publish(message, broker.names.dead)
    status, said, _ = await milepost(environment, "forget", "ana", "--yes")
    assert (status, "forgotten" in said) == (0, True)
    assert len(await dead.list_letters(broker)) == 1


async def test_without_a_broker_there_is_nothing_to_do(environment):
    status, _, wrong = await milepost(environment | {"MILEPOST_BROKER_URL": ""}, "worker")
    assert (status, "set MILEPOST_BROKER_URL" in wrong) == (2, True)


async def test_an_impossible_address_is_told_in_the_users_language(environment):
    spanish = environment | {"MILEPOST_BROKER_URL": "http://user:h1dd3n@host", "MILEPOST_LANGUAGE": "es"}
    status, _, wrong = await milepost(spanish, "worker")
    assert (status, "debe ser como amqp://" in wrong) == (1, True)
    assert "h1dd3n" not in wrong


async def test_a_broker_that_is_away_is_told_without_its_password(environment):
    away = environment | {"MILEPOST_BROKER_URL": "amqp://user:h1dd3n@127.0.0.1:1/"}
    status, _, wrong = await milepost(away, "events", "dead")
    assert (status, "cannot be used for now" in wrong) == (1, True)
    assert "h1dd3n" not in wrong
