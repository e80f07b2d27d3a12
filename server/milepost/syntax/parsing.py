"""Reading a program: its tree, and what is wrong with it."""

from itertools import takewhile

from milepost.domain.text import Position
from milepost.domain.validations import Finding, Severity
from milepost.syntax import compiling, messages, mistakes, queries
from milepost.syntax.grammars import known, language_of, languages
from milepost.syntax.programs import Program, parse, walk

__all__ = ["Program", "known", "language_of", "languages", "parse", "syntax_errors", "walk"]


# Aliases and parameters of types, and f-strings that hold other texts.
_NEWER = """
[(type_alias_statement) (type_parameter)] @newer
(string (interpolation (_ (string)))) @newer
(string (interpolation (string))) @newer
"""


def syntax_errors(program: Program, language: str = "en") -> list[Finding]:
    """Return what keeps a program from being read, first causes only; messages are in the user's language."""
    if program.language != "python":
        return mistakes.mistakes(program, language)
    try:
        error = _first_error(program, language)
    except compiling.TooDeepError:
        return mistakes.mistakes(program, language) or [_too_deep(program, language)]
    if error is None and len(program.text) > compiling.LONGEST:
        return mistakes.mistakes(program, language)
    return [] if error is None or _newer_python(program, error) else [error]


def _first_error(program: Program, language: str) -> Finding | None:
    """Return what stops the interpreter.

    On an error it reads the program twice, which is slow: what stands well before the error is left out at first.
    """
    start = _last_sound_line(program) if program.has_error else 0
    if start:
        text = program.text[program.index.offset(Position(start, 0)) :]
        error = compiling.first_error("\n" * start + text, language)
        if error is not None:
            return error
    return compiling.first_error(program.text, language)


def _last_sound_line(program: Program) -> int:
    """Return a line well before the first error: that of the last but one statement that is sound."""
    sound = list(takewhile(lambda node: not (node.has_error or node.is_error), program.root.children))
    return program.range_of(sound[-2]).start.line if len(sound) > 1 else 0


def _newer_python(program: Program, error: Finding) -> bool:
    """Tell whether the error is only that the program is written for a newer Python than the one running."""
    if program.has_error:
        return False
    found = queries.find(program, _NEWER).get("newer", [])
    return any(program.range_of(node).touches(error.range) for node in found)


def _too_deep(program: Program, language: str) -> Finding:
    place = program.index.range(0, min(len(program.index.line(0)), 1))
    return Finding(compiling.RULE, Severity.ERROR, messages.TOO_DEEP.pick(language), place)
