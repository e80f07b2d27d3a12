"""The words of a fix: a title, and two steps of help that do not give the edit away."""

import pytest

from milepost.repair import telling
from milepost.syntax import edits

CASES = [
    ("for i in range(1, n):\n", "for i in range(0, n):\n", "Change `1` to `0` on line 1", "`1` does not give"),
    ("if a < b:\n", "if a <= b:\n", "Change `<` to `<=` on line 1", "both sides of `<`"),
    ("x = a + b\n", "x = a - b\n", "Change `+` to `-` on line 1", "wrong operation: `+`"),
    ("x = first\n", "x = second\n", "Change `first` to `second` on line 1", "variable is meant here than `first`"),
    ("f(x)\n", "return f(x)\n", "Insert `return` on line 1", "returns"),
    ("x = not a\n", "x = a\n", "Remove `not` on line 1", "should not happen"),
    ("for a in b:\n    c()\n    d()\n", "for a in b:\n    c()\nd()\n", "Change the indentation of line 3", "block"),
]


@pytest.mark.parametrize(("before", "after", "title", "thought"), CASES)
def test_one_edit_has_its_own_words(before, after, title, thought):
    changes = edits.difference(before, after)
    assert telling.title(before, changes, "en") == title
    assert thought in telling.what(before, changes, "en")


def test_steps_of_help_do_not_give_the_edit_away():
    before, after = "total = price * 3\n", "total = price * quantity\n"
    changes = edits.difference(before, after)
    assert telling.where(changes, "en") == "Look at line 1."
    assert "quantity" not in telling.where(changes, "en") + telling.what(before, changes, "en")


def test_several_places_are_listed_and_many_are_counted():
    before = "".join(f"a{number} = 0\n" for number in range(6))
    some = edits.difference(before, before.replace("a1 = 0", "a1 = 1").replace("a3 = 0", "a3 = 1"))
    assert telling.title(before, some, "en") == "Change lines 2 and 4"
    assert telling.title(before, some, "es") == "Cambia las líneas 2 y 4"
    every = edits.difference(before, before.replace("= 0", "= 1"))
    assert telling.title(before, every, "en") == "Change 6 lines, from line 1 on"


def test_backticks_and_lines_in_a_text_do_not_break_the_title():
    before, after = "x = `a`\n", "x = 'b'\n"
    assert "``" not in telling.title(before, edits.difference(before, after), "en")
