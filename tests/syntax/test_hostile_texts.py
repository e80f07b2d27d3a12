"""Texts that break parsers, with every question that can be asked of a program."""

import random

import pytest

from milepost.domain.text import Position
from milepost.syntax import parsing, structure, tokens

_CHANCE = random.Random("hostile")
TEXTS = {
    "open parentheses": "(" * 100_000,
    "balanced parentheses": "(" * 50_000 + ")" * 50_000,
    "open braces": "{" * 30_000,
    "calls of calls": "f" + "()" * 30_000,
    "calls in calls": "f(" * 20_000,
    "attributes": "a" + ".b" * 30_000,
    "signs": "!" * 20_000 + "x",
    "one long line": 'x = "' + "a" * 1_000_000 + '"\n',
    "one long sum": "x = " + "1 + " * 50_000 + "1\n",
    "quotes": '"' * 50_001,
    "open comments": "/*" * 30_000,
    "stairs": "".join(" " * depth + "if x:\n" for depth in range(300)),
    "nested functions": "".join(" " * depth + "def f(x):\n" for depth in range(300)),
    "nested classes": "class A { " * 5_000,
    "elif": "if a: pass\n" + "elif a: pass\n" * 3_000,
    "noise": "".join(chr(_CHANCE.randrange(256)) for _ in range(60_000)),
    "long noise": "".join(chr(_CHANCE.randrange(256)) for _ in range(300_000)),
    "nul": "x = 1\0\ny = 2\0",
    "lone surrogates": 'x = "\ud800"\n\udfff = 1\n',
    "byte order mark": "\ufeffx = (1\n",
    "form feeds": "\f\fx = 1\n\fdef f():\n\f    return (1\n",
    "carriage returns": "x = 1\ry = (2\rz = 3",
    "line separators": "x = '\u2028\u2029\x85'\ny =\u2028 3",
    "emoji": "'\U0001f600é' = = \U0001f600\n" * 50,
    "empty": "",
    "blank": " \n\t\r\n",
}


def ask_everything(text: str, language: str) -> None:
    """Ask all that other rooms ask of a text."""
    program = parsing.parse(text, language)
    for spoken in ("en", "es"):
        findings = parsing.syntax_errors(program, spoken)
        assert len(findings) <= 3
        for finding in findings:
            assert Position(0, 0) <= finding.range.start <= finding.range.end <= program.index.end
            assert len(finding.message) < 300
    structure.definitions(program)
    structure.complexity(program)
    structure.function_at(program, 1)
    structure.find_calls(program, "f")
    structure.find_imports(program, "math")
    for name in ("for", "recursion", "nested function"):
        structure.constructs(program, name)
    assert isinstance(tokens.normalised_tokens(text, language), list)


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_raises_in_python(name):
    ask_everything(TEXTS[name], "python")


@pytest.mark.parametrize("language", [language for language in parsing.languages() if language != "python"])
def test_no_text_raises_in_any_language(language):
    for name in (
        "open parentheses",
        "calls of calls",
        "noise",
        "nul",
        "lone surrogates",
        "nested classes",
        "quotes",
        "empty",
    ):
        ask_everything(TEXTS[name][:20_001], language)


def test_a_file_of_five_megabytes_is_read():
    text = "def f(x):\n    return (x + 1) * 2  # " + "a comment " * 20 + "\n"
    program = parsing.parse(text * (5_000_000 // len(text) + 1) + "def last(y): pass\n", "python")
    assert len(program.text) > 5_000_000
    assert parsing.syntax_errors(program) == []
    assert structure.definitions(program)[-1].name == "last"


def test_long_noise_is_called_unreadable_and_not_parsed():
    program = parsing.parse(TEXTS["long noise"], "javascript")
    assert not program.readable
    (finding,) = parsing.syntax_errors(program)
    assert finding.message == "This file cannot be read as JavaScript: it is too large or something else."


def test_random_cuts_and_swaps_of_a_program_never_raise():
    """Learners' programs in the middle of being typed, some thousand of them."""
    chance = random.Random("cuts")
    text = (
        "class A(B):\n    def f(self, x=[1, {2: (3,)}]):\n        '''doc'''\n        while x and not self.f(x):\n"
        "            x += f'{x!r:>{10}}' if x else lambda y: y\n        return [i for i in x if i]\n\n\n"
        "print(A().f('é\U0001f600'))\n"
    )
    wrong = 0
    for _ in range(1_500):
        start, end = sorted(chance.choices(range(len(text)), k=2))
        cut = text[:start] + chance.choice(["", "(", '"', "\n  ", ":", "\0", "\r"]) + text[min(end, start + 4) :]
        program = parsing.parse(cut, "python")
        wrong += bool(parsing.syntax_errors(program))
        structure.definitions(program)
        tokens.tokens(cut, "python")
    assert wrong > 300
