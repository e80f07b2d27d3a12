"""Noticing that the editor is gone although the connection is not closed."""

import asyncio
import os
import sys
from collections.abc import Callable

_SECONDS = 1.0


def alive(pid: int) -> bool:
    """Tell whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError, ValueError):
        return True
    return True


async def watch(pid: int | None, gone: Callable[[], None]) -> None:
    """Call `gone` when a process that exists now exists no more.

    A process that cannot be seen, as from inside a container, is not watched. On Windows the signal 0 would end the
    process, and there the end of the connection is notice enough.
    """
    if sys.platform == "win32" or pid is None or pid <= 0 or not alive(pid):
        return
    while alive(pid):  # noqa: ASYNC110 # The end of somebody else's process sets no event.
        await asyncio.sleep(_SECONDS)
    gone()
