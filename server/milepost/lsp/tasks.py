"""Work in the background of one connection: followed, reported when it fails, ended with the connection."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from milepost.lsp.protocol import report

Result = TypeVar("Result")


class Tasks:
    """The background tasks of a connection and the one thread in which texts are parsed.

    One thread, so that parsing takes the interpreter's lock from the message loop as seldom as possible, and so that
    what runs there never meets itself.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lasting: set[asyncio.Task[Any]] = set()
        self._thread: ThreadPoolExecutor | None = None

    def start(self, what: str, work: Coroutine[Any, Any, None], *, lasting: bool = False) -> "asyncio.Task[None]":
        """Start work; `lasting` work is not cancelled at the end but waited for."""
        task = asyncio.ensure_future(work)
        kind = self._lasting if lasting else self._tasks
        kind.add(task)

        def done(task: "asyncio.Task[None]") -> None:
            kind.discard(task)
            if not task.cancelled() and (error := task.exception()):
                report(what, error)

        task.add_done_callback(done)
        return task

    async def in_thread(self, function: Callable[..., Result], *args: Any) -> Result:
        """Call a function in the thread, after everything that was asked of it before."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "milepost-parse")
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)

    async def close(self, patience: float) -> None:
        """Cancel what may be cancelled and wait for the rest, so many seconds at most."""
        for task in self._tasks:
            task.cancel()
        if waiting := self._tasks | self._lasting:
            await asyncio.wait(waiting, timeout=patience)
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)


async def answer(future: "Future[Result]") -> Result:
    """Wait for a client's answer; being cancelled meanwhile leaves the request itself alone."""
    return await asyncio.shield(asyncio.wrap_future(future))
