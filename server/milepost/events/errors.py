"""What can be wrong with archive and broker, said in the user's words."""

from milepost.domain.text import Localized


class EventsError(Exception):
    """Something about events that their user can be told; `say` gives the reason in the user's language."""

    def __init__(self, message: Localized, **values: object) -> None:
        super().__init__(message.say("en", **values))
        self.message = message
        self.values = values

    def say(self, language: str) -> str:
        """Return the message in the user's language."""
        return self.message.say(language, **self.values)


class ArchiveError(EventsError):
    """The archive cannot be used as it is."""


class BrokerError(EventsError):
    """The message broker cannot be used as it is."""
