"""Plain tagged values, as JSON, of whatever a judged expression gave; runs inside the box.

None, bool, str, small int and finite float stand for themselves; everything else is a list that starts with a tag.
Only exact builtin types are looked into, and no method of a judged class is called except `__repr__`, guarded.
"""

from __future__ import annotations

import json
import math
import reprlib
from typing import Any

MAX_NODES = 120_000
MAX_DEPTH = 150
MAX_CHARACTERS = 4_000_000
# Brackets and commas in texts look like structure to a server that counts them before it parses.
MAX_MARKS = 20_000
MAX_TEXT = 2_000
SAFE_INTEGER = 2**53

_type_name = type.__dict__["__name__"].__get__
_SEQUENCES = {list: "l", tuple: "t"}
_SETS = {set: "s", frozenset: "z"}
_BASES = (int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict)


class TooLargeError(Exception):
    """The value is deeper or bigger than what is handed out."""


def name_of(value: object) -> str:
    """Return the name of the value's type without asking the value or its metaclass."""
    return name_of_type(type(value))


def name_of_type(kind: type) -> str:
    """Return the type's name without asking its metaclass."""
    return str(_type_name(kind))[:200]


def text_of(value: object) -> str:
    """Return the value's repr, bounded, whatever it is."""
    try:
        text = repr(value)
        return text[:MAX_TEXT] if type(text) is str else ""
    except BaseException as error:  # noqa: BLE001 - a judged repr may raise anything at all.
        return f"<{name_of(value)} whose repr raises {name_of(error)}>"


def encode_text(text: str) -> Any:
    """Return the tagged form of a text, cut to what is handed out."""
    return Encoder().encode(text[: MAX_CHARACTERS // 2 // _width(text)], 0)


def _width(text: str) -> int:
    """Return how many characters of JSON one of the text may need."""
    if text.isascii():
        return 2 if text.isprintable() else 6
    return 12


def encode(value: object) -> Any:
    """Return the tagged form; what is too large becomes an opaque summary."""
    try:
        return Encoder().encode(value, 0)
    except BaseException:  # noqa: BLE001 - too large most likely; what else a judged object does in it is as bad.
        return ["o", name_of(value), _summary(value), False, None]


def _summary(value: object) -> str:
    try:
        return reprlib.repr(value)[:MAX_TEXT]
    except BaseException:  # noqa: BLE001 - as in text_of.
        return f"<{name_of(value)}>"


class Encoder:
    """Turns one value into its tagged form within a budget."""

    def __init__(self) -> None:
        self.nodes = 0
        self.characters = 0
        self.marks = 0
        self.open: set[int] = set()

    def encode(self, value: object, depth: int) -> Any:
        """Return the tagged form of `value`, which stands `depth` levels down."""
        self._spend(depth)
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str:
            return self._text(value)  # type: ignore[arg-type]
        if kind in (int, float, complex):
            return self._number(value)
        if kind in (bytes, bytearray):
            self.characters += 2 * len(value)  # type: ignore[arg-type]
            self._check()
            return ["b" if kind is bytes else "a", value.hex()]  # type: ignore[attr-defined]
        return self._compound(value, kind, depth)

    def _spend(self, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise TooLargeError

    def _check(self) -> None:
        if self.characters > MAX_CHARACTERS:
            raise TooLargeError

    def _text(self, value: str) -> Any:
        self.characters += len(value) * _width(value)
        self._check()
        self.marks += sum(map(value.count, "[{,"))
        return value if self.marks <= MAX_MARKS else ["u", value.encode("utf-8", "surrogatepass").hex()]

    def _number(self, value: Any) -> Any:
        if type(value) is int:
            if -SAFE_INTEGER < value < SAFE_INTEGER:
                return value
            self.characters += value.bit_length() // 4
            self._check()
            return ["i", hex(value)]
        if type(value) is float:
            return value if math.isfinite(value) else ["f", repr(value)]
        return ["c", self._number(value.real), self._number(value.imag)]

    def _compound(self, value: Any, kind: type, depth: int) -> Any:
        if id(value) in self.open:
            return ["o", name_of(value), "...", False, None]
        self.open.add(id(value))
        try:
            if kind in _SEQUENCES:
                return [_SEQUENCES[kind], [self.encode(item, depth + 1) for item in value]]
            if kind in _SETS:
                items = [self.encode(item, depth + 1) for item in value]
                return [_SETS[kind], sorted(items, key=json.dumps)]
            if kind is dict:
                return ["d", [[self.encode(part, depth + 1) for part in pair] for pair in list(value.items())]]
            return self._object(value, depth)
        finally:
            self.open.discard(id(value))

    def _object(self, value: Any, depth: int) -> Any:
        text = self._text(text_of(value))
        if type(text) is not str:
            raise TooLargeError
        base = next((base for base in _BASES if issubclass(type(value), base)), None)
        plain = self.encode(_as_base(value, base), depth + 1) if base else None
        return ["o", name_of(value), text, " at 0x" not in text, [plain] if base else None]


def _as_base(value: Any, base: Any) -> Any:
    if base is dict:
        return dict(dict.items(value))
    if base in (list, tuple, set, frozenset):
        return base(base.__iter__(value))
    if base is str:
        return str.__str__(value)
    if base in (bytes, bytearray):
        return base(memoryview(value))
    if base is complex:
        return complex.__add__(value, 0)
    return int.__index__(value) if base is int else float.__float__(value)
