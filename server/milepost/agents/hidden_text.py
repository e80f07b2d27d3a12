"""Characters that nobody sees and that change what is read: found, told, and kept from a model."""

import re
import unicodedata
from collections.abc import Iterator

from milepost.agents.messages import HIDDEN_TEXT
from milepost.domain.validations import Finding, Severity
from milepost.syntax.lines import LineIndex

RULE = "hidden-text"
MOST = 5
# Marks of direction, characters without width, tags, and selectors of variants that no letter before them has.
HIDDEN = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2060-\u2064\u061c\ufeff\U000e0000-\U000e007f\u00ad]+"
)
_JOINERS = re.compile("[\u200c\u200d]+")


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where hidden characters stand; a byte order mark at the beginning and joiners of scripts are none."""
    for match in HIDDEN.finditer(text):
        if match.start() or not match.group().startswith("\ufeff"):
            yield match.span()
    for match in _JOINERS.finditer(text):
        # Emoji and some scripts need joiners; between Latin letters or signs they only hide.
        around = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
        if around.isascii():
            yield match.span()


def findings(text: str, language: str) -> list[Finding]:
    """Return a warning for each place with hidden characters, the first few."""
    index = LineIndex(text)
    found = []
    for start, end in sorted(spans(text))[:MOST]:
        name = unicodedata.name(text[start], f"U+{ord(text[start]):04X}")
        found.append(Finding(RULE, Severity.WARNING, HIDDEN_TEXT.say(language, name=name), index.range(start, end)))
    return found
