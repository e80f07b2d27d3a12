"""Findings from the tree: the first cause, not what follows from it."""

import pytest

from milepost.syntax import mistakes, parsing
from tests.syntax.samples import PROGRAMS

# Language, program, what is shown at its place, and the messages in both languages.
WRONG = [
    ("javascript", "function f(x) {\n  return x", "{", "This '{' is never closed.", "Este '{' no se cierra nunca."),
    (
        "javascript",
        "let a = [1, 2);",
        ")",
        "This ')' does not fit the '[' of line 1.",
        "Este ')' no corresponde al '[' de la línea 1.",
    ),
    ("javascript", 'let s = "abc\nf()', '"abc', "The text that starts here has no closing quote.", None),
    ("javascript", "x = 1;\n/* abc", "/* abc", "The comment that starts here has no end.", None),
    ("javascript", "`abc\nd", "`abc", "The text that starts here has no closing quote.", None),
    ("typescript", "let a: = 3;", ":", "TypeScript does not expect ':' here.", "TypeScript no espera ':' aquí."),
    ("tsx", "const a = <p>don't</p>; let b = = 3;", "=", "TypeScript does not expect '=' here.", None),
    ("java", "class A { int f() { return 1 } }", "1", "';' is missing here.", "Falta ';' aquí."),
    ("java", 'class A { int x = "abc; }', '"abc; }', "The text that starts here has no closing quote.", None),
    ("go", "package main\nfunc f() int { x := = 2\n}", "=", "Go does not expect '=' here.", "Go no espera '=' aquí."),
    ("rust", "fn f<'a>() { let x = 1\nlet y = 2; }", "1", "';' is missing here.", "Falta ';' aquí."),
    ("rust", 'fn main() { println!("x"; }', "}", "This '}' does not fit the '(' of line 1.", None),
    ("c", "int main() { int x = 1\n return 0; }", "1", "';' is missing here.", "Falta ';' aquí."),
    ("c", "int main( { }", "(", "This '(' is never closed.", "Este '(' no se cierra nunca."),
    ("cpp", "int main() { v.push_back(1; }", "}", "This '}' does not fit the '(' of line 1.", None),
]


@pytest.mark.parametrize(("language", "text", "shown", "english", "spanish"), WRONG)
def test_the_first_cause_is_named_at_its_place(language, text, shown, english, spanish):
    program = parsing.parse(text, language)
    (finding,) = parsing.syntax_errors(program, "en")
    assert (program.index.slice(finding.range), finding.message) == (shown, english)
    if spanish is not None:
        assert parsing.syntax_errors(program, "es")[0].message == spanish


def test_independent_mistakes_are_each_named_up_to_three():
    text = "\n\n".join(f"let a{number} = = {number};\nlet b{number} = 1;" for number in range(5))
    findings = parsing.syntax_errors(parsing.parse(text, "javascript"))
    assert [finding.range.start.line for finding in findings] == [0, 3, 6]


@pytest.mark.parametrize("language", [language for language in PROGRAMS if language not in {"python", "tsx"}])
def test_a_bracket_left_out_gives_one_finding(language):
    """Without the last closing brace the opening one is named and nothing else."""
    text = PROGRAMS[language]
    last = text.rindex("}")
    program = parsing.parse(text[:last] + text[last + 1 :], language)
    findings = parsing.syntax_errors(program)
    assert len(findings) == 1
    assert program.index.slice(findings[0].range) in "{}[]()"


def test_apostrophes_in_comments_and_lifetimes_are_no_strings():
    assert parsing.syntax_errors(parsing.parse("// don't\nfn f<'a>(x: &'a str) -> char { 'x' }", "rust")) == []
    (finding,) = parsing.syntax_errors(parsing.parse("// don't\nint f() { return 1 }", "c"))
    assert finding.message == "';' is missing here."


def test_python_has_the_same_findings_where_the_interpreter_is_not_asked():
    program = parsing.parse("def f(x:\n    return (x\n", "python")
    (finding,) = mistakes.mistakes(program, "en")
    assert finding.message == "This '(' is never closed."
