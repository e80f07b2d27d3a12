"""Speed beside other servers, in one run, as ratios: `make bench` prints what docs/performance.md records.

Every server is driven through the same session by the same client, in turn, several rounds.
Times are milliseconds, medians over the rounds unless named.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from milepost.cli.client import EditorClient, uri_of
from milepost.settings import loading
from milepost.wiring import opening

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
LINES = 1000


@dataclass
class Server:
    name: str
    command: list[str]


SERVERS = [
    Server("bare", [sys.executable, str(HERE / "bare_server.py")]),
    Server("milepost", [sys.executable, "-m", "milepost", "serve", "--stdio"]),
    Server("ruff", [str(BIN / "ruff"), "server"]),
    Server("pylsp", [str(BIN / "pylsp")]),
    Server("jedi", [str(BIN / "jedi-language-server")]),
]

COURSE = """goals:
  - title: Benchmark
    tasks:
      - title: Sums
        files: [target.py]
        solutions: [solution.py]
        criteria:
          - defines: ["weighted(values, factor)"]
          - forbids: [{call: eval}]
          - examples:
"""


def generated(lines: int, wrong: bool = False) -> str:
    """Return a module of about `lines` lines whose first function is the one that the task judges."""
    start = "1" if wrong else "0"
    text = [
        '"""Sums."""',
        "",
        "def weighted(values, factor):",
        f"    total = {start}",
        "    for value in values:",
        "        total += value * factor",
        "    return total",
        "",
    ]
    number = 0
    while len(text) < lines:
        text += [
            f"def sum_{number}(values, factor={number % 5}):",
            f'    """Return sum number {number}."""',
            "    total = 0",
            "    for place, value in enumerate(values):",
            "        if value % 2:",
            "            total -= value",
            "        else:",
            "            total += value * factor + place",
            "    return total",
            "",
            "",
        ]
        number += 1
    return "\n".join(text[:lines]) + "\n"


@dataclass
class Session:
    """One server over one workspace."""

    client: EditorClient
    uri: str
    version: int = 1
    figures: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, milliseconds: float) -> None:
        self.figures.setdefault(name, []).append(milliseconds)

    async def change(self, changes: list[dict[str, Any]]) -> None:
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        await self.client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    async def save(self, text: str, holds: Callable[[list[dict[str, Any]]], bool], name: str) -> float:
        """Change and save the whole text, note the time until diagnostics hold; returns the moment of saving."""
        since = time.perf_counter()
        await self.change([{"text": text}])
        await self.client.notify("textDocument/didSave", {"textDocument": {"uri": self.uri}, "text": text})
        await self.published(holds, since, name)
        return since

    async def published(self, holds: Callable[[list[dict[str, Any]]], bool], since: float, name: str) -> None:
        stamp, _ = await self.client.wait_for(
            "textDocument/publishDiagnostics",
            lambda params: params["uri"] == self.uri and holds(params["diagnostics"]),
            since=since,
        )
        self.note(name, (stamp - since) * 1000)

    async def action(self, name: str) -> None:
        since = time.perf_counter()
        place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
        await self.client.request(
            "textDocument/codeAction",
            {"textDocument": {"uri": self.uri}, "range": place, "context": {"diagnostics": []}},
        )
        self.note(name, (time.perf_counter() - since) * 1000)


def answer(method: str, params: dict[str, Any]) -> Any:
    """Answer as an editor whose user trusts the folder."""
    if method == "workspace/configuration":
        return [None for _ in params["items"]]
    if method == "window/showMessageRequest":
        return (params.get("actions") or [None])[0]
    return {"applied": True} if method == "workspace/applyEdit" else None


def capabilities() -> dict[str, Any]:
    kinds = {"valueSet": ["quickfix", "source.fixAll"]}
    return {
        "workspace": {"configuration": True, "workspaceFolders": True, "applyEdit": True},
        "textDocument": {
            "synchronization": {"didSave": True},
            "publishDiagnostics": {"versionSupport": True, "dataSupport": True},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": kinds}, "dataSupport": True},
        },
        "window": {"workDoneProgress": True, "showMessage": {}},
        "general": {"positionEncodings": ["utf-16"]},
    }


@contextlib.asynccontextmanager
async def session(server: Server, folder: Path, text: str):
    """Start a server over the folder, open the file, and shut it down at the end."""
    environment = {**os.environ, "MILEPOST_DATA_DIR": str(folder.parent / "data")}
    started = time.perf_counter()
    client = await EditorClient.start(server.command, environment, answer)
    folders = [{"uri": uri_of(folder), "name": "bench"}]
    await client.request(
        "initialize",
        {
            "processId": os.getpid(),
            "rootUri": uri_of(folder),
            "workspaceFolders": folders,
            "capabilities": capabilities(),
        },
    )
    one = Session(client, uri_of(folder / "target.py"))
    one.note("initialize", (time.perf_counter() - started) * 1000)
    await client.notify("initialized", {})
    since = time.perf_counter()
    document = {"uri": one.uri, "languageId": "python", "version": 1, "text": text}
    await client.notify("textDocument/didOpen", {"textDocument": document})
    await one.published(lambda _: True, since, "open")
    yield one
    await client.stop()


def broken(diagnostics: list[dict[str, Any]]) -> bool:
    return any(one["range"]["start"]["line"] >= LINES - 2 for one in diagnostics)


def failing(diagnostics: list[dict[str, Any]]) -> bool:
    return any(one.get("code") == "examples" for one in diagnostics)


def forbidden(diagnostics: list[dict[str, Any]]) -> bool:
    return any(str(one.get("code", "")).startswith("forbids") for one in diagnostics)


async def typing(one: Session, count: int, name: str) -> None:
    """Type at the end of the file, asking for code actions behind every fifth key."""
    for key in range(count):
        place = {"line": LINES, "character": key}
        await one.change([{"range": {"start": place, "end": place}, "text": "#" if key == 0 else "x"}])
        if key % 5 == 4:
            await one.action(name)
        await asyncio.sleep(0.01)


async def common(server: Server, folder: Path, rounds: int) -> dict[str, list[float]]:
    """Drive one server through what all of them can do."""
    text = generated(LINES)
    async with session(server, folder, text) as one:
        await asyncio.sleep(2)
        await typing(one, 100, "type")
        for number in range(rounds):
            await one.save(text + f"def broken_{number}(:\n    return 1\n", broken, "save")
            await asyncio.sleep(0.2)
            await one.save(text, lambda found: not broken(found), "clear")
            await asyncio.sleep(0.2)
        one.note("memory", resident(one.client.process_id))
        one.note("tree", resident_tree(one.client.process_id))
    return one.figures


async def milepost_stages(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Time the later stages of a save, other requests meanwhile, and memory over 20,000 edits."""
    right, wrong = generated(LINES), generated(LINES, wrong=True)
    async with session(SERVERS[1], folder, right) as one:
        await one.save(wrong, failing, "warm-up")
        await asyncio.sleep(4)
        for number in range(rounds):
            text = wrong + f"eval('{number}')\n"
            since = await one.save(text, lambda _: True, "first")
            await one.published(forbidden, since, "no code run")
            await one.published(failing, since, "criteria")
            busy = time.perf_counter() + 1.5
            while time.perf_counter() < busy:
                await one.action("busy")
                await asyncio.sleep(0.01)
            await one.save(right, lambda found: not failing(found), "right")
            await asyncio.sleep(1)
        before = resident(one.client.process_id)
        for number in range(20_000):
            place = {"line": LINES, "character": number % 50}
            await one.change([{"range": {"start": place, "end": place}, "text": "x" if number % 50 else "\n#"}])
            if number % 100 == 0:
                await one.action("edits")
        await one.action("edits")
        one.note("edits' memory", resident(one.client.process_id) - before)
    return one.figures


async def importing(parent: Path, solutions: int) -> float:
    """Return the milliseconds that one reference solution costs when a course is imported and proved."""
    folder = make_folder(parent)
    (folder / "solutions").mkdir()
    for number in range(solutions):
        text = generated(8).replace("total", f"sum_{number}")
        (folder / "solutions" / f"solution_{number}.py").write_text(text)
    course = folder / "milepost.yaml"
    course.write_text(course.read_text().replace("[solution.py]", "[solutions/*.py]"))
    settings = loading.load({"MILEPOST_DATA_DIR": str(parent / "data")})
    async with opening.opened_workspace(settings) as workspace:
        claim = workspace.claim(str(folder / "target.py"))
        sandbox = await workspace.open_sandbox(str(folder))
        assert claim
        assert sandbox
        await workspace.store_goal(claim.course.path)
        started = time.perf_counter()
        prepared = await workspace.prepare(claim.course, claim.goal, claim.task, sandbox)
        assert len(prepared.solutions) == solutions
        return (time.perf_counter() - started) * 1000 / solutions


def resident(process: int) -> float:
    """Return the resident memory of one process in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def resident_tree(process: int) -> float:
    """Return the resident memory of a process and all below it in MB; shared pages count more than once."""
    total = 0.0
    with contextlib.suppress(OSError):
        total = resident(process)
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        total += sum(resident_tree(int(child)) for child in children)
    return total


def make_folder(parent: Path) -> Path:
    folder = parent / "workspace"
    folder.mkdir(parents=True)
    lists = [list(range(n)) for n in range(10)]
    examples = "".join(
        f'              - {{call: "weighted({values}, 2)", expect: "{2 * sum(values)}"}}\n' for values in lists
    )
    (folder / "milepost.yaml").write_text(COURSE + examples)
    (folder / "solution.py").write_text(generated(8))
    (folder / "target.py").write_text(generated(LINES))
    return folder


def median(values: list[float]) -> float:
    return statistics.median(values)


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def summary(figures: dict[str, list[float]]) -> dict[str, float]:
    """Return the one number of each figure: the median, or the 95th percentile of answers while typing or busy."""
    return {
        name: p95(values) if name in {"type", "busy"} else median(values) for name, values in figures.items() if values
    }


async def measure(sessions: int, rounds: int) -> dict[str, dict[str, float]]:
    """Run all servers in turn, several sessions each."""
    gathered: dict[str, dict[str, list[float]]] = {server.name: {} for server in SERVERS}
    for _ in range(sessions):
        for server in SERVERS:
            if not Path(server.command[0]).exists():
                continue
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as parent:
                print(f"  {server.name} ...", file=sys.stderr)
                try:
                    figures = await common(server, make_folder(Path(parent) / server.name), rounds)
                except TimeoutError:
                    print(f"  {server.name} never reported what was waited for", file=sys.stderr)
                    continue
                merge(gathered[server.name], figures)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as parent:
        print("  milepost, stages of a save ...", file=sys.stderr)
        merge(gathered["milepost"], await milepost_stages(make_folder(Path(parent) / "stages"), rounds))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as parent:
        print("  importing a course ...", file=sys.stderr)
        gathered["milepost"]["import"] = [await importing(Path(parent), 60)]
    return {name: summary(figures) for name, figures in gathered.items() if figures}


def merge(into: dict[str, list[float]], figures: dict[str, list[float]]) -> None:
    for name, values in figures.items():
        into.setdefault(name, []).extend(values)


def table(measured: dict[str, dict[str, float]]) -> str:
    """Return the comparison and the targets as Markdown."""
    columns = ["initialize", "open", "type", "save", "clear", "memory", "tree"]
    lines = [
        "| server | initialize | open | type p95 | save | clear | memory MB | with children MB |",
        "|---" * 8 + "|",
    ]
    for name, figures in measured.items():
        lines.append(f"| {name} | " + " | ".join(f"{figures[column]:.1f}" for column in columns) + " |")
    return "\n".join([*lines, "", "| figure | measured | target |", "|---|---|---|", *targets(measured)])


def targets(measured: dict[str, dict[str, float]]) -> list[str]:
    own, bare = measured["milepost"], measured["bare"]
    ratios = [
        ("initialize, ratio to bare", own["initialize"] / bare["initialize"], 1.25),
        ("save to first publish, ratio to bare", own["save"] / bare["save"], 2),
        ("what runs no code, ms after the first publish", own["no code run"] - own["first"], 60),
        ("ten examples, ms after the first publish", own["criteria"] - own["first"], 150),
        ("other requests while validating, p95, ratio to bare while typing", own["busy"] / bare["type"], 2),
        ("memory grown over 20,000 edits, MB", own["edits' memory"], 10),
        ("memory of the server's process at rest, MB", own["memory"], 200),
        ("importing a course, ms for each reference solution", own["import"], 50),
    ]
    return [
        f"| {name} | {value:.2f} | at most {target} {'reached' if value <= target else 'not reached'} |"
        for name, value, target in ratios
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--json", action="store_true", help="print the raw figures")
    arguments = parser.parse_args()
    measured = asyncio.run(measure(arguments.sessions, arguments.rounds))
    print(json.dumps(measured, indent=1) if arguments.json else table(measured))


if __name__ == "__main__":
    main()
