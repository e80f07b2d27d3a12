"""Generated inputs stay inside of what a task means, catch programs that only fit the examples, and never vary."""

import ast

import pytest

from milepost.checks import inputs, signatures, templates, transcripts, variants
from milepost.domain.criteria import Dialogue, Example, Examples, Stdio
from tests.checks.programs import SEARCH, SEARCH_EXAMPLES, contract, examples
from tests.checks.varied_tasks import TASKS

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def sandbox(module_sandbox):
    return module_sandbox


def _arguments(case):
    return ast.literal_eval(case.call[case.call.index("(") :])


async def test_the_same_inputs_every_time(sandbox):
    judged = contract(SEARCH_EXAMPLES)
    first = await inputs.generate(judged, SEARCH, [SEARCH], sandbox, 30)
    second = await inputs.generate(judged, SEARCH, [SEARCH], sandbox, 30)
    assert first == second
    assert len({case.call for case in first}) == 30
    other = await inputs.generate(contract(SEARCH_EXAMPLES, preamble="# other\n"), SEARCH, [], sandbox, 30)
    assert {case.call for case in other} != {case.call for case in first}


async def test_shared_invariants_are_kept(sandbox):
    for case in await inputs.generate(contract(SEARCH_EXAMPLES), SEARCH, [], sandbox):
        x, seq = _arguments(case)
        assert list(seq) == sorted(set(seq))
        assert -5 <= x <= 100
        assert all(type(member) is int and -5 <= member <= 10 for member in seq)


async def test_borders_are_among_them(sandbox):
    rows = [_arguments(case) for case in await inputs.generate(contract(SEARCH_EXAMPLES), SEARCH, [], sandbox)]
    assert any(not seq for _, seq in rows)
    assert any(seq and x == seq[0] for x, seq in rows)
    assert any(len(seq) > 1 and x == seq[-1] for x, seq in rows)
    assert any(len(seq) == 1 for _, seq in rows)
    assert {type(seq) for _, seq in rows} == {list, tuple}


@pytest.mark.parametrize("name", TASKS)
async def test_right_programs_agree_and_one_that_only_fits_the_examples_does_not(sandbox, name):
    calls, right, fitted = TASKS[name]
    judged = contract(examples(*calls))
    cases = await inputs.generate(judged, right[0], [], sandbox)
    assert len(cases) >= 5
    *agreeing, caught = await inputs.agrees(judged, [*right, fitted], cases, sandbox)
    assert agreeing == [None] * len(right)
    assert caught is not None


async def test_the_first_disagreement_is_named(sandbox):
    judged = contract(SEARCH_EXAMPLES)
    cases = await inputs.generate(judged, SEARCH, [], sandbox)
    wrong = SEARCH.replace("x <= seq[i]", "x <= seq[i] and i")
    found = await inputs.agrees(judged, [SEARCH, wrong, "1 / 0\n", "while True: pass\n"], cases, sandbox)
    assert found[0] is None
    assert found[1] is not None
    assert found[1].call.startswith("search(")
    assert found[2] is cases[0]
    assert found[3] is cases[0]


async def test_inputs_on_which_the_reference_raises_or_solutions_differ_are_dropped(sandbox):
    judged = contract(examples(("f(1, 2)", "0"), ("f(9, 3)", "3"), ("f(0, 5)", "0"), ("f(-4, 2)", "-2")))
    reference = "def f(a, b):\n    if b == 3 and a < 0:\n        raise ValueError\n    return a // b\n"
    other = "def f(a, b):\n    return int(a / b)\n"
    cases = await inputs.generate(judged, reference, [other], sandbox)
    assert cases
    assert await inputs.agrees(judged, [reference, other], cases, sandbox) == [None, None]
    alone = await inputs.generate(judged, reference, [], sandbox)
    assert (await inputs.agrees(judged, [other], alone, sandbox)) != [None]


async def test_a_reference_that_never_gives_the_same_has_no_cases(sandbox):
    judged = contract(examples(("f(1)", "1"), ("f(2)", "1"), ("f(7)", "1")))
    assert await inputs.generate(judged, "import random\ndef f(x):\n    return random.random()\n", [], sandbox) == ()


async def test_stated_preconditions_take_the_place_of_invariants(sandbox):
    judged = contract(SEARCH_EXAMPLES, assume=("list(seq) == sorted(seq)", "x > 0"))
    cases = await inputs.generate(judged, SEARCH, [], sandbox)
    rows = [_arguments(case) for case in cases]
    assert len(rows) == 60
    assert all(x > 0 and list(seq) == sorted(seq) for x, seq in rows)
    assert any(len(set(seq)) < len(seq) for _, seq in rows)


async def test_a_precondition_concerns_the_functions_that_have_its_parameters(sandbox):
    judged = contract(examples(("f(1)", "1"), ("f(2)", "2"), ("g(-1)", "1"), ("g(-5)", "5")), assume=("n > 1",))
    reference = "def f(n):\n    return n\n\ndef g(m):\n    return -m\n"
    cases = await inputs.generate(judged, reference, [], sandbox)
    asked = {case.call[0]: [_arguments(one) for one in cases if one.call[0] == case.call[0]] for case in cases}
    assert min(asked["f"]) > 1
    assert max(asked["g"]) < 0


@pytest.mark.parametrize("assume", [("import os",), ("no_such_name > 1",), ("n.missing > 1",), ("1 / 0 < n",)])
async def test_broken_preconditions_harm_nobody(sandbox, assume):
    judged = contract(examples(("f(1)", "1"), ("f(3)", "3")), assume=assume)
    assert isinstance(await inputs.generate(judged, "def f(n):\n    return n\n", [], sandbox), tuple)


async def test_a_generator_of_the_course(sandbox):
    source = "def calls(chance):\n    while True:\n        yield f'search({chance.randint(0, 9)}, [2, 4, 6])'\n"
    cases = await inputs.generate(contract(SEARCH_EXAMPLES, inputs=source), SEARCH, [SEARCH], sandbox)
    assert {case.call for case in cases} == {f"search({x}, [2, 4, 6])" for x in range(10)}


@pytest.mark.parametrize(
    "source", ["", "def calls():\n    1 / 0\n", "x = (", "def calls():\n    yield 3\n", "while 1: pass"]
)
async def test_broken_generators_harm_nobody(sandbox, source):
    assert await inputs.generate(contract(SEARCH_EXAMPLES, inputs=source), SEARCH, [], sandbox) == ()


async def test_arguments_named_in_the_preamble_are_taken_apart(sandbox):
    judged = contract(
        examples(("longest(names)", "'Zoe'"), ("longest(['b', 'ab'])", "'ab'"), ("longest(other + ['abc'])", "'abc'")),
        preamble="names = ['Al', 'Zoe']\nother = ['b']\n",
    )
    cases = await inputs.generate(judged, "def longest(xs):\n    return max(xs, key=len)\n", [], sandbox)
    assert any("'Zoe'" in case.call and "'ab'" in case.call for case in cases)


async def test_prints_approximations_and_setups_are_compared_as_the_examples_do(sandbox):
    judged = contract(
        Examples(
            (
                Example("show(2)", prints="n is 2"),
                Example("show(9)", prints="n is 9"),
                Example("half(3)", "1.5", approx=1e-6),
                Example("half(8)", "4.0", approx=1e-6),
                Example("c.add(2)", "3", setup="c = Counter(1)"),
                Example("c.add(6)", "7", setup="c = Counter(1)"),
            )
        )
    )
    text = """\
def show(n):
    print('n is', n)
def half(n):
    return n / 2
class Counter:
    def __init__(self, n):
        self.n = n
    def add(self, m):
        return self.n + m
"""
    cases = await inputs.generate(judged, text, [], sandbox)
    assert {case.call[0] for case in cases} == {"s", "h", "c"}
    near = text.replace("n / 2", "n * 0.5000000001")
    wrong = text.replace("'n is', n", "'n is', n if n != 7 else 0")
    found = await inputs.agrees(judged, [text, near, wrong], cases, sandbox)
    assert found[:2] == [None, None]
    assert found[2] is not None
    assert found[2].prints is not None


async def test_dialogues(sandbox):
    judged = contract(Stdio((Dialogue("2\n3\n4\n", "7\n"), Dialogue("1\n9\n", "9\n"), Dialogue("3\n1\n1\n1\n", "3\n"))))
    right = "print(sum(int(input()) for _ in range(int(input()))))\n"
    other = "import sys\nfirst, *rest = map(int, sys.stdin.read().split())\nprint(sum(rest))\n"
    wrong = "n = int(input())\ns = 0\nfor _ in range(min(n, 2)):\n    s += int(input())\nprint(s if n < 3 else 3)\n"
    cases = await inputs.generate(judged, right, [other], sandbox, 8)
    assert cases
    for case in cases:
        count, *rest = map(int, case.stdin.split())
        assert count == len(rest)
    assert [one is None for one in await inputs.agrees(judged, [right, other, wrong], cases, sandbox)] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "texts",
    [
        ["3\n4\n", "10\n-2\n"],
        ["3\n1\n2\n3\n", "0\n", "1\n9\n"],
        ["1\n2\n0\n", "5\n0\n", "4\n7\n8\n0\n"],
        ["Ana\n", "Juan Luis\n"],
        ["3 4\n1 2 3\n", "5 6\n1\n"],
        ["quit\n", "hello\nquit\n"],
        ["1.5 2", "3.25 1"],
    ],
)
async def test_inputs_are_taken_apart_and_put_together_again(texts):
    layout, rows = transcripts.take_apart(texts)
    assert [layout.render(row) for row in rows] == texts


async def test_inputs_without_anything_in_common():
    assert transcripts.take_apart([]) is None
    assert transcripts.take_apart(["", ""]) is None


@pytest.mark.parametrize(
    ("call", "text", "values"),
    [
        ("f(1, [2, 3])", "f(_hole_0, _hole_1)", (1, [2, 3])),
        ("f(x=-1, y=(1,))", "f(x=_hole_0, y=_hole_1)", (-1, (1,))),
        ("list(g(3))[0]", "list(g(_hole_0))[0]", (3,)),
        ("A(1).b({'k': None})", "A(_hole_0).b(_hole_1)", (1, {"k": None})),
        ("f(given)", "f(_hole_0)", (7,)),
        ("f(missing, 1)", "f(missing, _hole_0)", (1,)),
    ],
)
async def test_calls_with_holes(call, text, values):
    assert templates.punch(call, {"given": 7}) == (text, values)
    assert templates.Template(text, "").render(values) == ast.unparse(ast.parse(call.replace("given", "7")))


@pytest.mark.parametrize("call", ["f()", "x", "f(", "", "f(1" + "(" * 5_000])
async def test_calls_without_plain_arguments(call):
    assert templates.punch(call, {}) is None


@pytest.mark.parametrize(
    ("rows", "keeps"),
    [
        ([([1, 2],), ([3],), ([2, 5, 9],)], lambda xs: xs and xs == sorted(set(xs))),
        ([([3, 1],), ([1, 3, 2],), ([],)], lambda xs: len(set(xs)) == len(xs)),
        ([((("a", 1), ("b", 2)),), ((("c", 2),),)], lambda xs: xs and len({age for _, age in xs}) == len(xs)),
        ([("abc",), ("dd",), ("x",)], lambda text: text and text.islower() and " " not in text),
        ([([[1, 2], [3, 4]],), ([[5]],)], lambda rows: all(len(row) == len(rows) for row in rows)),
        ([((1, 3),), ((2, 9),), ((0, 4),)], lambda pair: pair[0] < pair[1]),
        (
            [({"a": 1},), ({"b": 2, "c": 3},)],
            lambda known: known and all(type(value) is int for value in known.values()),
        ),
        ([(True,), (False,)], lambda value: type(value) is bool),
        ([(None,), (3,)], lambda value: value is None or value == 3),
        ([({1, 2},), ({5},)], lambda group: type(group) is set and group),
        ([(0.5,), (2.25,)], lambda number: type(number) is float and 0.5 <= number <= 2.25),
    ],
)
async def test_what_all_rows_share(rows, keeps):
    for (value,) in list(variants.rows(rows, "seed"))[:200]:
        assert keeps(value), value


@pytest.mark.parametrize(
    ("rows", "keeps"),
    [
        ([([1, 2], [3, 4]), ([5], [6])], lambda a, b: len(a) == len(b)),
        ([(3, [1, 3]), (5, [5]), (2, [9, 2, 4])], lambda x, xs: x in xs),
        ([(0, [7]), (1, [7, 8]), (2, [5, 6, 7])], lambda place, xs: 0 <= place < len(xs)),
        ([(1, 5), (2, 9), (0, 3)], lambda low, high: low < high),
    ],
)
async def test_what_the_values_of_a_row_have_to_do_with_each_other(rows, keeps):
    found = list(variants.rows(rows, "seed"))
    assert found
    for first, second in found:
        assert keeps(first, second), (first, second)


async def test_every_trait_is_there_before_any_comes_often():
    items = [(("common",), number) for number in range(50)] + [(("rare",), "rare")]
    assert "rare" in signatures.spread(items, 2)
    assert len(signatures.spread(items, 5)) == 5
    assert signatures.spread([], 5) == []
