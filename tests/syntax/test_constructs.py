import pytest

from milepost.domain.criteria import Construct
from milepost.syntax import parsing, queries, structure
from tests.syntax.samples import PROGRAMS

PYTHON = """\
import re
from os import *

@cache
class A(B):
    '''Docstring.'''
    async def m(self, x: int):
        global g
        async with x as y, z:
            await y
        yield 1
        return [i for i in x if i] or {k: v for k, v in x} and {i for i in x} or (i for i in x)

def f(x, *y, **z):
    while not x:
        if x is None: break
        elif x in y: continue
        else: pass
    for a, b in x: del a
    try: raise ValueError
    except ValueError: assert x
    finally: x += 1
    match x:
        case 1: pass
    def inner():
        nonlocal x
        return f(inner)
    return (lambda q: q)(f"{x}" if x[1:2] else (n := 1))
"""
ONCE = """
decorator class inheritance docstring global with await yield while break continue elif else for del try raise except
assert finally match case nonlocal lambda f-string ternary slice walrus star_import augmented_assignment is in
"""
FRIENDLY = """
for while if comprehension lambda recursion try with return yield global import f-string match ternary assert decorator
async break continue nested_function
"""


def shown(program, places):
    return [program.index.slice(place) for place in places]


@pytest.mark.parametrize("name", ONCE.split())
def test_each_python_construct_is_found_by_its_name(name):
    assert len(structure.constructs(parsing.parse(PYTHON, "python"), name)) == 1


@pytest.mark.parametrize("name", FRIENDLY.split())
def test_an_empty_python_program_uses_nothing(name):
    assert structure.constructs(parsing.parse("x = 1\n", "python"), name) == []


def test_comprehensions_are_counted_together_and_apart():
    program = parsing.parse(PYTHON, "python")
    assert len(structure.constructs(program, "comprehension")) == 4
    assert shown(program, structure.constructs(program, "list comprehension")) == ["[i for i in x if i]"]
    assert shown(program, structure.constructs(program, "Dict_Comprehension")) == ["{k: v for k, v in x}"]


@pytest.mark.parametrize("language", parsing.languages())
def test_every_name_of_every_language_can_be_asked_for(language):
    """A grammar that renames a node fails here and not at a learner's save."""
    program = parsing.parse(PROGRAMS[language], language)
    for name in structure.construct_names(language):
        structure.constructs(program, name)
        structure.check_use(Construct(construct=name), language)
    assert structure.constructs(program, "for") or language == "rust"


@pytest.mark.parametrize("language", [language for language in parsing.languages() if language not in {"rust", "go"}])
def test_a_ternary_is_found_in_every_language_that_has_one(language):
    assert structure.constructs(parsing.parse(PROGRAMS[language], language), "ternary")


def test_the_name_of_a_node_of_the_grammar_is_a_construct_too():
    program = parsing.parse(PYTHON, "python")
    assert shown(program, structure.constructs(program, "named_expression")) == ["n := 1"]
    assert len(structure.constructs(program, "with_item")) == 2


def test_an_unknown_construct_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="Python has no construct 'goto'; it has and, assert, "):
        structure.constructs(parsing.parse("", "python"), "goto")
    with pytest.raises(ValueError, match="Java has no construct 'comprehension'"):
        structure.check_use(Construct(construct="comprehension"), "java")


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("def f(n): return 1 if n < 2 else n * f(n - 1)", ["f(n - 1)"]),
        ("def f(n): return g(n)\ndef g(n): return f(n)", ["g(n)", "f(n)"]),
        ("def f(n): return g(n)\ndef g(n): return h(n)\ndef h(n): return g(n)", ["h(n)", "g(n)"]),
        ("def f(n): return g(n)\ndef g(n): return 1\nf(1)", []),
        ("class T:\n def depth(self): return 1 + self.left.depth()", ["self.left.depth()"]),
        ("class T:\n def add(self, x): self.items.add(x)", []),
        ("class T:\n def add(self, x): self.add(x)", ["self.add(x)"]),
        ("class T:\n def add(self, x): add(x)", []),
        ("def join(x): return ', '.join(x)", []),
        ("def index(x): return x.index(1)", []),
        ("def outer(n):\n def inner(m): return inner(m)\n return inner(n)", ["inner(m)"]),
    ],
)
def test_recursion_is_found_direct_mutual_and_in_methods(text, calls):
    program = parsing.parse(text, "python")
    assert shown(program, structure.constructs(program, "recursion")) == calls


def test_recursion_is_found_in_other_languages():
    java = parsing.parse("class A { int f(int n) { return f(n - 1); } int g() { return 1; } }", "java")
    assert shown(java, structure.constructs(java, "recursion")) == ["f(n - 1)"]
    rust = parsing.parse("fn f(n: u8) -> u8 { f(n - 1) } fn g() { f(1); }", "rust")
    assert shown(rust, structure.constructs(rust, "recursion")) == ["f(n - 1)"]


def test_a_function_in_a_function_is_nested_and_a_method_is_not():
    program = parsing.parse(PYTHON, "python")
    assert shown(program, structure.constructs(program, "nested function")) == ["inner"]


def test_a_query_gives_what_it_captures_but_helpers():
    program = parsing.parse("sorted(x); print(y)", "python")
    query = '(call function: (identifier) @_name (#eq? @_name "sorted") arguments: (argument_list) @arguments)'
    assert shown(program, structure.matches(program, query)) == ["(x)"]


def test_a_query_without_captures_gives_what_it_matches():
    program = parsing.parse("for i in x: pass\nwhile x: pass", "python")
    assert len(structure.matches(program, "(for_statement) (while_statement)")) == 2


@pytest.mark.parametrize(
    "query",
    ["", "; only a comment", "(foo)", "(while_statement", "@", '(call) @x (#match? @x "[")', "(call \0", '"\ud800"'],
)
def test_a_bad_query_is_a_clear_error(query):
    with pytest.raises(ValueError, match=r"bad tree-sitter query for python|the query is empty"):
        structure.matches(parsing.parse("x", "python"), query)
    with pytest.raises(ValueError, match=r"bad tree-sitter query for python|the query is empty"):
        structure.check_use(Construct(query=query), "python")


@pytest.mark.parametrize(
    ("construct", "count"),
    [
        (Construct(call="f"), 1),
        (Construct(construct="while"), 1),
        (Construct(import_="re"), 1),
        (Construct(query="(match_statement) @it"), 1),
        (Construct(call="sorted"), 0),
    ],
)
def test_a_criterion_asks_for_any_of_the_four(construct, count):
    structure.check_use(construct, "python")
    assert len(structure.uses(parsing.parse(PYTHON, "python"), construct)) == count


def test_queries_are_compiled_once():
    assert queries.compiled("python", "(call) @x") is queries.compiled("python", "(call) @x")
