"""A server over a workspace in memory, in this process, at the other end of two pipes."""

import asyncio
import os
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from milepost.lsp import options, server, serving
from tests.lsp.client import Client
from tests.lsp.memory import COURSE, MemoryWorkspace


@asynccontextmanager
async def connected(workspace: MemoryWorkspace, settings: options.ServerSettings, open_workspace=None):
    """Yield a client of a server that runs here; `client.server` is that server."""

    async def ready():
        return workspace

    loop = asyncio.get_running_loop()
    served = server.create_server(settings, open_workspace or ready)
    to_server, to_client = os.pipe(), os.pipe()
    output = os.fdopen(to_client[1], "wb")
    serving_task = asyncio.ensure_future(serving.serve(served, to_server[0], output))
    serving_task.add_done_callback(lambda _task: output.close())
    reader = asyncio.StreamReader(limit=1 << 26)
    pipe = os.fdopen(to_client[0], "rb")
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    out, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(to_server[1], "wb"))
    client = Client(reader, asyncio.StreamWriter(out, protocol, None, loop))
    client.server, client.workspace, client.serving = served, workspace, serving_task
    try:
        yield client
    finally:
        out.close()
        await asyncio.wait_for(serving_task, 10)
        await client.stop()
        transport.close()
        os.close(to_server[0])


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return MemoryWorkspace()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "milepost.yaml").write_text(COURSE, "utf-8")
    return tmp_path


@pytest.fixture
async def connect(workspace):
    """Give what connects to a new server; without capabilities it does not shake hands."""
    async with AsyncExitStack() as stack:

        async def connect(capabilities=None, root=None, *, settings=None, open_workspace=None, **params) -> Client:
            settings = settings or options.ServerSettings(pause=0)
            client = await stack.enter_async_context(connected(workspace, settings, open_workspace))
            if capabilities is not None:
                await client.initialize(capabilities, root, **params)
            return client

        yield connect
