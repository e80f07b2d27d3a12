"""The criteria that need no process: definitions, constructs, complexity, and the fast report."""

import pytest

from milepost.checks import checking
from milepost.domain.criteria import Complexity, Construct, Defines, Forbids, Requires, Rubric
from milepost.domain.text import Position
from tests.checks.programs import SEARCH, SEARCH_EXAMPLES, contract, snapshot


def _fast(text, *criteria, language="python", said="en", name="search.py"):
    judged = contract(*criteria, language=language)
    return checking.check_fast(judged, snapshot(text, name, language), said)


@pytest.mark.parametrize(
    "signature",
    ["search(x, seq)", "search", "def search(x, seq)", "search(x: int, seq: list[int] = [1, 2])", " search( x ,seq ) "],
)
def test_a_definition_that_is_there(signature):
    assert _fast(SEARCH, Defines((signature,))).passed is True


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ("find(x)", "find is not defined"),
        ("Search", "Search is not defined; is search meant?"),
        ("search(x)", "search takes (x, seq), expected (x)"),
        ("search()", "search takes (x, seq), expected no parameters"),
        ("class search", "search is not defined"),
    ],
)
def test_a_definition_that_is_not(signature, said):
    report = _fast(SEARCH, Defines((signature,)))
    assert report.passed is False
    assert said in report.findings[0].message


def test_classes_and_methods():
    text = "class Stack:\n    def push(self, x, *more, deep=False, **rest):\n        pass\n"
    asked = Defines(("class Stack", "Stack.push(self, x, *more, deep=False, **rest)", "Stack"))
    assert _fast(text, asked).passed is True
    report = _fast(text, Defines(("Stack.pop(self)",)))
    assert report.findings[0].range.start == Position(0, 6)


@pytest.mark.parametrize(
    ("construct", "used"),
    [
        (Construct(call="sorted"), True),
        (Construct(call="sum"), False),
        (Construct(construct="while"), True),
        (Construct(construct="for"), False),
        (Construct(import_="re"), True),
        (Construct(import_="math"), False),
        (Construct(query="(while_statement) @x"), True),
        (Construct(query="(lambda) @x"), False),
    ],
)
def test_constructs(construct, used):
    text = "import re\ndef f(x):\n    while x:\n        x = sorted(x)\n    while x:\n        x.sort()\n"
    assert _fast(text, Requires((construct,))).passed is used
    assert _fast(text, Forbids((construct,))).passed is not used


def test_a_forbidden_construct_is_one_finding_with_all_its_places():
    report = _fast("def f(x):\n    y = sorted(x)\n    return sorted(y)\n", Forbids((Construct(call="sorted"),)))
    (finding,) = report.findings
    assert finding.rule == "forbids/call"
    assert finding.message == "The task does not allow a call of sorted"
    assert finding.range.start == Position(1, 8)
    assert [related.range.start.line for related in finding.related] == [2]


def test_a_missing_construct_is_placed_at_the_function():
    (finding,) = _fast("x = 1\ndef f(x):\n    pass\n", Requires((Construct(construct="for"),)), said="es").findings
    assert finding.rule == "requires/construct"
    assert finding.range.start == Position(1, 4)
    assert finding.message == "La tarea pide for, y el programa no lo tiene"


def test_a_query_that_cannot_be_read_is_nobodys_failure():
    assert _fast("x = 1\n", Requires((Construct(query="(no_such_node"),))).passed is None
    assert _fast("x = 1\n", Forbids((Construct(construct="no such construct"),))).passed is None


def test_complexity():
    text = "def f(x):\n    if x and x > 1 or x < 5:\n        return 1\n    for y in x:\n        pass\n"
    assert _fast(text, Complexity(5)).passed is True
    (finding,) = _fast(text, Complexity(4)).findings
    assert finding.message.startswith("f has 5 independent paths, at most 4")
    assert finding.range.start == Position(0, 4)


def test_the_fast_report_leaves_the_rest_open():
    report = _fast(SEARCH, Defines(("search(x, seq)",)), SEARCH_EXAMPLES, Rubric("Names are good"))
    assert [result.passed for result in report.results] == [True, None, None]
    assert report.passed is None
    assert report.results[1].message == "Not assessed yet"


def test_a_failing_structure_fails_the_fast_report():
    assert _fast(SEARCH, Defines(("find(x)",)), SEARCH_EXAMPLES).passed is False


@pytest.mark.parametrize(
    ("language", "name", "text", "signature"),
    [
        ("javascript", "a.js", "function add(a, b) {\n  return a + b;\n}\n", "add(a, b)"),
        ("typescript", "a.ts", "function add(a: number, b: number): number { return a + b; }\n", "add(a, b)"),
        ("java", "A.java", "class A {\n  static int add(int a, int b) { return a + b; }\n}\n", "A.add(a, b)"),
        ("go", "a.go", "package main\nfunc add(a, b int) int { return a + b }\n", "add(a, b)"),
        ("rust", "a.rs", "fn add(a: i32, b: i32) -> i32 { a + b }\n", "add(a, b)"),
        ("c", "a.c", "int add(int a, int b) { return a + b; }\n", "add(a, b)"),
        ("cpp", "a.cpp", "int add(int a, int b) { return a + b; }\n", "add(a, b)"),
    ],
)
def test_other_languages(language, name, text, signature):
    report = _fast(text, Defines((signature,)), Forbids((Construct(call="add"),)), language=language, name=name)
    assert report.passed is True, report.findings
    broken = _fast(text.replace(")", "", 1), Defines((signature,)), language=language, name=name)
    assert broken.passed is False
    assert broken.findings[0].rule.startswith("syntax")
    assert broken.score == 0.0


@pytest.mark.parametrize("text", ["", "x = 1\n" * 20_000, "#" * 1_000_000, "é = '👩‍👩‍👧'\n\u2028"])
def test_odd_files_are_judged(text):
    assert _fast(text, Defines(("f(x)",))).passed is False
