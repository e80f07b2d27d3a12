"""Doing something whenever there are new events, and again after a while when it failed."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from milepost.events import messages
from milepost.events.errors import EventsError
from milepost.storage.engine import Database
from milepost.storage.errors import StorageError
from milepost.storage.triggers import EVENTS_CHANNEL

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to gather events once woken, between looks when not woken, and to pause after failures; rows a batch."""

    gather: float = 2.0
    poll: float = 60.0
    first_pause: float = 1.0
    longest_pause: float = 60.0
    batch: int = 5_000


class Pauses:
    """Pauses after failures, in seconds: longer with each in a row, and never all at the same moment."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._next = first

    async def after_failure(self) -> None:
        """Pause before the next attempt. Raises CancelledError if the task was asked to end and does not know it yet."""
        if was_asked_to_end():
            # A library turned the request into a failure of its own.
            raise asyncio.CancelledError
        pause, self._next = self._next, min(self._next * 2, self._longest)
        # Those who lost the same broker or database would otherwise come back to it as one.
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 Nobody gains by guessing it.

    def after_success(self) -> None:
        """Begin anew."""
        self._next = self._first


class Problems:
    """What is wrong at present; said once in the log, and to whoever asks."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._problem: Exception | None = None

    def note(self, problem: Exception | None) -> None:
        """Remember what is wrong; None: nothing any more."""
        if problem is not None and type(problem) is not type(self._problem):
            _log.warning("%s: %s", self._doing, problem)
        self._problem = problem

    def say(self, language: str) -> str | None:
        """Return what is wrong, in the user's language, or None."""
        if self._problem is None:
            return None
        if isinstance(self._problem, (EventsError, StorageError)):
            return self._problem.say(language)
        return messages.FOLDER_UNUSABLE.say(language, reason=type(self._problem).__name__)


class Watch:
    """Calls `work` for the events of one database until cancelled; whatever it raises is tried again."""

    def __init__(self, database: Database, work: Callable[[], Awaitable[object]], pace: Pace) -> None:
        self.problems = Problems("events wait to be handed on")
        self._database = database
        self._work = work
        self._pace = pace
        self._wake = asyncio.Event()
        self._listener: Any = None

    def poke(self) -> None:
        """Say that there are new events; the database says so too."""
        self._wake.set()

    async def run(self) -> None:
        """Work whenever there is something, until cancelled; raises nothing else."""
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        try:
            while True:
                if await self._attempt():
                    pauses.after_success()
                    await self._next_events()
                else:
                    await pauses.after_failure()
        finally:
            if self._listener is not None:
                self._listener.terminate()

    async def _attempt(self) -> bool:
        try:
            await self._listen()
            await self._work()
        except Exception as error:  # noqa: BLE001
            # Whatever it was, the events are safe in the database and the next attempt may do.
            self.problems.note(error)
            return False
        self.problems.note(None)
        return True

    async def _next_events(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.poll):
                await self._wake.wait()
            await asyncio.sleep(self._pace.gather)
        self._wake.clear()

    async def _listen(self) -> None:
        if self._listener is not None and not self._listener.is_closed():
            return
        self._listener = listener = await self._database.open_raw()
        listener.add_termination_listener(lambda *_: self.poke())
        try:
            await listener.add_listener(EVENTS_CHANNEL, lambda *_: self.poke())
        except BaseException:
            listener.terminate()
            raise


def was_asked_to_end() -> bool:
    """Tell whether a cancellation was meant for this task; the library cancels what waits on a lost connection, too."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
