"""Each program that misbehaves ends in one clear finding, in bounded time."""

import pytest

from milepost.domain.criteria import Example, Examples
from tests.checks.programs import contract, examples, judge, only

pytestmark = pytest.mark.asyncio(loop_scope="module")
ONE = contract(examples(("f(1)", "1"), ("f(2)", "2")))
HOSTILE = {
    "asks for input": ("def f(x):\n    return int(input('number? '))\n", "it asks for input()"),
    "asks for input at once": ("n = input()\ndef f(x):\n    return x\n", "it asks for input()"),
    "leaves": ("import sys\ndef f(x):\n    sys.exit(0)\n", "f(1) ended the whole program; leave out exit()"),
    "leaves at once": ("import sys\nsys.exit()\ndef f(x):\n    return x\n", "ended the whole program"),
    "quits": ("def f(x):\n    quit()\n", "ended the whole program"),
    "dies": ("import os\ndef f(x):\n    os._exit(0)\n", "f(1) broke down without a result"),
    "kills itself": ("import os, signal\ndef f(x):\n    os.kill(os.getpid(), signal.SIGKILL)\n", "broke down"),
    "never ends": ("def f(x):\n    while True:\n        pass\n", "f(1) did not end within 0.5 s; a loop probably"),
    "sleeps": ("import time\ndef f(x):\n    time.sleep(60)\n", "did not end within 0.5 s"),
    "never ends at once": ("while True:\n    pass\n", "did not end within 0.5 s"),
    "recurses": ("def f(x):\n    return f(x + 1)\n", "it calls itself without end"),
    "fills the memory": ("def f(x):\n    return len('x' * 10 ** 10)\n", "something grows without end"),
    "fills the memory slowly": (
        "def f(x):\n    a = []\n    while True:\n        a.append('x' * 10 ** 6)\n",
        "something grows without end",
    ),
    "prints without end": ("def f(x):\n    while True:\n        print('spam' * 99)\n", "a loop prints without end"),
    "prints a huge line": ("def f(x):\n    print('x' * 10 ** 7)\n    return x\n", "printed too much"),
    "gives back what is huge": ("def f(x):\n    return list(range(10 ** 6))\n", "f(1) gave "),
    "gives back what is deep": (
        "def f(x):\n    a = []\n    for _ in range(10 ** 4):\n        a = [a]\n    return a\n",
        "f(1) gave ",
    ),
    "gives back itself": ("def f(x):\n    a = []\n    a.append(a)\n    return a\n", "f(1) gave "),
    "lies about equality": (
        "class A(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = None\n"
        "    def __repr__(self):\n        return '1'\ndef f(x):\n    return A(7)\n",
        "f(1) gave 1 (A), expected 1 (int)",
    ),
    "breaks its own repr": (
        "class A:\n    def __repr__(self):\n        1 / 0\ndef f(x):\n    return A()\n",
        "f(1) gave ",
    ),
    "breaks its own error": (
        "class E(Exception):\n    def __str__(self):\n        1 / 0\ndef f(x):\n    raise E\n",
        "f(1) stopped with E",
    ),
    "patches a builtin": (
        "import builtins\nbuiltins.len = lambda x: 0\nbuiltins.print = None\ndef f(x):\n    return len([x])\n",
        "f(1) gave 0, expected 1",
    ),
    "patches what the run needs": (
        "import builtins\nbuiltins.isinstance = builtins.type = lambda *a: True\ndef f(x):\n    return 0\n",
        "f(1) broke down without a result; it changes Python's built-in functions",
    ),
    "deletes builtins": (
        "import builtins\nfor name in list(vars(builtins)):\n    if name != 'delattr':\n        delattr(builtins, name)\n"
        "def f(x):\n    return 3\n",
        "f(1) ",
    ),
    "raises what no except catches": ("def f(x):\n    raise BaseException('no')\n", "stopped with BaseException: no"),
    "interrupts": ("def f(x):\n    raise KeyboardInterrupt\n", "stopped with KeyboardInterrupt"),
    "starts threads that never end": (
        "import threading\ndef spin():\n    while True:\n        pass\n"
        "for _ in range(3):\n    threading.Thread(target=spin, daemon=True).start()\ndef f(x):\n    return 0\n",
        "f(1) ",
    ),
    "opens the network": (
        "import socket\ndef f(x):\n    socket.create_connection(('127.0.0.1', 5432), 1)\n",
        "without network",
    ),
    "is a generator": ("def f(x):\n    yield x\n", "a generator is not yet the values in it"),
    "has a huge number": ("def f(x):\n    return 10 ** 5000\n", "f(1) gave "),
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
