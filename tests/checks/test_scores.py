"""From results to a score and a verdict."""

import pytest

from milepost.checks import localisation, scoring
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


def test_ochiai_prefers_lines_that_only_failing_runs_have():
    suspicions = localisation.suspicion([{1, 2, 3}], [{1, 2}, {1}])
    assert suspicions[3] == 1.0
    assert suspicions[3] > suspicions[2] > suspicions[1] > 0


def test_the_condition_above_a_suspicious_line_is_looked_at_first():
    text = "def f(x):\n    y = 0\n    if x > 3:\n        y = 1\n    return y\n"
    assert localisation.likely_line({1: 0.5, 3: 1.0, 4: 0.5}, text) == 2
    assert localisation.likely_line({1: 0.5, 4: 0.9}, text) == 4
    assert localisation.likely_line({}, text) is None


def test_lines_of_the_module_tell_little_where_there_are_functions():
    found = structure.definitions(parsing.parse("x = 1\ndef f():\n    return x\n", "python"))
    assert localisation.inside_functions({0: 1.0, 1: 1.0, 2: 1.0}, found) == {2: 1.0}
    assert localisation.inside_functions({0: 1.0}, found) == {0: 1.0}
