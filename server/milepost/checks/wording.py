"""Texts of learners made harmless before they are shown: one line, bounded, no control characters, no Markdown."""

import json
import unicodedata
from collections.abc import Iterable, Sequence

SHORT = 80
LONG = 240
ELLIPSIS = "…"
# Characters that hide text or move it: controls, formats (bidi, zero-width, tags), surrogates, private use.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
KEPT_FORMATS = frozenset("\u200d")  # Joins emoji; without it a family falls into its members.


def visible(text: str, limit: int = SHORT) -> str:
    """Return `text` as one bounded line that shows what would be invisible."""
    cut = text if len(text) <= limit else text[: limit - 1] + ELLIPSIS
    return "".join(_visible(character) for character in cut)


def plain(text: str, limit: int = SHORT) -> str:
    """Return `text` for a message: as `visible`, and a client that takes it for Markdown finds no link in it."""
    return visible(text, limit).replace("](", "] (")


def quoted(text: str, limit: int = SHORT) -> str:
    """Return printed text as one quoted line."""
    return plain(json.dumps(text[: limit + 1], ensure_ascii=False), limit)


def code(text: str, limit: int = LONG) -> str:
    """Return `text` as a Markdown code span that it cannot leave, also inside a table."""
    content = visible(text, limit).replace("|", "\\|")
    fence = "`"
    while fence in content:
        fence += "`"
    padding = " " if content.startswith("`") or content.endswith("`") or not content else ""
    return f"{fence}{padding}{content}{padding}{fence}"


def prose(text: str, limit: int = LONG) -> str:
    """Return `text` for the running words of a Markdown document, its markup made literal."""
    marks = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]<>#|!~"})
    return visible(text, limit).translate(marks)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; cells are Markdown already."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _visible(character: str) -> str:
    if character in KEPT_FORMATS or unicodedata.category(character) not in HIDDEN:
        return character
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code_point = ord(character)
    return known.get(character) or (f"\\x{code_point:02x}" if code_point < 0x100 else f"\\u{code_point:04x}")  # noqa: PLR2004
