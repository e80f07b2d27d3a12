"""Starting a process and waiting for its end without threads or leftovers."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
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


def exit_descriptor(process: subprocess.Popen[Any]) -> int | None:
    """Return a descriptor that becomes readable when `process` ends; None where there is no such thing."""
    try:
        return os.pidfd_open(process.pid)
    except (OSError, AttributeError):
        return None


async def ended(process: subprocess.Popen[Any]) -> int:
    """Wait until `process` ended and return its exit status."""
    descriptor = exit_descriptor(process) if process.returncode is None else None
    if descriptor is not None:
        try:
            await _readable(descriptor)
        finally:
            os.close(descriptor)
    while process.poll() is None:  # noqa: ASYNC110 - where no descriptor of a process exists, looking is all there is.
        await asyncio.sleep(POLL)
    return process.returncode


def kill_tree(process: subprocess.Popen[Any]) -> None:
    """Kill `process` and its children; the first process of a box takes the rest of it along."""
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
    process.kill()


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
