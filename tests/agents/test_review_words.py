"""LLM-03: whatever a model writes is shown as plain text, and what is no answer is no message."""

import json
import random

import markdown_it
import pytest

from milepost.agents import reviewing_decisions, reviewing_places, reviewing_words
from milepost.agents.reviewing_shapes import SaidReview
from milepost.syntax import parsing, symbols
from tests.agents.reviewed import WRONG

HOSTILE = (
    "![pixel](https://evil.example/x.png?d=1)", "[click](command:workbench.action.terminal.new)", "<img src=x onerror=y>",
    "[a][b]\n[b]: http://evil.example", "\x1b[31mred\x1b[0m", "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07", "\u202eevil",
    "www.evil.example/x", "vscode://settings", "javascript:alert(1)", "```bash\nrm -rf /\n```", "\U000e0041\u200b", "\x00\x07",
    "<script>alert(1)</script>", "file:///etc/passwd", "data:text/html,x", "mailto:x@evil.example", "HTTP://EVIL.EXAMPLE/",
)  # fmt: skip
WORDS = ("value", "the loop", "`amount`", "ends", "ñandú", "é", "too early.", "1 < 2", "a[0]", "x*y", "\n", "#", "|")


def hostile(source: random.Random) -> str:
    return " ".join(source.choice(HOSTILE if source.random() < 0.4 else WORDS) for _ in range(source.randint(1, 12)))


def test_ten_thousand_messages_are_plain():
    source = random.Random(3)
    for _ in range(10_000):
        shown = reviewing_words.clean(hostile(source))
        assert len(shown) <= reviewing_words.LONGEST
        assert "\n" not in shown
        lowered = shown.lower()
        for part in (
            "://",
            "command:",
            "javascript:",
            "data:text",
            "mailto:",
            "www.",
            "![",
            "](",
            "<img",
            "<script",
            "```",
        ):
            assert part not in lowered
        assert all(sign.isprintable() for sign in shown)


@pytest.mark.parametrize(
    "message",
    ["The loop ends one step too early: what is the last index?", "¿Qué pasa con la lista vacía?", "Is 1 < 2 meant?"],
)
def test_honest_messages_stay_as_they_are(message):
    assert reviewing_words.clean(message) == message


def test_a_megabyte_becomes_a_sentence():
    assert len(reviewing_words.clean("very " * 200_000)) == reviewing_words.LONGEST


def test_markdown_shows_just_the_text():
    assert reviewing_words.as_markdown("a_b *c* [d](e)") == "a\\_b \\*c\\* \\[d\\](e)"


def mutated(source: random.Random) -> str:
    said = {
        "quote": source.choice(["amount = 1", "return amount", hostile(source), ""]),
        "criterion": source.choice([None, 1, 99, -5]),
    }
    said |= {
        "rule": source.choice(["clarity", hostile(source)]),
        "message": hostile(source),
        "severity": hostile(source),
    }
    text = json.dumps(
        {"findings": [{**said, "replacement": source.choice([None, hostile(source)])}] * 3, "rubrics": []}
    )
    if source.random() < 0.5:
        place = source.randrange(len(text))
        text = (
            text[:place] + source.choice(["", "}", '"', "\x00", "NaN", "[" * 50]) + text[place + source.randrange(3) :]
        )
    return text


def test_no_answer_does_more_than_say_nothing():
    """Answers that parse place their remarks in the program or nowhere; the others are refused."""
    source = random.Random(4)
    copies = [reviewing_places.copy_of(WRONG, one) for one in symbols.symbols(parsing.parse(WRONG, "python"))]
    placed = refused = 0
    for _ in range(2_000):
        try:
            said = SaidReview.model_validate_json(mutated(source))
        except ValueError:
            refused += 1
            continue
        for copy in reviewing_decisions.spread([one.quote for one in said.findings], copies):
            placed += copy is not None
    assert placed > 100
    assert refused > 100


LEADING = (
    "![pixel](https://evil.example/x.png)", "[click](command:workbench.action.terminal.new)", "[a][b]\n\n[b]: //evil.example",
    "<img src=x>", "https://evil.example/x", "www.evil.example", "`` `https://evil.example` ``", "a@evil.example", "<b>x</b>",
    "`a https://evil.example", "``` https://evil.example/", "!\u200b[x](y)", "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "ht`tps://evil.example` https://evil.example",
)  # fmt: skip


@pytest.mark.parametrize("text", LEADING)
def test_a_drafted_text_leads_nowhere(text):
    """What Markdown makes of it holds no link, no image and no HTML."""
    for around in ("{}", "Before {} after", "Before\n{}\nafter", "- {}\n"):
        shown = markdown_it.MarkdownIt("commonmark").parse(reviewing_words.without_links(around.format(text)))
        pieces = [piece for block in shown for piece in (block.children or ())]
        kinds = {piece.type for piece in (*shown, *pieces)}
        assert not kinds & {"link_open", "image", "html_inline", "html_block"}, shown
        # What is plain text many renderers take for a link where it looks like one.
        plain = [piece.content for piece in pieces if piece.type in {"text", "text_special"}]
        assert not any(sign in one for one in plain for sign in ("://", "www.", "@")), plain


@pytest.mark.parametrize(
    "text",
    [
        "Return `items[0](x)`.\n\n- `a < b` and 1 < 2\n- x[i] is *even*\n",
        "Usa `https://example.com` como ejemplo: 3/4.\n\n    indented = code\n",
        "```python\nx = [1]\n```\n",
    ],
)
def test_honest_drafts_stay_as_they_are(text):
    assert reviewing_words.without_links(text) == text
