"""The proof that a box holds: code in it tries to get out, and the server looks whether it did."""

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from milepost.sandbox.calling import Batch, Fork
from milepost.sandbox.runs import Call, CallRun, Status
from milepost.sandbox.workers import Worker

BAIT = "canary"


async def leak(worker: Worker, packages: Sequence[str] = ()) -> str | None:
    """Return what is wrong with a box: something gets out of it, or neither code nor packages can be used in it."""
    with _bait() as (path, port):
        tries = {
            "file": f"open({path!r}).read()",
            "network": f"__import__('socket').create_connection(('127.0.0.1', {port}), 0.5).close()",
            "processes": f"__import__('os').kill({os.getpid()}, 0)",
        }
        readable = f"all(__import__('os').access(path, 5) for path in {list(packages)!r})"
        calls = (Call("6 * 7"), Call(readable), *(Call(expression) for expression in tries.values()))
        batch = Batch(CallRun("", "canary.py", calls))
        while not batch.finished:
            await Fork([batch]).work(worker)
    works, reads, *others = batch.results()
    if works.value is None or works.value.content != 42:  # noqa: PLR2004 - six times seven.
        return works.error_message or works.status
    if reads.value is None or not reads.value.content:
        return "packages are not readable"
    return next((name for name, got in zip(tries, others, strict=True) if got.status is not Status.RAISED), None)


@contextlib.contextmanager
def _bait() -> Iterator[tuple[str, int]]:
    """Hold a readable file and a listening port of this machine."""
    with tempfile.TemporaryDirectory(prefix="milepost-canary-") as folder, socket.socket() as listener:
        path = Path(folder, BAIT)
        path.write_text(BAIT)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(path), listener.getsockname()[1]
