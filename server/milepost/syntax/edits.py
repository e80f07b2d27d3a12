"""Applying edits to a text, and finding the smallest ones between two texts."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from milepost.domain.text import Edit
from milepost.syntax import distances
from milepost.syntax.distances import Replacement
from milepost.syntax.lines import LineIndex

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
# Words, line ends, and single spaces and signs: what a reader sees as one change stays one edit.
_PIECES = re.compile(r"\w+|\r\n|.", re.DOTALL)

# The aligner needs memory for the product of both lengths (a bit each); a larger stretch is replaced as a whole.
_LARGEST_PRODUCT = 64_000_000


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return the text after edits that all refer to it as it is; raises ValueError when two of them overlap."""
    index = LineIndex(text)
    pieces: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: edit.range):
        start, end = index.offset(edit.range.start), index.offset(edit.range.end)
        if start < done or end < start:
            raise ValueError(f"edits overlap at line {edit.range.start.line + 1}")
        pieces += (text[done:start], edit.new_text)
        done = end
    return "".join((*pieces, text[done:]))


def difference(before: str, after: str) -> tuple[Edit, ...]:
    """Return the smallest edits, in whole words and signs, that turn one text into the other."""
    index = LineIndex(before)
    return tuple(
        Edit(index.range(start, end), new_text)
        for start, end, new_text in _joined(_changes(before, after))
        if before[start:end] != new_text
    )


def _changes(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    """Yield changed stretches as (start, end, new text): first by lines, then by words inside them."""
    for start, end, new_start, new_end in _aligned(before, after, _LINES):
        old, new = before[start:end], after[new_start:new_end]
        for piece in _aligned(old, new, _PIECES):
            yield start + piece[0], start + piece[1], new[piece[2] : piece[3]]


def _aligned(before: str, after: str, unit: re.Pattern[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the offsets of stretches that differ when both texts are cut into units."""
    old, new = unit.findall(before), unit.findall(after)
    first = _shared(old, new)
    last = _shared(old[first:][::-1], new[first:][::-1])
    old_offsets, new_offsets = [0, *accumulate(map(len, old))], [0, *accumulate(map(len, new))]
    for one in _stretches(old[first : len(old) - last], new[first : len(new) - last]):
        yield (
            old_offsets[first + one.start],
            old_offsets[first + one.end],
            new_offsets[first + one.new_start],
            new_offsets[first + one.new_end],
        )


def _stretches(old: list[str], new: list[str]) -> list[Replacement]:
    if len(old) * len(new) > _LARGEST_PRODUCT:
        return [Replacement(0, len(old), 0, len(new))]
    return distances.replacements(old, new) if old or new else []


def _shared(old: list[str], new: list[str]) -> int:
    """Return how many units both lists start with."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _joined(changes: Iterator[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Join changes that meet."""
    last: tuple[int, int, str] | None = None
    for start, end, new_text in changes:
        if last is not None and start == last[1]:
            last = (last[0], end, last[2] + new_text)
            continue
        if last is not None:
            yield last
        last = (start, end, new_text)
    if last is not None:
        yield last
