"""Messages that nobody can archive: kept at the broker with the reason, listed, and sent on their way again."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from milepost.events.broker import Broker, Topology
from milepost.events.errors import BrokerError
from milepost.events.messages import NOT_CONFIRMED
from milepost.events.publishing import RabbitPublisher

REASON, SINCE, TYPE = "milepost-reason", "milepost-since", "milepost-type"
# Enough to see what goes wrong; the rest is listed once these are gone.
MOST = 1000
MAX_REASON = 300
# Somebody else may take them meanwhile.
RETURN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that waits with the reason why; `since` is ISO 8601, `event_type` its routing key."""

    event_id: str
    event_type: str
    reason: str
    since: str


def letter_of(message: AbstractIncomingMessage, reason: str) -> aio_pika.Message:
    """Return the message to put among the dead."""
    told = {REASON: reason[:MAX_REASON], SINCE: datetime.now(UTC).isoformat(timespec="seconds"), TYPE: _type(message)}
    return copy_of(message, told)


def copy_of(message: AbstractIncomingMessage, headers: dict[str, Any] | None = None) -> aio_pika.Message:
    """Return the same message without what a broker wrote on it."""
    return aio_pika.Message(
        message.body,
        headers=headers,
        content_type=message.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=message.message_id,
        timestamp=message.timestamp,
        type=message.type,
        app_id=message.app_id,
    )


async def list_letters(broker: Broker) -> list[DeadLetter]:
    """Return the dead letters, oldest first, and leave them there. Raises BrokerError."""
    async with _taken(broker) as (_, taken):
        letters = []
        async for message in taken:
            letters.append(_read(message))
            if len(letters) == MOST:
                break
        return letters


async def send_again(broker: Broker, event_ids: Collection[str] | None = None) -> int:
    """Publish dead letters anew, all or those of the events; return how many. Raises BrokerError."""
    publisher = RabbitPublisher(broker)
    sent = 0
    try:
        await publisher.open()
        async with _taken(broker) as (_, taken):
            async for message in taken:
                if event_ids is None or _read(message).event_id in event_ids:
                    [failure] = await publisher.send([(copy_of(message), _read(message).event_type)])
                    if failure is not None:
                        raise BrokerError(NOT_CONFIRMED, count=1, reason=failure)
                    await message.ack()
                    sent += 1
    finally:
        await publisher.close()
    return sent


async def erase(broker: Broker, user_id: UUID) -> int:
    """Remove the dead letters that tell of a person, for good; return how many. Raises BrokerError."""
    erased = 0
    async with _taken(broker) as (_, taken):
        async for message in taken:
            if str(user_id).encode() in message.body:
                await message.ack()
                erased += 1
    return erased


@asynccontextmanager
async def _taken(broker: Broker) -> AsyncIterator[tuple[Topology, AsyncIterator[AbstractIncomingMessage]]]:
    """Give the dead letters; those that are not acknowledged are there for the next who looks when this ends."""
    taken: list[AbstractIncomingMessage] = []
    async with broker.opened() as connection:
        async with broker.answered():
            topology = await broker.declare(await connection.channel())
        there = topology.dead.declaration_result.message_count or 0
        yield topology, _letters(topology, taken)
        await _give_back(topology, taken, there)


async def _give_back(topology: Topology, taken: list[AbstractIncomingMessage], there: int) -> None:
    """Return what was only looked at, and wait until the broker counts it again; it does so some time later."""
    kept = [message for message in taken if not message.processed]
    for message in kept:
        await message.nack()
    with suppress(TimeoutError):
        async with asyncio.timeout(RETURN_SECONDS):
            while ((await topology.dead.declare()).message_count or 0) < there - len(taken) + len(kept):  # noqa: ASYNC110 It tells nobody.
                await asyncio.sleep(0.02)


async def _letters(topology: Topology, taken: list[AbstractIncomingMessage]) -> AsyncIterator[AbstractIncomingMessage]:
    # Those that are there now: what is sent again may come back at once.
    for _ in range(topology.dead.declaration_result.message_count or 0):
        message = await topology.dead.get(fail=False)
        if message is None:
            return
        taken.append(message)
        yield message


def _read(message: AbstractIncomingMessage) -> DeadLetter:
    told = {name: str(message.headers.get(name) or "") for name in (REASON, SINCE, TYPE)}
    # The broker buries by itself only where an operator told it to.
    reason = told[REASON] or str(message.headers.get("x-first-death-reason") or "")
    return DeadLetter(message.message_id or "", told[TYPE] or _type(message), reason, told[SINCE])


def _type(message: AbstractIncomingMessage) -> str:
    return message.type or message.routing_key or ""
