"""Findings that move with their text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.text import Position, Range
from milepost.domain.validations import Finding, Related, Severity
from milepost.lsp.moving import moved
from milepost.syntax.lines import LineIndex


def at(line: int, end: int | None = None, *related: Related) -> Finding:
    place = Range(Position(line, 0), Position(line if end is None else end, 1))
    return Finding("rule", Severity.ERROR, f"line {line}", place, related=related)


def lines(before: str, after: str) -> dict[int, int]:
    """Return where a finding on each line of the text is afterwards."""
    count = LineIndex(before).line_count
    found = moved([at(line) for line in range(count)], before, after)
    return {int(finding.message[5:]): finding.range.start.line for finding in found}


def test_lines_before_stay_and_lines_behind_move():
    assert lines("a\nb\nc\n", "a\nnew\nb\nc\n") == {0: 0, 1: 2, 2: 3, 3: 4}


def test_an_edited_line_loses_its_findings():
    assert lines("a\nb\nc", "a\nbb\nc") == {0: 0, 2: 2}


def test_two_edits_far_apart_leave_what_is_between():
    assert lines("a\nb\nc\nd\ne", "A\nb\nc\nnew\nd\nE") == {1: 1, 2: 2, 3: 4}


def test_a_removed_line_loses_its_findings():
    assert lines("a\nb\nc", "a\nc") == {0: 0, 2: 1}


def test_joining_lines_edits_both():
    assert lines("a\nb\nc", "ab\nc") == {2: 1}


def test_a_finding_over_several_lines_goes_when_one_of_them_changes():
    before, after = "a\nb\nc\nd", "a\nb!\nc\nd"
    assert moved([at(0, 2)], before, after) == ()
    assert len(moved([at(2, 3)], before, after)) == 1


def test_a_line_put_into_a_finding_withdraws_it():
    assert moved([at(0, 2)], "a\nb\nc", "a\nb\nnew\nc") == ()


def test_related_places_move_too_and_those_of_other_files_stay():
    other = Related("there", Range(Position(9, 0), Position(9, 1)), "/elsewhere.py")
    gone = Related("here", Range(Position(0, 0), Position(0, 1)))
    kept = Related("here", Range(Position(2, 0), Position(2, 1)))
    (finding,) = moved([at(2, None, other, gone, kept)], "a\nb\nc", "A\nb\nnew\nc")
    assert [related.range.start.line for related in finding.related] == [9, 3]


def test_line_ends_of_every_kind():
    assert lines("a\r\nb\r\nc", "a\nb\r\nc") == {0: 0, 1: 1, 2: 2}
    assert lines("a\rb\rc", "a\rx\rb\rc") == {0: 0, 1: 2, 2: 3}
    assert lines("a\rb", "a\r\nb") == {0: 0, 1: 1}
    assert lines("a\fb\nc", "a\fb\nx\nc") == {0: 0, 1: 2}


texts = st.lists(st.sampled_from(["a", "b", "cc", "\n", "\r\n", "\r", "", " "]), max_size=14).map("".join)


@given(texts, texts)
def test_a_finding_that_stays_has_its_line(before, after):
    old, new = LineIndex(before), LineIndex(after)
    places = lines(before, after)
    for line, place in places.items():
        assert old.line(line) == new.line(place)
    assert sorted(places.values()) == [places[line] for line in sorted(places)]


@given(texts, st.integers(0, 20), st.integers(0, 20), texts)
def test_an_edit_leaves_the_lines_it_does_not_touch(text, start, end, new):
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    after = text[:start] + new + text[end:]
    index = LineIndex(text)
    first, last = index.position(start).line, index.position(end).line
    places = lines(text, after)
    assert all(places.get(line) == line for line in range(first) if _ends_alike(text, after, line))
    shift = LineIndex(after).line_count - index.line_count
    behind = range(last + 1, index.line_count)
    if len(re.findall("\r", text + new)) == 0:
        assert all(places.get(line) == line + shift for line in behind if not _ambiguous(text, after))


def _ends_alike(before: str, after: str, line: int) -> bool:
    return LineIndex(before).line(line) == LineIndex(after).line(line)


def _ambiguous(before: str, after: str) -> bool:
    """Tell whether the same edit could have been made at another of several equal lines."""
    return any(len(set(text.split("\n"))) < len(text.split("\n")) for text in (before, after))
