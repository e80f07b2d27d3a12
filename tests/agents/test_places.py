"""The place of the first finding: what runs tell, weighed against validated programs that are at hand."""

import asyncio

import pytest

from milepost.agents.preparing import PreparedTask
from milepost.agents.validation import Run, ValidationGraph
from milepost.domain.criteria import Contract, Example, Examples
from milepost.domain.validations import Evidence, Snapshot

RIGHT = "def mean(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s / len(xs)\n"
WRONG = "def mean(numbers):\n    total = 1\n    for one in numbers:\n        total += one\n    return total / len(numbers)\n"
STOPS = "def mean(numbers):\n    total = None\n    for one in numbers:\n        total += one\n    return total / len(numbers)\n"


@pytest.fixture(scope="module")
def graph():
    return ValidationGraph()


async def findings(graph, sandbox, text, retrieve, *, is_patient=False):
    async def prepare():
        return PreparedTask()

    async def find_fixes(_request, _sandbox):
        return []

    contract = Contract("python", (Examples((Example("mean([2, 4])", "3.0"), Example("mean([5])", "5.0"))),))
    snapshot = Snapshot("file:///mean.py", 1, "/mean.py", "python", text)
    run = Run(snapshot, contract, "en", sandbox, prepare, retrieve, find_fixes, 0.0, is_patient)
    return [stage.findings async for stage, _ in graph.stream(run)]


async def found(_snapshot):
    return (Evidence("1", RIGHT, 0.1),)


async def test_a_validated_program_tells_which_of_the_lines_that_were_run_is_wrong(graph, sandbox):
    stages = await findings(graph, sandbox, WRONG, found)
    assert [[one.range.start.line for one in stage] for stage in stages] == [[1], [1]]


async def test_where_it_stopped_is_told_beside_a_finding_at_another_line(graph, sandbox):
    (finding,) = (await findings(graph, sandbox, STOPS, found))[-1]
    assert finding.range.start.line == 1
    assert [(one.message, one.range.start.line) for one in finding.related] == [("this is where it stops", 3)]


async def test_a_report_does_not_wait_for_validated_programs(graph, sandbox):
    """Whoever waited for these would wait for ever."""

    async def never(_snapshot):
        await asyncio.Event().wait()

    stages = await findings(graph, sandbox, WRONG, never)
    assert [[one.range.start.line for one in stage] for stage in stages] == [[4], [4]]


async def test_a_run_of_which_only_the_end_is_seen_waits_for_them(graph, sandbox):
    """The evidence comes when the examples have run, which is told by the wrong one that was placed without it."""
    ran = asyncio.Event()

    async def late(_snapshot):
        await ran.wait()
        return await found(_snapshot)

    patient = asyncio.create_task(findings(graph, sandbox, WRONG, late, is_patient=True))
    hurried = await findings(graph, sandbox, WRONG, late)
    assert not patient.done()
    ran.set()
    assert [[one.range.start.line for one in stage] for stage in (*hurried, *await patient)] == [[4], [4], [1], [1]]
