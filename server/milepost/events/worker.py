"""From the broker to the files of the archive: claimed in the database, written, and only then acknowledged.

What is delivered again, in whatever grouping, names files that are there, or writes the same files again.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from aio_pika import Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from milepost.events import bodies, dead, messages
from milepost.events.arrivals import Arrivals
from milepost.events.bodies import Told
from milepost.events.broker import Broker
from milepost.events.errors import ArchiveError, BrokerError
from milepost.events.filing import Claim, Filing
from milepost.events.publishing import RabbitPublisher
from milepost.events.steps import Reached, Step, nothing
from milepost.events.watching import Pauses, Problems, was_asked_to_end
from milepost.storage import events as stored
from milepost.storage import users
from milepost.storage.engine import Database
from milepost.storage.errors import StorageError

# RabbitMQ counts how often it had to deliver a message again; newer ones count apart what was given back on purpose.
COUNTS = ("x-delivery-count", "x-acquired-count")
# After so many a message is delivered alone, and after so many alone it is not tried again.
SUSPECT, FATAL = 4, 5
# Times that one file may fail while others of its batch can be written.
TRIES = 3

Archived = Callable[[int, int], None]

_log = logging.getLogger(__name__)


def _unheard(_events: int, _files: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Load:
    """Messages that make a batch, seconds to wait for them, and the pauses after failures in seconds."""

    batch: int = 2000
    gather: float = 2.0
    first_pause: float = 0.5
    longest_pause: float = 30.0


@dataclass(frozen=True, slots=True)
class _Lane:
    """One queue's deliveries; `alone`: one at a time, because one of them may end the worker."""

    channel: AbstractChannel
    arrivals: Arrivals
    alone: bool


class Worker:
    """Archives what the broker delivers; any number of workers share it."""

    def __init__(  # noqa: PLR0913 Where from, where to, and how.
        self,
        database: Database,
        folder: Path | str,
        broker: Broker,
        *,
        load: Load | None = None,
        archived: Archived = _unheard,
        reached: Reached = nothing,
    ) -> None:
        """Take where events come from and go to; `archived` hears of each batch how many events and files it were."""
        self._database = database
        self._broker = broker
        self._load = load or Load()
        self._archived = archived
        self._reached = reached
        self._filing = Filing(database, folder, reached)
        self._problems = Problems("events wait at the broker")
        self._pauses = Pauses(self._load.first_pause, self._load.longest_pause)
        # On a connection of its own: a broker in need blocks those that publish, and acknowledging must go on.
        self._publisher = RabbitPublisher(broker)

    def problem(self, language: str) -> str | None:
        """Return why events wait at present, in the user's language, or None."""
        return self._problems.say(language)

    async def run(self) -> None:
        """Work until cancelled; raises nothing else."""
        while True:
            try:
                # In a task of its own, because a failed group leaves its task as if it had been asked to end (Python
                # before 3.13), and because the library cancels whoever waits on a connection that is lost.
                await asyncio.create_task(self._attempt())
            except asyncio.CancelledError:
                if was_asked_to_end():
                    raise
                self._problems.note(BrokerError(messages.BROKER_AWAY, reason="connection lost"))
            except Exception as error:  # noqa: BLE001
                # Whatever it was, nothing is acknowledged that is not in a file.
                self._problems.note(_innermost(error))
            await self._pauses.after_failure()

    async def close(self) -> None:
        """Let go of the writing thread."""
        await self._filing.close()

    async def _attempt(self) -> None:
        try:
            await self._filing.open()
            await self._serve()
        finally:
            await self._publisher.close()

    async def _serve(self) -> None:
        """Settle what is delivered until the connection or a channel ends; raises BrokerError then."""
        # Declares what is consumed below.
        await self._publisher.open()
        names, load = self._broker.names, self._load
        async with self._broker.opened() as connection, asyncio.TaskGroup() as group:
            many, alone = Arrivals(load.batch, load.gather, 2 * load.batch), Arrivals(1, 0.0, 1)
            for arrivals, queue in ((many, names.archive), (alone, names.suspects)):
                async with self._broker.answered():
                    channel = await arrivals.open(connection, queue)
                group.create_task(self._follow(_Lane(channel, arrivals, arrivals is alone)))

    async def _follow(self, lane: _Lane) -> None:
        try:
            while True:
                await self._handle(lane, await lane.arrivals.batch())
        except asyncio.CancelledError as error:
            # A group takes no notice of a task that ends like this.
            if was_asked_to_end():
                raise
            raise BrokerError(messages.BROKER_AWAY, reason="connection lost") from error

    async def _handle(self, lane: _Lane, batch: Sequence[AbstractIncomingMessage]) -> None:
        self._reached(Step.RECEIVED)
        await self._settle(lane, batch)
        last = batch[-1].delivery_tag
        assert last is not None
        async with self._broker.answered():
            await (await lane.channel.get_underlay_channel()).basic_ack(last, multiple=True)
        self._reached(Step.ACKNOWLEDGED)
        self._problems.note(None)
        self._pauses.after_success()

    async def _settle(self, lane: _Lane, batch: Sequence[AbstractIncomingMessage]) -> None:
        """Have each message of the batch in a file, or in another queue with the reason."""
        events: list[tuple[AbstractIncomingMessage, Told]] = []
        for message in batch:
            count = _times_delivered(message)
            if not lane.alone and count >= SUSPECT:
                await self._send(self._broker.names.suspects, dead.copy_of(message))
            elif lane.alone and count >= FATAL:
                await self._bury(message, messages.FATAL.say("en", count=count))
            else:
                try:
                    events.append((message, bodies.decode(message.body)))
                except ValueError as error:
                    await self._bury(message, messages.NO_EVENT.say("en", reason=error))
        wrong = await self._archive(lane, {told.event_id: told for _, told in events})
        for message, told in events:
            if told.event_id in wrong:
                await self._bury(message, wrong[told.event_id])
        self._reached(Step.FILED)

    async def _archive(self, lane: _Lane, told: Mapping[UUID, Told]) -> dict[UUID, str]:
        """Return what cannot be archived, and why; waits where nothing can."""
        tries = 0
        while told:
            try:
                claim, wrong = await self._claim(told)
                broken = await self._write(claim)
            except (ArchiveError, StorageError) as problem:
                await self._wait(lane, problem)
                continue
            except Exception as error:
                if not lane.alone:
                    raise
                return dict.fromkeys(told, _in_words(error))
            tries += 1
            if not broken or tries == TRIES:
                return wrong | {event_id: str(broken[path]) for event_id, path in claim.files.items() if path in broken}
            await self._wait(lane, next(iter(broken.values())))
        return {}

    async def _claim(self, told: Mapping[UUID, Told]) -> tuple[Claim, dict[UUID, str]]:
        """Return the file of each event, and why others have none; those of erased users are in neither."""
        async with self._database.begin() as session:
            found = await stored.find_filed(session, list(told))
            claim = await self._filing.claim(session, found)
            strange = told.keys() - {event.event_id for event in found}
            known = (
                await users.existing(session, {told[event_id].user_id for event_id in strange}) if strange else set()
            )
        self._reached(Step.CLAIMED)
        unknown = messages.UNKNOWN_EVENT.say("en")
        return claim, {event_id: unknown for event_id in strange if told[event_id].user_id in known}

    async def _write(self, claim: Claim) -> dict[str, ArchiveError]:
        """Write the files that are not there yet; return those that cannot be. Raises ArchiveError if none can."""
        broken: dict[str, ArchiveError] = {}
        counts: list[int] = []
        files = set(claim.files.values())
        for path in sorted(files):
            try:
                if path in claim.fresh or not await self._filing.has(path):
                    counts.append(await self._filing.write(path))
            except ArchiveError as problem:
                broken[path] = problem
        if any(counts):
            self._archived(sum(counts), len(counts))
        if broken and len(broken) == len(files):
            raise next(iter(broken.values()))
        return broken

    async def _wait(self, lane: _Lane, problem: Exception) -> None:
        """Pause before the next attempt, with the messages in hand. Raises BrokerError if they are gone."""
        self._problems.note(problem)
        await self._pauses.after_failure()
        if lane.channel.is_closed:
            raise BrokerError(messages.BROKER_AWAY, reason="channel closed")

    async def _bury(self, message: AbstractIncomingMessage, reason: str) -> None:
        _log.warning("set aside as a dead letter: %s", reason)
        await self._send(self._broker.names.dead, dead.letter_of(message, reason))

    async def _send(self, queue: str, message: Message) -> None:
        """Put a message into a queue. Raises BrokerError unless it is there for certain."""
        await self._publisher.open()
        [failure] = await self._publisher.send([(message, queue)], direct=True)
        if failure is not None:
            raise BrokerError(messages.NOT_CONFIRMED, count=1, reason=failure)


def _times_delivered(message: AbstractIncomingMessage) -> int:
    counts = [message.headers.get(name) for name in COUNTS]
    return max((count for count in counts if isinstance(count, int)), default=0)


def _innermost(error: BaseException) -> Exception:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
