"""What counts as the right value, error or print."""

import pytest

from milepost.checks import comparison
from milepost.checks.plain_values import NotPlainError, literal, python_of, value_of
from milepost.domain.criteria import Example
from milepost.sandbox.runs import CallOutcome, Status
from milepost.sandbox.values import Value


def _gave(value, output=""):
    made = value_of(value)
    return CallOutcome(Status.VALUE, made, made.name, repr(value), output)


def _raised(name, *bases):
    return CallOutcome(Status.RAISED, error_type=name, error_bases=(name, *bases))


@pytest.mark.parametrize(
    ("got", "expected", "holds"),
    [
        (6, "6", True),
        (6.0, "6", False),
        (True, "1", False),
        ([1.0, 2], "[1, 2]", True),
        ((1, 2), "[1, 2]", False),
        ("6", "6", False),
        (None, "None", True),
        ({"a": [1]}, "{'a': [1]}", True),
        ({1, 2}, "{2, 1}", True),
        (set(), "set()", True),
    ],
)
def test_values_are_equal_and_of_the_same_outermost_type(got, expected, holds):
    assert comparison.holds(Example("f()", expected), literal(expected), _gave(got)) is holds


def test_approximate_values():
    example = Example("f()", "1.5", approx=1e-6)
    assert comparison.holds(example, literal("1.5"), _gave(1.5000000001))
    assert not comparison.holds(example, literal("1.5"), _gave(1.51))
    assert not comparison.holds(example, literal("1.5"), _gave("1.5"))


def test_unordered_values():
    example = Example("f()", "[1, 2, 2]", unordered=True)
    assert comparison.holds(example, literal("[1, 2, 2]"), _gave([2, 1, 2]))
    assert not comparison.holds(example, literal("[1, 2, 2]"), _gave([2, 1, 1]))


@pytest.mark.parametrize(
    ("outcome", "holds"),
    [
        (_raised("ValueError", "Exception"), True),
        (_raised("UnicodeDecodeError", "UnicodeError", "ValueError"), True),
        (_raised("TypeError", "Exception"), False),
        (_gave(None), False),
        (CallOutcome(Status.TIMEOUT), False),
    ],
)
def test_errors_are_of_the_class_or_derived(outcome, holds):
    assert comparison.holds(Example("f()", raises="ValueError"), None, outcome) is holds


def test_prints_ignore_white_space_at_the_ends():
    example = Example("f()", prints="a\nb")
    assert comparison.holds(example, None, _gave(None, "a  \r\nb\n\n"))
    assert not comparison.holds(example, None, _gave(None, " a\nb"))


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.VALUE])
def test_nothing_but_a_value_is_a_right_value(status):
    assert not comparison.holds(Example("f()", "None"), literal("None"), CallOutcome(status, Value("none")))


def test_the_first_line_that_differs():
    assert comparison.first_difference("a\nb\nc", "a\nB\nc") == (1, "b", "B")
    assert comparison.first_difference("a", "a\nb") == (1, None, "b")
    assert comparison.first_difference("a\nb", "a") == (1, "b", None)


@pytest.mark.parametrize("plain", [1, -2.5, "é", b"x", None, True, [1, (2, {3})], {"a": {1: []}}, 10**400, 2j])
def test_plain_values_go_both_ways(plain):
    assert python_of(value_of(plain)) == plain


@pytest.mark.parametrize("plain", [object(), float("inf"), lambda: None])
def test_what_has_no_literal_is_refused(plain):
    with pytest.raises(NotPlainError):
        python_of(value_of(plain))
