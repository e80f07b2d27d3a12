"""A small editor: drives the real language server as a child process over stdio, for the demo."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

JSON = dict[str, Any]


class EditorClient:
    """One session with `milepost serve`; answers what a server may ask of an editor."""

    def __init__(self, process: asyncio.subprocess.Process, answers: Callable[[str, JSON], Any]) -> None:
        """Take the running server and a function that answers its requests."""
        self._process = process
        self._answers = answers
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._next = 0
        self._changed = asyncio.Condition()
        self.notifications: list[tuple[float, str, JSON]] = []
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(
        cls, command: Sequence[str], environment: dict[str, str], answers: Callable[[str, JSON], Any]
    ) -> "EditorClient":
        """Start the server that `command` names as a child over stdio."""
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment, limit=2**26
        )
        return cls(process, answers)

    @property
    def process_id(self) -> int:
        """Return the server's process id."""
        return self._process.pid

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and return its result; raises RuntimeError with the server's message on an error."""
        self._next += 1
        waiting = self._waiting[self._next] = asyncio.get_running_loop().create_future()
        await self._send({"id": self._next, "method": method, "params": params})
        return await waiting

    async def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        await self._send({"method": method, "params": params})

    async def wait_for(
        self, method: str, holds: Callable[[JSON], bool], *, since: float = 0.0, seconds: float = 60
    ) -> tuple[float, JSON]:
        """Return the first notification after `since` for which `holds` is true, with its time of arrival.

        Times are those of `time.perf_counter`; raises TimeoutError when none comes within `seconds`.
        """

        def found() -> tuple[float, JSON] | None:
            matching = (
                (stamp, params)
                for stamp, name, params in self.notifications
                if stamp >= since and name == method and holds(params)
            )
            return next(matching, None)

        async with asyncio.timeout(seconds), self._changed:
            while (first := found()) is None:
                await self._changed.wait()
        return first

    def latest_diagnostics(self, uri: str) -> list[JSON]:
        """Return what is shown at the document now."""
        for _, name, params in reversed(self.notifications):
            if name == "textDocument/publishDiagnostics" and params["uri"] == uri:
                return list(params["diagnostics"])
        return []

    async def stop(self) -> int:
        """Shut the server down as an editor does and return its exit status."""
        await self.request("shutdown", None)
        await self.notify("exit", None)
        status = await self._process.wait()
        self._reader.cancel()
        return status

    async def _send(self, message: JSON) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await self._process.stdin.drain()

    async def _read(self) -> None:
        stream = self._process.stdout
        assert stream
        while True:
            try:
                header = await stream.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            length = next(int(line[15:]) for line in header.splitlines() if line.lower().startswith(b"content-length:"))
            await self._receive(json.loads(await stream.readexactly(length)))
        for waiting in self._waiting.values():
            waiting.set_exception(RuntimeError("the server ended"))

    async def _receive(self, message: JSON) -> None:
        if "method" not in message:
            waiting = self._waiting.pop(message["id"])
            if "error" in message:
                waiting.set_exception(RuntimeError(message["error"]["message"]))
            else:
                waiting.set_result(message.get("result"))
        elif "id" in message:
            result = self._answers(message["method"], message.get("params") or {})
            await self._send({"id": message["id"], "result": result})
        else:
            async with self._changed:
                self.notifications.append((time.perf_counter(), message["method"], message["params"]))
                self._changed.notify_all()


def uri_of(path: Path) -> str:
    """Return the file's URI as an editor writes it."""
    return path.absolute().as_uri()
