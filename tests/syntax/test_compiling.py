"""The messages about Python programs: plain words, in both languages, at the right place."""

import sys
import warnings

import pytest

from milepost.domain.text import Localized
from milepost.domain.validations import Severity
from milepost.syntax import messages, parsing

# Program, what is shown at its place, and the start of the message in both languages.
WRONG = [
    ("def f(x)\n    return x", ")", "A ':' is missing", "Falta ':'"),
    ("if x\n    y", "x", "A ':' is missing", "Falta ':'"),
    ("x = (1,\n2\ny = 3", "(", "This '(' is never closed", "Este '(' no se cierra"),
    ("def f():\n    return [1\n\ndef g(): pass", "[", "This '[' is never closed", "Este '[' no se cierra"),
    ("x = [1, 2)", ")", "This ')' does not fit the '[' of line 1", "Este ')' no corresponde al '[' de la línea 1"),
    ("y = [1,\n2)", ")", "This ')' does not fit the '[' of line 1", "Este ')' no corresponde al '[' de la línea 1"),
    ("x = 1)", ")", "This ')' closes nothing", "Este ')' no cierra nada"),
    ('s = "abc\nprint(s)', '"abc', "The text that starts here has no closing quote", "El texto que empieza aquí"),
    ('s = """abc\nd', '"""abc', "The text that starts here has no closing quote", "El texto que empieza aquí"),
    (
        "def f():\nreturn 1",
        "return 1",
        "The lines that belong to the function definition of line 1",
        "Las líneas de dentro",
    ),
    ("for i in x:\ny", "y", "The lines that belong to the 'for' statement of line 1", "Las líneas de dentro de 'for'"),
    ("x = 1\n  y = 2", "y = 2", "This line is indented, but", "Esta línea lleva sangría, pero"),
    ("if x:\n    a\n  b", "b", "The indentation of this line fits no line", "La sangría de esta línea no coincide"),
    ("if x:\n\ta\n        b", "b", "Tabs and spaces are mixed", "La sangría mezcla"),
    ("if x = 3: pass", "x = 3", "'=' gives a value to a name", "'=' da un valor a un nombre"),
    ("f(a b)", "a b", "Python does not understand this. Is a comma", "Python no entiende esto. ¿Falta una coma"),
    (
        "f() = 3",
        "f()",
        "A value cannot be given to this (function call)",
        "No se puede dar un valor a esto (una llamada)",
    ),
    ('print "x"', 'print "x"', "'print' is a function", "'print' es una función"),
    ("x = “a”", "“", "The character '“' may not be here", "El carácter '“' no puede estar aquí"),
    ("x = 1\u00a0+ 2", "\u00a0", "Here is an invisible character", "Aquí hay un carácter invisible"),
    ("x\0 = 1", "\0", "Here is an invisible character", "Aquí hay un carácter invisible"),
    ("1a = 3", "1", "This is not a number", "Esto no es un número"),
    ("return 3", "return 3", "'return' stands outside of any function", "'return' está fuera de toda función"),
    ("break", "break", "'break' stands outside of any loop", "'break' está fuera de todo bucle"),
    ("continue", "continue", "'continue' stands outside of any loop", "'continue' está fuera de todo bucle"),
    ("try:\n  x\ny", "y", "A 'try' needs an 'except'", "Un 'try' necesita un 'except'"),
    ("x = 1 if y", "1 if y", "An 'if' inside an expression needs an 'else'", "Un 'if' dentro de una expresión"),
    ("if x: a\nelse if y: b", "if", "Python writes 'elif'", "Python escribe 'elif'"),
    ("i++", "+", "Python has no '++'. Write i += 1", "Python no tiene '++'. Escribe i += 1"),
    ("if a && b: c", "&", "Python writes 'and' instead of '&&'", "Python escribe 'and' en lugar de '&&'"),
    ("while: x", ":", "A condition is missing after 'while'", "Falta una condición después de 'while'"),
    ("class = 3", "=", "'class' is a word of Python", "'class' es una palabra de Python"),
    ("f(class)", "class", "'class' is a word of Python", "'class' es una palabra de Python"),
    ("x = 5 +\n", "+", "This line is not finished", "Esta línea no está terminada"),
    (
        "retrun 3",
        "3",
        "Python does not understand this. Did you mean 'return'?",
        "Python no entiende esto. ¿Querías decir",
    ),
    (
        "def f(x):\n  global x",
        "global x",
        "'x' cannot be a parameter and global",
        "'x' no puede ser parámetro y global",
    ),
    ('p = "C:\\Users"', None, "The '\\' in this text starts a special character", "La '\\' en este texto empieza"),
    ("é = = 2", "=", "Python does not expect '=' here", "Python no espera '=' aquí"),
    ("\ufeffx = = 1", "=", "Python does not expect '=' here", "Python no espera '=' aquí"),
    ("a = 1\rb = = 3", "=", "Python does not expect '=' here", "Python no espera '=' aquí"),
    ("\f\n'\U0001f600'.x = = 3", "=", "Python does not expect '=' here", "Python no espera '=' aquí"),
]


@pytest.mark.parametrize(("text", "shown", "english", "spanish"), WRONG, ids=[case[0][:20].encode() for case in WRONG])
def test_one_finding_says_in_plain_words_what_is_wrong(text, shown, english, spanish):
    program = parsing.parse(text, "python")
    (finding,) = parsing.syntax_errors(program, "en")
    assert (finding.rule, finding.severity) == ("syntax", Severity.ERROR)
    assert finding.message.startswith(english)
    if shown is not None:
        assert program.index.slice(finding.range) == shown
    (spoken,) = parsing.syntax_errors(program, "es")
    assert spoken.message.startswith(spanish)
    assert spoken.range == finding.range


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\ufeffx = 1",
        "x = 1\r\ny = 2\rz = 3",
        "\fdef f():\n\f    return 1",
        'x = "\u2028\x85"',
        "π = 'e\u0301'",
        'x = "\ud800"',
    ],
    ids=ascii,
)
def test_odd_but_right_programs_have_no_finding(text):
    assert parsing.syntax_errors(parsing.parse(text, "python")) == []


def test_warnings_of_the_compiler_stay_inside():
    """Neither shown nor taken for errors, even where warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parsing.syntax_errors(parsing.parse("x = '\\d'\nassert (x, 'no')\n1 is 1\n", "python")) == []


@pytest.mark.parametrize("text", ["-" * 50_000 + "1", "x + " * 50_000 + "x", "(" * 300 + ")" * 300])
def test_what_is_nested_too_deeply_gets_one_finding(text):
    (finding,) = parsing.syntax_errors(parsing.parse(text, "python"))
    assert finding.message == messages.TOO_DEEP.en


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python understands them itself")
@pytest.mark.parametrize("text", ["type X = int", "def f[T](x: T) -> T: return x", 'd = {}\nprint(f"{d["a"]}")'])
def test_newer_python_is_not_called_wrong(text):
    """The program may run with another interpreter than the server."""
    assert parsing.syntax_errors(parsing.parse(text, "python")) == []


def test_every_message_exists_in_both_languages_with_the_same_places():
    """A name between braces in one language is there in the other."""
    known = [value for value in vars(messages).values() if isinstance(value, Localized)]
    assert len(known) > 40
    for message in known:
        assert message.en
        assert message.es
        assert message.en != message.es
        names = (
            "opening",
            "closing",
            "line",
            "what",
            "title",
            "text",
            "name",
            "word",
            "sign",
            "one",
            "character",
            "message",
        )
        for name in names:
            assert ("{" + name + "}" in message.en) == ("{" + name + "}" in message.es)
