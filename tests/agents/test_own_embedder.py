"""Texts compared by an embedder of the user's own, over HTTP."""

import json

import pytest
from sqlalchemy import text

from milepost.agents.library import Library
from milepost.domain.entities import EntityType
from milepost.providers import lexical
from milepost.providers.access import Access
from milepost.providers.budget import Budget
from milepost.providers.embeddings import EndpointEmbedder
from milepost.providers.endpoint import Endpoint
from milepost.storage import embeddings, goals
from tests.fixtures.endpoint import endpoint, respond, status

WIDTH = 7


def embeds(near: dict[str, int]):
    """Embed each text as the axis of the first of these words in it."""

    async def act(_server, request, writer):
        data = []
        for place, content in enumerate(request.body["input"]):
            axis = next((number for word, number in near.items() if word in content), WIDTH - 1)
            data.append({"index": place, "embedding": [float(number == axis) for number in range(WIDTH)]})
        respond(writer, 200, json.dumps({"data": data}).encode())

    return act


@pytest.fixture
async def stored(database, user):
    """Store two goals with the built-in vectors."""
    async with database.begin() as session:
        for title in ("The web with a framework", "Sorting of lists"):
            goal = await goals.create(session, user.id, title=title)
            model, vector = lexical.embed(title)
            await embeddings.put(session, user.id, EntityType.GOAL, goal.id, title, model, vector)


def library_of(database, server, tmp_path) -> Library:
    async def open_database():
        return database

    embedder = EndpointEmbedder(server, Budget(tmp_path, 10_000, 10_000))
    return Library(open_database, embedder)


async def test_texts_get_their_vectors_and_an_index_of_the_width_that_is_found(database, stored, tmp_path):
    async with endpoint(embeds({"web": 1, "FastAPI": 1, "Sorting": 2})) as scripted:
        server = Endpoint(Access(scripted.url, "own"))
        library = library_of(database, server, tmp_path)
        found = await library.similar_texts("FastAPI", 1)
        assert [one.content for one in found] == ["The web with a framework"]
        before = len(scripted.requests)
        await library.similar_texts("FastAPI", 1)
        assert len(scripted.requests) == before + 1
        await server.close()
    query = "SELECT indexdef FROM pg_indexes WHERE indexdef LIKE '%own@127.0.0.1%'"
    async with database.connection() as connection:
        (index,) = await connection.scalars(text(query))
    assert f"vector({WIDTH})" in index


async def test_while_the_embedder_is_away_the_built_in_one_is_used(database, stored, tmp_path):
    async with endpoint(status(401)) as scripted:
        server = Endpoint(Access(scripted.url, "own"))
        found = await library_of(database, server, tmp_path).similar_texts("sorting lists", 1)
        await server.close()
    assert [one.content for one in found] == ["Sorting of lists"]
