r"""The lines of a text as editors count them: only \n, \r\n and \r end one."""

import re
from bisect import bisect_right
from itertools import accumulate

from milepost.domain.text import Position, Range

_LINE_END = re.compile(r"\r\n|\n|\r")


class LineIndex:
    """Turns positions of a text into offsets and back; characters and offsets are code points."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = _starts(text)

    @property
    def line_count(self) -> int:
        """Return the number of lines, at least one."""
        return len(self._starts)

    @property
    def end(self) -> Position:
        """Return the place after the last character."""
        return self.position(len(self._text))

    def line(self, number: int) -> str:
        """Return a line without its end; an empty text for a line that does not exist."""
        if not 0 <= number < len(self._starts):
            return ""
        start, end = self._bounds(number)
        return self._text[start:end]

    def offset(self, position: Position) -> int:
        """Return the offset of a position, the nearest one where the text has no such place."""
        if position.line < 0:
            return 0
        if position.line >= len(self._starts):
            return len(self._text)
        start, end = self._bounds(position.line)
        return min(start + max(position.character, 0), end)

    def position(self, offset: int) -> Position:
        r"""Return the position of an offset; one between \r and \n belongs to the end of its line."""
        offset = min(max(offset, 0), len(self._text))
        number = bisect_right(self._starts, offset) - 1
        start, end = self._bounds(number)
        return Position(number, min(offset, end) - start)

    def range(self, start: int, end: int) -> Range:
        """Return the range between two offsets."""
        return Range(self.position(start), self.position(end))

    def slice(self, place: Range) -> str:
        """Return the text in a range."""
        return self._text[self.offset(place.start) : self.offset(place.end)]

    def _bounds(self, number: int) -> tuple[int, int]:
        """Return where a line starts and where its end of line does."""
        start = self._starts[number]
        if number + 1 == len(self._starts):
            return start, len(self._text)
        end = self._starts[number + 1] - 1
        if end > start and self._text[end] == "\n" and self._text[end - 1] == "\r":
            end -= 1
        return start, end


def _starts(text: str) -> list[int]:
    if "\r" in text:
        return [0, *(match.end() for match in _LINE_END.finditer(text))]
    # Three times as fast, and this is done for every text that is looked at.
    return list(accumulate((len(line) + 1 for line in text.split("\n")[:-1]), initial=0))
