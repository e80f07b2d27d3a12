"""What everything that answers prompts can do."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Question(Generic[Shape]):
    """A prompt and the shape of its answer; `system` holds the rules, `user` the material, which is never a rule."""

    shape: type[Shape]
    system: str
    user: str
    most_tokens: int = 1200


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost; `latency_ms` from the first byte sent to the last one read."""

    model: str
    tokens_in: int
    tokens_out: int
    latency_ms: float

    @property
    def tokens(self) -> int:
        """Return all tokens."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Answer(Generic[Shape]):
    """An answer in the asked shape; every value in it is still only what a model said."""

    value: Shape
    usage: Usage


@dataclass(frozen=True, slots=True)
class Sent:
    """One request exactly as it left the machine, without the key; `masked` counts the secrets taken out of it."""

    at: str
    url: str
    body: str
    masked: int = 0


class ChatModel(Protocol):
    """Answers prompts; raises ProviderError where it cannot."""

    @property
    def model(self) -> str:
        """Return the name of the model."""
        ...

    @property
    def sent(self) -> list[Sent]:
        """Return the latest requests, oldest first."""
        ...

    async def answer(self, question: Question[Shape]) -> Answer[Shape]:
        """Return the answer in the asked shape; cancelling closes the connection."""
        ...
