from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.text import Position, Range
from milepost.syntax.lines import LineIndex
from tests.syntax.alphabets import TEXTS, naive_lines


def test_only_three_line_ends_end_a_line():
    """Form feed, VT, FS, NEL and U+2028 are characters like any other."""
    index = LineIndex("a\fb\vc\x1cd\x85e\u2028f\rg\r\nh\ni")
    assert [index.line(number) for number in range(index.line_count)] == ["a\fb\vc\x1cd\x85e\u2028f", "g", "h", "i"]


def test_an_empty_text_has_one_empty_line():
    index = LineIndex("")
    assert (index.line_count, index.line(0), index.end) == (1, "", Position(0, 0))


def test_a_final_line_end_starts_one_more_line():
    assert LineIndex("a\n").line_count == 2


@given(TEXTS)
def test_lines_are_those_of_the_naive_reference(text):
    index = LineIndex(text)
    assert [index.line(number) for number in range(index.line_count)] == [text[a:b] for a, b in naive_lines(text)]


@given(TEXTS, st.integers(-2, 60))
def test_offset_and_position_are_inverse(text, offset):
    """Every offset but the one inside a CRLF comes back."""
    index = LineIndex(text)
    clamped = min(max(offset, 0), len(text))
    back = index.offset(index.position(offset))
    inside = text[clamped - 1 : clamped + 1] == "\r\n" and clamped > 0
    assert back == (clamped - 1 if inside else clamped)


@given(TEXTS, st.integers(-2, 30), st.integers(-2, 30))
def test_any_position_gives_an_offset_in_its_line(text, line, character):
    index = LineIndex(text)
    offset = index.offset(Position(line, character))
    assert 0 <= offset <= len(text)
    if 0 <= line < index.line_count:
        assert index.position(offset).line == line


def test_a_slice_takes_what_the_range_names():
    index = LineIndex("ab\r\ncd\r\nef")
    assert index.slice(Range(Position(0, 1), Position(2, 1))) == "b\r\ncd\r\ne"


def test_a_line_that_is_not_there_is_empty():
    index = LineIndex("a")
    assert (index.line(1), index.line(-1)) == ("", "")
