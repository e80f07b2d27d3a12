"""The search for fixes in a process of its own, so that it never delays an answer to the editor.

Frames are four bytes of length and a pickle; both ends are this package, and no judged program can reach the pipes.
"""

import asyncio
import contextlib
import logging
import pickle
import sys
from typing import Any

from milepost.agents.fixing import FixRequest, find_fixes
from milepost.domain.validations import Fix

logger = logging.getLogger(__name__)


class RepairProcess:
    """Starts the child when first asked, again when it died, and ends it at close; one search at a time."""

    def __init__(self, interpreter: str | None, *, unprotected: bool) -> None:
        """Take the interpreter that runs candidates, and whether they may run without a boundary."""
        self._arguments = [interpreter or "", "unprotected" if unprotected else ""]
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._withdrawal: asyncio.Task[None] | None = None

    async def find_fixes(self, request: FixRequest) -> list[Fix]:
        """Return the fixes of one request; a cancelled caller ends the search at once."""
        async with self._turn:
            if self._withdrawal is not None:
                await asyncio.shield(self._withdrawal)
            process = await self._running()
            # A frame is read by one reader and to its end, whoever stops waiting for it.
            exchange = asyncio.create_task(self._exchange(process, request))
            try:
                return await asyncio.shield(exchange)
            except asyncio.CancelledError:
                self._withdrawal = asyncio.create_task(self._withdraw(process, exchange))
                raise

    async def close(self) -> None:
        """End the child."""
        if self._withdrawal is not None:
            await self._withdrawal
        await self._end()

    async def _exchange(self, process: asyncio.subprocess.Process, request: FixRequest) -> list[Fix]:
        assert process.stdin
        assert process.stdout
        try:
            await _send(process.stdin, request)
            fixes: list[Fix] = await _receive(process.stdout)
        except (ConnectionError, asyncio.IncompleteReadError):
            if process is self._process:
                # Otherwise it was ended here, because nobody waits for its answer.
                logger.warning("the search for fixes ended unexpectedly")
                await self._end()
            return []
        return fixes

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "milepost.wiring.repairing", *self._arguments,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
            )  # fmt: skip
        return self._process

    async def _withdraw(self, process: asyncio.subprocess.Process, exchange: "asyncio.Task[list[Fix]]") -> None:
        # A frame with None asks the child to stop its search; the answer to the withdrawn request still comes.
        assert process.stdin
        with contextlib.suppress(ConnectionError):
            await _send(process.stdin, None)
        _, unanswered = await asyncio.wait({exchange}, timeout=1)
        if unanswered:
            await self._end()
            await exchange

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        assert process.stdin
        process.stdin.close()
        try:
            async with asyncio.timeout(2):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _send(stream: asyncio.StreamWriter, message: Any) -> None:
    body = pickle.dumps(message)
    stream.write(len(body).to_bytes(4, "big") + body)
    await stream.drain()


async def _receive(stream: asyncio.StreamReader) -> Any:
    length = int.from_bytes(await stream.readexactly(4), "big")
    return pickle.loads(await stream.readexactly(length))  # noqa: S301 Our own child wrote it.


async def _serve(interpreter: str | None, *, unprotected: bool) -> None:
    # The sandbox is only needed in the child, which imports it beside everything else.
    from milepost.sandbox.boxes import Sandbox  # noqa: PLC0415

    reader, writer = await _standard_streams()
    withdrawn = asyncio.Event()
    requests: asyncio.Queue[FixRequest | None] = asyncio.Queue()
    listening = asyncio.create_task(_listen(reader, requests, withdrawn))
    async with Sandbox(interpreter, unprotected=unprotected) as sandbox:
        while (request := await requests.get()) is not None:
            withdrawn.clear()
            search = asyncio.create_task(find_fixes(request, sandbox, withdrawn.is_set))
            stop = asyncio.create_task(withdrawn.wait())
            await asyncio.wait({search, stop}, return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            await _send(writer, await _outcome(search))
    listening.cancel()


async def _outcome(search: asyncio.Task[list[Fix]]) -> list[Fix]:
    if not search.done():
        search.cancel()
    try:
        return await search
    except asyncio.CancelledError:
        return []
    except Exception:
        # A fault of the search costs the fixes of one save, never the server.
        logger.exception("the search for fixes failed")
        return []


async def _listen(
    reader: asyncio.StreamReader, requests: "asyncio.Queue[FixRequest | None]", withdrawn: asyncio.Event
) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError):
        while True:
            message = await _receive(reader)
            if message is None:
                withdrawn.set()
            else:
                requests.put_nowait(message)
    withdrawn.set()
    requests.put_nowait(None)


async def _standard_streams() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout.buffer)
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1] or None, unprotected=sys.argv[2] == "unprotected"))
