"""From results to a score and a verdict."""

import pytest

from milepost.checks import flow, localisation, scoring
from milepost.domain.validations import CriterionResult
from milepost.syntax import parsing, structure


def _result(passed, score, weight=1.0, kind="examples"):
    return CriterionResult(kind, passed, score, "", weight)


@pytest.mark.parametrize(
    ("results", "score", "passed"),
    [
        ([_result(True, 1.0), _result(False, 0.5)], 0.75, False),
        ([_result(True, 1.0, 3), _result(False, 0.0)], 0.75, False),
        ([_result(True, 1.0), _result(None, 0.0)], 0.5, None),
        ([_result(False, 0.0), _result(None, 0.0)], 0.0, False),
        ([_result(True, 1.0), _result(None, 0.0, kind="rubric")], 1.0, True),
        ([_result(None, 0.0, kind="rubric")], 0.0, None),
        ([_result(True, 1.0, 0)], 1.0, True),
        ([], 0.0, None),
    ],
)
def test_score_is_the_weighted_share_and_only_a_whole_pass_is_true(results, score, passed):
    assert scoring.score(results) == pytest.approx(score)
    assert scoring.passed(results) is passed


def test_lines_that_only_failing_runs_have_are_the_most_suspicious():
    suspicions = localisation.suspicion([{1, 2, 3}], [{1, 2}, {1}])
    assert suspicions[3] == 1.0
    assert suspicions[3] > suspicions[2] > suspicions[1] > 0


def test_the_condition_above_a_suspicious_line_is_looked_at_first():
    text = "def f(x):\n    y = 0\n    if x > 3:\n        y = 1\n    return y\n"
    assert localisation.likely_line({1: 0.5, 3: 1.0, 4: 0.5}, text) == 2
    assert localisation.likely_line({1: 0.5, 4: 0.9}, text) == 4
    assert localisation.likely_line({}, text) is None


@pytest.mark.parametrize(
    ("text", "line", "condition"),
    [
        ("def f(x):\n    if x > 3:\n        y = x\n    else:\n        y = 0\n    return y\n", 4, 1),
        ("def f(x):\n    if x > 3:\n        y = x\n    else:\n        y = x + 1\n    return y\n", 4, 4),
        ("def f(x):\n    if x > 3:\n        return x\n    return True\n", 3, 1),
        ("def f(x):\n    if x > 3:\n        return x\n    return -x\n", 3, 3),
        ("def f(x):\n    if x > 3:\n        x += 1\n    return True\n", 3, 3),
        ("def f(x):\n    if x > 3:\n        return x\n    elif x < 0:\n        x = 1\n    return True\n", 5, 3),
        ("def f(x:\n", 0, 0),
    ],
)
def test_the_condition_that_let_a_constant_through_is_looked_at_first(text, line, condition):
    assert localisation.likely_line({line: 1.0}, text) == condition


@pytest.mark.parametrize(
    ("body", "lines", "line"),
    [
        ("for i in x:\n        if i:\n            return i", {1}, 3),
        ("if x:\n        y = 1\n    else:\n        y = 2", {1, 2}, 2),
        ("if x:\n        y = 1\n    else:\n        y = 2", {1, 4}, 4),
        ("if x:\n        return 1\n    if x > 2:\n        return 2", {1, 3}, 4),
        ("for i in x:\n        return g(i)\n    y = 2", {1, 2}, 2),
        ("if x == 0:\n        return 0\n    f(x - 1)", {1, 2, 3}, 3),
        ("if x:\n        return\n    return 1", {1, 2}, 2),
        ("with x:\n        y = 1", {1, 2}, 2),
        ("y = 1\n    'a remark'", {1}, 1),
        ("def g():\n        return None\n    g()", {1, 2, 3}, 3),
        ("y = 1", set(), None),
    ],
)
def test_a_function_without_result_ended_where_it_had_nothing_more_to_do(body, lines, line):
    assert flow.without_result(f"def f(x):\n    {body}\n", 0, lines) == line


def test_what_right_programs_have_otherwise_is_weighed_against_what_the_cases_tell():
    assert localisation.weighed(4, {1: 0.5, 4: 1.0}, {}) == 4
    assert localisation.weighed(4, {1: 0.5, 4: 1.0}, {1: 1.0}) == 1
    assert localisation.weighed(4, {1: 0.5, 4: 1.0}, {1: 0.5}) == 4
    assert localisation.weighed(4, {4: 1.0}, {1: 1.0}) == 4, "a line that was not run"
    assert localisation.weighed(4, {}, {1: 1.0}) == 1
    assert localisation.weighed(None, {}, {1: 0.5, 2: 0.5}) == 1
    assert localisation.weighed(None, {}, {}) is None


def test_lines_of_the_module_tell_little_where_there_are_functions():
    found = structure.definitions(parsing.parse("x = 1\ndef f():\n    return x\n", "python"))
    assert localisation.inside_functions({0: 1.0, 1: 1.0, 2: 1.0}, found) == {2: 1.0}
    assert localisation.inside_functions({0: 1.0}, found) == {0: 1.0}
