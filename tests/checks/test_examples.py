"""The criterion of examples: credit, places, words."""

import pytest

from milepost.domain.criteria import Defines, Example, Examples, Reveal
from milepost.domain.text import Position
from tests.checks.programs import (
    SEARCH,
    SEARCH_EXAMPLES,
    WRONG_SEARCH,
    contract,
    examples,
    judge,
    only,
    revealing,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def sandbox(module_sandbox):
    return module_sandbox


async def test_a_right_program_passes(sandbox):
    report = await judge(sandbox, contract(SEARCH_EXAMPLES), SEARCH)
    assert report.passed is True
    assert report.score == 1.0
    assert report.findings == ()
    assert report.results[0].tamper_proof
    assert [case.passed for case in report.results[0].cases] == [True] * 6


async def test_partial_credit_and_one_finding_with_one_case(sandbox):
    report = await judge(sandbox, contract(SEARCH_EXAMPLES), WRONG_SEARCH)
    assert report.score == pytest.approx(2 / 6)
    (finding,) = report.findings
    assert finding.rule == "examples"
    assert finding.criterion == 0
    assert finding.message == (
        "search(42, (-5, 1, 3, 5, 7, 10)) gave None, expected 6; "
        "None comes back when a return is missing or not reached. (4 of 6 examples fail)"
    )
    assert "| `search(100, [])` | `0` | `None` |" in finding.explanation
    assert "4 of 6 examples fail" in finding.explanation


async def test_at_most_five_cases_are_explained(sandbox):
    many = examples(*((f"f({number})", "1") for number in range(9)))
    finding = await only(sandbox, contract(many), "def f(x):\n    return 0\n")
    assert finding.explanation.count("`f(") == 5
    assert "and 4 more" in finding.explanation


async def test_spanish(sandbox):
    finding = await only(sandbox, contract(SEARCH_EXAMPLES), WRONG_SEARCH, language="es")
    assert finding.message.startswith(
        "search(42, (-5, 1, 3, 5, 7, 10)) dio None, se esperaba 6; None aparece cuando falta"
    )
    assert "(fallan 4 de 6 ejemplos)" in finding.message
    assert "| llamada | esperado | obtenido |" in finding.explanation


@pytest.mark.parametrize(
    ("text", "call", "expect", "said"),
    [
        (
            "def f(x):\n    return str(x)\n",
            "f(3)",
            "3",
            "f(3) gave '3' (str), expected 3 (int); the value looks right but",
        ),
        ("def f(x):\n    print(x)\n", "f(3)", "3", "the value is printed, not returned"),
        ("def f(x):\n    return map(str, x)\n", "f([3])", "['3']", "a map is not yet the values in it"),
        ("def f(x):\n    def g():\n        return x\n    return g\n", "f(3)", "3", "the function itself comes back"),
        ("def f(x, y):\n    return x\n", "f(3)", "3", "the function does not take these arguments"),
        ("def f(x):\n    return x + y\n", "f(3)", "3", "NameError: name 'y' is not defined"),
        ("def f(x):\n    return x[9]\n", "f([1])", "1", "the position lies beyond the end"),
        ("def f(x):\n    return None + x\n", "f(1)", "1", "a value is None where something was expected"),
        ("def f(x):\n    return 1 // x\n", "f(0)", "1", "it divides by zero"),
        ("import nowhere\n", "f(0)", "1", "this module is not installed here"),
        ("def f(x):\n    return open('data.txt').read()\n", "f(0)", "1", "there is no such file"),
    ],
)
async def test_the_plain_reason_is_told(sandbox, text, call, expect, said):
    finding = await only(sandbox, contract(examples((call, expect))), text)
    assert said in finding.message


@pytest.mark.parametrize(
    ("text", "call", "line"),
    [
        ("def g(x):\n    return x[5]\n\ndef f(x):\n    return g(x)\n", "f([1])", 1),
        ("import os\n\nboom = 1 / 0\n\ndef f(x):\n    return x\n", "f([1])", 2),
        ("\n\ndef g():\n    pass\n\ndef f(x):\n    while True:\n        x\n", "f([1])", 6),
        ("x = 1\n\ndef f(x):\n    for i in x:\n        if i == 9:\n            return i\n", "f([1])", 5),
        ("def other(x):\n    pass\n", "f([1])", 0),
    ],
)
async def test_the_best_place_known(sandbox, text, call, line):
    finding = await only(sandbox, contract(examples((call, "7"))), text)
    assert finding.range.start.line == line


async def test_the_line_that_only_failing_examples_run(sandbox):
    text = "def sign(x):\n    if x > 0:\n        return 1\n    if x == 0:\n        return 0\n    y = -x\n    return y\n"
    asked = examples(("sign(3)", "1"), ("sign(0)", "0"), ("sign(-7)", "-1"), ("sign(-2)", "-1"))
    finding = await only(sandbox, contract(asked), text)
    assert finding.range.start.line in {5, 6}
    assert "Suspicious lines: " in finding.explanation


async def test_every_way_to_compare(sandbox):
    asked = Examples(
        (
            Example("mean([1, 2])", "1.5", approx=1e-9),
            Example("mean([])", raises="ValueError"),
            Example("pairs()", "[(2, 'b'), (1, 'a')]", unordered=True),
            Example("hello('Ana')", prints="Hello Ana\n"),
            Example("s.pop()", "3", setup="s = Stack()\ns.push(3)"),
            Example("origin", "(0, 0)"),
            Example("mean(sample)", "sum(sample) / len(sample)"),
        )
    )
    text = (
        "def mean(xs):\n    if not xs:\n        raise ValueError('empty')\n    return sum(xs) / len(xs)\n"
        "def pairs():\n    return [(1, 'a'), (2, 'b')]\n"
        "def hello(name):\n    print('Hello', name)\n"
        "class Stack:\n    def __init__(self):\n        self.items = []\n"
        "    def push(self, x):\n        self.items.append(x)\n    def pop(self):\n        return self.items.pop()\n"
        "origin = (0, 0)\n"
    )
    report = await judge(sandbox, contract(asked, preamble="sample = [1, 2, 6]\n"), text)
    assert report.passed is True, report.findings


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (Example("f(1)", raises="ValueError"), "f(1) gave 1, expected the error ValueError."),
        (Example("f(0)", raises="ValueError"), "another error than the one asked for"),
        (Example("f(1)", prints="1"), 'f(1) printed nothing, expected "1"; the value is returned, not printed'),
        (Example("say(1)", prints="a\nc"), 'say(1): line 2 of the output is "b", expected "c"'),
        (Example("say(1)", prints="a\nb\nc"), 'line 3 of the output is missing, expected "c"'),
        (Example("f(1)", "1.25", approx=0.1), "f(1) gave 1 (int), expected about 1.25 (float)."),
        (Example("f(1)", "[2, 1]", unordered=True), "expected [2, 1] in any order"),
    ],
)
async def test_every_way_to_fail(sandbox, example, said):
    text = "def f(x):\n    1 / x\n    return x\n\ndef say(x):\n    print('a')\n    print('b')\n"
    finding = await only(sandbox, contract(Examples((example,))), text)
    assert said in finding.message


async def test_an_expectation_that_cannot_be_evaluated_is_nobodys_failure(sandbox):
    report = await judge(sandbox, contract(examples(("f(1)", "no_such_name"))), "def f(x):\n    return x\n")
    assert report.passed is None
    assert "no_such_name" in report.results[0].message


async def test_expected_expressions_never_meet_the_learners_code(sandbox):
    text = (
        "import builtins\nbuiltins.sorted = lambda *a: [9]\ndef sorted(x):\n    return [9]\ndef f(x):\n    return [9]\n"
    )
    report = await judge(sandbox, contract(examples(("f([2, 1])", "sorted([2, 1])"))), text)
    assert report.passed is False


async def test_weights_and_kinds_together(sandbox):
    judged = contract(Defines(("search(x, seq)",), weight=2), SEARCH_EXAMPLES)
    report = await judge(sandbox, judged, WRONG_SEARCH)
    assert report.score == pytest.approx((2 + 2 / 6) / 3)


async def test_a_file_that_does_not_parse_gets_its_syntax_finding_only(sandbox):
    report = await judge(sandbox, contract(Defines(("f(x)",)), SEARCH_EXAMPLES), "def f(x)\n    return x\n")
    assert report.passed is False
    assert report.score == 0.0
    assert [result.passed for result in report.results] == [None, None]
    assert [finding.rule for finding in report.findings] == ["syntax"]


async def test_without_a_sandbox_nothing_runs(sandbox):
    report = await judge(None, contract(Defines(("search(x, seq)",)), SEARCH_EXAMPLES), SEARCH)
    assert report.passed is None
    assert report.score == 0.5
    assert report.results[1].passed is None


@pytest.mark.parametrize("language", ["en", "es"])
async def test_location_shows_no_case(sandbox, language):
    judged = revealing(contract(SEARCH_EXAMPLES), Reveal.LOCATION)
    report = await judge(sandbox, judged, WRONG_SEARCH, language=language)
    (finding,) = report.findings
    shown = finding.message + finding.explanation + repr(report.results)
    assert "search(" not in shown
    assert "None" not in finding.message
    assert ("4 of 6 examples fail" if language == "en" else "fallan 4 de 6 ejemplos") in finding.message
    assert finding.range.start > Position(0, 0)


async def test_message_shows_the_case(sandbox):
    finding = await only(sandbox, revealing(contract(SEARCH_EXAMPLES), Reveal.MESSAGE), WRONG_SEARCH)
    assert "search(42" in finding.message
    assert "search(42" in finding.explanation


async def test_what_a_learner_returns_cannot_break_out_of_the_message(sandbox):
    text = "def f(x):\n    return '\\x1b[31m\\u202e`|[a](command:b)\\n'\n"
    finding = await only(sandbox, contract(examples(("f(1)", "1"))), text)
    for shown in (finding.message, finding.explanation):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "](" not in finding.message
    assert "\n" not in finding.message


async def test_names_and_strings_outside_ascii(sandbox):
    text = "def größe(é):\n    s = 'e\u0301👩‍👩‍👧'\n    return s[9999]\n"
    finding = await only(sandbox, contract(examples(("größe(1)", "'👩‍👩‍👧'"))), text)
    assert finding.range.start == Position(2, 4)
    assert "größe(1) stopped with IndexError" in finding.message


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
async def test_line_ends_keep_the_place(sandbox, ending):
    text = "\n# note\ndef f(x):\n    a = 1\n    return a / 0\n".replace("\n", ending)
    finding = await only(sandbox, contract(examples(("f(1)", "1"))), text)
    assert finding.range.start == Position(4, 4)
