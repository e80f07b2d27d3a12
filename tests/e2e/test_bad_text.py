"""Texts that trip programs up: line ends, marks, signs of several units, no text at all, far too much of it."""

import re

import pytest
import pytest_asyncio

from tests.e2e.serving import (
    RIGHT,
    WRONG,
    answers_hover,
    environment,
    history,
    lens,
    opened_and_saved,
    served,
    until,
    write_course,
)
from tests.lsp.client import rules
from tests.lsp.profiles import NEOVIM, VSCODE

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("bad-text")]

BITS = {"utf-16": ("utf-16-le", 2), "utf-8": ("utf-8", 1)}
# Two code points of four units, one joined from two signs, one of two bytes: every unit counts them differently.
MARKS = 'cafe\u0301 = "👍🏽 e\u0301 ñ 👩‍👩‍👧"'
GUISES = {
    "a byte order mark": lambda text: "\ufeff" + text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "lone CR": lambda text: text.replace("\n", "\r"),
    "mixed line ends": lambda text: text.replace("\n", "\r\n", 1) + "# a\r# b\n",
    "form feeds": lambda text: "\f" + text + "\f\n",
    "U+2028": lambda text: f'# a\u2028b\u2029c\x85d\n{text}NOTE = "\u2028"\n',
    "no last line end": lambda text: text.rstrip("\n"),
    "half a character": lambda text: f'NOTE = "\ud83d"\n{text}',
}


@pytest.fixture(scope="module")
def place(tmp_path_factory, module_database_url):
    root = tmp_path_factory.mktemp("bad-text")
    variables = environment(root / "data", module_database_url, MILEPOST_REPAIR_SECONDS="60")
    return write_course(root / "course"), variables


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editors(place):
    work, variables = place
    async with served(work.parent, variables, VSCODE) as utf16, served(work.parent, variables, NEOVIM) as utf8:
        yield {"utf-16": utf16, "utf-8": utf8}


@pytest.fixture
def editor(editors):
    return editors["utf-16"]


def lines(text: str) -> list[str]:
    """Return the lines as the protocol counts them."""
    return re.split("\r\n|\n|\r", text)


def cut(text: str, area: dict, encoding: str) -> str:
    """Return what a range of one line covers, in the editor's units."""
    codec, width = BITS[encoding]
    start, end = area["start"], area["end"]
    assert start["line"] == end["line"]
    return lines(text)[start["line"]].encode(codec)[start["character"] * width : end["character"] * width].decode(codec)


def applied(text: str, edits: list[dict], encoding: str) -> str:
    """Return the text after edits, applied as an editor of these units does."""
    codec, width = BITS[encoding]
    starts = [0, *(found.end() for found in re.finditer("\r\n|\n|\r", text))]

    def offset(place: dict) -> int:
        row = text[starts[place["line"]] :]
        return starts[place["line"]] + len(row.encode(codec)[: place["character"] * width].decode(codec))

    for edit in sorted(edits, key=lambda one: offset(one["range"]["start"]), reverse=True):
        start, end = (offset(edit["range"][name]) for name in ("start", "end"))
        text = text[:start] + edit["newText"] + text[end:]
    return text


async def fixes(client, uri: str, diagnostics: list[dict]) -> list[dict]:
    """Ask for quick fixes until one is offered."""

    async def asked():
        found = await client.actions(uri, diagnostics, only=["quickfix"])
        return [action for action in found if action.get("edit")]

    return await until(client, "a fix", asked)


def edits_of(action: dict, uri: str) -> list[dict]:
    edit = action["edit"]
    changes = edit["changes"][uri] if "changes" in edit else edit["documentChanges"][0]["edits"]
    assert changes
    return changes


@pytest.mark.parametrize("encoding", BITS)
async def test_positions_after_signs_of_several_units_are_right(editors, place, encoding):
    client = editors[encoding]
    assert client.capabilities["positionEncoding"] == encoding
    text = f"def add(a, b):\n    {MARKS}; return sorted([a + b])[0]\n"
    uri = await opened_and_saved(client, place[0] / f"places-{encoding}.py", text)
    shown = await client.published(uri, lambda found: "forbids/call" in rules(found))
    (finding,) = shown["diagnostics"]
    assert cut(text, finding["range"], encoding) == "sorted([a + b])"
    middle = finding["range"]["start"]
    hover = await client.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": middle})
    assert "sorted" in hover["contents"]["value"]
    left = {"line": middle["line"], "character": middle["character"] - 1}
    assert await client.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": left}) is None


@pytest.mark.parametrize("encoding", BITS)
async def test_a_fix_behind_signs_of_several_units_applies_right(editors, place, encoding):
    client = editors[encoding]
    text = f"def add(a, b):\r\n    {MARKS}; return a - b\r\n"
    uri = await opened_and_saved(client, place[0] / f"fixed-{encoding}.py", text)
    shown = await client.published(uri, lambda found: rules(found) == ["examples"])
    action, *_ = await fixes(client, uri, shown["diagnostics"])
    right = applied(text, edits_of(action, uri), encoding)
    assert MARKS in right
    assert "a + b" in right
    client.replace(uri, right)
    client.save(uri)
    await lens(client, uri, "score 1.00")


@pytest.mark.parametrize("guise", GUISES)
async def test_a_text_in_this_guise_is_judged_like_any_other(editor, place, guise):
    dressed = GUISES[guise](WRONG)
    file = place[0] / f"{guise.replace(' ', '_')}.py"
    uri = editor.open(file, dressed)
    editor.save(uri)
    shown = await editor.published(uri, lambda found: rules(found) == ["examples"])
    (finding,) = shown["diagnostics"]
    assert cut(dressed, finding["range"], "utf-16") == "return a - b"
    assert "add(1, 2) gave -1, expected 3" in finding["message"]
    editor.replace(uri, GUISES[guise](RIGHT))
    editor.save(uri)
    await lens(editor, uri, "score 1.00")
    entries = await history(editor, uri, 2)
    saved = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in (dressed,)]
    assert [entry["text"] for entry in entries][1:] == saved
    await answers_hover(editor, uri)


async def test_an_empty_file_lacks_what_the_task_wants(editor, place):
    uri = await opened_and_saved(editor, place[0] / "empty.py", "")
    shown = await editor.published(uri, lambda found: "defines" in rules(found))
    assert "add is not defined" in shown["diagnostics"][0]["message"]
    assert (await history(editor, uri, 1))[0]["text"] == ""


async def test_a_binary_file_is_said_to_be_no_program(editor, place):
    # An editor shows bytes that are no text as replacement characters.
    content = b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\xff\xfe\x80\n\x00\x01\x02\n" * 20
    text = content.decode("utf-8", "replace")
    (place[0] / "binary.py").write_bytes(content)
    uri = editor.open(place[0] / "binary.py", text)
    editor.save(uri)
    shown = await editor.published(uri, lambda found: "syntax" in rules(found))
    assert "may not be in a program" in shown["diagnostics"][0]["message"]
    assert len(shown["diagnostics"]) <= 3
    assert (await history(editor, uri, 1))[0]["text"].count("\ufffd") == text.count("\ufffd")
    await answers_hover(editor, uri)


async def test_a_file_of_five_megabytes_is_answered_and_kept(editor, place):
    text = f"# {'x' * 77}\n" * 65_536 + RIGHT
    uri = await opened_and_saved(editor, place[0] / "huge.py", text)
    shown = await editor.published(uri, bool)
    assert "too large" in shown["diagnostics"][0]["message"]
    assert (await history(editor, uri, 1))[0]["text"] == text
    editor.replace(uri, RIGHT)
    editor.save(uri)
    await lens(editor, uri, "score 1.00")
    await answers_hover(editor, uri)


async def test_one_line_of_a_megabyte_is_judged_and_kept(editor, place):
    text = f'TEXT = "{"ñ" * 1_000_000}"\n' + WRONG
    uri = await opened_and_saved(editor, place[0] / "long.py", text)
    shown = await editor.published(uri, lambda found: rules(found) == ["examples"])
    assert cut(text, shown["diagnostics"][0]["range"], "utf-16") == "return a - b"
    assert (await history(editor, uri, 1))[0]["text"] == text
    editor.replace(uri, RIGHT)
    editor.save(uri)
    await lens(editor, uri, "score 1.00")
