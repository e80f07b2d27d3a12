"""Serving one editor over standard input and output."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from pygls.io_ import StdoutWriter

from milepost.lsp.framing import FrameReader
from milepost.lsp.server import MilepostServer

_CHUNK = 1 << 16
# The server has to be gone two seconds after `exit`, even if something of it hangs.
_LAST_RESORT_SECONDS = 1.8

# While another thread parses or imports, an answer gets the interpreter's lock back after this many seconds at most,
# instead of Python's 5 ms, which each of its steps would wait for.
_SWITCH_INTERVAL = 0.001


def serve_stdio(server: MilepostServer) -> int:
    """Serve the editor at standard input and output until it leaves; return the exit status of the process.

    Whatever else reads or prints in this process gets an empty input and standard error, so that nothing can
    disturb the connection.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL)
    source, target = os.dup(0), os.dup(1)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 # A descriptor is needed, not a path.
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    with os.fdopen(target, "wb") as output:
        return asyncio.run(serve(server, source, output, _leave_in_any_case))


def _leave_in_any_case(status: int) -> None:
    """End the process after a while, even if a thread or a child hangs."""
    last_resort = threading.Timer(_LAST_RESORT_SECONDS, os._exit, (status,))
    last_resort.daemon = True
    last_resort.start()


async def serve(
    server: MilepostServer, source: int, output: BinaryIO, leaving: Callable[[int], None] = lambda _status: None
) -> int:
    """Serve the editor at a file descriptor and a stream until it leaves; return the exit status it asked for.

    `leaving` is called with that status before anything is closed.
    """
    loop = asyncio.get_running_loop()
    exited: asyncio.Future[int] = loop.create_future()

    def leave(status: int) -> None:
        if not exited.done():
            exited.set_result(status)

    server.messages.exited = leave
    server.messages.set_writer(StdoutWriter(output))
    threading.Thread(target=_read, args=(server, source, loop), daemon=True, name="milepost-read").start()
    status = await exited
    leaving(status)
    await server.end()
    return status


def _read(server: MilepostServer, source: int, loop: asyncio.AbstractEventLoop) -> None:
    """Read messages until the editor closes its end, in a thread of its own so that it is never kept waiting."""
    frames, protocol = FrameReader(), server.messages
    with suppress(RuntimeError):  # The loop is closed: nobody listens any more.
        while data := _some(source):
            for body in frames.feed(data):
                try:
                    message = protocol.decode(body)
                except ValueError:
                    frames.give_back(body)
                    loop.call_soon_threadsafe(protocol.refuse_bytes)
                else:
                    loop.call_soon_threadsafe(protocol.receive, message)
        loop.call_soon_threadsafe(protocol.lsp_exit)


def _some(source: int) -> bytes:
    try:
        return os.read(source, _CHUNK)
    except OSError:
        return b""


if sys.platform == "win32":
    import msvcrt

    msvcrt.setmode(0, os.O_BINARY)
    msvcrt.setmode(1, os.O_BINARY)
