"""From the event rows of the database to the broker: a row counts as published once the broker confirmed it."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import aio_pika
from aio_pika.exceptions import PublishError

from milepost.domain.events import BaseEvent
from milepost.events import bodies, messages
from milepost.events.broker import Broker, Topology
from milepost.events.errors import BrokerError, EventsError
from milepost.events.steps import Reached, Step, nothing
from milepost.events.watching import Pace, Watch
from milepost.storage import events as stored
from milepost.storage.engine import Database

CONFIRM_SECONDS = 30.0
# A relay that hangs with rows in its hands is put out of them by the database, and others publish them.
HOLD_SECONDS = 90
AT_ONCE = Pace(gather=0.02, batch=500)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which events the broker has for certain, and what is wrong with the others."""

    confirmed: list[UUID]
    problem: EventsError | None = None


class EventPublisher(Protocol):
    """Hands events to others over the network."""

    async def open(self) -> None:
        """Connect, if need be. Raises BrokerError."""

    async def publish(self, events: Sequence[BaseEvent]) -> Outcome:
        """Hand the events on; raises nothing, for some of them may have arrived."""

    async def close(self) -> None:
        """Disconnect."""


class RabbitPublisher:
    """Publishes persistently, mandatory and with confirms, to the exchange of a broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._stack = AsyncExitStack()
        self._topology: Topology | None = None

    async def open(self) -> None:
        """Connect, if need be. Raises BrokerError."""
        if self._topology is not None and not self._topology.channel.is_closed:
            return
        await self.close()
        connection = await self._stack.enter_async_context(self._broker.opened())
        async with self._broker.answered():
            # What no queue takes comes back as an error and not as something to look for.
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            self._topology = await self._broker.declare(channel)

    async def publish(self, events: Sequence[BaseEvent]) -> Outcome:
        """Hand the events on; raises nothing, for some of them may have arrived."""
        sent = [(message_of(event), event.event_type.value) for event in events]
        failures = await self.send(sent)
        confirmed = [event.event_id for event, failure in zip(events, failures, strict=True) if failure is None]
        wrong = [failure for failure in failures if failure is not None]
        if not wrong:
            return Outcome(confirmed)
        # The next attempt declares anew what somebody may have deleted.
        await self.close()
        return Outcome(confirmed, BrokerError(messages.NOT_CONFIRMED, count=len(wrong), reason=wrong[0]))

    async def send(self, sent: Sequence[tuple[aio_pika.Message, str]], *, direct: bool = False) -> list[str | None]:
        """Publish messages with their routing keys; return for each None once it is confirmed, or why it is not.

        `direct`: the routing key is the name of a queue.
        """
        if self._topology is None:
            return ["not connected"] * len(sent)
        where = self._topology.channel.default_exchange if direct else self._topology.exchange
        tasks = [asyncio.create_task(where.publish(message, key)) for message, key in sent]
        try:
            await asyncio.wait(tasks, timeout=CONFIRM_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        return [self._why_not(result) if isinstance(result, BaseException) else None for result in results]

    def _why_not(self, failure: BaseException) -> str:
        if isinstance(failure, PublishError):
            return "no queue takes them"
        if isinstance(failure, asyncio.CancelledError):
            return f"no confirm in {CONFIRM_SECONDS:.0f} s"
        return self._broker.reason(failure)

    async def close(self) -> None:
        """Disconnect."""
        self._topology = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()


class BrokerRelay:
    """Feeds a broker from one database; any number of relays may do so at once."""

    def __init__(
        self, database: Database, publisher: EventPublisher, *, pace: Pace = AT_ONCE, reached: Reached = nothing
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._pace = pace
        self._reached = reached
        self._watch = Watch(database, self.drain, pace)
        self._draining = asyncio.Lock()

    def poke(self) -> None:
        """Say that there are new events; the database says so too."""
        self._watch.poke()

    def problem(self, language: str) -> str | None:
        """Return why events wait at present, in the user's language, or None."""
        return self._watch.problems.say(language)

    async def run(self) -> None:
        """Drain whenever there is something, until cancelled; raises nothing else."""
        await self._watch.run()

    async def drain(self) -> int:
        """Publish every event that waits; return how many. Raises BrokerError and DatabaseUnavailableError."""
        async with self._draining:
            await self._publisher.open()
            published = 0
            while count := await self._publish_some():
                published += count
            return published

    async def close(self) -> None:
        """Let go of the broker."""
        await self._publisher.close()

    async def _publish_some(self) -> int:
        """Publish a batch; who else looks meanwhile sees other rows."""
        async with self._database.begin() as session:
            await stored.limit_holding(session, HOLD_SECONDS)
            # From a time without a broker: whoever archives what arrives finds that these have a file already.
            await stored.take_back_unwritten(session)
            events = await stored.claim_unpublished(session, self._pace.batch)
            if not events:
                return 0
            self._reached(Step.HELD)
            outcome = await self._publisher.publish(events)
            self._reached(Step.CONFIRMED)
            await stored.mark_published(session, outcome.confirmed)
        self._reached(Step.MARKED)
        if outcome.problem is not None:
            raise outcome.problem
        return len(outcome.confirmed)


def message_of(event: BaseEvent) -> aio_pika.Message:
    """Return the message that tells of an event."""
    return aio_pika.Message(
        bodies.encode(event),
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(event.event_id),
        timestamp=datetime.now(UTC),
        type=event.event_type.value,
        app_id="milepost",
    )
