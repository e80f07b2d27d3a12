"""Values: from any object in a box to plain data outside, compared and shown."""

import json
from collections import Counter, OrderedDict
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.sandbox import values
from milepost.sandbox.inside import encoding
from milepost.sandbox.runs import Call, CallRun, Status


def through(thing):
    return values.decode(json.dumps(encoding.encode(thing)).encode())


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[]))
    | st.binary() | st.complex_numbers() | st.integers(-(10**40), 10**40)
)  # fmt: skip
hashables = st.recursive(
    scalars, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4
)
things = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(hashables, inner, max_size=4)
        | st.sets(hashables, max_size=4)
        | st.tuples(inner)
    ),
    max_leaves=12,
)


@given(things)
def test_a_value_equals_itself_and_can_be_shown(thing):
    one, other = through(thing), through(thing)
    assert values.equal(one, other)
    assert values.close(one, other, 0.0)
    assert values.same_unordered(one, other)
    values.show(one, 50).encode("utf-8")


def _has_nan(thing):
    return "nan" in repr(thing)


@given(things, things)
@settings(max_examples=300)
def test_equality_is_that_of_python_for_equal_types(one, other):
    if not _has_nan(one) and not _has_nan(other):
        assert values.equal(through(one), through(other)) == (type(one) is type(other) and one == other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, False),
        (1, True, False),
        ([1, True], [1.0, 1], True),
        ([1], (1,), False),
        ([[1]], [(1,)], False),
        ({1, 2}, {2.0, 1}, True),
        ({1}, frozenset({1}), False),
        ([{1}], [frozenset({1})], True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (float("nan"), float("nan"), True),
        ([float("nan")], [float("nan")], True),
        (0.0, -0.0, True),
        (10**400, 10**400 + 1, False),
        (1e308, int(1e308), False),
        ([1e308], [int(1e308)], True),
        ("\u00e9", "e\u0301", False),
        ("\ud800", "\ud800", True),
        (b"a", bytearray(b"a"), False),
        ([1 + 0j], [1], True),
        (range(3), range(3), True),
        (range(3), [0, 1, 2], False),
    ],
)
def test_equality_table(one, other, same):
    assert values.equal(through(one), through(other)) is same


def test_unordered_comparison_counts_elements():
    assert values.same_unordered(through([1, 2, 2]), through([2, 1, 2.0]))
    assert not values.same_unordered(through([1, 2, 2]), through([2, 1, 1]))
    assert not values.same_unordered(through([1, 2]), through((1, 2)))
    assert values.same_unordered(through([[2], [1]]), through([[1], [2]]))


@pytest.mark.parametrize(
    ("got", "expected", "near"),
    [
        (1.0000001, 1, True),
        (1.1, 1, False),
        ([1.0, {"a": 2.0000001}], [1, {"a": 2}], True),
        ([1.0], [1, 2], False),
        (1e300, 1.0000001e300, True),
        (float("inf"), float("inf"), True),
        (float("inf"), 1.0, False),
        (10**400, 1.0, False),
        (True, 1, False),
        ("1", 1, False),
        ({1.0, 2.0}, {2.0000001, 1}, True),
        (1 + 1j, 1.0000001 + 1j, True),
    ],
)
def test_closeness_table(got, expected, near):
    assert values.close(through(got), through(expected), 1e-6) is near


# ruff: noqa: D105 - what follows is what learners write.
class Hostile(list):
    """Claims to be equal to everything and to be something else."""

    __hash__ = None
    __class__ = int

    def __eq__(self, other):
        return True

    def __iter__(self):
        return iter([42])

    def __repr__(self):
        raise SystemExit


class Pair(NamedTuple):
    x: int
    y: int


class Sly(int):
    def __index__(self):
        return 42

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def test_an_object_is_what_its_type_says():
    hostile = through(Hostile([7]))
    assert (hostile.kind, hostile.name) == ("object", "Hostile")
    assert not values.equal(hostile, through([42]))
    assert not values.equal(hostile, through(42))
    assert not values.equal(through(Sly(7)), through(42))
    assert not values.equal(through([Sly(7)]), through([42]))
    assert values.equal(through([Sly(7)]), through([7]))


def test_objects_without_a_stable_text_equal_nothing():
    assert not values.equal(through(object()), through(object()))
    thing = (number for number in [1])
    assert through(thing).name == "generator"
    assert not values.equal(through(thing), through(thing))


def test_subclasses_of_builtin_types_equal_their_base_inside():

    assert values.equal(through([Counter("aab")]), through([{"a": 2, "b": 1}]))
    assert values.equal(through(Counter("ab")), through(Counter("ba")))
    assert not values.equal(through(OrderedDict(a=1)), through({"a": 1}))
    assert values.equal(through([Pair(1, 2)]), through([(1, 2)]))


def test_what_contains_itself_ends():
    loop: list = [1]
    loop.append(loop)
    assert values.show(through(loop)) == "[1, ...]"
    knot: dict = {}
    knot["k"] = [knot]
    assert not values.equal(through(knot), through(knot))


def test_what_is_too_deep_or_too_big_is_a_summary():
    deep: list = []
    for _ in range(10_000):
        deep = [deep]
    assert through(deep).kind == "object"
    assert through(list(range(10**6))).kind == "object"
    assert through(list(range(100_000))).kind == "list"
    assert through("x" * 10**7).kind == "object"
    assert not values.equal(through("x" * 10**7), through("x" * 10**7))


def test_huge_numbers_are_carried_and_shown_without_decimal_digits():
    assert values.equal(through(7**50_000), through(7**50_000))
    assert values.show(through(7**50_000), 40).startswith("0x")


def test_sets_have_a_stable_order():
    assert values.show(through({"b", "a", "c"})) == "{'a', 'b', 'c'}"
    assert values.show(through(set())) == "set()"
    assert values.show(through(frozenset())) == "frozenset()"
    assert values.show(through((1,))) == "(1,)"


def test_what_is_shown_can_be_stored_and_printed():
    shown = values.show(through(["\ud800", "\0", "\x1b[31m", "\u202e"]))
    assert shown.isprintable()


def test_a_crafted_set_does_not_slow_the_comparison():
    """Numbers that share one hash would make a set of the server quadratic."""
    data = json.dumps(["s", [["i", hex(number * (2**61 - 1))] for number in range(20_000)]]).encode()
    assert values.equal(values.decode(data), values.decode(data))


BROKEN = [
    b"", b"[", b"[]", b'["q"]', b'["l"]', b'["l", 1]', b'["d", [[1]]]', b'["i", "zz"]', b'["i", 5]', b'["f", "1"]',
    b'["c", 1]', b'["c", 1, 2]', b'["b", "0"]', b'["o", 1, 2, 3, 4]', b'["o", "T", "t", true, 7]', b"NaN", b"Infinity",
    b'{"a": 1}', b"[" * 100_000, b"[[" * 50_000 + b"]]" * 50_000, b"\x80\x04.", b'"\xff"', b"1" * 10_000,
    b'["l", ' * 500 + b"1" + b"]" * 500,
]  # fmt: skip


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_malformed_data_is_refused(data):
    with pytest.raises(values.UnreadableError):
        values.decode(data)


@given(st.recursive(scalars.filter(lambda one: not isinstance(one, bytes | complex)), st.lists, max_leaves=8))
def test_any_json_is_a_value_or_refused(data):
    try:
        values.show(values.decode(json.dumps(data).encode()))
    except values.UnreadableError:
        return


ODD = [
    ("float('nan')", "nan"),
    ("[float('inf'), -float('inf')]", "[inf, -inf]"),
    ("'\\ud800'", "'\\ud800'"),
    ("(x for x in [1])", "<generator object <genexpr> at"),
    ("iter([1])", "<list_iterator object at"),
    ("type('T', (), {'__repr__': lambda s: 1/0})()", "<T whose repr raises ZeroDivisionError>"),
    ("type('T', (), {'__repr__': lambda s: exit()})()", "<T whose repr raises SystemExit>"),
    ("type('T', (), {'__class__': property(lambda s: 1/0)})()", "<"),
    ("type('M', (type,), {'__name__': property(lambda s: 1/0)})('N', (), {})", "<"),
    ("{1: {2, 3}, 'k': (None,)}", "{1: {2, 3}, 'k': (None,)}"),
    ("10**5000", "0x"),
    ("...", "Ellipsis"),
]


@pytest.mark.parametrize(("expression", "text"), ODD)
async def test_odd_values_of_real_runs(sandbox, expression, text):
    ((found,),) = await sandbox.call([CallRun("", "task.py", (Call(expression),))])
    assert found.status is Status.VALUE
    assert found.text.startswith(text)
