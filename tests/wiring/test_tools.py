"""Retrieval as LangGraph tools, over the real database; and that the library behind them ends."""

import asyncio

import pytest

from milepost.agents import courses, tools
from milepost.agents.library import Library
from milepost.sandbox.boxes import Sandbox
from milepost.storage.engine import Database

KEY = "first functions / the average"


async def test_similar_code_finds_the_solutions_of_the_task(database: Database, sandbox: Sandbox):
    async def opened() -> Database:
        return database

    library = Library(opened)
    (course,) = courses.bundled()
    await library.prepared(course, KEY, sandbox)
    tool = tools.similar_code(library, course, KEY)
    found = await tool.ainvoke({"code": "def average(values):\n    return sum(values) / len(values)\n", "limit": 3})
    assert tool.name == "similar_code"
    assert len(found) == 3
    assert "sum(" in found[0]["code"]
    assert [one["distance"] for one in found] == sorted(one["distance"] for one in found)


async def test_similar_goals_finds_texts_in_both_languages(database: Database):
    async def opened() -> Database:
        return database

    library = Library(opened)
    (course,) = courses.bundled()
    await library.install(course)
    tool = tools.similar_goals(library)
    for question in ("leap years", "años bisiestos"):
        found = await tool.ainvoke({"text": question, "limit": 3})
        assert any("leap" in one["text"].casefold() for one in found), question


async def test_what_is_being_prepared_ends_with_the_library(sandbox: Sandbox):
    begun = asyncio.Event()

    async def away() -> Database:
        begun.set()
        return await asyncio.Future()

    library = Library(away)
    (course,) = courses.bundled()
    preparing = asyncio.create_task(library.prepared(course, KEY, sandbox))
    await begun.wait()
    await library.close()
    with pytest.raises(asyncio.CancelledError):
        await preparing
