"""From settings to the models that the user chose; a key found somewhere enables none."""

import os
from dataclasses import dataclass

from milepost.providers import keys
from milepost.providers.access import Access
from milepost.providers.budget import Budget
from milepost.providers.chat import ChatModel
from milepost.providers.completions import Completions
from milepost.providers.embedding import TextEmbedder
from milepost.providers.embeddings import EndpointEmbedder
from milepost.providers.endpoint import Endpoint
from milepost.providers.errors import ProviderError
from milepost.providers.unusable import UnusableChat
from milepost.settings import loading
from milepost.settings.loading import Settings


@dataclass(frozen=True, slots=True)
class Models:
    """The models in use with the connections that they hold; `embedder` is None for the built-in one."""

    chat: ChatModel
    embedder: TextEmbedder | None
    servers: tuple[Endpoint, ...]

    async def close(self) -> None:
        """Close every connection."""
        for server in self.servers:
            await server.close()


def open_models(settings: Settings) -> Models | None:
    """Return the models that the settings name, None where they name none; for a bad address one that says so."""
    if not settings.uses_model:
        return None
    try:
        return _opened(settings)
    except ProviderError as error:
        return Models(UnusableChat(settings.model, error), None, ())


def _opened(settings: Settings) -> Models:
    key = keys.find(settings.model_url, os.environ, loading.settings_folder())
    budget = Budget(settings.data_dir, int(settings.model_tokens_per_day), int(settings.model_tokens_per_month))
    talking = Endpoint(_access(settings, settings.model, key))
    if not settings.embedding_model:
        return Models(Completions(talking, budget), None, (talking,))
    embedding = Endpoint(_access(settings, settings.embedding_model, key))
    return Models(Completions(talking, budget), EndpointEmbedder(embedding, budget), (talking, embedding))


def _access(settings: Settings, model: str, key: str) -> Access:
    return Access(
        base_url=settings.model_url,
        model=model,
        key=key,
        seconds=settings.model_seconds,
        concurrency=int(settings.model_concurrency),
    )
