"""Findings while their text is edited: they move with it, and go when their own lines change."""

import re
from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher

from milepost.domain.text import Position, Range
from milepost.domain.validations import Finding, Related

_LINE_END = re.compile(r"\r\n|\n|\r")
# With more pairs of changed lines than this, comparing them could take longer than a keystroke may.
_COMPARED_PAIRS = 250_000


def moved(findings: Iterable[Finding], before: str, after: str) -> tuple[Finding, ...]:
    """Return the findings at their places in the text after an edit, without those whose lines were edited.

    Only the two texts count, not how the edit was told, so that every kind of synchronisation shows the same.
    """
    findings = tuple(findings)
    if not findings or before == after:
        return findings
    lines = _LineMap(before, after)
    return tuple(placed for finding in findings if (placed := _moved(finding, lines)) is not None)


def _moved(finding: Finding, lines: "_LineMap") -> Finding | None:
    place = lines.range(finding.range)
    if place is None:
        return None
    related = tuple(_moved_related(related, lines) for related in finding.related)
    return replace(finding, range=place, related=tuple(place for place in related if place is not None))


def _moved_related(related: Related, lines: "_LineMap") -> Related | None:
    if related.path is not None:
        return related
    place = lines.range(related.range)
    return None if place is None else replace(related, range=place)


class _LineMap:
    """Which line of one text is which line of another."""

    def __init__(self, before: str, after: str) -> None:
        start = _common_lines(before, after)
        ending = _common_ending(before, after, start)
        self._first = _line_count(before[:start])
        old = _LINE_END.split(before[start : len(before) - ending])
        new = _LINE_END.split(after[start : len(after) - ending])
        # The ending begins behind a line end or at one, so both windows end with the same part of a line.
        self._last = self._first + len(old) - 1
        self._shift = len(new) - len(old)
        self._kept = {self._first + line: self._first + other for line, other in _same_lines(old, new).items()}

    def range(self, place: Range) -> Range | None:
        """Return where a range is now, None when one of its lines was edited."""
        start, end = self._line(place.start.line), self._line(place.end.line)
        if start is None or end is None or end - start != place.end.line - place.start.line:
            return None
        if any(self._line(line) is None for line in range(place.start.line, place.end.line + 1)):
            return None
        return Range(Position(start, place.start.character), Position(end, place.end.character))

    def _line(self, line: int) -> int | None:
        if line < self._first:
            return line
        if line > self._last:
            return line + self._shift
        return self._kept.get(line)


def _line_count(text: str) -> int:
    return len(_LINE_END.findall(text)) if "\r" in text else text.count("\n")


def _common_lines(before: str, after: str) -> int:
    """Return how many characters of whole lines both texts begin with."""
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    start = _line_start(before, low)
    if before[start - 1 : start] == "\r" and "\n" in (before[start : start + 1], after[start : start + 1]):
        # Between the two characters of \r\n no line ends.
        start = _line_start(before, start - 1)
    return start


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _common_ending(before: str, after: str, start: int) -> int:
    """Return how many characters of whole lines, with the line end before them, both texts end with."""
    low, high = 0, min(len(before), len(after)) - start
    while low < high:
        middle = (low + high + 1) // 2
        if before[len(before) - middle : len(before) - low] == after[len(after) - middle : len(after) - low]:
            low = middle
        else:
            high = middle - 1
    ending = before[len(before) - low :]
    previous = (text[len(text) - low - 1 : len(text) - low] for text in (before, after))
    split = ending.startswith("\n") and "\r" in previous
    match = _LINE_END.search(ending, 1 if split else 0)
    return len(ending) - match.start() if match else 0


def _same_lines(old: list[str], new: list[str]) -> dict[int, int]:
    """Return which lines of one list are in the other, by their places."""
    if len(old) * len(new) > _COMPARED_PAIRS:
        return {}
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}
