"""No request leaves the process, whatever the environment says about tracing."""

import http.server
import os
import subprocess
import sys
import threading

import pytest

RUN = """
import asyncio
from milepost.agents.validation import Run, ValidationGraph
from milepost.agents.preparing import PreparedTask
from milepost.domain.criteria import Contract, Defines
from milepost.domain.validations import Snapshot

async def main():
    async def prepare():
        return PreparedTask()
    async def retrieve(snapshot):
        return ()
    async def find_fixes(request, sandbox):
        return []
    contract = Contract("python", (Defines(("f(x)",)),))
    snapshot = Snapshot("file:///a.py", 1, "/a.py", "python", "def f(x):\\n    return x\\n")
    run = Run(snapshot, contract, "en", None, prepare, retrieve, find_fixes, 0)
    stages = [stage async for stage, _ in ValidationGraph().stream(run)]
    print(len(stages), stages[-1].passed)

asyncio.run(main())
"""
PLAIN = """
import langsmith
with langsmith.trace("proof", inputs={"code": "secret"}):
    pass
langsmith.Client().flush()
"""


@pytest.fixture
def listener():
    """Give a server that counts what reaches it."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(self.path)
            self.send_response(202)
            self.end_headers()

        do_GET = do_POST  # noqa: N815 The base class calls it so.

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1], seen
    server.shutdown()
    thread.join()
    server.server_close()


def run(code: str, port: int) -> str:
    traced = {"LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "true", "LANGSMITH_API_KEY": "key"}
    environment = {**os.environ, **traced, "LANGSMITH_ENDPOINT": f"http://127.0.0.1:{port}"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def test_the_listener_hears_what_is_traced(listener):
    port, seen = listener
    run(PLAIN, port)
    assert seen


def test_a_validation_sends_nothing(listener):
    port, seen = listener
    assert run(RUN, port) == "2 True\n"
    assert not seen
