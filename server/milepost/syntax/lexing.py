"""Cutting a text into lexemes by patterns: works on broken programs, says where a string or bracket stays open."""

import re
from functools import cache
from typing import Literal, NamedTuple

from milepost.syntax import grammars

Kind = Literal["comment", "string", "broken", "number", "name", "newline", "open", "close", "sign"]

_NUMBER = r"(?:\d[\w.]*(?<![.])|\d[\w.]*|\.\d\w*)(?:(?<=[eE])[+-]\d+)?"
_NAME = r"[^\W\d]\w*"
_SIGN = (
    r"\*\*=|//=|>>=|<<=|\.\.\.|===|!==|\.\.=|&&=|\|\|=|\?\?="
    r"|!=|->|:=|==|<=|>=|\*\*|//|<<|>>|&&|\|\||=>|::|\?\?|\?\.|\+\+|--|\.\.|[-+*/%@&|^]=|[^\s]"
)
_DOUBLE = r'"[^"\\\r\n]*(?:\\(?:\r\n|[\s\S])[^"\\\r\n]*)*"'
_SINGLE = r"'[^'\\\r\n]*(?:\\(?:\r\n|[\s\S])[^'\\\r\n]*)*'"
_TO_LINE_END = r"[^\r\n]*"
_PYTHON_PREFIX = r"(?:[rRbBuUfFtT]{1,2}(?=[\"']))?"
_TRIPLE = r'"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"""' r"|'''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*'''"
_BLOCK_COMMENT = r"//[^\r\n]*|/\*[\s\S]*?\*/"
_TEMPLATE = r"`[^`\\]*(?:\\[\s\S][^`\\]*)*`"
# A slash starts a regular expression only where an operand is due.
_REGEX = (
    r"(?:(?<=[(,=:\[!&|?{};])|(?<=[(,=:\[!&|?{};] ))"
    r"/(?![/*])(?:[^\\/\r\n\[]|\\.|\[(?:[^\]\\\r\n]|\\.){0,80}\]){1,200}/\w*"
)
_RAW_RUST = r'b?r(?P<hashes>#*)"[\s\S]*?"(?P=hashes)'
_RAW_CPP = r'(?:u8|[LuU])?R"(?P<fence>[^\s()\\]{0,16})\([\s\S]*?\)(?P=fence)"'
_CHARACTER = r"b?'(?:\\[^\r\n]{1,10}?|[^\\'\r\n])'"

# For each family: comments, strings, and what starts one of them without ending it.
_PATTERNS: dict[str, tuple[str, str, str]] = {
    "python": (
        r"#[^\r\n]*",
        f"{_PYTHON_PREFIX}(?:{_TRIPLE}|{_DOUBLE}|{_SINGLE})",
        _PYTHON_PREFIX + r"(?:(?:\"\"\"|''')[\s\S]*|[\"']" + _TO_LINE_END + ")",
    ),
    "javascript": (
        _BLOCK_COMMENT,
        f"{_DOUBLE}|{_SINGLE}|{_TEMPLATE}|{_REGEX}",
        r"(?:/\*|`)[\s\S]*|[\"']" + _TO_LINE_END,
    ),
    "java": (_BLOCK_COMMENT, f"{_TRIPLE}|{_DOUBLE}|{_CHARACTER}", r'(?:/\*|""")[\s\S]*|["\']' + _TO_LINE_END),
    "go": (_BLOCK_COMMENT, rf"{_DOUBLE}|{_CHARACTER}|`[^`]*`", r"(?:/\*|`)[\s\S]*|[\"']" + _TO_LINE_END),
    "rust": (
        _BLOCK_COMMENT,
        # Strings of Rust run over lines, and an apostrophe also starts a lifetime, which the sign takes.
        rf'{_RAW_RUST}|b?"[^"\\]*(?:\\[\s\S][^"\\]*)*"|{_CHARACTER}',
        r'(?:/\*|b?r#*"|b?")[\s\S]*',
    ),
    "c": (_BLOCK_COMMENT, f"{_DOUBLE}|{_SINGLE}", r"/\*[\s\S]*|[\"']" + _TO_LINE_END),
    "cpp": (
        _BLOCK_COMMENT,
        # C++ separates digits by apostrophes, which the number takes.
        f"{_RAW_CPP}|{_DOUBLE}|{_SINGLE}",
        r"(?:/\*|(?:u8|[LuU])?R\"[^\s()\\]{0,16}\()[\s\S]*|[\"']" + _TO_LINE_END,
    ),
}
_PATTERNS["typescript"] = _PATTERNS["javascript"]
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Lexeme(NamedTuple):
    """One piece of a text; white space and joined lines are left out, `broken` is a string or comment without end."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset after the piece."""
        return self.start + len(self.text)


class Brackets(NamedTuple):
    """The first trouble with brackets: one that is never closed, one never opened, or two that do not fit."""

    opening: Lexeme | None
    closing: Lexeme | None


def lexemes(text: str, language: str) -> list[Lexeme]:
    """Return the pieces of a text, in order."""
    pattern = _pattern(grammars.grammar(language).family)
    return [
        Lexeme(match.lastgroup, match.group(), match.start())  # type: ignore[arg-type]
        for match in pattern.finditer(text)
        if match.lastgroup != "space"
    ]


def bracket_trouble(pieces: list[Lexeme]) -> Brackets | None:
    """Return the first bracket without its partner, None when all have one."""
    waiting: list[Lexeme] = []
    for piece in pieces:
        if piece.kind == "open":
            waiting.append(piece)
        elif piece.kind == "close":
            if not waiting or _CLOSING[waiting[-1].text] != piece.text:
                return Brackets(waiting[-1] if waiting else None, piece)
            waiting.pop()
    return Brackets(waiting[-1], None) if waiting else None


@cache
def _pattern(family: str) -> re.Pattern[str]:
    comment, string, broken = _PATTERNS[family]
    number = r"\d[\w.']*\w|\d" if family == "cpp" else _NUMBER
    groups = {
        "space": r"[^\S\r\n]+|\\(?:\r\n|\n|\r)",
        "newline": r"\r\n|\n|\r",
        "comment": comment,
        "string": string,
        "broken": broken,
        "number": number,
        "name": _NAME,
        "open": r"[(\[{]",
        "close": r"[)\]}]",
        "sign": _SIGN,
    }
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in groups.items()))
