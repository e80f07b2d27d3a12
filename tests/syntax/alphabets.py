"""Texts that are hard on whoever counts lines and characters."""

import os

from hypothesis import strategies as st

# Line ends, what only looks like one, characters of every width, and marks that join others.
PIECES = (
    "\r",
    "\n",
    "\r\n",
    "\f",
    "\v",
    "\x1c",
    "\x85",
    "\u2028",
    "a",
    " ",
    "é",
    "ß",
    "日",
    "\U0001f600",
    "e\u0301",
    "\u200d",
    "\t",
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
ENCODINGS = ("utf-8", "utf-16", "utf-32")

# `MILEPOST_SOAK=1` makes the long runs whole.
SOAK = os.environ.get("MILEPOST_SOAK") == "1"


def width(character: str, encoding: str) -> int:
    """Return how many units a character takes, by its encoder."""
    if encoding == "utf-8":
        return len(character.encode("utf-8", "surrogatepass"))
    if encoding == "utf-16":
        return len(character.encode("utf-16-le", "surrogatepass")) // 2
    return 1


def naive_lines(text: str) -> list[tuple[int, int]]:
    """Return start and end (without its line end) of each line, found character by character."""
    lines, start, at = [], 0, 0
    while at < len(text):
        if text[at] in "\r\n":
            lines.append((start, at))
            at += 2 if text[at : at + 2] == "\r\n" else 1
            start = at
        else:
            at += 1
    return [*lines, (start, len(text))]


def naive_offset(text: str, line: int, units: int, encoding: str) -> int:
    """Return the offset of a place, found character by character."""
    lines = naive_lines(text)
    if line >= len(lines):
        return len(text)
    at, end = lines[line]
    while at < end and units >= width(text[at], encoding):
        units -= width(text[at], encoding)
        at += 1
    return at
