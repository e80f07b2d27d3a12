"""The real server as a child over a small course, for tests that hand it what no editor should."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.lsp.client import Client, child, hover_at
from tests.lsp.profiles import VSCODE

# A kill limit for a server that hangs, not a measurement.
PATIENCE = 120

COURSE = """\
course: {title: Sums, language: python}
goals:
  - title: Adding
    tasks:
      - title: Add up
        files: ["work/*.py"]
        solutions: [solutions/add.py]
        criteria:
          - defines: ["add(a, b)"]
          - examples:
              - {call: "add(1, 2)", expect: "3"}
              - {call: "add(5, -7)", expect: "-2"}
          - forbids: [{call: sorted}]
"""
RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
ENDLESS = "def add(a, b):\n    while True:\n        pass\n"


def write_course(folder: Path, course: str = COURSE) -> Path:
    """Write the small course into a folder; return the folder of the learner's files."""
    for name in ("work", "solutions"):
        (folder / name).mkdir(parents=True)
    (folder / "solutions/add.py").write_text(RIGHT)
    (folder / "milepost.yaml").write_text(course)
    return folder / "work"


def environment(data: Path, url: str | None = None, **more: str) -> dict[str, str]:
    """Return the variables of a server: its data folder, its database, and time to search on a busy machine."""
    ours = {"MILEPOST_DATA_DIR": str(data), "MILEPOST_REPAIR_SECONDS": "0", "MILEPOST_LOG_LEVEL": "INFO"}
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, **ours, **({"DATABASE_URL": url} if url else {}), **more}


def trusting(params: dict[str, Any]) -> str | None:
    """Answer a question as a user does who trusts the course."""
    return params["actions"][0]["title"]


@asynccontextmanager
async def served(
    folder: Path, variables: dict[str, str], capabilities: dict[str, Any] = VSCODE, prefix: tuple[str, ...] = ()
) -> AsyncIterator[Client]:
    """Give an editor with the folder open, whose user trusts it."""
    async with child(*prefix, sys.executable, "-m", "milepost", "serve", "--stdio", env=variables) as client:
        client.patience = PATIENCE
        client.choose = trusting
        await client.initialize(capabilities, folder)
        yield client


async def opened_and_saved(client: Client, file: Path, text: str) -> str:
    """Write, open and save a text as an editor does; return its uri."""
    file.write_text(text, "utf-8", newline="")
    uri = client.open(file, text)
    client.save(uri)
    return uri


async def lens(client: Client, uri: str, wanted: str) -> str:
    """Ask for the line above a document until it says what is wanted."""
    titles: list[str] = []

    async def asked() -> str | None:
        found = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
        titles[:] = [one["command"]["title"] for one in found or ()]
        return next((title for title in titles if wanted in title), None)

    return await until(client, f"a lens with {wanted!r}", asked)


async def history(client: Client, uri: str, count: int) -> list[dict[str, Any]]:
    """Ask for the stored snapshots of a document until there are so many."""

    async def asked() -> list[dict[str, Any]] | None:
        found = await client.command("milepost.history", {"uri": uri, "show": False})
        return found if len(found) >= count else None

    return await until(client, f"{count} snapshots", asked)


async def until(client: Client, what: str, question: Any) -> Any:
    """Ask until the answer is something; the wait between two questions ends with the next message."""
    try:
        async with asyncio.timeout(client.patience):
            while not (found := await question()):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"never came: {what}; " + "\n".join(client.errors[-20:])) from None
    return found


async def answers_hover(client: Client, uri: str) -> None:
    """Fail unless the server still answers."""
    assert client.process.returncode is None
    await client.request("textDocument/hover", hover_at(uri, 0, 0))
