"""What everything that turns text into vectors can do."""

from collections.abc import Sequence
from typing import Protocol


class TextEmbedder(Protocol):
    """Turns texts into vectors of one model; vectors of two models are never compared."""

    @property
    def model(self) -> str:
        """Return the name of the model, which is stored with each vector."""
        ...

    @property
    def width(self) -> int:
        """Return how many numbers a vector has."""
        ...

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of length 1 for each text."""
        ...
