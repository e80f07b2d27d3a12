"""What can be wrong with the archive, said in the user's words."""

from milepost.domain.text import Localized


class ArchiveError(Exception):
    """The archive cannot be used as it is; `say` gives the reason in the user's language."""

    def __init__(self, message: Localized, **values: object) -> None:
        super().__init__(message.say("en", **values))
        self.message = message
        self.values = values

    def say(self, language: str) -> str:
        """Return the message in the user's language."""
        return self.message.say(language, **self.values)
