"""SBX-15: limits that make no sense."""

import math

import pytest

from milepost.sandbox import limits
from milepost.sandbox.boxes import Limits
from milepost.sandbox.runs import Call, CallRun, CommandRun, ProgramRun, Status

NONSENSE = [math.nan, "5; id", None, [], True, "1"]
EXTREME = [0, -1, 1e308, -1e308, math.inf, -math.inf, 10**400]
FIELDS = ["cpu", "memory", "processes", "file_size", "open_files", "output"]


@pytest.mark.parametrize("value", NONSENSE)
def test_sbx_15_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="not a limit"):
        limits.seconds(value)
    for name in FIELDS:
        with pytest.raises(ValueError, match="not a limit"):
            Limits(**{name: value})


@pytest.mark.parametrize("value", EXTREME)
def test_sbx_15_extremes_are_clamped(value):
    assert 0.05 <= limits.seconds(value) <= 600
    for name in FIELDS:
        assert 0 < getattr(Limits(**{name: value}), name) <= 8192 << 20


@pytest.mark.parametrize("value", [math.nan, "5; id"])
async def test_sbx_15_nothing_runs_under_a_refused_limit(sandbox, value):
    with pytest.raises(ValueError, match="not a limit"):
        await sandbox.call([CallRun("", "task.py", (Call("1"),)), CallRun("", "task.py", (Call("1", timeout=value),))])
    with pytest.raises(ValueError, match="not a limit"):
        await sandbox.program(ProgramRun("", "task.py", timeout=value))
    with pytest.raises(ValueError, match="not a limit"):
        await sandbox.command(CommandRun(argv=("true",), timeout=value))
    ((found,),) = await sandbox.call([CallRun("", "task.py", (Call("1"),))])
    assert found.text == "1"


@pytest.mark.parametrize("value", [0, -1, -1e308])
async def test_sbx_15_a_limit_of_nothing_still_ends_what_is_endless(sandbox, value):
    source = "def f():\n    while True: pass\n"
    ((found, after),) = await sandbox.call([CallRun(source, "task.py", (Call("f()", timeout=value), Call("1")))])
    assert (found.status, after.status) == (Status.TIMEOUT, Status.VALUE)


async def test_sbx_15_the_smallest_box_still_works(sandbox):
    tiny = Limits(cpu=0, memory=0, file_size=0, output=0)
    found = await sandbox.program(ProgramRun("print(1)", "task.py", limits=tiny))
    assert (found.status, found.output) == (Status.EXITED, "1\n")
