"""SBX-17: what a run costs; printed, and held to its figures only by the long run."""

import os
import statistics
import sys
import time

from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import Call, CallRun, CommandRun, ProgramRun

SOAK = bool(os.environ.get("MILEPOST_SOAK"))


async def _milliseconds(action, count):
    times = []
    for _ in range(count):
        started = time.perf_counter()
        await action()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


async def test_sbx_17_what_a_run_costs(capsys):
    count = 200 if SOAK else 20
    call = [CallRun("pass\n", "task.py", (Call("1"),))]
    batch = [CallRun("def f(x): return x\n", "task.py", tuple(Call(f"f({n})") for n in range(10)))] * 50
    async with Sandbox() as sandbox:
        found = {
            "one warm call": await _milliseconds(lambda: sandbox.call(call), count),
            "one warm program": await _milliseconds(lambda: sandbox.program(ProgramRun("pass", "task.py")), count),
            "one command in a fresh box": await _milliseconds(
                lambda: sandbox.command(CommandRun(argv=("true",))), count
            ),
            "fifty programs of ten calls": await _milliseconds(lambda: sandbox.call(batch), max(2, count // 40)),
        }
    with capsys.disabled():
        for name, (middle, high) in found.items():
            sys.stdout.write(f"\nSBX-17 {name}: p50 {middle:.1f} ms, p95 {high:.1f} ms")
    assert all(0 < middle <= high for middle, high in found.values())
    if SOAK:
        assert found["one warm call"][0] < 10
        assert found["fifty programs of ten calls"][0] < 50 * 4
