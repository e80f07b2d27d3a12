"""What somebody may have meant by a word that is not known."""

import difflib
from collections.abc import Iterable

from milepost.domain.text import Localized
from milepost.goals import messages


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like this one, if any does."""
    found = difflib.get_close_matches(word[:100].lower(), sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None


def unknown_key(key: str, known: Iterable[str], *, in_braces: bool) -> Localized:
    """Return the message for a key that is not known."""
    shown = key if len(key) <= 60 else key[:59] + "…"  # noqa: PLR2004 - a line of an editor.
    if in_braces and any(sign in key for sign in ")]}'\""):
        return messages.fill(messages.UNQUOTED, key=shown)
    meant = nearest(key, known)
    if meant is None:
        return messages.fill(messages.UNKNOWN_KEY, key=shown)
    return messages.fill(messages.UNKNOWN_KEY_MEANT, key=shown, meant=meant)
