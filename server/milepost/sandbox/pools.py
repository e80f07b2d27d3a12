"""Warm workers, lent one at a time; a worn or dead one is replaced when it is next needed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from milepost.sandbox.workers import Setting, StartError, Worker


class Pool:
    """At most `size` warm workers of one setting."""

    def __init__(self, setting: Setting, size: int) -> None:
        self._setting = setting
        self._slots: asyncio.Queue[Worker | None] = asyncio.Queue()
        self._live: set[Worker] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False
        for _ in range(max(1, size)):
            self._slots.put_nowait(None)

    def adopt(self, worker: Worker) -> None:
        """Take over a worker of the same setting in the place of one not yet started."""
        self._live.add(worker)
        self._slots.get_nowait()
        self._slots.put_nowait(worker)

    @contextlib.asynccontextmanager
    async def borrow(self) -> AsyncIterator[Worker]:
        """Lend a worker, started if need be; StartError if that fails."""
        worker = await self._slots.get()
        try:
            if worker is None or not worker.usable:
                worn, worker = worker, None
                self._retire(worn)
                worker = await self._start()
            yield worker
        finally:
            self._give_back(worker)

    async def _start(self) -> Worker:
        if self._closed:
            raise StartError("closed")
        worker = await Worker.start(self._setting)
        self._live.add(worker)
        return worker

    def _give_back(self, worker: Worker | None) -> None:
        if worker is not None and worker.alive and worker.busy:
            # Its run was given up; it may be lent again once the box has killed what is left of it.
            worker.when_free(lambda: self._slots.put_nowait(worker))
        else:
            self._slots.put_nowait(worker)

    def _retire(self, worker: Worker | None) -> None:
        if worker is not None:
            self._live.discard(worker)
            task = asyncio.create_task(worker.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """End every worker; runs in progress end as lost."""
        self._closed = True
        for worker in list(self._live):
            self._retire(worker)
        await asyncio.gather(*self._closing)
