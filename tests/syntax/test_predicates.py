"""Regular expressions of queries end soon, whoever wrote them."""

import pytest

from milepost.syntax import parsing, queries

QUERY = '((identifier) @x (#{name} @x "{pattern}"))'


def found(pattern: str, text: str, name: str = "match?") -> list[str]:
    program = parsing.parse(text, "python")
    nodes = queries.find(program, QUERY.format(name=name, pattern=pattern)).get("x", [])
    return [node.text.decode() for node in nodes]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("^a", ["ab", "a1"]),
        ("^(ab|b)$", ["ab", "b"]),
        ("^a.*$", ["ab", "a1"]),
        ("^[a-z]+[0-9]+$", ["a1"]),
        ("^[a-z]{2}$", ["ab"]),
        ("(?:a)?1", ["a1"]),
        ("[*+]|b", ["ab", "b"]),
        (r"^\\w\\d$", ["a1"]),
    ],
)
def test_what_people_write_is_searched(pattern, names):
    assert found(pattern, "ab = b + a1\n") == names


def test_every_kind_of_match():
    assert found("^a", "ab = b\n", "not-match?") == ["b"]
    assert found("^a", "ab = b\n", "any-match?") == ["ab"]
    assert found("^a", "ab = b\n", "any-not-match?") == ["b"]


def test_a_name_in_a_text_or_a_remark_stays():
    program = parsing.parse("x = '#match?'\n", "python")
    assert queries.find(program, "; #match?\n((string) @s (#eq? @s \"'#match?'\"))")["s"]


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "(a|a)*b",
        "(a*){9}",
        "a*a*a*b",
        r"(a)\\1",
        "(?=a)a",
        "(?P<n>a)(?P=n)",
        "(?i)a",
        "[",
        "a{1,99999999999}",
        "(?<!a)b",
    ],
)
def test_what_may_never_end_is_refused(pattern):
    with pytest.raises(ValueError, match="bad tree-sitter query"):
        found(pattern, "a" * 60 + "1\n")


@pytest.mark.parametrize("arguments", ['"a" "a"', "@x", "@x @x", ""])
def test_a_predicate_without_an_expression_is_refused(arguments):
    with pytest.raises(ValueError, match="bad tree-sitter query"):
        queries.find(parsing.parse("a\n", "python"), f"((identifier) @x (#match? {arguments}))")


def test_long_names_and_many_of_them_end_soon():
    """A kill limit of the whole suite would end it otherwise: one such search alone takes hours."""
    program = parsing.parse("a" * 500_000 + "\n", "python")
    assert queries.find(program, QUERY.format(name="match?", pattern="a*a*b")) == {}
    many = "\n".join("a" * 190 + str(number) for number in range(3_000))
    with pytest.raises(ValueError, match="takes too long"):
        queries.find(parsing.parse(many, "python"), QUERY.format(name="match?", pattern="a*a*b"))
