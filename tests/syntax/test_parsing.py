import subprocess
import sys

import pytest

from milepost.domain.text import Position
from milepost.syntax import parsing
from tests.syntax.samples import PROGRAMS


@pytest.mark.parametrize("language", parsing.languages())
def test_a_right_program_has_no_finding(language):
    program = parsing.parse(PROGRAMS[language], language)
    assert not program.has_error
    assert parsing.syntax_errors(program) == []


@pytest.mark.parametrize("language", parsing.languages())
def test_a_program_cut_short_has_few_findings(language):
    """Cut at every tenth character, each finding stands inside the text, has words, and there are at most three."""
    text = PROGRAMS[language]
    found = 0
    for end in range(5, len(text), 10):
        program = parsing.parse(text[:end], language)
        findings = parsing.syntax_errors(program)
        assert len(findings) <= 3
        for finding in findings:
            assert finding.message
            assert Position(0, 0) <= finding.range.start <= finding.range.end <= program.index.end
        found += bool(findings)
    assert found > 3


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("dir.x/A.PY", "python"),
        ("a.mjs", "javascript"),
        ("a.jsx", "javascript"),
        ("a.ts", "typescript"),
        ("a.tsx", "tsx"),
        ("A.java", "java"),
        ("a.go", "go"),
        ("a.rs", "rust"),
        ("a.h", "c"),
        ("a.cc", "cpp"),
        ("a.txt", None),
        ("Makefile", None),
    ],
)
def test_the_extension_names_the_language(path, language):
    assert parsing.language_of(path) == language


@pytest.mark.parametrize(
    ("alias", "name"),
    [("typescriptreact", "tsx"), ("javascriptreact", "javascript"), ("C++", "cpp"), ("Python", "python")],
)
def test_names_that_editors_use_are_known(alias, name):
    assert parsing.known(alias)
    assert parsing.parse("", alias).language == name


def test_an_unknown_language_is_a_clear_error():
    assert not parsing.known("cobol")
    with pytest.raises(ValueError, match="no grammar for 'cobol'; there is one for python"):
        parsing.parse("", "cobol")


def test_ranges_count_code_points():
    text = "é = '\U0001f600'\r\n\U0001f600x = 1\rword = 2\u2028"
    program = parsing.parse(text, "python")
    words = [node for node in parsing.walk(program.root) if program.text_of(node) == "word"]
    assert program.index.slice(program.range_of(words[0])) == "word"
    assert program.range_of(words[0]).start == Position(2, 0)


def test_ranges_are_right_far_behind_wide_characters():
    text = "x = '" + "\U0001f600é" * 5_000 + "'; last = 1"
    program = parsing.parse(text, "python")
    last = next(node for node in parsing.walk(program.root) if program.text_of(node) == "last")
    assert program.index.slice(program.range_of(last)) == "last"


def test_only_the_grammar_of_the_language_is_loaded():
    """The start of the server must not pay for grammars nor for the library of distances."""
    code = """
import sys
from milepost.syntax import documents, edits, parsing, structure
assert not [name for name in sys.modules if name.startswith(("tree_sitter_", "rapidfuzz"))]
program = parsing.parse("def f(): pass", "python")
parsing.syntax_errors(program), structure.definitions(program)
print([name for name in sys.modules if name.startswith(("tree_sitter_", "rapidfuzz")) and "." not in name])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['tree_sitter_python']"


def test_walking_visits_every_node_once_in_order():
    program = parsing.parse("f(a, [b, c])\n", "python")
    leaves = [program.text_of(node) for node in parsing.walk(program.root) if node.child_count == 0]
    assert leaves == ["f", "(", "a", ",", "[", "b", ",", "c", "]", ")"]
