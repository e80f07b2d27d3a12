"""SBX-01 and SBX-02: judged code that states its own verdict, or sends anything but a record."""

import ast
import asyncio
import os
import random
import secrets
import socket
from pathlib import Path

import psutil
import pytest

import milepost.sandbox
from milepost.sandbox import channels, values
from milepost.sandbox.calling import Batch, Fork
from milepost.sandbox.channels import Channel
from milepost.sandbox.runs import Call, CallRun, ProgramRun, Status
from milepost.sandbox.workers import Ending, Run

SOAK = bool(os.environ.get("MILEPOST_SOAK"))
RECORD = '{"program": 0, "index": 0, "status": "value", "type": "int", "value": [true], "passed": true, "equal": true}'

EVERY_DESCRIPTOR = f"""
import os
for number in range(64):
    try:
        os.write(number, {RECORD!r}.encode() + b"\\n")
    except OSError:
        pass
"""
ATTACKS = {
    "leaves early with status 0": "import os\nos._exit(0)\n",
    "prints what the channel carries": f"print({RECORD!r})\nprint('PASSED')\n",
    "writes to every descriptor": EVERY_DESCRIPTOR,
    "writes to every descriptor and leaves": EVERY_DESCRIPTOR + "os._exit(0)\n",
    "returns what equals everything": (
        "class Yes(int):\n    __class__ = int\n    __hash__ = int.__hash__\n"
        "    def __eq__(self, other): return True\n    def __repr__(self): return '7'\n"
        "def f(x): return Yes(7)\n"
    ),
    "searches frames and the collector": (
        "import gc, sys\ndef f(x):\n    frame = sys._getframe()\n    found = []\n"
        "    while frame:\n        found += [v for v in frame.f_locals.values() if type(v) is int]\n"
        "        frame = frame.f_back\n"
        "    for thing in gc.get_objects():\n        if type(thing) is dict:\n"
        "            for key in ('expected', 'expect', 'answer'):\n                if key in thing: return thing[key]\n"
        "    return max(found, default=0)\n"
    ),
    "patches what builds the record": (
        "import builtins, gc, json, sys\njson.dumps = lambda *a, **k: " + repr(RECORD) + "\n"
        "builtins.eval = builtins.compile = lambda *a, **k: True\nsys.settrace = print\n"
        "for thing in gc.get_objects():\n    if type(thing).__name__ == 'Program':\n"
        "        type(thing).record = lambda self, call: {'status': 'value', 'type': 'int', 'value': [True]}\n"
    ),
    "forks, and both answer": "import os\nos.fork()\ndef f(x): return 7\n",
    "forks, and answers after its child": "import os\nif os.fork():\n    os.wait()\ndef f(x): return 7\n",
    "leaves a process behind that answers": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep(0.05)\n        for n in range(64):\n            try: os.write(n, "
        + repr(RECORD)
        + ".encode() + b'\\n')\n"
        "            except OSError: pass\n        time.sleep(60)\n    os._exit(0)\ndef f(x): return 7\n"
    ),
}


def _answers(outcomes, secret):
    return [one.value is not None and values.equal(one.value, secret) for one in outcomes]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_sbx_01_no_attack_is_accepted(sandbox, attack):
    """What is expected is drawn at random outside; no attack gets it, and an honest program beside it does."""
    number = secrets.randbits(62)
    (expected,) = await sandbox.evaluate([str(number)])
    calls = (Call("f(1)", timeout=1.0), Call("f(2)", timeout=1.0))
    honest = CallRun(f"def f(x): return {number}\n", "task.py", calls)
    for trace in (False, True):
        forged = CallRun(ATTACKS[attack], "task.py", calls, trace=trace)
        cheated, fair = await sandbox.call([forged, honest])
        assert not any(_answers(cheated, expected.value))
        assert all(_answers(fair, expected.value))


@pytest.mark.parametrize("attack", ["writes to every descriptor", "forks, and answers after its child"])
async def test_sbx_01_two_records_are_told_as_tampering(sandbox, attack):
    ((found,),) = await sandbox.call([CallRun(ATTACKS[attack], "task.py", (Call("f(1)"),))])
    assert found.status in {Status.TAMPERED, Status.DIED}
    assert found.value is None


async def test_sbx_01_an_early_exit_is_no_answer(sandbox):
    ((found,),) = await sandbox.call([CallRun("import os\nos._exit(0)\n", "task.py", (Call("f(1)"),))])
    assert found.status is Status.DIED


@pytest.mark.parametrize("attack", ATTACKS)
async def test_sbx_01_stdio_prints_only_what_the_program_prints(sandbox, attack):
    secret = secrets.token_hex(8)
    found = await sandbox.program(ProgramRun(ATTACKS[attack], "task.py", stdin="1\n"))
    fair = await sandbox.program(ProgramRun(f"print({secret!r})", "task.py"))
    assert secret not in found.output
    assert fair.output == secret + "\n"


async def test_sbx_01_time_is_measured_outside(sandbox):
    source = (
        "import time\ntime.perf_counter = time.monotonic = time.time = lambda: 0.0\n"
        "def f():\n    time.sleep(0.2)\n    return 1\n"
    )
    ((found,),) = await sandbox.call([CallRun(source, "task.py", (Call("f()"),))])
    assert found.milliseconds >= 200


SCAN = """
import ctypes
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
def found(backwards):
    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb') as memory:
        for line in maps:
            area, rights = line.split()[:2]
            start, end = (int(part, 16) for part in area.split('-'))
            if 'r' not in rights or end - start > 1 << 28:
                continue
            try:
                memory.seek(start)
                if backwards.encode() in memory.read(end - start)[::-1]:
                    return True
            except (OSError, ValueError):
                continue
    return False
"""


async def test_sbx_01_nothing_of_other_runs_is_in_memory(sandbox):
    """Neither expected values nor the programs that ran before are in what a run inherits."""
    mark = secrets.token_hex(12)
    await sandbox.evaluate([repr(mark)])
    await sandbox.call([CallRun(f"answer = {mark!r}\n", "reference.py", (Call("answer"),))])
    await sandbox.program(ProgramRun(f"print({mark!r})\n", "reference.py"))
    backwards = mark[::-1]
    scan, control = await sandbox.call(
        [
            CallRun(SCAN, "task.py", (Call(f"found({backwards!r})", timeout=20),)),
            CallRun(SCAN + f"kept = {mark!r}\n", "task.py", (Call(f"found({backwards!r})", timeout=20),)),
        ]
    )
    assert [scan[0].text, control[0].text] == ["False", "True"]


FIRST_PROCESS = """
import ctypes, os, signal, socket
def tries():
    done = []
    for path, flags in [('/proc/1/mem', os.O_RDWR), ('/proc/1/environ', os.O_RDONLY), ('/proc/1/maps', os.O_RDONLY),
                        ('/proc/1/fd/3', os.O_RDWR), ('/proc/1/fd/0', os.O_RDWR)]:
        try:
            os.close(os.open(path, flags))
            done.append(path)
        except OSError:
            pass
    try:
        done += os.listdir('/proc/1/fd')
    except OSError:
        pass
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, 1, 0, 0) == 0:
        done.append('ptrace')
    if libc.syscall(438, libc.syscall(434, 1, 0), 3, 0) >= 0:
        done.append('pidfd_getfd')
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        os.kill(1, number)
    return done
"""


async def test_sbx_01_the_first_process_cannot_be_reached(sandbox):
    (found,) = await sandbox.call([CallRun(FIRST_PROCESS, "task.py", (Call("tries()"), Call("1")))])
    assert [one.text for one in found] == ["[]", "1"]


class Speaker:
    """Stands where a worker stands and says what it is told to, on a real socket."""

    def __init__(self, chunks):
        self.chunks = chunks
        self.worn = False

    def begin(self, order, limits):
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()
        ending = loop.create_future()
        talk = loop.create_task(self._talk(theirs, ending))
        return Run(Channel(ours), ending, talk.cancel)

    async def _talk(self, theirs, ending):
        try:
            for chunk in self.chunks:
                await asyncio.get_running_loop().sock_sendall(theirs, chunk)
        except OSError:
            pass
        finally:
            theirs.close()
            ending.set_result(Ending("exit", 0, None, clean=True))


READY = b'{"ready": true}\n'
GOOD = b'{"program": 0, "index": 0, "status": "value", "value": [1], "output": ""}\n'
SAID = [
    [],
    [b""],
    [READY],
    [READY, b"\n"],
    [READY, b"x" * 100],
    [READY, b"[" * 100_000 + b"\n"],
    [READY, b'{"program": 0, "index": 0, "value": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}\n"],
    [READY, b'{"program": 0, "index": 0, "index": 0}\n'],
    [READY, b'{"program": 0, "index": NaN}\n'],
    [READY, b'{"program": 0, "index": 0, "status": "value", "value": [NaN]}\n'],
    [READY, b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.\n"],
    [READY, b'{"program": 0, "index": 0, "status": "value", "value": ["\xed\xa0\x80"]}\n'],
    [READY, b"\0" * 1000 + b"\n"],
    [READY, GOOD, GOOD],
    [READY, GOOD, b"more"],
    [READY, b'{"program": 0, "index": 1, "status": "value", "value": [1]}\n'],
    [READY, b'{"program": 0, "index": 0, "status": "not_run"}\n'],
    [READY, b'{"program": 0, "index": 0, "status": "value", "value": [' + b"9" * 5000 + b"]}\n"],
    [READY, b'{"program": 0, "index": 0, "status": "raised", "error_lines": [-1]}\n'],
    [READY, b'{"program": 0, "index": 0, "status": "raised", "message": 5, "bases": {}}\n'],
    [READY, b'{"program": 0, "index": 0, "status": "value", "value": [["s", [' + b"1," * 1_000_000 + b"1]]]}\n"],
    [READY, *[b"x" * 1_000_000] * 100],
    [READY, b'{"program": 0, "index": 0, "status": "value", "value": [["l", [' + b"[]," * 900_000 + b"1]]]}\n"],
]


async def _listen(chunks):
    batch = Batch(CallRun("", "task.py", (Call("1", timeout=5.0),)))
    speaker = Speaker(chunks)
    while not batch.finished:
        await Fork([batch]).work(speaker)
    (found,) = batch.results()
    return found


@pytest.mark.parametrize("chunks", SAID, ids=range(len(SAID)))
async def test_sbx_02_whatever_is_said_is_an_outcome(chunks):
    before = psutil.Process().memory_info().rss
    found = await _listen(chunks)
    assert found.status in {Status.TAMPERED, Status.UNREADABLE, Status.DIED, Status.NOT_RUN}
    assert found.value is None
    assert psutil.Process().memory_info().rss - before < 64 << 20


async def test_sbx_02_a_good_record_is_taken():
    assert (await _listen([READY, GOOD])).status is Status.VALUE


def _mutated(source: random.Random) -> bytes:
    data = bytearray(GOOD[:-1])
    for _ in range(source.randint(1, 6)):
        place = source.randrange(len(data) + 1)
        data[place : place + source.randint(0, 4)] = source.choice(
            [
                b"[",
                b"]",
                b"{",
                b'"',
                b"\\ud800",
                b"\n",
                b"\0",
                b"-1",
                b"1e999",
                b"NaN",
                b",",
                bytes([source.randrange(256)]),
            ]
        )
    return bytes(data) + b"\n"


async def test_sbx_02_random_output_never_upsets_the_parent():
    source = random.Random(20)
    for number in range(10_000 if SOAK else 400):
        said = source.randbytes(source.randrange(200)) if number % 3 == 0 else _mutated(source)
        found = await _listen([READY, said])
        assert isinstance(found.status, Status)
        values.show(found.value) if found.value else None


async def test_sbx_02_a_real_flood_is_cut_off(sandbox):
    """A process that pours a hundred megabytes into its channel is stopped long before."""
    source = (
        "import os\nblock = b'x' * 1_000_000\n"
        "for n in range(3, 30):\n    try:\n        for _ in range(100):\n            os.write(n, block)\n"
        "    except OSError: pass\n"
    )
    before = psutil.Process().memory_info().rss
    ((found,),) = await sandbox.call([CallRun(source, "task.py", (Call("1", timeout=10.0),))])
    assert found.status is Status.TAMPERED
    assert psutil.Process().memory_info().rss - before < 64 << 20
    ((after,),) = await sandbox.call([CallRun("", "task.py", (Call("1"),))])
    assert after.text == "1"


def test_sbx_02_nothing_outside_a_box_unpickles_or_executes():
    """The server's side of the sandbox holds no call that could run what a box sent."""
    forbidden_names = {"eval", "exec", "compile", "__import__"}
    forbidden_modules = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "copyreg", "yaml"}
    folder = Path(milepost.sandbox.__file__).parent
    files = list(folder.glob("*.py"))
    assert Path(channels.__file__) in files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in forbidden_names, file
            if isinstance(node, ast.Import):
                assert not forbidden_modules & {alias.name for alias in node.names}, file
            if isinstance(node, ast.ImportFrom):
                assert node.module not in forbidden_modules, file
