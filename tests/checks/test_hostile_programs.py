"""Each program that misbehaves ends in one clear finding, in bounded time."""

import pytest

from milepost.domain.criteria import Example, Examples
from tests.checks.programs import contract, examples, judge, only

pytestmark = pytest.mark.asyncio(loop_scope="module")
ONE = contract(examples(("f(1)", "1"), ("f(2)", "2")))
HOSTILE = {
    "asks for input": (
        "def f(x):\n    return int(input('number? '))\n",
        "it asks for input()",
    ),
    "asks for input at once": (
        """\
n = input()
def f(x):
    return x
""",
        "it asks for input()",
    ),
    "leaves": (
        """\
import sys
def f(x):
    sys.exit(0)
""",
        "f(1) ended the whole program; leave out exit()",
    ),
    "leaves at once": (
        """\
import sys
sys.exit()
def f(x):
    return x
""",
        "ended the whole program",
    ),
    "quits": (
        "def f(x):\n    quit()\n",
        "ended the whole program",
    ),
    "dies": (
        """\
import os
def f(x):
    os._exit(0)
""",
        "f(1) broke down without a result",
    ),
    "kills itself": (
        """\
import os, signal
def f(x):
    os.kill(os.getpid(), signal.SIGKILL)
""",
        "broke down",
    ),
    "never ends": (
        """\
def f(x):
    while True:
        pass
""",
        "f(1) did not end within 0.5 s; a loop probably",
    ),
    "sleeps": (
        """\
import time
def f(x):
    time.sleep(60)
""",
        "did not end within 0.5 s",
    ),
    "never ends at once": (
        "while True:\n    pass\n",
        "did not end within 0.5 s",
    ),
    "recurses": (
        "def f(x):\n    return f(x + 1)\n",
        "it calls itself without end",
    ),
    "fills the memory": (
        "def f(x):\n    return len('x' * 10 ** 10)\n",
        "something grows without end",
    ),
    "fills the memory slowly": (
        """\
def f(x):
    a = []
    while True:
        a.append('x' * 10 ** 6)
""",
        "something grows without end",
    ),
    "prints without end": (
        """\
def f(x):
    while True:
        print('spam' * 99)
""",
        "a loop prints without end",
    ),
    "prints a huge line": (
        """\
def f(x):
    print('x' * 10 ** 7)
    return x
""",
        "printed too much",
    ),
    "gives back what is huge": (
        "def f(x):\n    return list(range(10 ** 6))\n",
        "f(1) gave ",
    ),
    "gives back what is deep": (
        """\
def f(x):
    a = []
    for _ in range(10 ** 4):
        a = [a]
    return a
""",
        "f(1) gave ",
    ),
    "gives back itself": (
        """\
def f(x):
    a = []
    a.append(a)
    return a
""",
        "f(1) gave ",
    ),
    "lies about equality": (
        """\
class A(int):
    def __eq__(self, other):
        return True
    __hash__ = None
    def __repr__(self):
        return '1'
def f(x):
    return A(7)
""",
        "f(1) gave 1 (A), expected 1 (int)",
    ),
    "breaks its own repr": (
        """\
class A:
    def __repr__(self):
        1 / 0
def f(x):
    return A()
""",
        "f(1) gave ",
    ),
    "breaks its own error": (
        """\
class E(Exception):
    def __str__(self):
        1 / 0
def f(x):
    raise E
""",
        "f(1) stopped with E",
    ),
    "patches what the run needs": (
        """\
import builtins
builtins.isinstance = builtins.type = lambda *a: True
def f(x):
    return 0
""",
        "f(1) gave 0, expected 1",
    ),
    "deletes builtins": (
        """\
import builtins
for name in list(vars(builtins)):
    if name != 'delattr':
        delattr(builtins, name)
def f(x):
    return 3
""",
        "f(1) ",
    ),
    "raises what no except catches": (
        "def f(x):\n    raise BaseException('no')\n",
        "stopped with BaseException: no",
    ),
    "interrupts": (
        "def f(x):\n    raise KeyboardInterrupt\n",
        "stopped with KeyboardInterrupt",
    ),
    "starts threads that never end": (
        """\
import threading
def spin():
    while True:
        pass
for _ in range(3):
    threading.Thread(target=spin, daemon=True).start()
def f(x):
    return 0
""",
        "f(1) ",
    ),
    "opens the network": (
        """\
import socket
def f(x):
    socket.create_connection(('127.0.0.1', 5432), 1)
""",
        "without network",
    ),
    "is a generator": (
        "def f(x):\n    yield x\n",
        "a generator is not yet the values in it",
    ),
    "has a huge number": (
        "def f(x):\n    return 10 ** 5000\n",
        "f(1) gave ",
    ),
}


@pytest.fixture
def sandbox(module_sandbox):
    return module_sandbox


@pytest.mark.parametrize("name", HOSTILE)
async def test_ends_in_one_clear_finding(sandbox, name):
    text, said = HOSTILE[name]
    seconds = 0.5 if "did not end" in said else 8.0
    judged = contract(Examples(tuple(Example(f"f({number})", f"{number}", timeout=seconds) for number in (1, 2))))
    finding = await only(sandbox, judged, text)
    assert said in finding.message
    assert len(finding.message) < 600
    assert finding.message.count("\n") == 0


async def test_noise_on_standard_output_does_not_matter(sandbox):
    text = "print('hello')\ndef f(x):\n    print('x is', x)\n    return x\nprint('bye')\n"
    assert (await judge(sandbox, ONE, text)).passed is True


async def test_a_later_program_is_not_touched_by_an_earlier_one(sandbox):
    await judge(
        sandbox, ONE, "import builtins, sys\nbuiltins.len = None\nsys.modules.clear()\ndef f(x):\n    return 0\n"
    )
    assert (await judge(sandbox, ONE, "def f(x):\n    return len([1]) * x\n")).passed is True


async def test_each_example_meets_a_fresh_program(sandbox):
    text = "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen) * x\n"
    assert (await judge(sandbox, ONE, text)).passed is True


async def test_a_timeout_of_one_example_leaves_the_others(sandbox):
    text = "def f(x):\n    while x == 1:\n        pass\n    return x\n"
    judged = contract(Examples((Example("f(1)", "1", timeout=0.3), Example("f(2)", "2"))))
    report = await judge(sandbox, judged, text)
    assert report.score == 0.5
    assert "did not end within 0.3 s" in report.findings[0].message
    assert report.findings[0].range.start.line == 1


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "\ufeff# marked\n", "\f\ndef g():\n    pass\n"])
async def test_an_empty_file_is_a_finding(sandbox, text):
    finding = await only(sandbox, ONE, text)
    assert "NameError" in finding.message
