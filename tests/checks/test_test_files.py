"""The criterion of a test file: what plain values carry is judged where the program cannot reach."""

import pytest

from milepost.checks import boxing, proving
from milepost.domain.criteria import Reveal, Tests
from tests.checks.programs import SEARCH, SEARCH_TESTS, WRONG_SEARCH, contract, judge, only, revealing

pytestmark = pytest.mark.asyncio(loop_scope="module")
SEARCHING = contract(Tests("tests/test_search.py"), files={"tests/test_search.py": SEARCH_TESTS})
STACK = """\
class Stack:
    def __init__(self):
        self.items = []
    def push(self, x):
        self.items.append(x)
    def pop(self):
        return self.items.pop()
"""
STACK_TESTS = """\
import unittest
from stack import Stack

class StackTest(unittest.TestCase):
    def test_last_comes_first(self):
        stack = Stack()
        stack.push(1)
        stack.push(2)
        self.assertEqual(stack.pop(), 2)

    def test_empty(self):
        with self.assertRaises(IndexError):
            Stack().pop()
"""
STACKING = contract(Tests("tests/test_stack.py"), files={"tests/test_stack.py": STACK_TESTS})


@pytest.fixture
def sandbox(module_sandbox):
    return module_sandbox


def _file(test: str, **others: str):
    return contract(Tests("tests/test_it.py"), files={"tests/test_it.py": test, **others})


async def test_functions_are_judged_tamper_proof(sandbox):
    report = await judge(sandbox, SEARCHING, SEARCH)
    assert report.passed is True, report.findings
    (result,) = report.results
    assert result.tamper_proof
    assert [case.call for case in result.cases] == [
        "test_finds[0-0]",
        "test_finds[5-1]",
        "test_finds[99-3]",
        "test_empty",
        "test_refuses_nothing",
        "test_many",
    ]


async def test_failing_tests_give_partial_credit_and_one_short_finding(sandbox):
    report = await judge(sandbox, SEARCHING, WRONG_SEARCH)
    assert report.score == pytest.approx(2 / 6)
    (finding,) = report.findings
    assert finding.message == (
        "The test test_finds[5-1] fails: search(5, [1, 5, 10]) gave 2, expected 1. (4 of 6 tests fail)"
    )
    assert finding.range.start.line in {1, 2, 3}
    assert "| `test_empty` |" in finding.explanation


async def test_classes_run_together_with_their_tests_and_the_result_says_so(sandbox):
    report = await judge(sandbox, STACKING, STACK, "stack.py")
    assert report.passed is True, report.findings
    assert not report.results[0].tamper_proof


async def test_a_failing_test_of_a_class_has_a_place(sandbox):
    text = STACK.replace("pop()", "pop(0)")
    finding = await only(sandbox, STACKING, text, "stack.py")
    assert "test_last_comes_first fails: 1 != 2" in finding.message
    assert finding.range.start.line in {4, 6}


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("def find(x, seq):\n    return 0\n", "search is not defined", 0),
        ("def serach(x, seq):\n    return 0\n", "search is not defined; is serach meant?", 0),
        ("a = 1\nb = a / 0\n", "search.py stopped with ZeroDivisionError", 1),
        ("import os\nos._exit(0)\n", "search.py broke down without a result", 0),
        ("def search(x, seq):\n    return y\n", "NameError: name 'y' is not defined", 1),
        ("def search(x, seq):\n    import sys\n    sys.exit(0)\n", "SystemExit", 2),
        ("def search(x, seq):\n    while True:\n        pass\n", "did not end within 2 s", 1),
        ("def search(x):\n    return 0\n", "takes 1 positional argument but 2 were given", 0),
        ("def search(x, seq):\n    return int(input())\n", "EOFError", 1),
    ],
)
async def test_programs_that_break(sandbox, text, said, line):
    finding = await only(sandbox, SEARCHING, text)
    assert said in finding.message
    assert finding.range.start.line == line


async def test_prints_arguments_constants_and_state_pass_between_the_boxes(sandbox):
    tests = """\
import lists
from lists import LIMIT, append_to, count, show

def test_argument_changes():
    box = [1, [2]]
    result = append_to(box, 3)
    assert result is box
    assert box == [1, [2, 3], 3]

def test_prints(capsys):
    show("Ana")
    assert capsys.readouterr().out == "Hello Ana\\n"

def test_state():
    assert [count(), count(), lists.count()] == [1, 2, 3]

def test_constant():
    assert LIMIT == {"a": (1, 2.5)}

def test_state_is_fresh():
    assert count() == 1
"""
    text = """\
LIMIT = {"a": (1, 2.5)}
calls = 0
def append_to(box, x):
    box[1].append(x)
    box.append(x)
    return box
def show(name):
    print("Hello", name)
def count():
    global calls
    calls += 1
    return calls
"""
    report = await judge(sandbox, _file(tests), text, "lists.py")
    assert report.passed is True, report.findings
    assert report.results[0].tamper_proof


@pytest.mark.parametrize(
    "tests",
    [
        """from io_task import ask
def test(monkeypatch):
    monkeypatch.setattr('builtins.input', lambda _='': '7')
    assert ask() == 7
""",
        """from io_task import save
def test(tmp_path):
    save(tmp_path / 'x')
    assert (tmp_path / 'x').read_text() == 'x'
""",
        """import random
from io_task import roll
def test():
    random.seed(1)
    first = roll()
    random.seed(1)
    assert roll() == first
""",
        "from io_task import twice\ndef test():\n    assert twice(lambda x: x + 1)(1) == 3\n",
        "from io_task import numbers\ndef test():\n    assert list(numbers()) == [1, 2]\n",
    ],
)
async def test_what_plain_values_cannot_carry_runs_together(sandbox, tests):
    text = (
        "import random\ndef ask():\n    return int(input('? '))\ndef save(path):\n    path.write_text('x')\n"
        "def roll():\n    return random.random()\ndef twice(f):\n    return lambda x: f(f(x))\n"
        "def numbers():\n    yield 1\n    yield 2\n"
    )
    report = await judge(sandbox, _file(tests), text, "io_task.py")
    assert report.passed is True, report.findings
    assert not report.results[0].tamper_proof


async def test_a_later_call_that_depends_on_an_earlier_answer_is_asked_too(sandbox):
    tests = """from walk import step
def test():
    x = 1
    for _ in range(4):
        x = step(x)
    assert x == 16
"""
    report = await judge(sandbox, _file(tests), "def step(x):\n    return x * 2\n", "walk.py")
    assert report.passed is True, report.findings
    assert report.results[0].tamper_proof


async def test_files_beside_the_tests_and_skipped_tests(sandbox):
    tests = """\
import unittest
from cases import CASES
from double import double

class Doubling(unittest.TestCase):
    def test_cases(self):
        for x, y in CASES:
            with self.subTest(x):
                self.assertEqual(double(x), y)
    @unittest.skip("later")
    def test_later(self):
        self.fail()
"""
    judged = _file(tests, **{"tests/cases.py": "CASES = [(1, 2), (3, 6)]\n"})
    report = await judge(sandbox, judged, "def double(x):\n    return 2 * x\n", "double.py")
    assert report.passed is True, report.findings
    assert len(report.results[0].cases) == 1


async def test_a_program_may_use_any_name_for_its_own(sandbox):
    tests = "from names import f\ndef test():\n    assert f([1]) == 1\n"
    text = "list = type = str = globals = enumerate = exec = names = answers = ast = [1]\ndef f(x):\n    return x[0]\n"
    report = await judge(sandbox, _file(tests), text, "names.py")
    assert report.passed is True, report.findings
    assert report.results[0].tamper_proof


async def test_a_preamble_runs_before_the_program(sandbox):
    tests = "from uses import f\ndef test():\n    assert f(1) == 8\n"
    judged = contract(Tests("tests/test_it.py"), files={"tests/test_it.py": tests}, preamble="given = 7\n")
    assert (await judge(sandbox, judged, "def f(x):\n    return x + given\n", "uses.py")).passed is True


async def test_a_submission_of_another_name_is_found_under_the_name_the_tests_import(sandbox):
    assert (await judge(sandbox, SEARCHING, SEARCH, "ana_lopez.py")).passed is True
    assert boxing.imported_names("t.py", {"t.py": "import math, pytest\nfrom task import f"}, "ana.py") == (
        "ana",
        "task",
    )


@pytest.mark.parametrize("tests", ["", "import pytest\n", "import pytest\npytest.skip(allow_module_level=True)\n"])
async def test_a_file_without_tests_is_not_assessed(sandbox, tests):
    report = await judge(sandbox, _file(tests), "x = 1\n", "a.py")
    assert report.passed is None


@pytest.mark.parametrize(
    "tests",
    [
        "def test(:\n",
        "import nowhere_at_all\nfrom a import f\ndef test():\n    pass\n",
        "from a import f\nraise SystemExit(0)\n",
        "from a import f\nimport os\nos._exit(0)\n",
        "from a import f\n1 / 0\n",
        "x" * 100_000,
    ],
)
async def test_broken_test_files_pass_nobody(sandbox, tests):
    report = await judge(sandbox, _file(tests), "def f(x):\n    return x\n", "a.py")
    assert report.passed is not True
    assert len(report.findings) <= 1


async def test_spanish_and_location(sandbox):
    spanish = await only(sandbox, SEARCHING, WRONG_SEARCH, language="es")
    assert spanish.message.startswith("La prueba test_finds[5-1] falla: search(5, [1, 5, 10]) dio 2, se esperaba 1.")
    hidden = await only(sandbox, revealing(SEARCHING, Reveal.LOCATION), WRONG_SEARCH)
    assert "test_finds" not in hidden.message + hidden.explanation
    assert "4 of 6 tests fail" in hidden.message


async def test_many_programs_are_proved_at_once(sandbox):
    proved = await proving.prove(
        SEARCHING, [SEARCH, WRONG_SEARCH, SEARCH + "\n# again\n", "1 / 0\n"], "search.py", sandbox
    )
    assert proved == [True, False, True, False]
