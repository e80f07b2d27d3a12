"""Messages of one queue on a channel of their own, gathered into batches by number or by time."""

import asyncio
from contextlib import suppress
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from milepost.events import messages
from milepost.events.errors import BrokerError

# Seconds after which the channel is looked at, should nobody tell of its end.
LOOK_SECONDS = 5.0


class Arrivals:
    """What was delivered and waits for its batch; `open` begins, and the end of the channel is told as an error."""

    def __init__(self, size: int, gather: float, ahead: int) -> None:
        """Take how many messages make a batch, the seconds to wait for them, and how many may be under way."""
        self._size, self._gather, self._ahead = size, gather, ahead
        self._waiting: list[AbstractIncomingMessage] = []
        self._some, self._enough = asyncio.Event(), asyncio.Event()
        self._over: BrokerError | None = None
        self._channel: AbstractChannel | None = None

    async def open(self, connection: AbstractConnection, queue: str) -> AbstractChannel:
        """Have the messages of the queue delivered."""
        self._channel = channel = await connection.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=self._ahead)
        channel.close_callbacks.add(self._end)
        # A queue that is deleted ends its consumers, and nothing else tells them.
        (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(lambda _frame: self._end())
        await (await channel.get_queue(queue, ensure=False)).consume(self._take)
        return channel

    async def batch(self) -> list[AbstractIncomingMessage]:
        """Return what came, in the order of delivery, once there is a batch or the oldest waited long enough.

        Raises BrokerError when nothing will come any more.
        """
        while not self._some.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._some.wait()
            if self._channel is None or self._channel.is_closed:
                self._end()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._gather):
                await self._enough.wait()
        if self._over is not None:
            raise self._over
        batch, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
        if not self._waiting:
            self._some.clear()
        if len(self._waiting) < self._size:
            self._enough.clear()
        return batch

    async def _take(self, message: AbstractIncomingMessage) -> None:
        self._waiting.append(message)
        self._some.set()
        if len(self._waiting) >= self._size:
            self._enough.set()

    def _end(self, *_: Any) -> None:
        self._over = BrokerError(messages.BROKER_AWAY, reason="channel closed")
        self._some.set()
        self._enough.set()
