import pytest

from milepost.syntax import parsing, structure
from tests.syntax.samples import PROGRAMS

# Kind, name and parameters of all that the sample of each language defines.
DEFINED = {
    "python": [
        ("class", "Shape", ()),
        ("method", "Shape.area", ("self", "scale", "*rest", "unit", "**more")),
        ("function", "total", ("values", "start", "sign")),
        ("function", "double", ("x",)),
    ],
    "javascript": [
        ("class", "Shape", ()),
        ("method", "Shape.area", ("scale", "...rest")),
        ("function", "total", ("values", "start")),
        ("function", "double", ("x",)),
    ],
    "java": [
        ("class", "Shape", ()),
        ("method", "Shape.area", ("scale", "...rest")),
        ("method", "Shape.total", ("values", "start")),
    ],
    "go": [
        ("class", "Shape", ()),
        ("method", "Shape.Area", ("scale", "by")),
        ("function", "total", ("values", "start")),
    ],
    "rust": [
        ("class", "Shape", ()),
        ("method", "Shape.area", ("self", "scale")),
        ("function", "total", ("values", "start")),
    ],
    "c": [
        ("class", "Shape", ()),
        ("function", "area", ("scale", "names", "callback")),
        ("function", "total", ("values", "start")),
    ],
    "cpp": [
        ("class", "Shape", ()),
        ("method", "Shape.area", ("scale", "by")),
        ("method", "Shape.count", ("x",)),
        ("function", "total", ("values", "start")),
    ],
}
DEFINED["typescript"] = DEFINED["tsx"] = DEFINED["javascript"]


@pytest.mark.parametrize("language", parsing.languages())
def test_definitions_have_kind_dotted_name_and_parameters(language):
    found = structure.definitions(parsing.parse(PROGRAMS[language], language))
    assert [(one.kind, one.name, one.parameters) for one in found] == DEFINED[language]


@pytest.mark.parametrize("language", parsing.languages())
def test_the_name_range_holds_the_name(language):
    program = parsing.parse(PROGRAMS[language], language)
    for one in structure.definitions(program):
        assert program.index.slice(one.name_range).replace("::", ".").endswith(one.name.rpartition(".")[2])
        assert one.range.start <= one.name_range.start < one.name_range.end <= one.range.end


def test_nested_functions_and_lambdas_are_named_from_the_outside_in():
    text = (
        "def outer(a):\n    def inner(b): pass\n    twice = lambda x, *y: x\n    class C:\n        def m(self): pass\n"
    )
    found = structure.definitions(parsing.parse(text, "python"))
    assert [(one.kind, one.name) for one in found] == [
        ("function", "outer"),
        ("function", "outer.inner"),
        ("function", "outer.twice"),
        ("class", "outer.C"),
        ("method", "outer.C.m"),
    ]
    assert found[2].parameters == ("x", "*y")


def test_a_broken_program_still_tells_what_it_defines():
    text = "def first(a, b):\n    return a +\n\ndef second(c)\n    pass\n\ndef third(d):\n    return d\n"
    found = {one.name: one.parameters for one in structure.definitions(parsing.parse(text, "python"))}
    assert found["first"] == ("a", "b")
    assert "third" in found


def test_the_innermost_function_around_a_line_is_found():
    program = parsing.parse("x = 1\ndef outer():\n    y = 2\n    def inner():\n        z = 3\n    w = 4\n", "python")
    names = [function.name if (function := structure.function_at(program, line)) else None for line in range(6)]
    assert names == [None, "outer", "outer", "outer.inner", "outer.inner", "outer"]


def test_complexity_counts_ways_through_each_function():
    text = """
def plain(): return 1

def branched(a, b):
    if a and b or not a:
        pass
    elif b:
        pass
    else:
        pass
    for i in range(3):
        while i:
            break
    try:
        x = [j for j in a if j]
    except ValueError:
        x = 1 if a else 2
    def inner():
        if a: pass
    return x
"""
    program = parsing.parse(text, "python")
    counts = {name: count for name, _, count in structure.complexity(program)}
    assert counts == {"plain": 1, "branched": 11, "branched.inner": 2}
    assert [program.index.slice(place) for _, place, _ in structure.complexity(program)] == [
        "plain",
        "branched",
        "inner",
    ]


COMPLEX = {
    "javascript": "if (a && b) {} for (;;) {} switch (a) { case 1: case 2: default: } return a ? 1 : 2",
    "typescript": "while (a || b) {} try {} catch {} for (const x of a) {} do {} while (a) return a ?? 1",
    "java": "if (a > 1 && b) {} for (;;) {} while (true) {} do {} while (a); return a > 1 ? 1 : 2;",
    "go": "if a > 1 && a < 3 {}; for {}; switch a { case 1: case 2: }; select { case <-c: }",
    "rust": "if a > 1 && b {} for x in y {} while a {} loop {} match a { 1 => {} _ => {} }",
    "c": "if (a && b) {} for (;;) {} while (a) {} do {} while (a); return a ? 1 : 2;",
    "cpp": "if (a || b) {} for (auto x : y) {} while (a) {} try {} catch (...) {} return a ? 1 : 2;",
}
AROUND = {
    "javascript": "function f(a) {%s}",
    "typescript": "function f(a: any) {%s}",
    "java": "class A { int f(int a) {%s} }",
    "go": "package m\nfunc f(a int) { %s }",
    "rust": "fn f(a: i32) { %s }",
    "c": "int f(int a) { %s }",
    "cpp": "int f(int a) { %s }",
}
EXPECTED = {"javascript": 7, "typescript": 7, "java": 7, "go": 7, "rust": 8, "c": 7, "cpp": 7}


@pytest.mark.parametrize("language", COMPLEX)
def test_complexity_is_counted_in_every_language(language):
    ((_, _, count),) = structure.complexity(parsing.parse(AROUND[language] % COMPLEX[language], language))
    assert count == EXPECTED[language]
