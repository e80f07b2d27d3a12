"""The text that a model sees, and where in the original its quotes stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from milepost.agents import hidden_text
from milepost.providers import masking
from milepost.providers.masking import Masked
from milepost.syntax import lexing
from milepost.syntax.symbols import Symbol

LONGEST_QUOTE = 2_000
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Copy:
    """A stretch of a program as a model sees it: without hidden characters and without secrets."""

    symbol: Symbol
    text: str
    seen: tuple[int, ...]
    masked: Masked

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in the whole program of a span of the copy."""
        first, last = self.masked.original(start, end)
        return self.symbol.start + self.seen[first], self.symbol.start + self.seen[last - 1] + 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands, in the whole program; `whole` tells that the model saw every character of it."""

    copy: Copy
    start: int
    end: int
    whole: bool


def copy_of(program: str, symbol: Symbol) -> Copy:
    """Return a stretch of a program as a model may see it."""
    text = symbol.text(program)
    hidden = [place for start, end in hidden_text.spans(text) for place in range(start, end)]
    seen = tuple(sorted(set(range(len(text))) - set(hidden))) if hidden else tuple(range(len(text)))
    masked = masking.mask("".join(text[place] for place in seen))
    return Copy(symbol, masked.text, seen, masked)


def find(quote: str, copies: Sequence[Copy]) -> Place | None:
    """Return where a quote stands: exactly, else with other white space, and only if that is in one place."""
    wanted = quote.strip()
    if not wanted or len(wanted) > LONGEST_QUOTE:
        return None
    exact = [(copy, start, start + len(wanted)) for copy in copies for start in _all(wanted, copy.text)]
    found = exact or _normalised(wanted, copies)
    if len(found) != 1:
        return None
    copy, start, end = found[0]
    first, last = copy.masked.original(start, end)
    whole = not copy.masked.touches_secret(first, last) and copy.seen[last - 1] - copy.seen[first] == last - 1 - first
    return Place(copy, *copy.original(start, end), whole)


def is_code(place: Place, program: str, language: str) -> bool:
    """Tell whether a place holds more than comments and texts."""
    pieces = lexing.lexemes(program, language)
    kinds = {piece.kind for piece in pieces if piece.start < place.end and place.start < piece.end}
    return bool(kinds - {"comment", "string", "newline", "broken", "open", "close"})


def _all(wanted: str, text: str) -> list[int]:
    """Return every place of a quote that does not begin or end inside a word."""
    found, place = [], text.find(wanted)
    while place >= 0:
        if not _cuts_a_word(text, place) and not _cuts_a_word(text, place + len(wanted)):
            found.append(place)
        place = text.find(wanted, place + 1)
    return found


def _cuts_a_word(text: str, place: int) -> bool:
    return 0 < place < len(text) and _is_word(text[place - 1]) and _is_word(text[place])


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _normalised(wanted: str, copies: Sequence[Copy]) -> list[tuple[Copy, int, int]]:
    words = _SPACE.sub(" ", wanted)
    found = []
    for copy in copies:
        flat, places = _flattened(copy.text)
        found += [(copy, places[start], places[start + len(words) - 1] + 1) for start in _all(words, flat)]
    return found


def _flattened(text: str) -> tuple[str, list[int]]:
    """Return a text with every run of white space as one space, and where each of its characters stands."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        if not sign.isspace():
            signs.append(sign)
            places.append(place)
        elif not signs or signs[-1] != " ":
            signs.append(" ")
            places.append(place)
    return "".join(signs), places
