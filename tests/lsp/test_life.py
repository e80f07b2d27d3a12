"""A server in a process of its own: how it starts, stays small and ends."""

import asyncio
import os
import sys
from pathlib import Path

import psutil

from tests.lsp import profiles
from tests.lsp.client import child, place_of, rules
from tests.lsp.memory import SLOW, WRONG

SERVER = (sys.executable, str(Path(__file__).with_name("serve_memory.py")))
LINES = 50
SOAK = bool(os.environ.get("MILEPOST_SOAK"))


async def test_20000_edits_leave_memory_flat(folder):
    """Fails when futures of notifications, texts or findings of old versions are kept."""
    async with child(*SERVER) as client:
        await client.initialize(profiles.NEOVIM, folder)
        text = WRONG + "".join(f"x{number} = {number}\n" for number in range(LINES))
        uri = client.open(folder / "answer.py", text)
        client.save(uri)
        await client.published(uri, rules)
        await edit(client, uri, 2_000)
        process = psutil.Process(client.process.pid)
        before = process.memory_info().rss
        await edit(client, uri, 20_000)
        grown = process.memory_info().rss - before
        await client.leave()
        assert await client.process.wait() == 0
    assert grown < 10 * 1024 * 1024, grown


async def edit(client, uri, count):
    for number in range(count):
        line = 2 + number % LINES
        client.change(uri, {"range": place_of(line, 0, line, 1), "text": "xy"[number // LINES % 2]})
        if number % 200 == 0:
            await client.settled()
    await client.settled()


async def test_leaving_properly_ends_with_0(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    await client.leave()
    assert await client.serving == 0


async def test_leaving_without_asking_ends_with_1(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.notify("exit")
    assert await client.serving == 1


async def test_a_closed_connection_ends_the_server(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.writer.close()
    assert await client.serving == 1


async def test_leaving_stores_what_was_saved_and_closes_the_workspace(connect, folder, workspace):
    client = await connect(profiles.VSCODE, folder)
    client.save(client.open(folder / "answer.py", SLOW))
    await client.leave()
    await client.serving
    assert workspace.named("submit") == [("submit", SLOW)]
    assert workspace.calls[-1] == ("close",)
    assert workspace.running == 0


async def test_lsp_09_leaving_while_a_run_lasts_ends_at_once_and_prints_disturb_nothing(folder):
    program = SERVER_THAT_PRINTS.format(path=str(Path(__file__).with_name("serve_memory.py")))
    async with child(sys.executable, "-c", program) as client:
        await client.initialize(profiles.VSCODE, folder)
        uri = client.open(folder / "answer.py", SLOW)
        client.save(uri)
        await client.message("window/workDoneProgress/create")
        await client.leave()
        assert await asyncio.wait_for(client.process.wait(), 10) == 0
    assert any("printed" in line for line in client.errors)


async def test_the_server_follows_its_editor(folder):
    """The editor is killed and its end of the connection is still held by somebody else."""
    editor = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    async with child(*SERVER) as client:
        await client.initialize(profiles.VSCODE, folder, processId=editor.pid)
        await client.settled()
        editor.kill()
        await editor.wait()
        assert await asyncio.wait_for(client.process.wait(), 10) == 1


async def test_an_editor_that_cannot_be_seen_is_not_missed(connect, folder):
    client = await connect(profiles.VSCODE, folder, processId=2**22 + 1)
    await client.settled()
    await client.leave()
    assert await client.serving == 0


SERVER_THAT_PRINTS = """
import runpy
from milepost.lsp import session
taken = session.Session.open
def open(self, item):
    print("printed", flush=True)
    taken(self, item)
session.Session.open = open
runpy.run_path({path!r}, run_name="__main__")
"""


async def test_nothing_heavy_is_loaded_before_a_course_is_near(tmp_path):
    """Neither the database nor the graphs nor a grammar, whatever is opened outside of courses."""
    program = SERVER_THAT_TELLS.format(heavy=HEAVY)
    async with child(sys.executable, "-c", program) as client:
        await client.initialize(profiles.VSCODE, tmp_path)
        uri = client.open(tmp_path / "answer.py", WRONG)
        client.save(uri)
        await client.settled()
        await client.leave()
        assert await client.process.wait() == 0
    assert client.errors == ["loaded: []"]


HEAVY = ["langgraph", "sqlalchemy", "asyncpg", "pyarrow", "openai", "tree_sitter", "yaml", "pydantic", "rich"]
SERVER_THAT_TELLS = """
import sys
from milepost.lsp import options, server, serving
async def never():
    raise AssertionError("no course is near")
status = serving.serve_stdio(server.create_server(options.ServerSettings(), never))
print("loaded:", [name for name in {heavy} if name in sys.modules], file=sys.stderr)
sys.exit(status)
"""
