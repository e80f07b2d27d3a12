"""What the running interpreter says about a Python program, in plain words."""

import keyword
import re
import warnings
from difflib import get_close_matches
from functools import lru_cache
from threading import Lock

from milepost.domain.text import Localized, Position, Range
from milepost.domain.validations import Finding, Severity
from milepost.syntax import messages
from milepost.syntax.lines import LineIndex

RULE = "syntax"
# Compiling holds the interpreter's lock: about 4 ms for each thousand lines.
LONGEST = 500_000
_warnings_lock = Lock()

_UNENCODABLE = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_BOM = "\ufeff"
_Q = r"['\"]"

# The interpreter's messages (3.11 to 3.14) by pattern; named groups fill the message.
_MESSAGES: tuple[tuple[str, Localized], ...] = (
    (r"expected ':'", messages.COLON),
    (r"'(?P<opening>.)' was never closed", messages.NEVER_CLOSED),
    (r"unmatched '(?P<closing>.)'", messages.NEVER_OPENED),
    (
        r"closing parenthesis '(?P<closing>.)' does not match .* '(?P<opening>.)'(?: on line (?P<line>\d+))?$",
        messages.BAD_PAIR,
    ),
    (r"(?:unterminated|EO[LF] while scanning) .*string", messages.STRING_NOT_CLOSED),
    (r"expected an indented block after (?P<what>.+) on line (?P<line>\d+)", messages.INDENT_EXPECTED),
    (r"expected an indented block", messages.INDENT_EXPECTED_SOMEWHERE),
    (r"unexpected indent", messages.INDENT_UNEXPECTED),
    (r"unindent does not match", messages.INDENT_MISMATCH),
    (r"inconsistent use of tabs", messages.TABS_AND_SPACES),
    (r"invalid syntax\. Maybe you meant '=='", messages.EQUALS),
    (r"expression cannot contain assignment", messages.EQUALS),
    (r"(?:cannot assign to|cannot use) (?P<what>.+?)(?: here)?(?:\. Maybe.*)?$", messages.NOT_ASSIGNABLE),
    (r"(?P<what>.+) is an illegal expression for augmented assignment", messages.NOT_ASSIGNABLE),
    (r"cannot delete (?P<what>.+)", messages.NOT_DELETABLE),
    (r"Missing parentheses in call to '(?P<name>\w+)'", messages.PRINT),
    (r"invalid syntax\. Did you mean '(?P<name>\w+)'", messages.DID_YOU_MEAN),
    (r"invalid syntax\. Perhaps you forgot a comma", messages.COMMA),
    (r"invalid non-printable character", messages.CONTROL_CHARACTER),
    (r"source code (?:string )?cannot contain null bytes", messages.CONTROL_CHARACTER),
    (r"invalid character '(?P<character>.)'", messages.BAD_CHARACTER),
    (r"leading zeros", messages.LEADING_ZERO),
    (r"invalid (?:decimal|hexadecimal|octal|binary|imaginary) literal|invalid digit", messages.BAD_NUMBER),
    (r"unexpected character after line continuation", messages.BACKSLASH),
    (
        rf"{_Q}(?P<word>return|await|yield(?: from)?|async \w+)[^'\"]*{_Q} outside (?:async )?function",
        messages.OUTSIDE_FUNCTION,
    ),
    (rf"{_Q}(?P<word>break|continue){_Q} (?:outside|not properly in) loop", messages.OUTSIDE_LOOP),
    (r"duplicate (?:argument|parameter) '(?P<name>\w+)'", messages.REPEATED_PARAMETER),
    (r"keyword argument repeated: (?P<name>\w+)", messages.REPEATED_ARGUMENT),
    (r"non-default argument follows|parameter without a default follows", messages.DEFAULT_FIRST),
    (r"positional argument follows", messages.POSITIONAL_AFTER_KEYWORD),
    (r"expected 'except' or 'finally' block", messages.TRY_ALONE),
    (r"multiple exception types must be parenthesized", messages.EXCEPT_PARENTHESES),
    (r"expected 'else' after 'if' expression", messages.ELSE_EXPECTED),
    (r"Generator expression must be parenthesized", messages.GENERATOR_PARENTHESES),
    (r"name '(?P<name>\w+)' is (?:used|assigned to) (?:prior to|before) (?:global|nonlocal)", messages.GLOBAL_TOO_LATE),
    (r"name '(?P<name>\w+)' is parameter and (?:global|nonlocal)", messages.PARAMETER_AND_GLOBAL),
    (r"no binding for nonlocal '(?P<name>\w+)'", messages.NO_NONLOCAL),
    (r"import \* only allowed at module level", messages.STAR_IMPORT),
    (r"f-string: (?P<message>.+?)[.?]*$", messages.FSTRING),
    (r"(?P<word>nonlocal) declaration not allowed at module level", messages.OUTSIDE_FUNCTION),
    (r"(?:too many nested|too many levels|too many statically nested)", messages.TOO_DEEP),
    (r"\(unicode error\)|\(value error\)", messages.BAD_ESCAPE),
    (r"(?:':' expected after|expression expected after) dictionary key", messages.DICT_COLON),
    (r"expected '(?P<what>[^']+)'$", messages.MISSING),
)
_PATTERNS = tuple((re.compile(pattern), message) for pattern, message in _MESSAGES)
# What beginners who know another language write, seen where the interpreter says only "invalid syntax".
_ELSE_IF = re.compile(r"^\s*(?:else\s+if|elseif|elsif)\b")
_HABITS: tuple[tuple[re.Pattern[str], Localized, dict[str, str]], ...] = (
    (re.compile(r"(?P<name>\w+)\s*(?P<sign>(?P<one>[+-])(?P=one))\s*(?:$|[;)#])"), messages.INCREMENT, {}),
    (re.compile(r"(?P<sign>&&)"), messages.AND_OR_NOT, {"word": "and"}),
    (re.compile(r"(?P<sign>\|\|)"), messages.AND_OR_NOT, {"word": "or"}),
    (re.compile(r"(?P<sign>!)(?!=)"), messages.AND_OR_NOT, {"word": "not"}),
    (re.compile(r"^\s*(?P<word>if|elif|while)\s*:"), messages.NO_CONDITION, {}),
)
_SPANISH = {
    "function definition": "la definición de función",
    "class definition": "la definición de clase",
    "literal": "un valor literal",
    "function call": "una llamada",
    "comparison": "una comparación",
    "expression": "una expresión",
    "conditional expression": "una expresión condicional",
    "f-string expression": "un f-string",
    "dict literal": "un diccionario",
    "set display": "un conjunto",
    "lambda": "una lambda",
    "generator expression": "una expresión generadora",
    "list comprehension": "una lista por comprensión",
}
_SAME_LETTERS = 0.75


class TooDeepError(Exception):
    """The interpreter gave up on the program without naming a place."""


# A text is read while it is typed and once more when it is saved.
@lru_cache(maxsize=8)
def first_error(text: str, language: str) -> Finding | None:
    """Return what stops the interpreter from compiling a program, None when nothing does.

    Raises TooDeepError when the interpreter cannot say; a very long text is not tried.
    """
    if len(text) > LONGEST:
        return None
    hidden = text.find("\0")
    if hidden >= 0:
        place = LineIndex(text).range(hidden, hidden + 1)
        return _finding(messages.CONTROL_CHARACTER.pick(language), place)
    error = _compile(text)
    return None if error is None else _described(error, LineIndex(text), language)


def _compile(text: str) -> SyntaxError | None:
    source = text.translate(_UNENCODABLE) if not text.isascii() else text
    if source.startswith(_BOM):
        # A form feed is as wide and starts the first line's indentation anew.
        source = "\f" + source[1:]
    try:
        with _warnings_lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<program>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error
    except (RecursionError, MemoryError, ValueError, OverflowError, SystemError) as error:
        raise TooDeepError from error
    return None


def _described(error: SyntaxError, index: LineIndex, language: str) -> Finding:
    place, message = _place(error, index), error.msg or ""
    line = index.line(place.start.line)
    if _ELSE_IF.match(line):
        return _finding(messages.ELSE_IF.pick(language), place)
    for pattern, text in _PATTERNS:
        match = pattern.match(message)
        if match is not None:
            values = {name: value or "" for name, value in match.groupdict().items()}
            return _finding(text.say(language, **_localised(values, place, language)), place)
    if not message.startswith("invalid syntax"):
        return _finding(messages.PYTHON_SAYS.say(language, message=message), place)
    if (error.offset or 1) > len(line.rstrip()):
        return _finding(_habit(line, language) or messages.LINE_UNFINISHED.pick(language), place)
    return _finding(_plain(line, index.slice(place), language), place)


def _plain(line: str, shown: str, language: str) -> str:
    """Return words for an error about which the interpreter says nothing but that it is one."""
    habit = _habit(line, language)
    if habit is not None:
        return habit
    first = re.match(r"\s*(\w+)", line)
    word = first.group(1) if first is not None else ""
    if keyword.iskeyword(word) and re.match(rf"\s*{word}\s*=(?!=)", line):
        return messages.KEYWORD_AS_NAME.say(language, word=word)
    if keyword.iskeyword(shown) and re.search(
        rf"\b(?:def|class|for|import|as)\s+{shown}\b|[(,]\s*{shown}\s*[,)=]", line
    ):
        return messages.KEYWORD_AS_NAME.say(language, word=shown)
    meant = [] if keyword.iskeyword(word) else get_close_matches(word.lower(), keyword.kwlist, 1, _SAME_LETTERS)
    if meant:
        return messages.DID_YOU_MEAN.say(language, name=meant[0])
    return messages.NOT_EXPECTED.say(language, title="Python", text=_shortened(shown))


def _habit(line: str, language: str) -> str | None:
    for pattern, text, values in _HABITS:
        match = pattern.search(line)
        if match is not None:
            return text.say(language, **match.groupdict(), **values)
    return None


def _localised(values: dict[str, str], place: Range, language: str) -> dict[str, str]:
    if values.get("line") == "":
        values["line"] = str(place.start.line + 1)
    what = values.get("what")
    if what is not None and language == "es":
        word = what.split("'")[1] if what.count("'") > 1 else what
        values["what"] = _SPANISH.get(what, f"'{word}'")
    return values


def _place(error: SyntaxError, index: LineIndex) -> Range:
    """Return the place of an error, at least one character wide where its line has one."""
    line = min(max((error.lineno or 1) - 1, 0), index.line_count - 1)
    start = Position(line, max((error.offset or 1) - 1, 0))
    if isinstance(error, IndentationError) and "indent" in (error.msg or ""):
        return _whole_line(line, index)
    end = start
    if error.end_lineno and error.end_offset and error.end_offset > 0:
        end = Position(error.end_lineno - 1, error.end_offset - 1)
    if end.line != line or end <= start:
        end = Position(line, start.character + 1)
    if "unterminated" in (error.msg or ""):
        end = Position(line, len(index.line(line)))
    return _clamped(start, end, index)


def _whole_line(line: int, index: LineIndex) -> Range:
    """Return a line without the spaces around it; for an empty one the nearest before it that is not."""
    while line > 0 and not index.line(line).strip():
        line -= 1
    text = index.line(line)
    start = len(text) - len(text.lstrip())
    return Range(Position(line, start), Position(line, max(len(text.rstrip()), start)))


def _clamped(start: Position, end: Position, index: LineIndex) -> Range:
    length = len(index.line(start.line))
    if start.character >= length:
        # Nothing can be shown behind the end of a line: the last character stands for it.
        text = index.line(start.line).rstrip()
        return Range(Position(start.line, max(len(text) - 1, 0)), Position(start.line, max(len(text), min(1, length))))
    return Range(start, Position(end.line, min(end.character, length)))


def _shortened(text: str, limit: int = 30) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


def _finding(message: str, place: Range) -> Finding:
    return Finding(RULE, Severity.ERROR, message, place)
