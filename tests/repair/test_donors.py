"""The changes between two versions of a function, all together, make one of the other."""

import ast
import itertools

import pytest

from milepost.repair import donors, units, writing
from milepost.repair.rendering import Renderer

VERSIONS = {
    "loop": "def f(x, s):\n    for i in range(len(s)):\n        if x <= s[i]:\n            return i\n    return len(s)\n",
    "while": "def f(x, s):\n    n = 0\n    while n < len(s) and s[n] < x:\n        n += 1\n    return n\n",
    "guards": (
        "def f(a, b):\n    if not b:\n        return 0\n    elif a > b[-1]:\n        return len(b)\n    else:\n"
        "        for k, e in enumerate(b):\n            if e >= a:\n                return k\n"
    ),
    "else of a loop": (
        "def f(x, seq):\n    for i, e in enumerate(seq):\n        if x <= e:\n            break\n"
        "    else:\n        return len(seq)\n    return i\n"
    ),
    "sum": "def f(v, w):\n    return sum(1 for o in w if o < v)\n",
    "lambda": "def f(v, w):\n    return len(list(filter(lambda o: o < v, w)))\n",
    "try": (
        "def f(x, s):\n    try:\n        return [e >= x for e in s].index(True)\n    except ValueError:\n"
        "        return len(s)\n"
    ),
    "nested": (
        "def f(x, s):\n    def less(e):\n        return e < x\n    count = 0\n    for e in s:\n        if less(e):\n"
        "            count = count + 1\n        else:\n            continue\n    return count\n"
    ),
}


@pytest.mark.parametrize(("ours", "theirs"), list(itertools.permutations(VERSIONS, 2)))
def test_all_changes_together_are_the_other_version(ours, theirs):
    learner, donor = units.Program(VERSIONS[ours]), units.Program(VERSIONS[theirs])
    pair = donors.counterpart(learner.units["f"], donor.units["f"], float("inf"), {})
    changes = donors.changes(learner.outline, pair)
    written = Renderer(learner.outline).render(changes)
    wanted = writing.expression(donor.units["f"].block.node, pair.names)
    assert ast.unparse(ast.parse(written)) == wanted


@pytest.mark.parametrize("name", VERSIONS)
def test_a_version_with_other_names_needs_no_change(name):
    learner = units.Program(VERSIONS[name])
    names = {one: f"{one}{one}" for one in learner.units["f"].variables}
    donor = units.Program(writing.expression(learner.outline.tree, names))
    pair = donors.counterpart(learner.units["f"], donor.units["f"], float("inf"), {})
    assert pair.cost == 0
    assert donors.changes(learner.outline, pair) == []


def test_a_version_that_is_too_far_away_is_passed_over():
    learner, donor = units.Program(VERSIONS["loop"]), units.Program(VERSIONS["try"])
    assert donors.counterpart(learner.units["f"], donor.units["f"], 1.0, {}) is None


def test_a_variable_more_gets_a_name_that_is_free():
    learner = units.Program("def f(s):\n    count = s[0]\n    return count\n")
    donor = units.Program("def f(v):\n    e = v[0]\n    for count in v:\n        e = count\n    return e\n")
    pair = donors.counterpart(learner.units["f"], donor.units["f"], float("inf"), {})
    assert pair.names["v"] == "s"
    assert pair.names["e"] == "count"
    assert pair.names["count"] not in {"s", "count"}
