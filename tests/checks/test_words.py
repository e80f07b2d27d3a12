"""What is shown of a learner's texts can neither hide, nor break out, nor link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.checks import hints, messages, wording
from milepost.domain.text import Localized


@given(st.text(max_size=400))
def test_shown_text_is_one_bounded_printable_line(text):
    shown = wording.visible(text, 80)
    assert len(shown) <= 80 * 6
    assert not any(character in shown for character in "\n\r\x00\x1b\u202e\u200b\u2028\ufeff")


@pytest.mark.parametrize("text", ["[x](command:evil)", "![x](https://a.b/c.png)"])
def test_messages_hold_no_markdown_link(text):
    assert "](" not in wording.plain(text)


@given(st.text(alphabet="`ab|\\ \n", max_size=40))
def test_nothing_ends_a_code_span_early(text):
    span = wording.code(text)
    fence = span[: len(span) - len(span.lstrip("`"))]
    assert span.endswith(fence)
    assert fence not in span[len(fence) : -len(fence)]
    assert "\n" not in span
    assert "|" not in span.replace("\\|", "")


def test_prose_is_literal():
    assert wording.prose("*a* <b> [c](d)") == "\\*a\\* \\<b\\> \\[c\\](d)"


def test_tables_have_one_line_a_row():
    assert wording.table(["a", "b"], [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_every_message_exists_in_both_languages_with_the_same_names():
    texts = [text for text in vars(messages).values() if isinstance(text, Localized)]
    texts += [*messages.KINDS.values(), *messages.USES.values()]
    assert len(texts) > 100
    for text in texts:
        assert text.es.strip(), text
        assert _names(text.en) == _names(text.es), text


def _names(text):
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def test_a_program_that_broke_down_over_patched_builtins_is_told_so():
    assert "built-in" in hints.of_source("import builtins\nbuiltins.len = None\n", "", "en")
    assert hints.of_source("x = 1\n", "", "en") == ""
    assert hints.of_source("import builtins\n", "known", "en") == "known"
