"""Text embedding over an OpenAI-compatible endpoint; its width is found out from the first answer."""

import math
from collections.abc import Sequence
from typing import Any

from milepost.providers import endpoint, masking
from milepost.providers.budget import Budget
from milepost.providers.completions import CHARACTERS_A_TOKEN
from milepost.providers.endpoint import Endpoint, NotAcceptedError
from milepost.providers.errors import ProviderError, Trouble

AT_ONCE = 64
# Characters; a longer text is embedded by its beginning.
LONGEST = 8_000


class EndpointEmbedder:
    """A `TextEmbedder` over /embeddings; `width` is 0 until something was embedded."""

    def __init__(self, server: Endpoint, budget: Budget) -> None:
        """Take the endpoint, whose model is the embedding model, and what may be spent there."""
        self._server = server
        self._budget = budget
        self._width = 0

    @property
    def model(self) -> str:
        """Return the name that is stored with each vector; the same name elsewhere may mean another model."""
        return f"{self._server.access.model}@{self._server.access.host}"

    @property
    def width(self) -> int:
        """Return how many numbers a vector has."""
        return self._width

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of length 1 for each text; raises ProviderError."""
        found: list[list[float]] = []
        for start in range(0, len(texts), AT_ONCE):
            found += await self._some([masking.mask(text[:LONGEST]).text for text in texts[start : start + AT_ONCE]])
        return found

    async def _some(self, texts: list[str]) -> list[list[float]]:
        estimate = sum(len(text) for text in texts) // CHARACTERS_A_TOKEN + 1
        self._budget.reserve(estimate)
        spent = 0
        try:
            # Some servers refuse an empty text.
            body = {"model": self._server.access.model, "input": [text or " " for text in texts]}
            (answer, *_) = await self._server.post("embeddings", body) or [None]
            spent = estimate
        except NotAcceptedError as error:
            raise endpoint.not_understood(self._server.access, error) from None
        finally:
            self._budget.settle(estimate, spent)
        return self._vectors(answer, len(texts))

    def _vectors(self, answer: Any, count: int) -> list[list[float]]:
        try:
            entries = sorted(answer["data"], key=lambda entry: entry.get("index", 0))
            vectors = [[float(number) for number in entry["embedding"]] for entry in entries]
        except (TypeError, KeyError, ValueError, AttributeError):
            raise ProviderError(Trouble.GARBLED, host=self._server.access.host) from None
        width = self._width or (len(vectors[0]) if vectors else 0)
        usable = all(len(vector) == width and all(map(math.isfinite, vector)) for vector in vectors)
        if len(vectors) != count or not width or not usable:
            raise ProviderError(Trouble.UNEVEN, host=self._server.access.host)
        self._width = width
        return [_unit(vector) for vector in vectors]


def _unit(vector: list[float]) -> list[float]:
    length = math.sqrt(sum(number * number for number in vector))
    return [number / length for number in vector] if length else vector
