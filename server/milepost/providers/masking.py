"""Secrets are taken out of a text before it leaves the machine.

Two finders together: detect-secrets, and the formats of `token_formats`; each finds what the other does not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import PurePath
from typing import TYPE_CHECKING

from milepost.providers import token_formats

if TYPE_CHECKING:
    from detect_secrets.plugins.base import RegexBasedDetector

PLACEHOLDER = "<masked>"
# Shorter finds of detect-secrets are words of a program.
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its secrets; `offsets` gives for each of its characters, and its end, the place in the original."""

    text: str
    count: int
    offsets: tuple[int, ...]
    hidden: tuple[tuple[int, int], ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that a span of the masked text stands for."""
        return self.offsets[start], self.offsets[end - 1] + 1 if end > start else self.offsets[end]

    def touches_secret(self, start: int, end: int) -> bool:
        """Tell whether a span of the original holds part of a secret."""
        return any(start < hidden_end and hidden_start < end for hidden_start, hidden_end in self.hidden)


def is_private(path: str) -> bool:
    """Tell whether a file is one whose content never leaves the machine, such as `.env`."""
    return token_formats.PRIVATE_FILES.match(PurePath(path).name) is not None


def mask(text: str) -> Masked:
    """Return the text with a placeholder for each secret."""
    hidden = tuple(merged(_found(text)))
    parts, offsets, place = [], [], 0
    for start, end in hidden:
        parts += [text[place:start], PLACEHOLDER]
        offsets += [*range(place, start), *[start] * len(PLACEHOLDER)]
        place = end
    parts.append(text[place:])
    offsets += range(place, len(text) + 1)
    return Masked("".join(parts), len(hidden), tuple(offsets), hidden)


def merged(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans in order, those that touch as one."""
    ordered = sorted(spans)
    ends = accumulate((end for _, end in ordered), max)
    start, last = None, 0
    for (next_start, _), end in zip(ordered, ends, strict=True):
        if start is None:
            start = next_start
        elif next_start > last:
            yield start, last
            start = next_start
        last = end
    if start is not None:
        yield start, last


def _found(text: str) -> Iterator[tuple[int, int]]:
    for start, end in token_formats.spans(text):
        if PLACEHOLDER not in text[start:end]:
            yield start, end
    for value in _detected(text):
        place = text.find(value)
        while place >= 0:
            yield place, place + len(value)
            place = text.find(value, place + len(value))


def _detected(text: str) -> set[str]:
    """Return what detect-secrets finds; its plugins look at a whole text at once, which is much faster than by line."""
    found = {value for plugin in _plugins() for value in plugin.analyze_string(text) if isinstance(value, str)}
    return {value for value in found if len(value) >= _SHORTEST and PLACEHOLDER not in value and "\n" not in value}


@cache
def _plugins() -> tuple["RegexBasedDetector", ...]:
    # It brings a client for checking keys at their vendors, which is never used here.
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class  # noqa: PLC0415
    from detect_secrets.plugins.base import RegexBasedDetector  # noqa: PLC0415

    kinds: Iterable[type] = get_mapping_from_secret_type_to_class().values()
    # Addresses of machines are no secrets, and quoted entropy is judged in `token_formats`.
    left_out = {"IPPublicDetector", "PrivateKeyDetector"}
    return tuple(kind() for kind in kinds if issubclass(kind, RegexBasedDetector) and kind.__name__ not in left_out)
