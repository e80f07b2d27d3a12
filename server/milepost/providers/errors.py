"""What can be wrong with a provider, said in the user's words; no message holds a key or what a provider wrote."""

from enum import Enum
from typing import Self

from milepost.domain.text import Localized
from milepost.providers import messages
from milepost.providers.chat import Usage


class Trouble(Enum):
    """The kinds of trouble, each with its sentence."""

    REFUSED = messages.REFUSED
    KEYLESS = messages.KEYLESS
    NOT_FOUND = messages.NOT_FOUND
    NOT_UNDERSTOOD = messages.NOT_UNDERSTOOD
    BUSY = messages.BUSY
    FAILING = messages.FAILING
    SLOW = messages.SLOW
    UNREACHABLE = messages.UNREACHABLE
    INSECURE = messages.INSECURE
    ELSEWHERE = messages.ELSEWHERE
    GARBLED = messages.GARBLED
    CUT = messages.CUT
    LIMITED = messages.LIMITED
    ENDLESS = messages.ENDLESS
    UNEVEN = messages.UNEVEN
    SPENT = messages.SPENT
    RESTING = messages.RESTING
    BAD_URL = messages.BAD_URL


# After these the endpoint itself is in doubt; the others say something about the request or the settings.
FAULTS = frozenset({
    Trouble.BUSY, Trouble.FAILING, Trouble.SLOW, Trouble.UNREACHABLE, Trouble.INSECURE, Trouble.ELSEWHERE,
    Trouble.REFUSED, Trouble.KEYLESS, Trouble.NOT_FOUND, Trouble.ENDLESS,
})  # fmt: skip


class ProviderError(Exception):
    """A provider did not give what it was asked for; what needs no provider goes on.

    `usage` is what an answer cost that came and cannot be used.
    """

    def __init__(self, trouble: Trouble, **values: object) -> None:
        self.trouble = trouble
        self.usage: Usage | None = None
        self.values = values
        super().__init__(self.say("en"))

    def after(self, usage: Usage) -> Self:
        """Return the error with what it cost."""
        self.usage = usage
        return self

    def say(self, language: str) -> str:
        """Return the sentence in the user's language."""
        values = {name: one.pick(language) if isinstance(one, Localized) else one for name, one in self.values.items()}
        return self.trouble.value.say(language, **values)
