"""Programs as lists of tokens, for distances: comments, docstrings, blank lines and layout are out."""

from collections.abc import Iterator
from itertools import chain

from milepost.syntax import grammars, keywords
from milepost.syntax.lexing import Lexeme, lexemes

NEWLINE, INDENT, DEDENT = "\n", "\t+", "\t-"
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


def tokens(text: str, language: str) -> list[str]:
    """Return the tokens of a program, broken or not; for Python the ends of lines and blocks are tokens too."""
    pieces = lexemes(text, language)
    if grammars.grammar(language).family == "python":
        return [token for line in _python_lines(pieces, text) for token in line]
    return [piece.text for piece in pieces if piece.kind not in {"comment", "newline"}]


def normalised_tokens(text: str, language: str) -> list[str]:
    """Return the tokens with the program's own names replaced by `v` and strings by an empty one."""
    return normalise(tokens(text, language), language)


def normalise(kept: list[str], language: str) -> list[str]:
    """Return tokens with the program's own names replaced by `v` and strings by an empty one."""
    known = keywords.known_names(language)
    return [_normalised(token, known) for token in kept]


def _normalised(token: str, known: frozenset[str]) -> str:
    if token[-1] in "\"'`" and len(token) > 1:
        return '""'
    return "v" if token not in known and (token[0].isalpha() or token[0] == "_") else token


def _python_lines(pieces: list[Lexeme], text: str) -> Iterator[list[str]]:
    """Yield the tokens of each logical line, blocks opened or closed before it first."""
    columns = [0]
    for line in _logical_lines(pieces):
        if len(line) == 1 and line[0].kind == "string":
            continue
        start = line[0].start
        column = start - 1 - max(text.rfind("\n", 0, start), text.rfind("\r", 0, start))
        blocks: list[str] = []
        while column < columns[-1]:
            columns.pop()
            blocks.append(DEDENT)
        if column > columns[-1]:
            columns.append(column)
            blocks.append(INDENT)
        yield list(chain(blocks, (piece.text for piece in line), (NEWLINE,)))
    yield [DEDENT] * (len(columns) - 1)


def _logical_lines(pieces: list[Lexeme]) -> Iterator[list[Lexeme]]:
    line: list[Lexeme] = []
    depth = 0
    for piece in pieces:
        if piece.kind == "comment":
            continue
        if piece.kind == "newline":
            if line and depth <= 0:
                yield line
                line, depth = [], 0
            continue
        depth += (piece.text in _OPEN) - (piece.text in _CLOSE)
        line.append(piece)
    if line:
        yield line
