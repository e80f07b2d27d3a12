"""Noticing that the editor is gone although the connection is not closed."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress

_SECONDS = 1.0


def watch(pid: int | None, gone: Callable[[], None]) -> Coroutine[None, None, None]:
    """Return the work that calls `gone` when a process that exists at the time of this call exists no more.

    A process that cannot be seen, as from inside a container, is not watched. On Windows the signal 0 would end the
    process, and there the end of the connection is notice enough.
    """
    if sys.platform == "win32" or pid is None or pid <= 0 or not _alive(pid):
        return _nothing()
    if sys.platform == "linux":
        # A number is given to another process soon after; a descriptor stands for this one only.
        with suppress(OSError):
            return _end_of(os.pidfd_open(pid), gone)
    return _absence_of(pid, gone)


async def _nothing() -> None:
    """Watch nobody."""


async def _end_of(descriptor: int, gone: Callable[[], None]) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    gone()


async def _absence_of(pid: int, gone: Callable[[], None]) -> None:
    while _alive(pid):  # noqa: ASYNC110 # The end of another process sets no event.
        await asyncio.sleep(_SECONDS)
    gone()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
