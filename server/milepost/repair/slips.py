"""Slips of the pen: small edits of a text that Python cannot read, near the place where it gives up."""

import keyword
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_OPENERS = re.compile(r"\s*(?:async\s+)?(if|elif|else|for|while|def|class|try|except|finally|with|match|case)\b")
_ASKING = re.compile(r"\s*(?:if|elif|while)\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_TOKEN = re.compile(r"\w+|\*\*|//|[=!<>:]=|->|[^\w\s]")
_SINGLE_EQUALS = re.compile(r"(?<![=!<>:+\-*/%&|^@])=(?!=)")
_STATEMENTS = (
    "if", "elif", "else", "for", "while", "def", "class", "return", "import", "from", "try", "except", "finally", "break",
    "continue", "pass", "print", "and", "or", "not", "in", "True", "False", "None", "lambda", "is",
)  # fmt: skip
_FOREIGN = {
    "=>": ">=", "=<": "<=", "<>": "!=", "&&": " and ", "||": " or ", "else if": "elif", "elseif": "elif", "elsif": "elif",
    "“": '"', "”": '"', "‘": "'", "’": "'", "++": " += 1", "--": " -= 1", "===": "==", "!==": "!=", "≤": "<=", "≥": ">=",
    "≠": "!=", "×": "*", "function ": "def ", "func ": "def ", "\u00a0": " ", "null": "None", "{": ":", "}": "", ";": "",
}  # fmt: skip
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_INSERTED = (")", "]", "}", ":", ",", "=", "==", "(", "in ", '"', "'", "+", ".", "[")


@dataclass(frozen=True, slots=True)
class Slip:
    """A text with one edit undone that may have been a slip; the smaller `cost`, the likelier."""

    text: str
    cost: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """Where Python gives up: a zero-based line, a zero-based column, its message."""

    line: int
    column: int
    message: str


def trouble(text: str) -> Trouble | None:
    """Return where Python gives up on a text, None for a program."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "program", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Trouble(max((error.lineno or 1) - 1, 0), max((error.offset or 1) - 1, 0), error.msg or "")
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return Trouble(0, 0, str(error))
    return None


def slips(text: str, at: Trouble) -> Iterator[Slip]:
    """Yield texts with one likely slip undone near a place of trouble."""
    lines = text.splitlines(keepends=True) or [""]
    line = min(at.line, len(lines) - 1)
    for near in dict.fromkeys((line, _above(lines, line), min(line + 1, len(lines) - 1))):
        cost = 0.0 if near == line else 0.2
        for new, own in _line_slips(lines[near]):
            yield _replaced(lines, near, new, own + cost)
    yield from _indents(lines, line)
    yield from _tokens(lines, line, at.column)
    if at.line > 0:
        above = _above(lines, line)
        yield from _ends(lines, above)
    yield _replaced(lines, line, "", 3.0 + 0.2 * len(_TOKEN.findall(lines[line])))


def _replaced(lines: Sequence[str], place: int, new: str, cost: float) -> Slip:
    return Slip("".join([*lines[:place], new, *lines[place + 1 :]]), cost)


def _above(lines: Sequence[str], line: int) -> int:
    """Return the nearest line above that is not blank."""
    for place in range(line - 1, -1, -1):
        if lines[place].strip() and not lines[place].lstrip().startswith("#"):
            return place
    return line


def _parts(line: str) -> tuple[str, str]:
    """Cut a line into its code and what follows: white space, a comment, the end of the line."""
    code = re.match(r"""(?:[^#"'\r\n]|"[^"\r\n]*"|'[^'\r\n]*')*""", line)
    text = code.group() if code else ""
    if line[len(text) :].strip() and not line[len(text) :].startswith("#"):
        text = line.rstrip("\r\n")
    stripped = text.rstrip()
    return stripped, line[len(stripped) :]


def _line_slips(line: str) -> Iterator[tuple[str, float]]:
    """Yield a line with one slip undone, and what that costs."""
    code, rest = _parts(line)
    if not code.strip():
        return
    opens = _OPENERS.match(code)
    if opens and not code.endswith(":"):
        yield code.rstrip(";,.={") + ":" + rest, 1.0
    if _ASKING.match(code):
        for match in _SINGLE_EQUALS.finditer(code):
            yield code[: match.start()] + "==" + code[match.end() :] + rest, 1.0
    for wrong, right in _FOREIGN.items():
        if wrong in code:
            new = code.replace(wrong, right)
            yield new + rest, 1.2
            if _OPENERS.match(new) and not new.endswith(":"):
                yield new + ":" + rest, 1.8
    yield from _brackets(code, rest)
    yield from _quotes(code, rest)
    yield from _misspelt(code, rest)
    yield from _calls(code, rest)


def _brackets(code: str, rest: str) -> Iterator[tuple[str, float]]:
    waiting: list[str] = []
    for sign in re.sub(r""""[^"]*"|'[^']*'""", "", code):
        if sign in _CLOSING:
            waiting.append(_CLOSING[sign])
        elif sign in _CLOSING.values() and waiting and waiting[-1] == sign:
            waiting.pop()
        elif sign in _CLOSING.values():
            place = code.rindex(sign)
            yield code[:place] + code[place + 1 :] + rest, 1.0
            if waiting:
                yield code[:place] + waiting[-1] + code[place + 1 :] + rest, 1.0
            return
    if waiting:
        missing = "".join(reversed(waiting))
        if code.endswith(":"):
            yield code[:-1] + missing + ":" + rest, 1.0
        yield code + missing + rest, 1.0
        if _OPENERS.match(code):
            yield code + missing + ":" + rest, 2.0


def _quotes(code: str, rest: str) -> Iterator[tuple[str, float]]:
    for quote in ('"', "'"):
        if code.count(quote) % 2:
            yield code + quote + rest, 1.0
            inner = code.rstrip(")]}:")
            yield inner + quote + code[len(inner) :] + rest, 1.0


def _misspelt(code: str, rest: str) -> Iterator[tuple[str, float]]:
    for match in _WORD.finditer(code):
        word = match.group()
        if keyword.iskeyword(word):
            continue
        for right in _STATEMENTS:
            if word != right and _alike(word, right):
                new = code[: match.start()] + right + code[match.end() :]
                yield new + rest, 1.0
                if _OPENERS.match(new) and not new.endswith(":"):
                    yield new + ":" + rest, 1.6
        for right in ("return", "def", "not"):
            if word.startswith(right) and len(word) > len(right):
                yield code[: match.start()] + right + " " + word[len(right) :] + code[match.end() :] + rest, 1.2


def _alike(word: str, right: str) -> bool:
    """Tell whether a word is another one with a letter more, less, wrong, exchanged, or in the wrong case."""
    if word.casefold() == right.casefold():
        return True
    if len(right) < 3 or abs(len(word) - len(right)) > 1:
        return False
    if sorted(word) == sorted(right):
        return True
    first = 0
    while first < min(len(word), len(right)) and word[first] == right[first]:
        first += 1
    tail, other = word[first:], right[first:]
    return tail[1:] == other or tail == other[1:] or (tail[1:] == other[1:] and len(word) > 3)


def _calls(code: str, rest: str) -> Iterator[tuple[str, float]]:
    match = re.match(r"(\s*)print\s+(?!\()(.+)", code)
    if match:
        yield f"{match.group(1)}print({match.group(2)}){rest}", 1.5
    match = re.match(r"(\s*def\s+\w+)\s*([\w\s,]*?)\s*:?$", code)
    if match:
        yield f"{match.group(1)}({match.group(2)}):{rest}", 1.5


def _indents(lines: Sequence[str], line: int) -> Iterator[Slip]:
    """Yield the line, and those below that stand alike, at every indentation in use, and a `pass` where a block is missing."""
    own = _indent(lines[line])
    above = _above(lines, line)
    used = {_indent(one) for one in lines if one.strip()} | {_indent(lines[above]) + "    ", own[:-1]}
    last = line + 1
    while last < len(lines) and (not lines[last].strip() or len(_indent(lines[last])) >= len(own)):
        last += 1
    for indent in sorted(used, key=lambda one: abs(len(one) - len(own))):
        if indent != own:
            yield _replaced(lines, line, indent + lines[line].lstrip(" \t"), 1.0)
            yield Slip("".join([*lines[:line], *_shifted(lines[line:last], own, indent), *lines[last:]]), 1.3)
    yield Slip("".join([*lines[: above + 1], f"{_indent(lines[above])}    pass\n", *lines[above + 1 :]]), 2.0)
    if any("\t" in _indent(one) for one in lines):
        for size in (8, 4):
            yield Slip("".join(_indent(one).expandtabs(size) + one.lstrip(" \t") for one in lines), 1.5)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _shifted(lines: Sequence[str], own: str, indent: str) -> Iterator[str]:
    for one in lines:
        yield indent + one[len(own) :] if one.startswith(own) and one.strip() else one


def _tokens(lines: Sequence[str], line: int, column: int) -> Iterator[Slip]:
    """Yield the line with a sign or word near the column removed or a sign put in."""
    text = lines[line]
    matches = list(_TOKEN.finditer(text))
    near = [match for match in matches if abs(match.start() - column) <= 12 or match.end() == column]
    for match in near:
        yield _replaced(lines, line, text[: match.start()] + text[match.end() :], 1.6)
    for match in near:
        for sign in _INSERTED:
            yield _replaced(lines, line, text[: match.start()] + sign + text[match.start() :], 1.9)
            yield _replaced(lines, line, text[: match.end()] + sign + text[match.end() :], 1.9)


def _ends(lines: Sequence[str], line: int) -> Iterator[Slip]:
    """Yield a closing bracket at the end of the line above, where an open one makes Python stumble later."""
    code, rest = _parts(lines[line])
    for sign in (")", "]", "}", '"', "'", ":"):
        yield _replaced(lines, line, code + sign + rest, 1.4)
        yield _replaced(lines, line, code.removesuffix(":") + sign + ":" + rest, 1.4)
