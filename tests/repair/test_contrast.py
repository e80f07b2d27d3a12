"""What distinguishes a program from right ones like it."""

import pytest

from milepost.repair.contrast import LONGEST, unlike

RIGHT = "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("def total(xs):\n    s = 1\n    for x in xs:\n        s += x\n    return s\n", {1}),
        ("def total(xs):\n    s = 0\n    for x in xs[1:]:\n        s += x\n    return s\n", {2}),
        ("def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n", {3}),
        ("def total(xs):\n    s = 0\n    for x in xs:\n        print(x)\n        s += x\n    return s\n", {3}),
        ("def total(xs):\n    for x in xs:\n        s += x\n    return s\n", {0}),
        ("def total(xs):\n    s = 0\n    for x in xs:\n        if x:\n            s += x\n    return s\n", {3}),
    ],
    ids=["value", "bound", "nothing returned", "too much", "no first value", "condition"],
)
def test_the_lines_where_it_differs_whatever_names_are_called(text, lines):
    assert set(unlike(text, [RIGHT])) == lines


def test_the_nearer_a_program_is_the_more_it_counts():
    far = "def total(numbers):\n    if not numbers:\n        return 0\n    return numbers[0] + total(numbers[1:])\n"
    found = unlike(RIGHT.replace("0", "1"), [RIGHT, far])
    assert found[1] == pytest.approx(1.0)
    assert 0 < found[3] < 0.5


@pytest.mark.parametrize(
    ("text", "others"),
    [(RIGHT, []), ("def total(:\n", [RIGHT]), (RIGHT, ["def total(:\n"]), (RIGHT + "x = 1\n" * LONGEST, ["x = 2\n"])],
    ids=["nothing to compare", "unreadable", "only unreadable ones", "long"],
)
def test_nothing_is_said_without_two_programs_that_can_be_compared(text, others):
    assert unlike(text, others) == {}


def test_a_program_without_functions_is_compared_as_a_whole():
    assert unlike("n = int(input())\nprint(n + 2)\n", ["number = int(input())\nprint(number * 2)\n"]) == {1: 1.0}
