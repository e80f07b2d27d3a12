import pytest

from milepost.syntax import parsing, structure
from tests.syntax.samples import PROGRAMS

PYTHON = """\
import math, os.path as p
from math import sqrt as root, floor
from .near import far
from __future__ import annotations
sorted(a); a.sort(); b.c.sort(key=1)
math.sqrt(2); root(3); p.join(a); ", ".join(x)
f()(); f().g(); x[0].h(1)
"""


def shown(program, places):
    return [program.index.slice(place) for place in places]


def test_calls_have_dotted_names_with_aliases_resolved():
    found = structure.calls(parsing.parse(PYTHON, "python"))
    names = [call.name for call in found]
    assert names == [
        *("sorted", "a.sort", "b.c.sort"),
        *("math.sqrt", "math.sqrt", "os.path.join", ".join"),
        *("f", "f", ".g", ".h"),
    ]


@pytest.mark.parametrize(
    ("wanted", "calls"),
    [
        ("sorted", ["sorted(a)"]),
        ("sorted()", ["sorted(a)"]),
        ("sort", ["a.sort()", "b.c.sort(key=1)"]),
        (".sort", ["a.sort()", "b.c.sort(key=1)"]),
        ("list.sort", ["a.sort()", "b.c.sort(key=1)"]),
        ("c.sort", ["b.c.sort(key=1)"]),
        (".sorted", []),
        ("math.sqrt", ["math.sqrt(2)", "root(3)"]),
        ("sqrt", ["math.sqrt(2)", "root(3)"]),
        ("root", []),
        ("join", ["p.join(a)", '", ".join(x)']),
        ("str.join", ['", ".join(x)']),
        ("path.join", ["p.join(a)"]),
        ("print", []),
    ],
)
def test_a_course_names_calls_plainly_or_by_what_they_are_upon(wanted, calls):
    program = parsing.parse(PYTHON, "python")
    assert shown(program, structure.find_calls(program, wanted)) == calls


def test_a_mention_or_a_definition_is_no_call():
    program = parsing.parse("def sorted(x): return x\ny = sorted\n# sorted(x)\nz = 'sorted(x)'\n", "python")
    assert structure.find_calls(program, "sorted") == []


CALLED = {
    "python": ["math.sqrt", "total"],
    "javascript": ["Math.sqrt", "total"],
    "typescript": ["Math.sqrt", "total"],
    "tsx": ["Math.sqrt", "total", "total"],
    "java": ["Math.sqrt"],
    "go": ["math.Sqrt"],
    "rust": ["scale.sqrt"],
    "c": ["sqrt"],
    "cpp": ["std.sqrt"],
}


@pytest.mark.parametrize("language", parsing.languages())
def test_calls_are_found_in_every_language(language):
    program = parsing.parse(PROGRAMS[language], language)
    assert [call.name for call in structure.calls(program)] == CALLED[language]
    assert structure.find_calls(program, CALLED[language][0].rpartition(".")[2])


def test_constructors_macros_and_chains_are_calls():
    java = parsing.parse("class A { void f() { new ArrayList<String>(); this.g(); xs.stream().map(f); } }", "java")
    assert {call.name for call in structure.calls(java)} == {"ArrayList", "this.g", "xs.stream", ".map"}
    rust = parsing.parse('fn f() { println!("x"); Vec::<i32>::new(); HashMap::new(); }', "rust")
    assert [call.name for call in structure.calls(rust)] == ["println", ".new", "HashMap.new"]
    assert len(structure.find_calls(rust, "println!")) == 1


IMPORTED = {
    "python": [("math", None, None), ("os", "path", "p")],
    "javascript": [("math", None, None)],
    "java": [("java.util.List", None, None)],
    "go": [("math", None, None)],
    "rust": [("std::collections::HashMap", None, None)],
    "c": [("math.h", None, None)],
    "cpp": [("cmath", None, None)],
}
IMPORTED["typescript"] = IMPORTED["tsx"] = IMPORTED["javascript"]


@pytest.mark.parametrize("language", parsing.languages())
def test_imports_are_found_in_every_language(language):
    found = structure.imports(parsing.parse(PROGRAMS[language], language))
    assert [(one.module, one.name, one.alias) for one in found] == IMPORTED[language]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ("math", 3),
        ("math.sqrt", 1),
        ("os", 1),
        ("os.path", 1),
        ("ath", 0),
        ("sqrt", 0),
        (".near", 1),
        ("__future__", 1),
    ],
)
def test_a_course_names_modules_or_what_is_in_them(wanted, count):
    program = parsing.parse(PYTHON, "python")
    assert len(structure.find_imports(program, wanted)) == count


def test_required_modules_count_as_imported():
    program = parsing.parse(
        "const fs = require('fs'); import('later'); export * from 'other'; other('not')", "javascript"
    )
    assert [one.module for one in structure.imports(program)] == ["fs", "later", "other"]
