"""What can be wrong with the database, said in the user's words."""

from milepost.domain.text import Localized


class StorageError(Exception):
    """Something about the database that its user can be told; `say` gives it in their language."""

    def __init__(self, message: Localized, **values: object) -> None:
        super().__init__(message.say("en", **values))
        self.message = message
        self.values = values

    def say(self, language: str) -> str:
        """Return the message in the user's language."""
        return self.message.say(language, **self.values)


class DatabaseUnavailableError(StorageError):
    """The database cannot be used for now; the same call may succeed later."""


class DataFolderError(DatabaseUnavailableError):
    """The folder of the embedded database cannot be used as it is."""


class SchemaError(DatabaseUnavailableError):
    """The tables do not fit this version of Milepost."""


class ConflictError(StorageError):
    """What was to be stored contradicts what is stored: a name is taken, or what it belongs to is gone."""
