"""A small language client over two streams: it speaks raw JSON-RPC, so that it shares no mistake with the server."""

import asyncio
import json
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

PATIENCE = 20.0


class RefusedError(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']} {error['message']}")
        self.code = error["code"]


class Client:
    """One editor. Everything the server sent is kept in `received`, in its order."""

    patience = PATIENCE

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.received: list[dict[str, Any]] = []
        self.settings: Any = None
        self.choose: Callable[[dict[str, Any]], str | None] = lambda _params: None
        self.refused: set[str] = set()
        self.held: set[str] = set()
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.capabilities: dict[str, Any] = {}
        self._seen: dict[str, int] = {}
        self._last_id = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Event()
        self._task = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        try:
            while True:
                header = (await self.reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    int(line[15:]) for line in header.splitlines() if line.lower().startswith("content-length:")
                )
                self._take(json.loads(await self.reader.readexactly(length)))
        except (asyncio.IncompleteReadError, ConnectionError):
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the server is gone"))

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message and "id" in message:
            self._reply(message)
        elif "method" not in message and message.get("id") in self._answers:
            answer = self._answers.pop(message["id"])
            if not answer.done():
                answer.set_result(message)
        self.received.append(message)
        self._news.set()

    def _reply(self, message: dict[str, Any]) -> None:
        method, params = message["method"], message.get("params") or {}
        if method in self.held:
            return
        if method in self.refused:
            self.send({"id": message["id"], "error": {"code": -32601, "message": "no"}})
            return
        self.send({"id": message["id"], "result": self._result(method, params)})

    def _result(self, method: str, params: dict[str, Any]) -> Any:
        match method:
            case "workspace/configuration":
                return [self.settings for _ in params["items"]]
            case "window/showMessageRequest":
                title = self.choose(params)
                return {"title": title} if title else None
            case "window/showDocument":
                return {"success": True}
            case "workspace/applyEdit":
                return {"applied": True}
        return None

    def send(self, message: dict[str, Any]) -> None:
        self.send_bytes(frame(json.dumps({"jsonrpc": "2.0", **message}).encode()))

    def send_bytes(self, data: bytes) -> None:
        self.writer.write(data)

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method} if params is None else {"method": method, "params": params})

    def start(self, method: str, params: Any = None) -> tuple[int, "asyncio.Future[Any]"]:
        """Send a request; return its id and where its whole answer will be."""
        self._last_id += 1
        answer = self._answers[self._last_id] = asyncio.get_running_loop().create_future()
        self.send({"id": self._last_id, "method": method, **({} if params is None else {"params": params})})
        return self._last_id, answer

    async def request(self, method: str, params: Any = None) -> Any:
        _, answer = self.start(method, params)
        message = await asyncio.wait_for(answer, self.patience)
        if "error" in message:
            raise RefusedError(message["error"])
        return message["result"]

    async def wait(self, what: str, condition: Callable[[], Any]) -> Any:
        """Wait until a condition holds, looking at every message and a few times a second; return its value."""

        async def holds() -> Any:
            while not (value := condition()):
                self._news.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), 0.1)
            return value

        try:
            return await asyncio.wait_for(holds(), self.patience)
        except TimeoutError:
            recent = "\n".join(json.dumps(message)[:400] for message in self.received[-12:])
            raise AssertionError(f"never came: {what}; the last messages were\n{recent}") from None

    async def message(
        self, method: str, want: Callable[[dict[str, Any]], bool] = lambda _params: True
    ) -> dict[str, Any]:
        """Wait for the next notification or request of a method, after the one returned before, that is wanted."""

        def found() -> dict[str, Any] | None:
            for index in range(self._seen.get(method, 0), len(self.received)):
                message = self.received[index]
                if message.get("method") == method and want(message.get("params") or {}):
                    self._seen[method] = index + 1
                    return message.get("params") or {"": None}
            return None

        return await self.wait(method, found)

    def all(self, method: str) -> list[dict[str, Any]]:
        return [message.get("params") or {} for message in self.received if message.get("method") == method]

    # Documents

    async def initialize(self, capabilities: dict[str, Any], root: Path | None = None, **params: Any) -> dict[str, Any]:
        folders = [{"uri": root.as_uri(), "name": root.name}] if root else None
        result = await self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root.as_uri() if root else None,
                "capabilities": capabilities,
                "workspaceFolders": folders,
                **params,
            },
        )
        self.capabilities = result["capabilities"]
        self.notify("initialized", {})
        return result

    def open(self, path: Path | str, text: str, language: str = "python", version: int = 1) -> str:
        uri = path.as_uri() if isinstance(path, Path) else path
        self.texts[uri], self.versions[uri] = text, version
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, *changes: dict[str, Any]) -> int:
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})
        return self.versions[uri]

    def replace(self, uri: str, text: str) -> int:
        self.texts[uri] = text
        return self.change(uri, {"text": text})

    def save(self, uri: str, text: str | None = None) -> None:
        text = self.texts[uri] if text is None else text
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}, "text": text})

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    async def published(
        self, uri: str, want: Callable[[list[dict[str, Any]]], Any] = lambda _found: True, version: int | None = None
    ) -> dict[str, Any]:
        """Wait for the next publication for a document, of a version if one is named, that is wanted."""

        def wanted(params: dict[str, Any]) -> bool:
            ours = params["uri"] == uri and version in {None, params["version"]}
            return ours and bool(want(params["diagnostics"]))

        return await self.message("textDocument/publishDiagnostics", wanted)

    def publications(self, uri: str) -> list[dict[str, Any]]:
        return [params for params in self.all("textDocument/publishDiagnostics") if params["uri"] == uri]

    async def actions(self, uri: str, diagnostics: list[dict[str, Any]], **context: Any) -> list[dict[str, Any]]:
        place = diagnostics[0]["range"] if diagnostics else place_of(0, 0, 0, 0)
        params = {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": diagnostics, **context}}
        return await self.request("textDocument/codeAction", params)

    async def command(self, name: str, *arguments: Any) -> Any:
        return await self.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    async def settled(self) -> None:
        """Wait until the server has taken everything that was sent before."""
        await self.request("textDocument/hover", hover_at("file:///nowhere", 0, 0))

    async def leave(self) -> None:
        await self.request("shutdown")
        self.notify("exit")
        await self.gone()

    async def gone(self) -> None:
        await asyncio.wait_for(asyncio.shield(self._task), self.patience)

    async def stop(self) -> None:
        self.writer.close()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def place_of(line: int, start: int, end_line: int, end: int) -> dict[str, Any]:
    return {"start": {"line": line, "character": start}, "end": {"line": end_line, "character": end}}


def hover_at(uri: str, line: int, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def rules(diagnostics: list[dict[str, Any]]) -> list[str]:
    return [diagnostic["code"] for diagnostic in diagnostics]


@asynccontextmanager
async def child(*argv: str, env: dict[str, str] | None = None, cwd: Path | None = None):
    """Run a server as a child and connect to it; what it writes to standard error is kept in `client.errors`."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        env=env,
        cwd=cwd,
        limit=1 << 26,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    client = Client(process.stdout, process.stdin)
    client.process, client.errors = process, []
    errors = asyncio.ensure_future(_collect(process.stderr, client.errors))
    try:
        yield client
    finally:
        if process.returncode is None:
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), 5)
            except TimeoutError:
                process.kill()
                await process.wait()
        await client.stop()
        await errors


async def _collect(stream: asyncio.StreamReader, into: list[str]) -> None:
    while line := await stream.readline():
        into.append(line.decode("utf-8", "replace").rstrip("\n"))
