"""Places in a text and changes to it; lines and characters are zero-based, characters are code points."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two characters."""

    line: int
    character: int


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """From `start` up to, not including, `end`."""

    start: Position
    end: Position

    def touches(self, other: "Range") -> bool:
        """Tell whether the two ranges share a character or a border."""
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True)
class Edit:
    """The replacement of one range; edits of one list refer to the text before any of them."""

    range: Range
    new_text: str


@dataclass(frozen=True, slots=True)
class Localized:
    """One text in both languages of the product."""

    en: str
    es: str

    def pick(self, language: str) -> str:
        """Return the text in `language`, English for every other than Spanish."""
        return self.es if language == "es" else self.en

    def say(self, language: str, **values: object) -> str:
        """Return the text in `language` with its `{names}` filled in."""
        return self.pick(language).format(**values)
