"""The three units in which editors count characters of a line: UTF-8 bytes, UTF-16 units, code points."""

import re
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_CONTINUATION_MASK = 0b1100_0000
_CONTINUATION = 0b1000_0000


@dataclass(frozen=True, slots=True, order=True)
class UnitPosition:
    """A place in a text whose character is counted in units of an encoding that both sides agreed on."""

    line: int
    character: int


@dataclass(frozen=True, slots=True, order=True)
class UnitRange:
    """From `start` up to, not including, `end`, in units."""

    start: UnitPosition
    end: UnitPosition


def to_units(line: str, characters: int, encoding: Encoding) -> int:
    """Return how many units the first code points of a line take; counts beyond the line stop at its end."""
    characters = min(max(characters, 0), len(line))
    if encoding == "utf-32" or line.isascii():
        return characters
    before = line[:characters]
    if encoding == "utf-8":
        return len(before.encode("utf-8", "surrogatepass"))
    return characters + len(_ASTRAL.findall(before))


def from_units(line: str, units: int, encoding: Encoding) -> int:
    """Return how many whole code points fit into the first units of a line; a place inside one is before it."""
    units = max(units, 0)
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    return _from_utf8(line, units) if encoding == "utf-8" else _from_utf16(line, units)


def _from_utf8(line: str, units: int) -> int:
    # No code point takes less than a byte, so more code points than units are never needed.
    raw = line[:units].encode("utf-8", "surrogatepass")
    end = min(units, len(raw))
    while 0 < end < len(raw) and raw[end] & _CONTINUATION_MASK == _CONTINUATION:
        end -= 1
    return len(raw[:end].decode("utf-8", "surrogatepass"))


def _from_utf16(line: str, units: int) -> int:
    characters = units
    for pairs, match in enumerate(_ASTRAL.finditer(line, 0, min(units, len(line)))):
        if match.start() + pairs + 1 >= units:
            # The place is before this pair or inside it.
            return min(units - pairs, match.start(), len(line))
        characters = units - pairs - 1
    return min(characters, len(line))
