import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.syntax.positions import from_units, to_units
from tests.syntax.alphabets import ENCODINGS, naive_offset, width

LINES = st.text(st.sampled_from("ab é\u00df日\U0001f600\u0301\ud800\udc00\x85\u2028\0"), max_size=12)


@pytest.mark.parametrize(
    ("encoding", "units"),
    [("utf-8", [0, 1, 3, 6, 10, 11]), ("utf-16", [0, 1, 2, 3, 5, 6]), ("utf-32", [0, 1, 2, 3, 4, 5])],
)
def test_each_unit_counts_its_own_way(encoding, units):
    line = "aé日\U0001f600b"
    assert [to_units(line, count, encoding) for count in range(6)] == units
    assert [from_units(line, count, encoding) for count in units] == list(range(6))


@given(LINES, st.sampled_from(ENCODINGS), st.integers(-3, 60))
def test_conversion_equals_the_naive_reference(line, encoding, units):
    assert from_units(line, units, encoding) == naive_offset(line, 0, units, encoding)


@given(LINES, st.sampled_from(ENCODINGS), st.integers(-3, 20))
def test_there_and_back_is_the_same_place(line, encoding, characters):
    clamped = min(max(characters, 0), len(line))
    units = to_units(line, characters, encoding)
    assert units == sum(width(character, encoding) for character in line[:clamped])
    assert from_units(line, units, encoding) == clamped


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", (1, 2, 3)), ("utf-16", (1,))])
def test_a_place_inside_a_character_is_before_it(encoding, units):
    assert [from_units("\U0001f600a", count, encoding) for count in units] == [0] * len(units)


def test_places_beyond_the_line_are_its_end():
    assert [from_units("añ", 10**12, encoding) for encoding in ENCODINGS] == [2, 2, 2]
    assert [to_units("añ", 10**12, encoding) for encoding in ENCODINGS] == [3, 2, 2]
