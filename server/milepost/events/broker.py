"""The message broker: its address, what is declared at it, and connections that say clearly why they fail.

Connections are plain ones, opened again by whoever uses them: after a loss every delivery belongs to another channel,
so that what was under way has to begin anew in any case.
"""

import asyncio
import errno
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractQueue
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from milepost.events import messages
from milepost.events.errors import BrokerError
from milepost.events.watching import was_asked_to_end

CONNECT_SECONDS = 20
ANSWER_SECONDS = 20
CLOSE_SECONDS = 5
MAX_REASON = 200
# RabbitMQ 4 drops a message after twenty deliveries unless told otherwise; a worker that dies gives back thousands at
# once, of which at most one is to blame. Blame is found out by having suspects delivered alone.
ENDLESS = 2**31 - 1
FAILURES = (*CONNECTION_EXCEPTIONS, TimeoutError)


@dataclass(frozen=True, slots=True)
class Names:
    """What exchanges and queues are called."""

    prefix: str = "milepost"

    @property
    def exchange(self) -> str:
        """Where events are published; the routing key is the event's type."""
        return f"{self.prefix}.events"

    @property
    def archive(self) -> str:
        """The queue of events for the archive."""
        return f"{self.prefix}.archive"

    @property
    def suspects(self) -> str:
        """The queue of those that were given back too often, delivered one at a time."""
        return f"{self.prefix}.suspects"

    @property
    def dead(self) -> str:
        """The queue of those that nobody can archive."""
        return f"{self.prefix}.dead"


@dataclass(frozen=True, slots=True)
class Topology:
    """What is declared, on one channel."""

    channel: AbstractChannel
    exchange: AbstractExchange
    archive: AbstractQueue
    suspects: AbstractQueue
    dead: AbstractQueue


class Broker:
    """Where the broker is; `opened` connects."""

    def __init__(self, url: str, names: Names | None = None) -> None:
        """Take the address. Raises BrokerError if it is none."""
        parts = urlsplit(url)
        if parts.scheme not in {"amqp", "amqps"} or not parts.hostname:
            raise BrokerError(messages.BROKER_URL)
        self.names = names or Names()
        self._url = url
        self._secret = unquote(parts.password or "")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[AbstractConnection]:
        """Give a connection and close it. Raises BrokerError for whatever goes wrong with the broker meanwhile."""
        async with self.told():
            connection = await aio_pika.connect(self._url, timeout=CONNECT_SECONDS)
            try:
                yield connection
            finally:
                await close(connection)

    @asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """Raise BrokerError, which holds no secret, in the place of the library's errors."""
        try:
            yield
        except asyncio.CancelledError as error:
            if was_asked_to_end():
                raise
            raise BrokerError(messages.BROKER_AWAY, reason="connection lost") from error
        except FAILURES as error:
            raise BrokerError(messages.BROKER_AWAY, reason=self.reason(error)) from None

    @asynccontextmanager
    async def answered(self) -> AsyncIterator[None]:
        """Do so as well if the broker gives no answer: one that is just starting may accept and then say nothing."""
        async with self.told(), asyncio.timeout(ANSWER_SECONDS):
            yield

    def reason(self, error: BaseException) -> str:
        """Return in a few words what went wrong."""
        number = getattr(error, "errno", None) or 0
        # asyncio gathers the failures for several addresses of one host into one text.
        known = os.strerror(number) if number in errno.errorcode else str(error) or type(error).__name__
        return (known.replace(self._secret, "***") if self._secret else known)[:MAX_REASON]

    async def declare(self, channel: AbstractChannel) -> Topology:
        """Declare exchange and queues; all of it outlives the broker's end."""
        exchange = await channel.declare_exchange(self.names.exchange, aio_pika.ExchangeType.TOPIC, durable=True)
        dead = await self._queue(channel, self.names.dead)
        # Only if an operator's policy limits deliveries or length; Milepost itself says why before it buries something.
        buried = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": self.names.dead}
        suspects = await self._queue(channel, self.names.suspects, buried)
        archive = await self._queue(channel, self.names.archive, buried)
        await archive.bind(exchange, "#")
        return Topology(channel, exchange, archive, suspects, dead)

    async def _queue(self, channel: AbstractChannel, name: str, more: dict[str, str] | None = None) -> AbstractQueue:
        arguments: dict[str, Any] = {"x-queue-type": "quorum", "x-delivery-limit": ENDLESS, **(more or {})}
        return await channel.declare_queue(name, durable=True, arguments=arguments)


async def close(connection: AbstractConnection) -> None:
    """Close a connection, whatever state it is in."""
    with suppress(*FAILURES):
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await connection.close()
        except asyncio.CancelledError:
            if was_asked_to_end():
                raise
