"""Every request gets exactly one answer, whatever is sent."""

import asyncio
import json
import os
import random

import psutil
import pytest

from tests.lsp import profiles
from tests.lsp.client import RefusedError, frame, hover_at, place_of, rules
from tests.lsp.memory import RIGHT, WRONG

LOAD = 20 if os.environ.get("MILEPOST_SOAK") else 1
REQUESTS = ("textDocument/hover", "textDocument/codeAction", "textDocument/codeLens", "workspace/executeCommand")


def answers(client, msg_id) -> list[dict]:
    return [message for message in client.received if "method" not in message and message.get("id") == msg_id]


async def refusal(client, message) -> int:
    """Send a message as it is; return the code of the error that answers it."""
    before = len([message for message in client.received if "error" in message])
    client.send_bytes(frame(message if isinstance(message, bytes) else json.dumps(message).encode()))

    def errors():
        return [message for message in client.received if "error" in message][before:]

    return (await client.wait("an error", errors))[0]["error"]["code"]


async def test_before_initialize_only_initialize_is_taken(connect, folder):
    client = await connect()
    with pytest.raises(RefusedError) as refused:
        await client.request("textDocument/hover", hover_at("file:///a.py", 0, 0))
    assert refused.value.code == -32002
    client.open(folder / "answer.py", WRONG)
    await client.initialize(profiles.VSCODE, folder)
    with pytest.raises(RefusedError) as refused:
        await client.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    assert refused.value.code == -32600
    assert client.server.session.documents == {}


async def test_after_shutdown_only_exit_is_taken(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    await client.request("shutdown")
    with pytest.raises(RefusedError) as refused:
        await client.request("textDocument/hover", hover_at("file:///a.py", 0, 0))
    assert refused.value.code == -32600
    client.notify("exit")
    assert await client.serving == 0


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b"5", -32600),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "shutdown"}, -32600),
        ({"jsonrpc": "2.0", "id": {}, "method": "shutdown"}, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "shutdown"}, -32600),
        ({"jsonrpc": "1.0", "id": 7, "method": "shutdown"}, -32600),
        ({"id": 7, "method": "shutdown"}, -32600),
        ({"jsonrpc": "2.0", "id": 7, "method": 5}, -32600),
        ({"jsonrpc": "2.0", "id": 7, "method": "no/such"}, -32601),
        ({"jsonrpc": "2.0", "id": 7, "method": "$/no/such"}, -32601),
        ({"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover"}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover", "params": []}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover", "params": {"textDocument": {}}}, -32602),
        ({"jsonrpc": "2.0", "id": "seven", "method": "textDocument/completion", "params": {}}, -32601),
    ],
)
async def test_what_cannot_be_taken_is_refused_by_code(connect, folder, message, code):
    client = await connect(profiles.VSCODE, folder)
    assert await refusal(client, message) == code
    await client.settled()


async def test_notifications_are_never_answered(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    await client.settled()
    before = len(client.received)
    for method in (
        "no/such",
        "$/no/such",
        "textDocument/didOpen",
        "textDocument/didChange",
        "$/cancelRequest",
        "initialized",
    ):
        client.notify(method, {"wrong": 1})
    client.notify("notebookDocument/didOpen", {"notebookDocument": {}, "cellTextDocuments": []})
    client.send({"id": "nobody asked", "result": 5})
    client.send({"id": 99, "error": {"code": 1, "message": "no"}})
    client.send({"id": [], "result": 5})
    await client.settled()
    later = [
        message
        for message in client.received[before:]
        if message.get("method") not in {"workspace/configuration", "client/registerCapability"}
    ]
    assert len(later) == 1


async def test_a_body_in_utf_16_is_understood(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    message = {"jsonrpc": "2.0", "id": "wide", "method": "textDocument/hover", "params": hover_at("file:///a.py", 0, 0)}
    client.send_bytes(frame(json.dumps(message).encode("utf-16")))
    await client.wait("the answer", lambda: answers(client, "wide"))


async def test_a_running_request_can_be_cancelled_and_is_answered_once(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)
    stuck = asyncio.Event()
    client.workspace.history = lambda path, limit=20: stuck.wait()
    msg_id, answer = client.start("workspace/executeCommand", {"command": "milepost.history", "arguments": []})
    client.send({"id": msg_id, "method": "textDocument/hover", "params": hover_at(uri, 0, 0)})
    client.notify("$/cancelRequest", {"id": msg_id})
    client.notify("$/cancelRequest", {"id": msg_id})
    first = await asyncio.wait_for(answer, 10)
    await client.settled()
    codes = sorted(message["error"]["code"] for message in answers(client, msg_id))
    assert first["error"]["code"] in codes
    assert codes == [-32800, -32600]
    client.notify("$/cancelRequest", {"id": "unknown"})
    await client.settled()
    assert client.server.messages.pending <= 1


async def test_shutdown_answers_what_is_running(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)
    client.workspace.history = lambda path, limit=20: asyncio.Event().wait()
    _, answer = client.start("workspace/executeCommand", {"command": "milepost.history"})
    await client.leave()
    assert (await answer)["error"]["code"] == -32800


async def test_an_error_of_ours_is_answered_and_tells_nothing_of_the_text(connect, folder, caplog):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)
    client.workspace.failing.add("history")
    with pytest.raises(RefusedError, match="workspace/executeCommand failed") as refused:
        await client.command("milepost.history")
    assert refused.value.code == -32603
    client.server.session.hover = lambda *_args: 1 / 0
    with pytest.raises(RefusedError):
        await client.request("textDocument/hover", hover_at(uri, 0, 0))
    assert "is broken" not in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert client.all("window/showMessage") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_lsp_03_edits_that_cannot_be_right_are_refused(connect, folder, encoding, caplog):
    client = await connect({"general": {"positionEncodings": [encoding]}}, folder)
    uri = client.open(folder / "answer.py", RIGHT, version=5)
    wrong = [
        (6, place_of(1, 0, 0, 0)),
        (6, place_of(0, 5, 0, 2)),
        (6, place_of(0, 0, 99, 0)),
        (6, place_of(99, 0, 99, 0)),
        (5, place_of(0, 0, 0, 1)),
        (4, place_of(0, 0, 0, 1)),
        (-1, place_of(0, 0, 0, 1)),
        (6, {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}),
        (6, {"start": {"line": 0, "character": 2**40}, "end": {"line": 0, "character": 0}}),
        (6, None),
    ]
    for version, place in wrong:
        change = {"range": place, "text": "x"} if place else {"range": {}, "text": "x"}
        document = {"uri": uri, "version": version}
        client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
    client.open(folder / "answer.py", "another text", version=9)
    client.notify(
        "textDocument/didChange", {"textDocument": {"uri": "file:///no.py", "version": 2}, "contentChanges": []}
    )
    client.notify("textDocument/didSave", {"textDocument": {"uri": "file:///no.py"}, "text": ""})
    client.notify("textDocument/didClose", {"textDocument": {"uri": "file:///no.py"}})
    await client.settled()
    document = client.server.session.documents[uri]
    assert (document.text.text, document.text.version) == (RIGHT, 5)
    assert all(len(line) < 200 for line in caplog.text.splitlines())
    client.versions[uri] = 5
    client.change(uri, {"range": place_of(1, 11, 1, 13), "text": "41"})
    client.save(uri, WRONG)
    await client.published(uri, rules)
    assert client.server.session.mismatches == 0


async def test_lsp_04_broken_byte_streams(connect, folder):
    """After any nonsense the next proper message is answered, or the connection is closed; memory stays small."""
    chance = random.Random(4)
    client = await connect(profiles.VSCODE, folder)
    await client.settled()
    before = psutil.Process().memory_info().rss
    for number in range(100 * LOAD):
        client.send_bytes(mutated(chance))
        message = {
            "jsonrpc": "2.0",
            "id": f"after {number}",
            "method": "textDocument/hover",
            "params": hover_at("file:///a.py", 0, 0),
        }
        # What was mutated may have claimed some bytes of what follows; none claims more than this.
        client.send_bytes(frame(json.dumps(message).encode()) + b" " * 1200)
        await client.wait(f"the answer after {number}", lambda number=number: answers(client, f"after {number}"))
    assert psutil.Process().memory_info().rss - before < 64 * 1024 * 1024


def mutated(chance: random.Random) -> bytes:
    """Return a message that something happened to."""
    body = json.dumps({"jsonrpc": "2.0", "id": "m", "method": "textDocument/hover", "params": {}}).encode()
    good = frame(body)
    place = chance.randrange(len(good))
    length = chance.choice([b"0", b"-1", b"1000000000000", b"", b"x", b"1e3", b"%d" % (len(body) + 200), b"5"])
    ways = [
        b"Content-Length: " + length + b"\r\n\r\n" + body,
        good[:place] + good[place + 1 :],
        good[:place] + bytes([chance.randrange(256)]) + good[place + 1 :],
        good[:place],
        b"Content-Length: 12\nContent-Length: 13\n\n" + body,
        frame(b"\xef\xbb\xbf" + body),
        chance.randbytes(chance.randrange(1, 400)),
        body,
    ]
    return chance.choice(ways)


async def test_lsp_04_a_message_in_single_bytes(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    message = {"jsonrpc": "2.0", "id": "slow", "method": "textDocument/hover", "params": hover_at("file:///a.py", 0, 0)}
    for byte in frame(json.dumps(message).encode()):
        client.send_bytes(bytes([byte]))
        await client.writer.drain()
    await client.wait("the answer", lambda: answers(client, "slow"))


async def test_lsp_05_shapes_of_messages(connect, folder, caplog):
    """Valid messages with mutated fields: one answer for each request, and the session goes on."""
    chance = random.Random(5)
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)
    sent = []
    for number in range(300 * LOAD):
        method, params = chance.choice(valid_messages(uri))
        message = {"jsonrpc": "2.0", "method": method, "params": spoilt(params, chance)}
        if method in REQUESTS or chance.random() < 0.1:
            message["id"] = f"fuzz {number}"
            sent.append(message["id"])
        client.send_bytes(frame(json.dumps(message).encode()))
        if number % 50 == 0:
            await client.settled()
    await client.settled()
    await client.wait("all answers", lambda: all(answers(client, msg_id) for msg_id in sent))
    assert all(len(answers(client, msg_id)) == 1 for msg_id in sent)
    codes = {answers(client, msg_id)[0].get("error", {}).get("code") for msg_id in sent}
    assert codes <= {None, -32600, -32601, -32602, -32603, -32800}
    assert client.all("window/showMessage") == [] or "milepost" not in caplog.text


def valid_messages(uri):
    document = {"uri": uri}
    changes = [{"range": place_of(0, 0, 0, 1), "text": "d"}]
    context = {"diagnostics": [], "only": ["quickfix"]}
    return [
        ("textDocument/hover", hover_at(uri, 1, 5)),
        ("textDocument/codeLens", {"textDocument": document}),
        ("textDocument/codeAction", {"textDocument": document, "range": place_of(0, 0, 1, 1), "context": context}),
        ("workspace/executeCommand", {"command": "milepost.explain", "arguments": [{"uri": uri}]}),
        ("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": changes}),
        ("textDocument/didSave", {"textDocument": document, "text": WRONG}),
        ("workspace/didChangeConfiguration", {"settings": {"milepost": {"language": "es"}}}),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 1}]}),
        ("window/workDoneProgress/cancel", {"token": 1}),
        ("$/cancelRequest", {"id": 3}),
        ("$/setTrace", {"value": "off"}),
    ]


def spoilt(value, chance: random.Random, depth: int = 0):
    """Return a JSON value with about one field replaced, removed or added."""
    if chance.random() < 0.12 * depth:
        return chance.choice([None, True, -1, 2**63, 1.5, "", "\ud800", "file:///%00", [], {}, [[]], {"uri": {}}])
    if isinstance(value, dict):
        kept = {key: spoilt(item, chance, depth + 1) for key, item in value.items() if chance.random() > 0.03}
        return kept | ({"extra": {"deep": []}} if chance.random() < 0.05 else {})
    if isinstance(value, list):
        return [spoilt(item, chance, depth + 1) for item in value]
    return value
