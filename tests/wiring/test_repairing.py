"""The search for fixes in a process of its own, and callers that stop waiting for it."""

import asyncio

import pytest

from milepost.agents.fixing import FixRequest
from milepost.domain.criteria import Contract, Example, Examples
from milepost.wiring.repairing import RepairProcess

WRONG = "def double(x):\n    return x + 1\n"
RIGHT = "def double(x):\n    return x + x\n"


def _request() -> FixRequest:
    examples = Examples((Example("double(1)", "2"), Example("double(5)", "10")))
    contract = Contract("python", (examples,))
    return FixRequest(contract, "double.py", WRONG, (RIGHT,), RIGHT, (), 5.0, "en")


@pytest.fixture
async def search():
    process = RepairProcess(None, unprotected=True)
    yield process
    await process.close()


async def test_a_fix_comes_back(search):
    assert (await search.find_fixes(_request()))[0].verified


async def test_callers_that_leave_at_any_moment_leave_the_next_one_its_own_answer(search):
    """Frames are neither read by two at once nor left half read."""
    await search.find_fixes(_request())
    for patience in (0.0, 0.001, 0.003, 0.01, 0.03):
        for _ in range(3):
            left = asyncio.create_task(search.find_fixes(_request()))
            await asyncio.sleep(patience)
            for _ in range(2):
                left.cancel()
                await asyncio.sleep(0)
        (fix, *_) = await search.find_fixes(_request())
        assert fix.verified


async def test_a_child_that_was_killed_is_started_again(search):
    await search.find_fixes(_request())
    search._process.kill()
    await search._process.wait()
    assert (await search.find_fixes(_request()))[0].verified
