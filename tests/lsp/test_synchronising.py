"""The server's text is the editor's, after every edit and in every unit; and what is shown follows from it alone."""

import asyncio
import os
import random
import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from lsprotocol import types
from pygls.io_ import StdoutWriter

from milepost.lsp import options, server
from tests.lsp import profiles
from tests.lsp.client import child, hover_at, place_of
from tests.lsp.memory import RIGHT, WRONG, MemoryWorkspace

SOAK = bool(os.environ.get("MILEPOST_SOAK"))
ALPHABET = [
    "a",
    "b",
    "é",
    "é",
    "𝒳",
    "👩‍👩‍👧",
    "\t",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\f",
    "\v",
    "\x85",
    "\u2028",
    "\0",
    "",
    "漢",
]
TEXTS = st.lists(st.sampled_from(ALPHABET), max_size=12).map("".join)
URI = "untitled:oracle"


def units(text: str, encoding: str) -> list[int]:
    """Return for every code point how many units it takes; an oracle with no code of ours in it."""
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    codec = encoding if encoding == "utf-8" else f"{encoding}-le"
    return [len(character.encode(codec)) // width for character in text]


def place(text: str, offset: int, encoding: str) -> dict[str, int]:
    """Return the editor's position of an offset that is not inside a line end."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rsplit("\n", 1)[-1]
    return {"line": before.count("\n"), "character": sum(units(line, encoding))}


def between(text: str, offset: int) -> int:
    """Return an offset that an editor can name: not the one between the two characters of a line end."""
    return offset - 1 if text[max(offset - 1, 0) : offset + 1] == "\r\n" else offset


class Oracle(RuleBasedStateMachine):
    """LSP-01: opens, edits, undoes, closes and opens again, and compares after every step."""

    def __init__(self) -> None:
        super().__init__()
        workspace = MemoryWorkspace.__new__(MemoryWorkspace)

        async def ready():
            return workspace

        self.server = server.create_server(options.ServerSettings(), ready)
        self.server.messages.set_writer(StdoutWriter(open(os.devnull, "wb")))  # noqa: SIM115, PTH123
        self.text: str | None = None
        self.version = 0
        self.undo: list[str] = []

    def take(self, method: str, params) -> None:
        self.server.messages.receive({"jsonrpc": "2.0", "method": method, "params": params})

    @initialize(encoding=st.sampled_from(["utf-8", "utf-16", "utf-32"]))
    def start(self, encoding: str) -> None:
        self.encoding = encoding
        capabilities = {"general": {"positionEncodings": [encoding]}}
        params = {"processId": None, "rootUri": None, "capabilities": capabilities}
        self.server.messages.receive({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})

    @precondition(lambda self: self.text is None)
    @rule(text=TEXTS)
    def open(self, text: str) -> None:
        self.text, self.version, self.undo = text, self.version + 1, []
        item = {"uri": URI, "languageId": "python", "version": self.version, "text": text}
        self.take("textDocument/didOpen", {"textDocument": item})

    @precondition(lambda self: self.text is not None)
    @rule(edits=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8), TEXTS), min_size=1, max_size=3))
    def edit(self, edits) -> None:
        self.undo.append(self.text)
        changes = []
        for start, length, new in edits:
            first = between(self.text, min(start, len(self.text)))
            last = between(self.text, min(first + length, len(self.text)))
            first, last = min(first, last), max(first, last)
            span = {"start": place(self.text, first, self.encoding), "end": place(self.text, last, self.encoding)}
            changes.append({"range": span, "text": new})
            self.text = self.text[:first] + new + self.text[last:]
        self.change(changes)

    @precondition(lambda self: self.text is not None)
    @rule(text=TEXTS)
    def replace(self, text: str) -> None:
        self.undo.append(self.text)
        self.text = text
        self.change([{"text": text}])

    @precondition(lambda self: self.text is not None and self.undo)
    @rule()
    def go_back(self) -> None:
        self.text = self.undo.pop()
        self.change([{"text": self.text}])

    @precondition(lambda self: self.text is not None)
    @rule()
    def close(self) -> None:
        self.text = None
        self.take("textDocument/didClose", {"textDocument": {"uri": URI}})

    def change(self, changes) -> None:
        self.version += 1
        document = {"uri": URI, "version": self.version}
        self.take("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    @invariant()
    def the_texts_are_the_same(self) -> None:
        document = self.server.session.documents.get(URI)
        if self.text is None:
            assert document is None
        else:
            assert document.text.text == self.text
            assert document.text.version == self.version

    def teardown(self) -> None:
        self.server.messages.writer.close()


Oracle.TestCase.settings = settings(
    max_examples=2_000 if SOAK else 25, stateful_step_count=50 if SOAK else 25, deadline=None, phases=[Phase.generate]
)
TestLsp01Oracle = Oracle.TestCase


def test_the_oracle_would_notice_a_wrong_text():
    oracle = Oracle()
    oracle.start(encoding="utf-16")
    oracle.open(text="a\n")
    oracle.server.session.documents[URI].text.apply([], 9)
    with pytest.raises(AssertionError):
        oracle.the_texts_are_the_same()
    oracle.teardown()


def script(seed: int, count: int) -> list[tuple[int, int, str]]:
    """Return edits (offset, length, new text) that make and mend findings."""
    chance = random.Random(seed)
    pieces = ["eval", "\n", "# é𝒳\n", "(", ")", "41", "42", ":", "x", "\r\n", "return 40\n", ""]
    return [(chance.randrange(60), chance.choice([0, 0, 1, 3]), chance.choice(pieces)) for _ in range(count)]


async def session(connect, folder, name: str, encoding: str, *, whole: bool, seed: int) -> list:
    """Play a script of edits; return what was shown after each save."""
    client = await connect({"general": {"positionEncodings": [encoding]}}, folder)
    uri = client.open(folder / name, WRONG + "eval('é𝒳')\n")
    await client.published(uri)
    client.save(uri)
    document = client.server.session.documents[uri]
    shown = []
    for number, (start, length, new) in enumerate(script(seed, 40)):
        text = client.texts[uri]
        first = between(text, min(start, len(text)))
        last = max(first, between(text, min(first + length, len(text))))
        after = client.texts[uri] = text[:first] + new + text[last:]
        span = {"start": place(text, first, encoding), "end": place(text, last, encoding)}
        client.change(uri, {"text": after} if whole else {"range": span, "text": new})
        if number % 5 == 0:
            client.save(uri)
        await client.settled()
        await quiet(client, document)
        shown.append([(finding.rule, finding.range, finding.message) for _, finding in document.findings()])
    assert client.server.session.mismatches == 0
    return shown


async def quiet(client, document) -> None:
    """Wait until the server has nothing left to do; asking again and again is quicker than waiting for a message."""
    tasks = client.server.session.tasks

    async def idle() -> None:
        while document.live_wanted or tasks._lasting or tasks._tasks:
            await client.settled()

    await asyncio.wait_for(idle(), 20)


@pytest.mark.parametrize("seed", range(8 if SOAK else 2))
async def test_lsp_10_the_same_edits_show_the_same_however_they_are_told(connect, folder, seed):
    told = [
        await session(connect, folder, "answer.py", encoding, whole=whole, seed=seed)
        for encoding in ("utf-16", "utf-8", "utf-32")
        for whole in (False, True)
    ]
    assert any(told[0])
    assert all(other == told[0] for other in told[1:])


STRANGE = {
    "empty": "",
    "byte order mark": "\ufeff" + RIGHT,
    "carriage returns": RIGHT.replace("\n", "\r"),
    "form feed": "\f" + RIGHT + "\f\x0b\x85\u2028x = 1\n",
    "astral": "def answer():\n    return '𝒳👩‍👩‍👧é' and 41\n",
    "nul": "def answer():\n    return 41\0\n",
    "lone surrogate": "def answer():\n    return '\ud800' and 41\n",
    "tabs": "\tdef answer():\n\t return 41\n",
    "unbalanced": "def answer((((([{\n  return 41\n" * 20,
    "deep": "x = " + "(" * 20_000 + ")" * 20_000 + "\n",
    "deep operators": "x = " + "-" * 50_000 + "1\n",
    "long line": "x = '" + "a" * 1_000_000 + "'\n",
    "long astral line": "x = '" + "𝒳" * 200_000 + "'\n" + WRONG,
    "many lines": WRONG + "x = 1\n" * 60_000,
    "binary": bytes(range(256)).decode("latin-1") * 40,
}


@pytest.mark.parametrize("name", STRANGE)
async def test_lsp_06_every_request_on_every_kind_of_text(connect, folder, caplog, name):
    client = await connect(profiles.VSCODE, folder)
    text = STRANGE[name]
    uri = client.open(folder / "answer.py", text)
    client.save(uri)
    await client.published(uri)
    document = client.server.session.documents[uri]
    client.change(uri, {"range": place_of(0, 0, 0, 0), "text": "\n"})
    for line, character in [(0, 0), (1, 3), (2, 10**6), (10**6, 0), (1, 2**31 - 1)]:
        await client.request("textDocument/hover", hover_at(uri, line, character))
        for method in ("textDocument/codeAction", "textDocument/codeLens"):
            params = {
                "textDocument": {"uri": uri},
                "range": place_of(line, character, line, character),
                "context": {"diagnostics": []},
            }
            await client.request(method, params)
    for command in ("milepost.explain", "milepost.nextHint", "milepost.applyFix", "milepost.validate"):
        client.start("workspace/executeCommand", {"command": command})
    client.close(uri)
    await quiet(client, document)
    assert "failed" not in caplog.text


async def test_lsp_08_typing_fast_leaves_the_last_text_judged(folder):
    """Keys as fast as they can be sent, saves in between; what is shown in the end is about the last version."""
    serve = (sys.executable, str(Path(__file__).with_name("serve_memory.py")))
    async with child(*serve) as client:
        await client.initialize(profiles.NEOVIM, folder)
        uri = client.open(folder / "answer.py", RIGHT + "x = 1\n" * 300)
        await client.published(uri)
        process = psutil.Process(client.process.pid)
        before = 0
        for number in range(6_000 if SOAK else 600):
            character = "(" if number % 2 == 0 else ""
            client.change(uri, {"range": place_of(5, 4, 5, 4 + number % 2), "text": character})
            if number % 100 == 0:
                client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
                await client.settled()
            before = before or process.memory_info().rss
        client.change(uri, {"range": place_of(5, 0, 5, 0), "text": "("})
        last = client.versions[uri]
        await client.published(uri, bool, version=last)
        assert process.memory_info().rss - before < 20 * 1024 * 1024
        client.change(uri, {"range": place_of(5, 0, 5, 1), "text": ""})
        await client.published(uri, lambda found: not found, version=last + 1)
        published = [params["version"] for params in client.publications(uri)]
        assert published == sorted(published)
        await client.leave()


async def test_lsp_09_nothing_stale_after_saves_edits_and_closes_in_any_order(connect, folder):
    chance = random.Random(9)
    client = await connect(profiles.VSCODE, folder)
    client.workspace.release.set()
    names = ["answer.py", "other.py"]
    opened: dict[str, str] = {}
    for number in range(2_000 if SOAK else 150):
        name = chance.choice(names)
        uri = (folder / name).as_uri()
        match chance.randrange(5) if name in opened else 5:
            case 0:
                client.close(uri)
                del opened[name]
            case 1 | 2:
                opened[name] = chance.choice([RIGHT, WRONG, "# slow\n" + WRONG, "def (", WRONG + "eval\n"])
                client.replace(uri, opened[name])
            case 3:
                client.save(uri)
            case 4:
                msg_id, _ = client.start("workspace/executeCommand", {"command": "milepost.validate"})
                client.notify("$/cancelRequest", {"id": msg_id})
            case _:
                opened[name] = chance.choice([RIGHT, WRONG])
                client.open(folder / name, opened[name], version=number)
    for name in opened:
        client.save((folder / name).as_uri())
    await client.settled()
    for name in opened:
        await quiet(client, client.server.session.documents[(folder / name).as_uri()])
    await client.settled()
    for name in names:
        uri = (folder / name).as_uri()
        publications = client.publications(uri)
        last = [found["code"] for found in publications[-1]["diagnostics"]] if publications else []
        assert last == (expected(opened[name]) if name in opened else [])
    assert client.workspace.running == 0


def expected(text: str) -> list[str]:
    return {RIGHT: [], "def (": ["syntax"], WRONG + "eval\n": ["examples", "forbids/call"]}.get(text, ["examples"])


def test_our_names_are_the_protocols_names():
    assert {types.PositionEncodingKind.Utf8.value, types.PositionEncodingKind.Utf16.value} == {"utf-8", "utf-16"}
