"""Locks on files that the system releases when their holder dies, however it dies."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

from milepost.storage import messages
from milepost.storage.errors import DataFolderError

if sys.platform == "win32":
    raise DataFolderError(messages.UNSUPPORTED_PLATFORM)
import fcntl

POLL_SECONDS = 0.01


class FileLock:
    """One open lock file; `descriptor` may be inherited by a child, which then holds the lock as well."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def try_exclusive(self) -> bool:
        """Take the lock alone, if nobody holds it."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Take the lock beside others, if nobody holds it alone."""
        return self._try(fcntl.LOCK_SH)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def exclusive(self) -> None:
        """Wait until the lock is taken alone; can be cancelled."""
        await _until(self.try_exclusive)

    async def shared(self) -> None:
        """Wait until the lock is taken beside others; can be cancelled."""
        await _until(self.try_shared)

    def close(self) -> None:
        """Let go, except for children that inherited the descriptor."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        """Give the lock file, still unlocked."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Let go."""
        self.close()


async def _until(taken: Callable[[], bool]) -> None:
    while not taken():  # noqa: ASYNC110 - Another process holds it; no event of this loop tells when it lets go.
        await asyncio.sleep(POLL_SECONDS)
