import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.domain.text import Edit, Position, Range
from milepost.syntax.edits import apply_edits, difference
from tests.syntax.alphabets import TEXTS
from tests.syntax.samples import PROGRAMS


def edit(start, end, new_text) -> Edit:
    return Edit(Range(Position(*start), Position(*end)), new_text)


def test_edits_refer_to_the_text_before_any_of_them():
    edits = [edit((1, 0), (1, 1), "B"), edit((0, 0), (0, 1), "AAA\n"), edit((1, 1), (1, 1), "!")]
    assert apply_edits("a\nb\n", edits) == "AAA\n\nB!\n"


def test_insertions_at_one_place_keep_their_order():
    assert apply_edits("x", [edit((0, 1), (0, 1), "1"), edit((0, 1), (0, 1), "2")]) == "x12"


def test_overlapping_edits_are_refused():
    with pytest.raises(ValueError, match="overlap at line 1"):
        apply_edits("abc", [edit((0, 0), (0, 2), "x"), edit((0, 1), (0, 3), "y")])


def test_a_difference_touches_only_what_differs():
    """Indentation, comments, line ends and the words around stay outside of every edit."""
    before = "def f(x):\r\n\treturn x+1  # plus one\r\n\r\nprint( f(3) )"
    after = before.replace("x+1", "x + 2").replace("f(3)", "f(4)")
    edits = difference(before, after)
    assert apply_edits(before, edits) == after
    assert [(one.range.start.line, one.new_text) for one in edits] == [(1, " "), (1, " 2"), (3, "4")]


def test_a_changed_word_is_one_edit():
    assert difference("total = 1", "totals = 1") == (edit((0, 0), (0, 5), "totals"),)


def test_a_new_line_is_one_insertion():
    assert difference("a\nb\nc\n", "a\nb\nx\nc\n") == (edit((2, 0), (2, 0), "x\n"),)


def test_equal_texts_differ_in_nothing():
    assert difference("a\r\n", "a\r\n") == ()


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_difference_always_leads_to_the_other_text(before, after):
    assert apply_edits(before, difference(before, after)) == after


@pytest.mark.parametrize("language", PROGRAMS)
def test_one_word_more_is_one_insertion_anywhere(language):
    """Whatever stands around it, only the word is inserted."""
    text = PROGRAMS[language]
    for start in range(0, len(text), 7):
        after = text[:start] + " extra " + text[start:]
        edits = difference(text, after)
        assert apply_edits(text, edits) == after
        assert sum(len(one.new_text) for one in edits) <= len(" extra ") + 20
        assert len(edits) == 1


def test_a_difference_of_two_long_lines_is_still_found():
    """Where aligning would take too much memory the whole stretch is replaced."""
    before, after = "a " * 60_000, "b, " * 60_000
    assert apply_edits(before, difference(before, after)) == after


@given(st.text(max_size=20))
def test_no_edits_change_nothing(text):
    assert apply_edits(text, ()) == text
