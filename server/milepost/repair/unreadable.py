"""Programs that do not parse: the small changes of text after which they do."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

ROUNDS = 3
KEPT = 12
_OPENERS = re.compile(r"\s*(?:async\s+)?(?:def|class|if|elif|else|for|while|try|except|finally|with)\b")
_CONDITION = re.compile(r"(?<![=!<>+\-*/%])=(?!=)")
_PRINT = re.compile(r"(\s*)print\s+(.+)")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the interpreter stopped; `line` counts from zero, `column` is None at a whole line."""

    line: int
    column: int
    message: str


def readable(text: str) -> list[str]:
    """Return texts that parse and are like `text`, the fewest changes first; nothing for one that is beyond help."""
    beam, found = [text], []
    for _ in range(ROUNDS):
        candidates = [one for start in beam for one in _candidates(start)]
        fresh = list(dict.fromkeys(candidates))
        found = [one for one in fresh if error_of(one) is None]
        if found:
            return sorted(found, key=lambda one: _changed(text, one))[:KEPT]
        beam = _further(beam[0], fresh)
        if not beam:
            break
    return found


def error_of(text: str) -> Broken | None:
    """Return why a program does not parse, None when it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return Broken(max((error.lineno or 1) - 1, 0), max((error.offset or 1) - 1, 0), error.msg or "")
    except (ValueError, RecursionError, MemoryError):
        return Broken(0, 0, "")
    return None


def _further(before: str, candidates: list[str]) -> list[str]:
    """Return the candidates that the interpreter reads further than the text before, the furthest first."""
    known = error_of(before)
    reached = known.line if known else 0
    errors = [(one, error_of(one)) for one in candidates]
    ahead = [(error.line, one) for one, error in errors if error is not None and error.line > reached]
    return [one for _, one in sorted(ahead, reverse=True)[:KEPT]]


def _candidates(text: str) -> Iterator[str]:
    broken = error_of(text)
    if broken is None:
        return
    lines = text.splitlines(keepends=True) or [""]
    for number in dict.fromkeys(max(0, min(broken.line + step, len(lines) - 1)) for step in (0, -1, 1)):
        body = lines[number].rstrip("\r\n")
        ending = lines[number][len(body) :]
        code = body.partition("#")[0].rstrip()
        for changed in _lines_like(code, lines, number, broken):
            yield "".join([*lines[:number], changed + body[len(code) :] + ending, *lines[number + 1 :]])
    yield from _blocks(lines, broken.line)


def _lines_like(code: str, lines: list[str], number: int, broken: Broken) -> Iterator[str]:
    """Yield what a line may be meant to be."""
    if _OPENERS.match(code):
        if not code.endswith(":"):
            yield code + ":"
        yield _CONDITION.sub("==", code)
    if code.lstrip().startswith("else if "):
        yield code.replace("else if ", "elif ", 1)
    printed = _PRINT.fullmatch(code)
    if printed:
        yield f"{printed[1]}print({printed[2]})"
    yield from _brackets(code)
    yield from _quotes(code)
    if number == broken.line:
        yield from _at_column(code, broken.column)
    yield from _indentations(code, lines, number)


def _brackets(code: str) -> Iterator[str]:
    for opening, closing in _PAIRS.items():
        missing = code.count(opening) - code.count(closing)
        if missing > 0:
            yield code + closing * missing
            if code.endswith(":"):
                yield code[:-1] + closing * missing + ":"
        for place, letter in enumerate(code):
            if missing < 0 and letter == closing:
                yield code[:place] + code[place + 1 :]


def _quotes(code: str) -> Iterator[str]:
    for quote in "'\"":
        if code.count(quote) % 2:
            yield code + quote
            yield from (
                code[:place] + quote + code[place:] for place in range(len(code), 0, -1) if code[place - 1] != " "
            )


def _at_column(code: str, column: int) -> Iterator[str]:
    """Yield the line with a sign put in or taken out where the interpreter stopped."""
    for place in {column, column - 1}:
        if 0 <= place < len(code):
            yield code[:place] + code[place + 1 :]
    for sign in (",", ")", ":", "==", " in "):
        if 0 <= column <= len(code):
            yield code[:column] + sign + code[column:]


def _indentations(code: str, lines: list[str], number: int) -> Iterator[str]:
    known = {len(line) - len(line.lstrip()) for line in lines[:number] if line.strip()} or {0}
    bare = code.lstrip()
    for width in sorted(known | {width + len(_INDENT) for width in known}, reverse=True):
        yield " " * width + bare


def _blocks(lines: list[str], start: int) -> Iterator[str]:
    """Yield the text with the rest of a block moved one step in or out."""
    end = start
    while end < len(lines) and lines[end].strip():
        end += 1
        inside = [_INDENT + line for line in lines[start:end]]
        yield "".join([*lines[:start], *inside, *lines[end:]])
        if all(line.startswith(_INDENT) for line in lines[start:end]):
            outside = [line[len(_INDENT) :] for line in lines[start:end]]
            yield "".join([*lines[:start], *outside, *lines[end:]])


def _changed(before: str, after: str) -> int:
    prefix = next(
        (place for place, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    return max(len(before), len(after)) - prefix - _same_end(before[prefix:], after[prefix:])


def _same_end(before: str, after: str) -> int:
    pairs = zip(reversed(before), reversed(after), strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(before), len(after)))
