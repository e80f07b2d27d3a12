"""Writers, relays and workers in processes of their own, which end or stop themselves at a named step.

Importing takes longer than the work, so one process imports and forks: for each line of JSON on standard input it either
starts a child and answers with its pid, or waits for news of one and answers "stopped" or the return code.
"""

import asyncio
import json
import os
import random
import resource
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from milepost.domain.events import EventType
from milepost.events import bodies
from milepost.events.archive import Archive  # noqa: F401 (imported before the forks)
from milepost.events.broker import Broker, Names
from milepost.events.publishing import BrokerRelay, RabbitPublisher
from milepost.events.steps import Step
from milepost.events.watching import Pace
from milepost.events.worker import Load, Worker
from milepost.storage import events as stored
from milepost.storage.engine import Database
from milepost.storage.errors import DatabaseUnavailableError

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.events import samples

KINDS = [EventType.CODE_SUBMITTED, EventType.CODE_VALIDATED, EventType.TASK_COMPLETED, EventType.AI_FIX_OFFERED]


def hook(order: dict) -> Callable[[Step], None]:
    """Return what sends the ordered signal when the ordered step is reached for the first time."""
    left = [order.get("step")]

    def reached(now: Step) -> None:
        if now.name in left:
            left.remove(now.name)
            os.kill(os.getpid(), signal.Signals[order["signal"]])

    return reached


def broker_of(order: dict) -> Broker:
    """Return the broker that the order names."""
    return Broker(order["broker"], Names(order["prefix"]))


async def relay(order: dict, database: Database) -> None:
    """Publish until killed, or what waits now."""
    pace = Pace(gather=0.0, poll=1.0, first_pause=0.05, longest_pause=0.5, batch=order.get("batch", 50))
    relay = BrokerRelay(database, RabbitPublisher(broker_of(order)), pace=pace, reached=hook(order))
    await (relay.drain() if order.get("once") else relay.run())
    await relay.close()


async def worker(order: dict, database: Database) -> None:
    """Archive until killed."""
    if "fatal" in order:
        forbid(UUID(order["fatal"]))
    if "largest_file" in order:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"], order["largest_file"]))
    load = Load(batch=order.get("batch", 200), gather=0.05, first_pause=0.05, longest_pause=0.5)
    await Worker(database, Path(order["folder"]), broker_of(order), load=load, reached=hook(order)).run()


def forbid(event_id: UUID) -> None:
    """Have this process end, as for want of memory, whenever it reads the message of this event."""
    decode = bodies.decode

    def fatal(body: bytes) -> bodies.Told:
        told = decode(body)
        if told.event_id == event_id:
            os.kill(os.getpid(), signal.SIGKILL)
        return told

    bodies.decode = fatal


async def writer(order: dict, database: Database) -> None:
    """Store events until killed, each in a transaction that is tried until it is known to be there, and note its id."""
    chance, user = random.Random(), UUID(order["user"])
    with Path(order["noted"]).open("a") as noted:
        while True:
            event = samples.event(chance.choice(KINDS), user, samples.NOON)
            while not await stored_for_certain(database, event):
                await asyncio.sleep(0.05)
            noted.write(f"{event.event_id}\n")
            noted.flush()
            await asyncio.sleep(chance.uniform(0, order.get("pause", 0.02)))


async def stored_for_certain(database: Database, event) -> bool:
    """Store the event; False if the database could not say so."""
    try:
        async with database.begin() as session:
            await stored.add(session, event)
    except DatabaseUnavailableError:
        return False
    return True


ROLES: dict[str, Callable[[dict, Database], Awaitable[None]]] = {"relay": relay, "worker": worker, "writer": writer}


def child(order: dict) -> int:
    """Do what was ordered; return the exit status."""

    async def act() -> None:
        database = Database.connect(order["url"])
        await ROLES[order["role"]](order, database)
        await database.dispose()

    try:
        asyncio.run(act())
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        return 1
    return 0


def answer(order: dict) -> object:
    """Start a child, or wait for one."""
    if "wait" in order:
        _, status = os.waitpid(order["wait"], os.WUNTRACED)
        return "stopped" if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status)
    pid = os.fork()
    if pid == 0:
        os._exit(child(order))
    return pid


def main() -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        sys.stdout.write(f"{answer(json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
