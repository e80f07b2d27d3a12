"""Starting a process and waiting for its end without threads or leftovers."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Mapping, Sequence
from socket import socket
from typing import Any

POLL = 0.005


def spawn(
    command: Sequence[str], control: socket, pass_fds: Sequence[int] = (), environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start `command` with `control` as its standard input; what it complains about at its start can be read."""
    return subprocess.Popen(
        command,
        stdin=control.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=pass_fds,
        env=dict(environment or {}),
        start_new_session=True,
    )


async def ended(process: subprocess.Popen[Any]) -> int:
    """Wait until `process` ended and return its exit status."""
    with contextlib.suppress(OSError, AttributeError):
        descriptor = os.pidfd_open(process.pid)
        try:
            await _readable(descriptor)
        finally:
            os.close(descriptor)
    while process.poll() is None:  # noqa: ASYNC110 - where no descriptor of a process exists, looking is all there is.
        await asyncio.sleep(POLL)
    return process.returncode


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, _settle, ready)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)


def _settle(ready: "asyncio.Future[None]") -> None:
    if not ready.done():
        ready.set_result(None)
