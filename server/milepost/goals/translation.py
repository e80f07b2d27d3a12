"""Pydantic's errors in plain words, in both languages."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from milepost.domain.text import Localized
from milepost.goals import messages, schema, suggestions
from milepost.goals.problems import RefusedError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_BY_TYPE: Mapping[str, Localized] = {
    "string_type": messages.NOT_TEXT,
    "tuple_type": messages.NOT_LIST,
    "model_type": messages.NOT_MAPPING,
    "model_attributes_type": messages.NOT_MAPPING,
    "float_type": messages.NOT_NUMBER,
    "float_parsing": messages.NOT_NUMBER,
    "finite_number": messages.NOT_NUMBER,
    "int_type": messages.NOT_WHOLE_NUMBER,
    "int_parsing": messages.NOT_WHOLE_NUMBER,
    "int_parsing_size": messages.NOT_WHOLE_NUMBER,
    "int_from_float": messages.NOT_WHOLE_NUMBER,
    "bool_type": messages.NOT_BOOLEAN,
    "bool_parsing": messages.NOT_BOOLEAN,
    "string_too_short": messages.TOO_SHORT,
    "too_short": messages.TOO_SHORT,
}


def _missing(error: "ErrorDetails") -> Localized:
    return messages.fill(messages.MISSING, key=error["loc"][-1])


def _refused(error: "ErrorDetails") -> Localized:
    refusal = error["ctx"]["error"]
    return refusal.message if isinstance(refusal, RefusedError) else messages.WRONG


def _limited(message: Localized, name: str) -> Callable[["ErrorDetails"], Localized]:
    return lambda error: messages.fill(message, limit=_number(error["ctx"][name]))


def _choice(error: "ErrorDetails") -> Localized:
    choices = str(error["ctx"]["expected"]).replace("'", "`").replace(" or ", ", ")
    return messages.fill(messages.NOT_AMONG, choices=choices)


def _no_kind(error: "ErrorDetails") -> Localized:
    kinds = ", ".join(f"`{kind}`" for kind in schema.KINDS)
    written = [key for key in _keys(error["input"]) if key != "weight"]
    near = next((key for key in written if suggestions.nearest(key, schema.KINDS)), None)
    if near is not None:
        return suggestions.unknown_key(near, schema.KINDS, in_braces=False)
    return messages.fill(messages.NO_CRITERION, kinds=kinds)


_BY_ERROR: Mapping[str, Callable[["ErrorDetails"], Localized]] = {
    "missing": _missing,
    "value_error": _refused,
    "greater_than": _limited(messages.TOO_SMALL, "gt"),
    "greater_than_equal": _limited(messages.AT_LEAST, "ge"),
    "less_than_equal": _limited(messages.TOO_LARGE, "le"),
    "string_too_long": _limited(messages.TOO_LONG, "max_length"),
    "enum": _choice,
    "union_tag_not_found": _no_kind,
}


def location(error: "ErrorDetails") -> tuple[int | str, ...]:
    """Return where in the data the error is; pydantic also names the kind of criterion that it chose."""
    steps = error["loc"]
    return tuple(step for number, step in enumerate(steps) if number < 2 or steps[number - 2] != "criteria")  # noqa: PLR2004


def is_echo(error: "ErrorDetails") -> bool:
    """Tell whether a list is called empty only because everything in it was refused already."""
    return error["type"] == "too_short" and bool(error["input"])


def say(error: "ErrorDetails") -> Localized:
    """Return what is wrong, in the words of somebody who writes a course."""
    told = _BY_ERROR.get(error["type"])
    return told(error) if told is not None else _BY_TYPE.get(error["type"], messages.WRONG)


def _keys(value: Any) -> list[str]:
    return [str(key) for key in value] if isinstance(value, dict) else []


def _number(limit: float) -> str:
    return f"{limit:g}" if limit < 1000 else f"{limit:,.0f}"  # noqa: PLR2004 - thousands get a separator.
