"""What is to be stored, in order and in the background: retried while the database is away, kept on disk meanwhile."""

import asyncio
import contextlib
import logging
import os
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from milepost.agents.saves import Help, Outcome, Reviewed, Submission, Suggested, SystemFact
from milepost.domain.events import EventType
from milepost.storage.errors import StorageError
from milepost.storage.folder_locks import FileLock

logger = logging.getLogger(__name__)

Entry = Annotated[Submission | Outcome | Reviewed | Suggested | Help | SystemFact, Field(discriminator="kind")]
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
UNWINDING_SECONDS = 1.0


class Journal:
    """A queue of entries that one task writes to the database; nothing waits for it, nothing in it is lost."""

    def __init__(self, record: Callable[[Entry], Awaitable[None]], folder: Path, on_stored: Callable[[], None]) -> None:
        """Take what stores one entry, where to keep what cannot be stored yet, and who wants to know of what is."""
        self._record = record
        self._on_stored = on_stored
        self._file = folder / f"unsaved-{os.getpid()}.json"
        self._waiting: deque[Entry] = deque()
        self._lock: FileLock | None = None
        self._reached = False
        self._take_over(folder)
        self._changed = asyncio.Condition()
        self._task = asyncio.create_task(self._write())
        self.problem: StorageError | None = None

    def put(self, entry: Entry) -> None:
        """Have an entry stored as soon as that is possible."""
        self._waiting.append(entry)
        if not self._reached:
            # Whatever becomes of this process before the database answers, the next one finds the entry.
            self._keep()
        self._wake = asyncio.ensure_future(self._notify())

    async def flushed(self, seconds: float) -> bool:
        """Wait until everything is stored, at most so long; tell whether it is."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: not self._waiting)
        except TimeoutError:
            return False
        return True

    async def close(self, seconds: float = 0.3) -> None:
        """Store what can be stored in time, keep the rest on disk for the next start."""
        try:
            await self.flushed(seconds)
        finally:
            self._task.cancel()
            # A transaction that is given up needs a moment to give its connection back.
            await asyncio.wait({self._task}, timeout=UNWINDING_SECONDS)
            self._keep()
            if self._lock is not None:
                self._lock.close()
                self._lock = None

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
                self._reached = False
                self._note(error)
                self._keep()
                logger.info("could not store yet: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            except Exception:
                # An entry that the database refuses for good must not keep the later ones from being stored.
                logger.exception("an entry of kind %s could not be stored", self._waiting[0].kind)
            self.problem, self._reached, pause = None, True, FIRST_PAUSE_SECONDS
            self._waiting.popleft()
            if not self._waiting:
                self._keep()
                self._on_stored()
            await self._notify()

    def _keep(self) -> None:
        """Have on disk what waits; where the disk takes nothing, memory goes on holding it."""
        try:
            lock = _write_whole(self._file, list(self._waiting))
        except OSError as error:
            logger.warning("what waits to be stored cannot be kept on disk: %s", error.strerror)
            return
        if self._lock is not None:
            self._lock.close()
        self._lock = lock

    def _take_over(self, folder: Path) -> None:
        """Read what earlier sessions kept; their files go when it is kept here."""
        taken = list(_taken(folder))
        for _, entries in taken:
            self._waiting.extend(entries)
        if not taken:
            return
        self._keep()
        if self._lock is not None:
            for file, _ in taken:
                file.unlink(missing_ok=True)


def erase_kept(folder: Path) -> int:
    """Delete what earlier sessions kept; return how many files stay because their session lives."""
    living = 0
    for file in (*folder.glob("unsaved-*.json"), *folder.glob("unsaved-*.taken"), *folder.glob("unsaved-*.part")):
        with contextlib.suppress(FileNotFoundError), FileLock(file) as lock:
            if lock.try_exclusive():
                file.unlink()
            else:
                living += 1
    return living


_adapter: TypeAdapter[list[Entry]] = TypeAdapter(list[Entry])


def _taken(folder: Path) -> Iterator[tuple[Path, list[Entry]]]:
    """Take the files of sessions that ended: those that live hold a lock on theirs."""
    for file in sorted((*folder.glob("unsaved-*.json"), *folder.glob("unsaved-*.taken"))):
        # Renamed first, so that of two servers that start at once only one takes it.
        mine = file.with_name(f"{file.stem}-{os.getpid()}.taken")
        try:
            with FileLock(file) as lock:
                if not lock.try_exclusive():
                    continue
                file.rename(mine)
                yield mine, _adapter.validate_json(mine.read_bytes() or b"[]")
        except (OSError, ValidationError) as error:
            with contextlib.suppress(OSError):
                mine.rename(file)
            logger.warning("what an earlier session kept cannot be read: %s", type(error).__name__)


def _write_whole(file: Path, entries: list[Entry]) -> FileLock | None:
    """Write the file whole or leave it as it was, and return the lock on it; without entries there is none."""
    if not entries:
        file.unlink(missing_ok=True)
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    # Only its owner may read it: the text of programs is in it.
    lock = FileLock(part)
    try:
        lock.try_exclusive()
        part.write_bytes(_adapter.dump_json(entries))
        part.replace(file)
    except OSError:
        lock.close()
        part.unlink(missing_ok=True)
        raise
    return lock
