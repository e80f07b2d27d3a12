"""Values that judged code gave, rebuilt from plain tagged data, and how they are compared and shown.

What arrives was written by judged code: anything malformed is refused, nothing of it is ever executed or unpickled.
Equality works on a canonical text instead of hashes, so that a crafted set cannot make a comparison quadratic.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "none", "bool", "int", "float", "complex", "str", "bytes", "bytearray", "list", "tuple", "set", "frozenset", "dict",
    "object",
]  # fmt: skip

MAX_DEPTH = 200
MAX_SHOWN_BITS = 4_000
NUMBERS = frozenset({"bool", "int", "float", "complex"})


class UnreadableError(ValueError):
    """The data is no value."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value by kind.

    `content` is the plain Python value of a scalar, a tuple of values of a sequence or set (sets in a stable order), a
    tuple of pairs of a dict, and the repr of an object. An object is everything else: `type_name` says what it was,
    `base` holds its content if its type derives from a builtin one, and only a `comparable` one equals another.
    """

    kind: Kind
    content: Any = None
    type_name: str = ""
    base: "Value | None" = None
    comparable: bool = True

    @property
    def name(self) -> str:
        """The name of the value's type."""
        return self.type_name or ("NoneType" if self.kind == "none" else self.kind)

    @property
    def items(self) -> tuple["Value", ...]:
        """The elements of a sequence or set; empty for everything else."""
        return self.content if self.kind in _ITEMS else ()


_ITEMS = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}"), "frozenset": ("frozenset({", "})")}
_SEQUENCE_TAGS: dict[str, Kind] = {"l": "list", "t": "tuple", "s": "set", "z": "frozenset"}


def decode(data: bytes) -> Value:
    """Return the value that `data`, JSON, stands for; UnreadableError if it is none."""
    try:
        return build(json.loads(data, parse_constant=_refuse))
    except (ValueError, TypeError, RecursionError, MemoryError, OverflowError) as error:
        raise UnreadableError(str(error)[:200]) from None


def _refuse(constant: str) -> None:
    raise UnreadableError(constant)


def build(data: Any, depth: int = 0) -> Value:
    """Return the value that the parsed JSON `data` stands for; UnreadableError if it is none."""
    if depth > MAX_DEPTH:
        raise UnreadableError("too deep")
    if data is None:
        return Value("none")
    if type(data) in _SCALARS:
        return Value(_SCALARS[type(data)], data)
    if type(data) is not list or not data or type(data[0]) is not str:
        raise UnreadableError("no tag")
    builder = _BUILDERS.get(data[0])
    if builder is None:
        raise UnreadableError("unknown tag")
    return builder(data, depth)


_SCALARS: dict[type, Kind] = {bool: "bool", int: "int", float: "float", str: "str"}


def _part(data: list[Any], index: int, kind: type) -> Any:
    if index >= len(data) or type(data[index]) is not kind:
        raise UnreadableError("wrong shape")
    return data[index]


def _int(data: list[Any], _depth: int) -> Value:
    try:
        return Value("int", int(_part(data, 1, str), 16))
    except ValueError:
        raise UnreadableError("no number") from None


def _long_text(data: list[Any], _depth: int) -> Value:
    try:
        return Value("str", bytes.fromhex(_part(data, 1, str)).decode("utf-8", "surrogatepass"))
    except ValueError:
        raise UnreadableError("no text") from None


def _float(data: list[Any], _depth: int) -> Value:
    text = _part(data, 1, str)
    if text not in {"nan", "inf", "-inf"}:
        raise UnreadableError("no number")
    return Value("float", float(text))


def _complex(data: list[Any], depth: int) -> Value:
    if len(data) != 3:  # noqa: PLR2004 - a tag and two parts.
        raise UnreadableError("wrong shape")
    real, imaginary = (build(part, depth + 1) for part in data[1:])
    if real.kind != "float" or imaginary.kind != "float":
        raise UnreadableError("no number")
    return Value("complex", complex(real.content, imaginary.content))


def _bytes(data: list[Any], _depth: int) -> Value:
    try:
        return Value("bytes" if data[0] == "b" else "bytearray", bytes.fromhex(_part(data, 1, str)))
    except ValueError:
        raise UnreadableError("no bytes") from None


def _sequence(data: list[Any], depth: int) -> Value:
    return Value(_SEQUENCE_TAGS[data[0]], tuple(build(item, depth + 1) for item in _part(data, 1, list)))


def _dict(data: list[Any], depth: int) -> Value:
    pairs = []
    for pair in _part(data, 1, list):
        if type(pair) is not list or len(pair) != 2:  # noqa: PLR2004 - a key and its value.
            raise UnreadableError("no pair")
        pairs.append((build(pair[0], depth + 1), build(pair[1], depth + 1)))
    return Value("dict", tuple(pairs))


def _object(data: list[Any], depth: int) -> Value:
    base = data[4] if len(data) == 5 else 0  # noqa: PLR2004 - a tag, a type, a text, a flag, a base.
    if base is not None and (type(base) is not list or len(base) != 1):
        raise UnreadableError("wrong shape")
    content = build(base[0], depth + 1) if base else None
    return Value("object", _part(data, 2, str), _part(data, 1, str)[:200], content, comparable=_part(data, 3, bool))


_BUILDERS: dict[str, Callable[[list[Any], int], Value]] = {
    "i": _int, "f": _float, "c": _complex, "b": _bytes, "a": _bytes, "d": _dict, "o": _object, "u": _long_text,
    "l": _sequence, "t": _sequence, "s": _sequence, "z": _sequence,
}  # fmt: skip


def text_value(text: str) -> Value:
    """Return `text` as a value."""
    return Value("str", text)


class _IncomparableError(Exception):
    """An object that equals nothing is part of the value."""


def equal(first: Value, second: Value) -> bool:
    """Tell whether the two have the same type and are equal as Python sees it; NaN equals NaN."""
    if (first.kind, first.type_name) != (second.kind, second.type_name):
        return False
    try:
        return canonical(first) == canonical(second)
    except _IncomparableError:
        return False


def same_unordered(first: Value, second: Value) -> bool:
    """Tell whether the two have the same type and the same elements, each as often, in any order."""
    if first.kind not in _ITEMS or second.kind not in _ITEMS:
        return equal(first, second)
    try:
        return first.kind == second.kind and _sorted(first.items) == _sorted(second.items)
    except _IncomparableError:
        return False


def canonical(value: Value) -> str:
    """Return a text that two values share exactly if Python calls them equal."""
    kind, content = value.kind, value.content
    if kind in NUMBERS:
        return _canonical_number(content)
    if kind in {"list", "tuple"}:
        return f"{kind}({','.join(canonical(item) for item in content)})"
    if kind in {"set", "frozenset"}:
        return f"set({','.join(sorted({canonical(item) for item in content}))})"
    if kind == "dict":
        return f"dict({','.join(sorted(f'{canonical(key)}:{canonical(item)}' for key, item in content))})"
    if kind == "object":
        return _canonical_object(value)
    return "bytes" + content.hex() if kind in {"bytes", "bytearray"} else json.dumps(content)


def _sorted(items: Sequence[Value]) -> list[str]:
    return sorted(canonical(item) for item in items)


def _canonical_number(number: Any) -> str:
    if isinstance(number, complex):
        if number.imag:
            return f"{_canonical_number(number.real)}+{_canonical_number(number.imag)}j"
        number = number.real
    if isinstance(number, float):
        if not number.is_integer():
            return "nan" if math.isnan(number) else repr(number)
        number = int(number)
    return hex(number)


def _canonical_object(value: Value) -> str:
    if value.base is not None:
        return canonical(value.base)
    if not value.comparable:
        raise _IncomparableError
    return f"{json.dumps(value.type_name)}{json.dumps(value.content)}"


def close(got: Value, expected: Value, tolerance: float) -> bool:
    """Tell whether the two are equal but for numbers that differ by at most `tolerance`, absolutely or relatively."""
    if {got.kind, expected.kind} <= {"int", "float", "complex"}:
        return _near(got.content, expected.content, tolerance)
    if got.kind != expected.kind or got.type_name != expected.type_name:
        return False
    if got.kind in {"list", "tuple"}:
        return _pairwise(got.items, expected.items, tolerance)
    if got.kind in {"set", "frozenset"} and all(item.kind in NUMBERS for item in (*got.items, *expected.items)):
        return _pairwise(_by_size(got.items), _by_size(expected.items), tolerance)
    if got.kind == "dict":
        return _dicts_close(got, expected, tolerance)
    return equal(got, expected)


def _near(got: Any, expected: Any, tolerance: float) -> bool:
    try:
        if got == expected or (math.isnan(abs(got)) and math.isnan(abs(expected))):
            return True
        return bool(abs(got - expected) <= tolerance * max(1.0, abs(expected)) < math.inf)
    except OverflowError:
        return False


def _by_size(items: Sequence[Value]) -> list[Value]:
    return sorted(items, key=lambda item: (abs(item.content), str(item.content)))


def _pairwise(got: Sequence[Value], expected: Sequence[Value], tolerance: float) -> bool:
    if len(got) != len(expected):
        return False
    return all(close(one, other, tolerance) for one, other in zip(got, expected, strict=True))


def _dicts_close(got: Value, expected: Value, tolerance: float) -> bool:
    try:
        ours = {canonical(key): item for key, item in got.content}
        theirs = {canonical(key): item for key, item in expected.content}
    except _IncomparableError:
        return False
    return ours.keys() == theirs.keys() and all(close(ours[key], theirs[key], tolerance) for key in ours)


def show(value: Value, limit: int = 200) -> str:
    """Return the value as Python would write it, at most `limit` characters and printable in any encoding."""
    pieces: list[str] = []
    _show(value, pieces, [limit])
    text = printable("".join(pieces))
    return text if len(text) <= limit else text[: max(0, limit - 1)] + "…"


def printable(text: str) -> str:
    """Return `text` without lone surrogates and control characters, which no terminal or database should get."""
    return "".join(one if one.isprintable() or one == "\n" else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _show(value: Value, pieces: list[str], left: list[int]) -> None:
    if left[0] < 0:
        return
    if value.kind in _ITEMS:
        _show_items(value, pieces, left)
    elif value.kind == "dict":
        _add("{", pieces, left)
        for index, (key, item) in enumerate(value.content):
            _add(", " if index else "", pieces, left)
            _show(key, pieces, left)
            _add(": ", pieces, left)
            _show(item, pieces, left)
            if left[0] < 0:
                return
        _add("}", pieces, left)
    else:
        _add(_show_scalar(value, left[0]), pieces, left)


def _show_items(value: Value, pieces: list[str], left: list[int]) -> None:
    opening, closing = _ITEMS[value.kind]
    if not value.content and value.kind in {"set", "frozenset"}:
        _add(f"{value.kind}()", pieces, left)
        return
    _add(opening, pieces, left)
    for index, item in enumerate(value.content):
        _add(", " if index else "", pieces, left)
        _show(item, pieces, left)
        if left[0] < 0:
            return
    _add("," + closing if value.kind == "tuple" and len(value.content) == 1 else closing, pieces, left)


def _add(text: str, pieces: list[str], left: list[int]) -> None:
    pieces.append(text)
    left[0] -= len(text)


def _show_scalar(value: Value, limit: int) -> str:
    content = value.content
    if value.kind == "object":
        return str(content)
    if value.kind == "bytearray":
        return f"bytearray({content[: limit + 1]!r})"
    if value.kind in {"str", "bytes"}:
        return repr(content[: limit + 1])
    # Decimal digits of huge numbers cost quadratic time, and Python refuses them.
    return hex(content) if value.kind == "int" and content.bit_length() > MAX_SHOWN_BITS else repr(content)
