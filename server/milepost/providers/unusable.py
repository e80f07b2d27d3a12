"""A model that the settings name and that cannot be used; whoever asks it learns why."""

from dataclasses import dataclass

from milepost.providers.chat import Answer, Question, Sent, Shape
from milepost.providers.errors import ProviderError


@dataclass(frozen=True, slots=True)
class UnusableChat:
    """A `ChatModel` that sends nothing and answers every question with the same trouble."""

    model: str
    error: ProviderError

    @property
    def sent(self) -> list[Sent]:
        """Return nothing: nothing was sent."""
        return []

    async def answer(self, question: Question[Shape]) -> Answer[Shape]:  # noqa: ARG002
        """Raise what is wrong."""
        raise self.error
