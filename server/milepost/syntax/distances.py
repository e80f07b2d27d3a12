"""How far two token lists are apart, and which tokens differ."""

import sys
from collections.abc import Hashable, Sequence
from typing import NamedTuple

# rapidfuzz costs more to import than the rest of the room and no keystroke needs it: each function imports it.

# Above the surrogates, where there is room for more than a million different tokens.
_FIRST_CHARACTER = 0xE000


class Replacement(NamedTuple):
    """`before[start:end]` became `after[new_start:new_end]`."""

    start: int
    end: int
    new_start: int
    new_end: int


def edit_distance(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    """Return how many tokens must be inserted, removed or replaced."""
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415

    return Levenshtein.distance(before, after)


def token_distance(before: Sequence[Hashable], after: Sequence[Hashable], limit: float = 1.0) -> float:
    """Return the edit distance divided by the longer length (0 to 1); above `limit` it is only known to be 1."""
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415

    return Levenshtein.normalized_distance(before, after, score_cutoff=limit)


def replacements(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Replacement]:
    """Return the smallest set of changed stretches, in order."""
    from rapidfuzz.distance import Indel  # noqa: PLC0415

    found: list[Replacement] = []
    for code in Indel.opcodes(before, after):
        if code.tag == "equal":
            continue
        one = Replacement(code.src_start, code.src_end, code.dest_start, code.dest_end)
        if found and found[-1].end == one.start and found[-1].new_end == one.new_start:
            one = Replacement(found[-1].start, one.end, found[-1].new_start, one.new_end)
            found.pop()
        found.append(one)
    return found


def encoded(programs: Sequence[Sequence[str]]) -> list[str]:
    """Return token lists as texts of one character a token, on which distances are many times faster."""
    characters: dict[str, str] = {}

    def character(token: str) -> str:
        known = characters.get(token)
        if known is None:
            known = characters[token] = chr(min(_FIRST_CHARACTER + len(characters), sys.maxunicode))
        return known

    return ["".join(map(character, program)) for program in programs]
