"""Programs that do not parse: the smallest change after which they do comes first."""

import ast

import pytest

from milepost.repair import reading, slips

PAIRS = {
    "colon": ("def f(x)\n    return x\n", "def f(x):\n    return x\n"),
    "colon before a comment": ("if x  # why\n    y = 1\n", "if x:  # why\n    y = 1\n"),
    "bracket": ("total = (1 + 2\n", "total = (1 + 2)\n"),
    "bracket too many": ("print(len([1]))) # done\n", "print(len([1])) # done\n"),
    "comparison": ("if x = 1:\n    y = 2\n", "if x == 1:\n    y = 2\n"),
    "else if": ("if a:\n    b = 1\nelse if c:\n    b = 2\n", "if a:\n    b = 1\nelif c:\n    b = 2\n"),
    "old print": ('print "a"\n', 'print("a")\n'),
    "too deep": ("def f():\n    a = 1\n      b = 2\n", "def f():\n    a = 1\n    b = 2\n"),
    "not deep enough": ("def f():\nreturn 1\n", "def f():\n    return 1\n"),
    "two at once": ("def f(x)\n    return (x\n", "def f(x):\n    return (x)\n"),
    "windows line ends": ("def f(x)\r\n    return x\r\n", "def f(x):\r\n    return x\r\n"),
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_smallest_change_that_parses_is_found(name):
    before, after = PAIRS[name]
    found = [one.text for one in reading.readings(before)]
    assert found[0] == after
    for text in found:
        ast.parse(text)


def test_a_program_that_parses_has_no_trouble():
    assert slips.trouble("x = 1\n") is None


@pytest.mark.parametrize("text", ["", "(" * 3000, "\0", "def " * 50, "é = 'ñ\n", "x = '''\n" * 3])
def test_nothing_is_raised_whatever_the_text(text):
    for found in reading.readings(text):
        ast.parse(found.text)
