"""Texts that PostgreSQL refuses (NUL, lone surrogates), made storable and back without loss.

A learner's file may hold any of them, and nothing that was saved may be lost.
"""

import json
import re
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

# U+FDD0 is a noncharacter: valid UTF-8 that no text in the wild uses.
MARK = "\ufdd0"
_REFUSED = re.compile("[\x00\ud800-\udfff\ufdd0]")
_ESCAPED = re.compile(MARK + "([0-9a-f]{4})")


def escape(text: str) -> str:
    """Return the text with each refused character written as the mark and four hexadecimal digits."""
    return _REFUSED.sub(lambda found: f"{MARK}{ord(found[0]):04x}", text)


def unescape(text: str) -> str:
    """Undo `escape`."""
    if MARK not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


class SafeText(TypeDecorator[str]):
    """A text column that takes every Python string."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Escape on the way in."""
        return None if value is None else escape(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Undo it on the way out."""
        return None if value is None else unescape(value)


def _mapped(value: Any) -> Any:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, dict):
        return {escape(str(key)): _mapped(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_mapped(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124
        return str(value)
    return value


def dump_json(value: Any) -> str:
    """Return the value as JSON that `jsonb` accepts; times and ids become text, NaN and infinities too."""
    return json.dumps(_mapped(value), ensure_ascii=False, allow_nan=False, default=str)


def load_json(text: str) -> Any:
    """Undo `dump_json`."""
    if MARK not in text:
        return json.loads(text)
    return _restored(json.loads(text))


def _restored(value: Any) -> Any:
    if isinstance(value, str):
        return unescape(value)
    if isinstance(value, dict):
        return {unescape(key): _restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item) for item in value]
    return value
