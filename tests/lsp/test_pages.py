"""What learners and their programs say stays text, in hovers and on pages."""

from dataclasses import replace
from types import SimpleNamespace

import markdown_it
import pytest

from milepost.domain.validations import CaseResult, CriterionResult, Evidence
from milepost.lsp import convert, pages
from tests.lsp import profiles
from tests.lsp.client import hover_at

EVIL = "![x](http://evil/x.png) <img src=x> [go](command:evil) <command:evil> `code` **bold** _a_"
# Each of these would be obeyed where it stands without a backslash before it, outside of code.
MARKS = ("![", "<img", "[go]", "<command", "**bold", "_a_")


def outside_code(text: str) -> str:
    """Return the lines without what stands in code blocks and code spans of two backticks."""
    kept, fence = [], ""
    for line in text.splitlines():
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if len(ticks) >= 3 and (not fence or line == fence):
            fence = "" if fence else ticks
        elif not fence:
            kept.append(line)
    return "\n".join(kept)


def test_code_of_others_cannot_leave_its_block():
    code = f"x = '''\n```\n{EVIL}\n````\n{EVIL}\n'''\n"
    document = SimpleNamespace(name="a.py", text=SimpleNamespace(language="python"))
    page = pages.similar([Evidence("1", code, 0.5)], document, "en")
    assert code in page
    assert "command:" not in outside_code(page)
    assert "0.5" in outside_code(page)


def test_messages_and_cases_are_literal_text():
    result = CriterionResult(
        "examples", passed=False, score=0.0, message=EVIL, cases=(CaseResult(EVIL, False, EVIL, EVIL),)
    )
    message, case = pages.criteria([result], "en")
    assert not any(mark in message.replace("\\" + mark[0], "") for mark in MARKS)
    assert case.count("`` " if "`` " in case else "``") >= 3
    told = {"title": EVIL, "statement": "Do *this*.", "criteria": [{"kind": "x", "message": EVIL, "passed": None}]}
    page = pages.task_page({**told, "hints": 0, "fixes": 0}, "en")
    assert "Do *this*." in page
    assert page.count("\\[go\\]") == 2


def test_plain_text_shows_what_was_meant():
    assert convert.plain("**Criterion** `f(x)`: __init__ \\_\\_init\\_\\_ \\`x\\` a\\*b") == (
        "Criterion f(x): __init__ __init__ `x` a*b"
    )


@pytest.mark.parametrize("profile", profiles.ALL)
async def test_a_message_in_a_hover_is_literal_text(connect, folder, profile):
    client = await connect(profiles.ALL[profile], folder)
    uri = client.open(folder / "answer.py", "def answer(:\n")
    client.save(uri)
    found = await client.published(uri, lambda found: found)
    (document,) = client.server.session.documents.values()
    place = found["diagnostics"][0]["range"]["start"]
    document.kept = tuple(replace(finding, message=EVIL, explanation="") for finding in document.kept)
    document.live = tuple(replace(finding, message=EVIL, explanation="") for finding in document.live)
    hover = await client.request("textDocument/hover", hover_at(uri, place["line"], place["character"]))
    shown = hover["contents"]
    if shown["kind"] == "markdown":
        assert not any(mark in shown["value"].replace("\\" + mark[0], "") for mark in MARKS)
    else:
        assert shown["value"] == EVIL


@pytest.mark.parametrize(
    "value",
    ["3", "'`'", "'``'", "'` ![x](https://evil.example/x.png) `'", "'``` <img src=x>'", "'a\n\n# b'", "`", "``"],
)
def test_a_value_is_code_whatever_stands_in_it(value):
    case = CaseResult("f('`![x](y)`')", passed=False, expected=value, got=value)
    lines = pages.criteria([CriterionResult("examples", passed=False, score=0.0, message="no", cases=(case,))], "en")
    pieces = [piece for block in markdown_it.MarkdownIt().parse("\n".join(lines)) for piece in (block.children or ())]
    assert not {"image", "html_inline", "link_open"} & {piece.type for piece in pieces}
    shown = [piece.content for piece in pieces if piece.type == "code_inline"]
    assert shown == [case.call, *[value.replace("\n", "\\n")] * 2]
