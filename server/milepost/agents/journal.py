"""What is to be stored, in order and in the background: retried while the database is away, kept on disk meanwhile."""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from milepost.agents.saves import Help, Outcome, Submission, SystemFact
from milepost.domain.events import EventType
from milepost.storage.errors import StorageError

logger = logging.getLogger(__name__)

Entry = Annotated[Submission | Outcome | Help | SystemFact, Field(discriminator="kind")]
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0


class Journal:
    """A queue of entries that one task writes to the database; nothing waits for it, nothing in it is lost."""

    def __init__(self, record: Callable[[Entry], Awaitable[None]], folder: Path, on_stored: Callable[[], None]) -> None:
        """Take what stores one entry, where to keep what cannot be stored yet, and who wants to know of what is."""
        self._record = record
        self._on_stored = on_stored
        self._file = folder / f"unsaved-{os.getpid()}.json"
        self._waiting: deque[Entry] = deque(_take_over(folder))
        self._changed = asyncio.Condition()
        self._task = asyncio.create_task(self._write())
        self.problem: StorageError | None = None

    def put(self, entry: Entry) -> None:
        """Have an entry stored as soon as that is possible."""
        self._waiting.append(entry)
        self._wake = asyncio.ensure_future(self._notify())

    async def flushed(self, seconds: float) -> bool:
        """Wait until everything is stored, at most so long; tell whether it is."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: not self._waiting)
        except TimeoutError:
            return False
        return True

    async def close(self, seconds: float = 0.4) -> None:
        """Store what can be stored in time, keep the rest on disk for the next start."""
        try:
            await self.flushed(seconds)
        finally:
            self._task.cancel()
            _keep(self._file, list(self._waiting))

    def _note(self, error: Exception) -> None:
        """Remember what is wrong, and once for each outage that something was."""
        if self.problem is None and isinstance(error, StorageError):
            self._waiting.append(SystemFact(EventType.SYSTEM_DEGRADED, datetime.now(UTC), {"part": "database"}))
            self.problem = error

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _write(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
            try:
                await self._record(self._waiting[0])
            except (StorageError, OSError) as error:
                self._note(error)
                _keep(self._file, list(self._waiting))
                logger.info("could not store yet: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            except Exception:
                # An entry that the database refuses for good must not keep the later ones from being stored.
                logger.exception("an entry of kind %s could not be stored", self._waiting[0].kind)
            self.problem, pause = None, FIRST_PAUSE_SECONDS
            self._waiting.popleft()
            if not self._waiting:
                _keep(self._file, [])
                self._on_stored()
            await self._notify()


_adapter: TypeAdapter[list[Entry]] = TypeAdapter(list[Entry])


def _take_over(folder: Path) -> list[Entry]:
    """Read what earlier sessions kept; a file is renamed first, so that of two servers only one takes it."""
    taken: list[Entry] = []
    for file in sorted(folder.glob("unsaved-*.json")):
        mine = file.with_suffix(f".taken-{os.getpid()}")
        try:
            file.rename(mine)
            taken += _adapter.validate_json(mine.read_bytes())
        except FileNotFoundError:
            continue
        except (OSError, ValidationError) as error:
            logger.warning("what an earlier session kept cannot be read: %s", type(error).__name__)
            continue
        mine.unlink()
    return taken


def _keep(file: Path, entries: list[Entry]) -> None:
    if not entries:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # The text of programs is in it, so that only its owner may read it.
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as written:
        written.write(_adapter.dump_json(entries))
