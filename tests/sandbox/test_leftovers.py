"""SBX-13 and SBX-14: nothing stays behind, and many runs at once do not disturb each other."""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import Call, CallRun, CommandRun, ProgramRun, Status

SOAK = bool(os.environ.get("MILEPOST_SOAK"))

MIXED = [
    "x = 1\n",
    "import os\nos._exit(0)\n",
    "import os\nif os.fork() == 0:\n    os.setsid()\n    while True: pass\n",
    "while True: pass\n",
    "import os, signal\nos.kill(-1, signal.SIGKILL)\n",
    "import os\nos.kill(os.getpid(), 11)\n",
    "import subprocess\nsubprocess.Popen(['sleep', '60'], start_new_session=True)\n",
    "open('left', 'w').close()\n",
    "import os\nfor n in range(3, 64):\n    try: os.write(n, b'garbage')\n    except OSError: pass\n",
    "import os\nos.closerange(0, 64)\n",
    "x = 'x' * 10**10\n",
]


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def mounts():
    return Path("/proc/self/mounts").read_text()


def temporary():
    return set(Path(tempfile.gettempdir()).glob("milepost-*"))


async def gone(processes):
    """Wait until none of `processes` is left."""
    async with asyncio.timeout(30):
        while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes):
            await asyncio.sleep(0.01)


async def test_sbx_13_a_closed_sandbox_leaves_nothing():
    before, mounted, kept = descriptors(), mounts(), temporary()
    tasks = len(asyncio.all_tasks())
    # Servers of other tests may be children of this process, too.
    earlier = set(psutil.Process().children(recursive=True))
    async with Sandbox(workers=2) as sandbox:
        runs = [CallRun(source, "task.py", (Call("1", timeout=0.2),)) for source in MIXED * (45 if SOAK else 2)]
        found = await sandbox.call(runs)
        await sandbox.evaluate(["1"])
        await sandbox.program(ProgramRun(MIXED[6], "task.py"))
        await sandbox.command(CommandRun(shell="(setsid sleep 60 &) ; mkdir d", timeout=5.0))
        during = set(psutil.Process().children(recursive=True)) - earlier
        assert during
    assert found[0][0].status is Status.VALUE
    await gone(during)
    assert abs(descriptors() - before) <= 2
    assert mounts() == mounted
    assert temporary() <= kept
    assert len(asyncio.all_tasks()) == tasks


async def test_sbx_13_descriptors_stay_constant_over_runs(sandbox):
    run = [CallRun(source, "task.py", (Call("1", timeout=0.2),)) for source in MIXED]
    await sandbox.call(run)
    before = descriptors()
    for _ in range(40 if SOAK else 2):
        await sandbox.call(run)
        await sandbox.program(ProgramRun("print(1)", "task.py"))
        await sandbox.command(CommandRun(argv=("true",)))
    async with asyncio.timeout(10):
        while abs(descriptors() - before) > 2:
            await asyncio.sleep(0.01)


SERVER = """
import asyncio, sys
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import Call, CallRun, CommandRun
source = "import os, subprocess\\nos.fork()\\nsubprocess.Popen(['sleep', {mark!r}], start_new_session=True).wait()\\n"
async def main():
    async with Sandbox(workers=2{options}) as sandbox:
        runs = [sandbox.call([CallRun(source, "task.py", (Call("1", timeout=60.0),))] * 2)]
        runs.append(sandbox.command(CommandRun(shell="setsid sleep {mark} & sleep {mark}", timeout=60.0)))
        await asyncio.gather(*runs)
asyncio.run(main())
"""


def marked(mark):
    """Return the processes with `mark` in their command line."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cmdline()[:1] == ["sleep"] and mark in process.cmdline():
                found.append(process)
    return found


async def _kill_server(options=""):
    mark = f"98765.{secrets.randbelow(10**9)}"
    code = SERVER.format(mark=mark, options=options)
    with subprocess.Popen([sys.executable, "-c", code]) as server:
        try:
            async with asyncio.timeout(60):
                while len(marked(mark)) < 4:
                    await asyncio.sleep(0.05)
            everyone = psutil.Process(server.pid).children(recursive=True)
        finally:
            server.send_signal(signal.SIGKILL)
    await gone(everyone)
    assert marked(mark) == []


async def test_sbx_13_a_killed_server_leaves_nothing():
    kept, mounted = temporary(), mounts()
    for _ in range(50 if SOAK else 1):
        await _kill_server()
    assert temporary() <= kept
    assert mounts() == mounted


async def test_sbx_14_many_runs_at_once_give_their_own_verdicts():
    before = 0
    async with Sandbox(workers=4) as sandbox:
        limit = asyncio.Semaphore(16)

        async def one(number):
            source = f"def f():\n    print({number})\n    return {number}\n"
            async with limit:
                ((found,),) = await sandbox.call([CallRun(source, "task.py", (Call("f()", timeout=30.0),))])
            return found.text == str(number) and found.output == f"{number}\n"

        await asyncio.gather(*(one(number) for number in range(16)))
        before = descriptors()
        right = await asyncio.gather(*(one(number) for number in range(10_000 if SOAK else 200)))
        assert all(right)
        assert abs(descriptors() - before) <= 2


async def test_interleaved_kinds_of_runs_do_not_mix():
    async with Sandbox(workers=2) as sandbox:

        async def program(number):
            found = await sandbox.program(
                ProgramRun("print(int(input()) * 2)", "task.py", stdin=f"{number}\n", timeout=30)
            )
            return found.output == f"{number * 2}\n"

        async def command(number):
            found = await sandbox.command(CommandRun(shell=f"echo {number} > f; cat f", outputs=("f",)))
            return found.output == f"{number}\n" and found.outputs["f"] == found.output.encode()

        async def value(number):
            ((found,),) = await sandbox.call([CallRun(f"x = {number}", "task.py", (Call("x", timeout=30.0),))])
            return found.text == str(number)

        kinds = [program, command, value]
        assert all(await asyncio.gather(*(kinds[number % 3](number) for number in range(30))))
