"""Open documents, kept as the editor has them by its own changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.domain.text import Position
from milepost.syntax import positions
from milepost.syntax.lines import LineIndex
from milepost.syntax.positions import Encoding, UnitPosition, UnitRange


@dataclass(frozen=True, slots=True)
class Change:
    """The replacement of a range of the text as the change before left it, or of the whole text."""

    range: UnitRange | None
    text: str


class TextDocument:
    """The text of an open document; a change that cannot be right is refused and leaves everything as it was."""

    def __init__(self, uri: str, language: str, version: int | None, text: str, encoding: Encoding = "utf-16") -> None:
        self.uri = uri
        self.language = language
        self._version = version
        self._text = text
        self._encoding: Encoding = encoding
        self._index: LineIndex | None = None

    @property
    def version(self) -> int | None:
        """Return the version the editor gave to the present text."""
        return self._version

    @property
    def text(self) -> str:
        """Return the present text."""
        return self._text

    @property
    def index(self) -> LineIndex:
        """Return the line index of the present text."""
        if self._index is None:
            self._index = LineIndex(self._text)
        return self._index

    def apply(self, changes: Sequence[Change], version: int | None) -> bool:
        """Apply all changes, one after another, or none: False says that they were refused.

        Versions must grow; they may leave out numbers, as editors that join several changes do.
        """
        if version is not None and self._version is not None and version <= self._version:
            return False
        text, index = self._text, self._index
        for change in changes:
            changed = _changed(text, index, change, self._encoding)
            if changed is None:
                return False
            text, index = changed, None
        if changes:
            self._text, self._index = text, index
        self._version = version if version is not None else self._version
        return True

    def position(self, place: UnitPosition) -> Position:
        """Return the position in code points of a place in the editor's units."""
        line = self.index.line(place.line)
        return Position(place.line, positions.from_units(line, place.character, self._encoding))

    def place(self, position: Position) -> UnitPosition:
        """Return the place in the editor's units of a position in code points."""
        line = self.index.line(position.line)
        return UnitPosition(position.line, positions.to_units(line, position.character, self._encoding))


def _changed(text: str, index: LineIndex | None, change: Change, encoding: Encoding) -> str | None:
    """Return the text after a change, or None when its range cannot be meant."""
    if change.range is None:
        return change.text
    index = index or LineIndex(text)
    if not _plausible(change.range, index.line_count):
        return None
    start = _offset(index, change.range.start, encoding)
    end = _offset(index, change.range.end, encoding)
    return text[:start] + change.text + text[end:]


def _plausible(place: UnitRange, line_count: int) -> bool:
    """Tell whether a range may be meant: forwards, not negative, at most one line beyond the end.

    Editors name the line after the last one to mean the end of the text, and columns beyond the end of a line to mean
    that end; both are usual.
    """
    if min(place.start.line, place.start.character, place.end.line, place.end.character) < 0:
        return False
    return place.start <= place.end and place.end.line <= line_count


def _offset(index: LineIndex, place: UnitPosition, encoding: Encoding) -> int:
    line = index.line(place.line)
    return index.offset(Position(place.line, positions.from_units(line, place.character, encoding)))
