"""What the server is started with, and what an editor may set."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from milepost.settings.options import OPTIONS, Kind, Option

SECTION = "milepost"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the server is started with.

    `language` ("en" or "es") is used until the editor says something else; `slow_after` is how many seconds a run may
    last before its progress is shown, `pause` how many without an edit let the text be read while it is written.
    """

    version: str = "0.1.0"
    language: str | None = None
    slow_after: float = 0.5
    pause: float = 0.05


@dataclass(frozen=True, slots=True)
class EditorOptions:
    """The settings of an editor, section "milepost", as far as the table of settings lets it; None is left open."""

    language: str | None = None
    interpreter: str | None = None
    repair_seconds: float | None = None
    code_lens: bool | None = None


_FIELDS = {
    "language": "language",
    "interpreter": "interpreter",
    "repairSeconds": "repair_seconds",
    "codeLens": "code_lens",
}


def read(value: object, before: EditorOptions) -> tuple[EditorOptions, tuple[str, ...]]:
    """Return the options in a JSON value, with the names of those that could not be used and stay as they were."""
    if not isinstance(value, Mapping):
        return before, ()
    found: dict[str, Any] = {}
    refused = []
    for option in OPTIONS:
        if not option.editor or option.name not in value:
            continue
        given = value[option.name]
        if given in (None, ""):
            found[_FIELDS[option.name]] = None
        elif _usable(option, given):
            found[_FIELDS[option.name]] = given
        else:
            refused.append(option.name)
    return replace(before, **found), tuple(refused)


def _usable(option: Option, value: object) -> bool:
    match option.kind:
        case Kind.SWITCH:
            return isinstance(value, bool)
        case Kind.NUMBER:
            return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")
        case Kind.TEXT:
            return isinstance(value, str) and "\0" not in value and (not option.choices or value in option.choices)


def language_of(options: EditorOptions, locale: str | None, settings: ServerSettings) -> str:
    """Return the user's language: the editor's setting, else the server's, else the editor's locale, else English."""
    chosen = options.language or settings.language or (locale or "").lower().replace("_", "-").split("-")[0]
    return "es" if chosen == "es" else "en"
