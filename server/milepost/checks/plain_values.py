"""From plain Python objects to the values that are compared, and back."""

import ast
import math
from typing import Any, cast

from milepost.sandbox.values import Kind, Value

DEEPEST = 100


class NotPlainError(ValueError):
    """The value has no literal: an object, not-a-number, or too deep."""


def value_of(plain: Any, depth: int = 0) -> Value:
    """Return the value of a plain Python object, as a literal gives it."""
    if depth > DEEPEST:
        raise NotPlainError("too deep")
    kind = type(plain)
    if plain is None:
        return Value("none")
    if kind in {list, tuple, set, frozenset}:
        members = sorted(plain, key=repr) if kind in {set, frozenset} else plain
        return Value(cast("Kind", kind.__name__), tuple(value_of(member, depth + 1) for member in members))
    if kind is dict:
        pairs = ((value_of(key, depth + 1), value_of(member, depth + 1)) for key, member in plain.items())
        return Value("dict", tuple(pairs))
    if kind in {bool, int, float, complex, str, bytes}:
        return Value(cast("Kind", kind.__name__), plain)
    raise NotPlainError(kind.__name__)


def python_of(value: Value) -> Any:
    """Return the plain Python object of a value. Raises NotPlainError."""
    if value.kind == "object" or (value.kind == "float" and not math.isfinite(value.content)):
        raise NotPlainError(value.name)
    if value.kind == "dict":
        return {_key(key): python_of(member) for key, member in value.content}
    if value.kind == "tuple":
        return tuple(python_of(member) for member in value.items)
    if value.kind == "list":
        return [python_of(member) for member in value.items]
    if value.kind in {"set", "frozenset"}:
        members = [_key(member) for member in value.items]
        return set(members) if value.kind == "set" else frozenset(members)
    return value.content


def literal(expression: str) -> Value | None:
    """Return the value of an expression that is a plain literal, None for every other."""
    try:
        return value_of(ast.literal_eval(expression.strip()))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _key(value: Value) -> Any:
    plain = python_of(value)
    try:
        hash(plain)
    except TypeError as error:
        raise NotPlainError(value.name) from error
    return plain
