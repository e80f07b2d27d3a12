"""SBX-04, SBX-05, SBX-07 and SBX-08: processes, memory, output and time have an end."""

import asyncio
import contextlib
import os

import psutil
import pytest

from milepost.sandbox.boxes import Limits, Sandbox
from milepost.sandbox.runs import Call, CallRun, CommandRun, ProgramRun, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOAK = bool(os.environ.get("MILEPOST_SOAK"))
MEBIBYTE = 1 << 20


async def outcome(sandbox, source, timeout=10.0):
    ((found,),) = await sandbox.call([CallRun(source, "task.py", (Call("1", timeout=timeout),))])
    return found


def below(process):
    with contextlib.suppress(psutil.Error):
        return process.children(recursive=True)
    return []


async def settled(count):
    """Wait until no more than `count` processes stand below this one."""
    async with asyncio.timeout(30):
        while len(below(psutil.Process())) > count:
            await asyncio.sleep(0.02)


BOMBS = {
    "doubling": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n",
    "sessions": (
        "import os\nwhile True:\n    try:\n        if os.fork() == 0:\n            os.setsid()\n            os.fork()\n"
        "    except OSError: pass\n"
    ),
    "threads": "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(60,)).start()\n",
    "shell": "import os\nos.system('b() { b | b & }; b; sleep 60')\nwhile True: pass\n",
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_sbx_04_a_fork_bomb_ends_with_its_run(bomb):
    async with Sandbox(workers=2) as sandbox:
        warm = [CallRun("", "task.py", (Call("1"),))] * 4
        await sandbox.call(warm)
        calm = len(below(psutil.Process()))
        most = 0

        async def watch():
            nonlocal most
            while True:
                most = max(most, len(below(psutil.Process())))
                await asyncio.sleep(0.02)

        watching = asyncio.create_task(watch())
        runs = [CallRun(BOMBS[bomb], "task.py", (Call("1", timeout=0.5),))] * (20 if SOAK else 3)
        found = await sandbox.call(runs)
        watching.cancel()
        assert {one.status for (one,) in found} <= {Status.TIMEOUT, Status.DIED, Status.RAISED, Status.MEMORY}
        await settled(calm)
        assert most - calm < 100
        assert [one.text for (one,) in await sandbox.call(warm)] == ["1"] * 4


HOGS = {
    "one big text": "x = 'x' * (600 << 20)\n",
    "absurd text": "x = 'x' * 10**10\n",
    "growing list": "x = []\nwhile True: x.append(bytearray(1 << 20))\n",
    "touched pages": "import mmap\nm = mmap.mmap(-1, 400 << 20)\nfor n in range(0, len(m), 4096): m[n] = 1\n",
    "many processes": (
        "import os, time\nfor n in range(8):\n    if os.fork() == 0:\n"
        "        x = bytearray(os.urandom(1)) * (200 << 20)\n        time.sleep(60)\ntime.sleep(60)\n"
    ),
    "shared map of many": (
        "import mmap, os, time\nm = mmap.mmap(-1, 200 << 20)\nfor n in range(8):\n    if os.fork() == 0:\n"
        "        x = bytearray(b'x') * (60 << 20)\n        time.sleep(60)\ntime.sleep(60)\n"
    ),
}


@pytest.mark.parametrize("hog", HOGS)
async def test_sbx_05_memory_has_a_limit_for_the_whole_box(module_sandbox, hog):
    before = psutil.Process().memory_info().rss
    found = await outcome(module_sandbox, HOGS[hog])
    assert found.status is Status.MEMORY
    assert psutil.Process().memory_info().rss - before < 20 * MEBIBYTE
    assert (await outcome(module_sandbox, "")).text == "1"


OWNERLESS = {
    "memory file": "import os\nos.write(os.memfd_create('m'), b'x' * (300 << 20))\n",
    "system v": "import ctypes\nassert ctypes.CDLL(None).shmget(0, 300 << 20, 0o1600) >= 0\n",
    "temporary file": "with open('/tmp/f', 'wb') as f:\n    for n in range(300): f.write(b'x' * (1 << 20))\n",
    "big power": "x = 10 ** (10 ** 9)\n",
}


@pytest.mark.parametrize("hog", OWNERLESS)
async def test_sbx_05_memory_that_no_process_owns_is_refused(module_sandbox, hog):
    found = await outcome(module_sandbox, OWNERLESS[hog], timeout=2.0)
    assert found.status in {Status.RAISED, Status.MEMORY, Status.TIMEOUT}


async def test_sbx_05_the_box_stays_near_its_limit(module_sandbox):
    """Eight processes of 200 MB in a box of 256 MB: what they really hold is looked at from outside."""
    most = 0

    async def watch():
        nonlocal most
        while True:
            held = 0
            for process in below(psutil.Process()):
                with contextlib.suppress(psutil.Error, OSError):
                    held += process.memory_full_info().pss
            most = max(most, held)
            await asyncio.sleep(0.005)

    watching = asyncio.create_task(watch())
    found = await outcome(module_sandbox, HOGS["many processes"])
    watching.cancel()
    assert found.status is Status.MEMORY
    assert most < 2 * 256 * MEBIBYTE


PRINTING = {
    "endless lines": "while True: print('x' * 80)\n",
    "one long line": "import sys\nwhile True: sys.stdout.write('x' * 65536)\n",
    "not utf-8": "import sys\nwhile True: sys.stdout.buffer.write(b'\\xff\\xfe' * 5000)\n",
    "errors": "import sys\nwhile True: sys.stderr.write('x' * 65536)\n",
    "escapes": "while True: print('\\x1b]0;title\\x07\\x1b[2J' * 100)\n",
}


@pytest.mark.parametrize("printing", PRINTING)
async def test_sbx_07_output_is_capped_drained_and_ended(module_sandbox, printing):
    await module_sandbox.program(ProgramRun("print(1)", "task.py"))
    before = psutil.Process().memory_info().rss
    found = await module_sandbox.program(ProgramRun(PRINTING[printing], "task.py", timeout=20.0))
    assert (found.status, found.truncated) == (Status.OUTPUT, True)
    assert max(len(found.output), len(found.errors)) <= MEBIBYTE
    assert psutil.Process().memory_info().rss - before < 30 * MEBIBYTE


async def test_sbx_07_a_call_that_prints_too_much_says_so(module_sandbox):
    found = await outcome(module_sandbox, "def f():\n    while True: print('x' * 1000)\nf()\n")
    assert (found.status, found.error_lines) == (Status.OUTPUT, (2, 1))
    assert len(found.output) <= MEBIBYTE


async def test_sbx_07_output_below_the_descriptor_is_not_shown_in_calls(module_sandbox):
    source = "import os\nfor n in range(100):\n    os.write(1, b'x' * 65536)\n    os.write(2, b'x' * 65536)\n"
    found = await outcome(module_sandbox, source)
    assert (found.status, found.output) == (Status.VALUE, "")


SLOW = {
    "busy": "while True: pass\n",
    "asleep": "import time\ntime.sleep(60)\n",
    "waiting": "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n",
    "reading": "import os\nos.read(os.pipe()[0], 1)\n",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n",
    "deaf": (
        "import signal\nfor n in range(1, 64):\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "while True: pass\n"
    ),
    "alarmed": (
        "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)\nwhile True: pass\n"
    ),
    "catching": "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n",
    "expression": "import re\nre.match('(a+)+$', 'a' * 40 + 'b')\n",
    "power": "x = 7 ** 30_000_000\n",
    "child": "import os, time\nif os.fork() == 0: time.sleep(60)\nos.wait()\n",
}


@pytest.mark.parametrize("slow", SLOW)
async def test_sbx_08_every_call_ends_at_its_limit(module_sandbox, slow):
    found = await outcome(module_sandbox, SLOW[slow], timeout=0.4)
    assert found.status is Status.TIMEOUT
    assert 400 <= found.milliseconds < 2_000
    assert (await outcome(module_sandbox, "")).text == "1"


@pytest.mark.parametrize("slow", ["busy", "asleep", "deaf", "stopped", "child"])
async def test_sbx_08_every_program_ends_at_its_limit(module_sandbox, slow):
    found = await module_sandbox.program(ProgramRun("print('on', flush=True)\n" + SLOW[slow], "task.py", timeout=0.4))
    assert (found.status, found.output) == (Status.TIMEOUT, "on\n")


async def test_sbx_08_a_command_ends_at_its_limit(module_sandbox):
    run = CommandRun(shell="echo on; trap '' TERM; (setsid sleep 61 &); sleep 60", timeout=0.5)
    found = await module_sandbox.command(run)
    assert (found.status, found.output) == (Status.TIMEOUT, "on\n")


async def test_processor_time_is_limited_beside_the_wall(module_sandbox):
    run = ProgramRun("import os\nos.fork()\nwhile True: pass\n", "task.py", timeout=30.0, limits=Limits(cpu=1))
    assert (await module_sandbox.program(run)).status is Status.TIMEOUT


async def test_a_cancelled_call_is_killed_at_once_and_the_worker_stays(module_sandbox):
    task = asyncio.create_task(outcome(module_sandbox, "while True: pass\n", timeout=60.0))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        assert (await outcome(module_sandbox, "")).text == "1"
