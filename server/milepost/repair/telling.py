"""What a fix is called, and the two steps of help before it: where to look, and at what."""

import re
from collections.abc import Sequence

from milepost.domain.text import Edit, Localized
from milepost.syntax.lines import LineIndex

LONGEST_SHOWN = 40
MOST_LINES = 3

_CHANGE = Localized("Change `{old}` to `{new}` on line {line}", "Cambiar `{old}` por `{new}` en la línea {line}")
_INSERT = Localized("Insert `{new}` on line {line}", "Insertar `{new}` en la línea {line}")
_REMOVE = Localized("Remove `{old}` on line {line}", "Quitar `{old}` en la línea {line}")
_INDENT = Localized("Change the indentation of line {line}", "Cambiar la sangría de la línea {line}")
_LINE = Localized("Change line {line}", "Cambiar la línea {line}")
_LINES = Localized("Change lines {lines}", "Cambiar las líneas {lines}")
_MANY = Localized("Change {count} lines, from line {line} on", "Cambiar {count} líneas, desde la línea {line}")
_WHERE = Localized("Look at line {line}.", "Mira la línea {line}.")
_WHERE_LINES = Localized("Look at lines {lines}.", "Mira las líneas {lines}.")

_COMPARISON = Localized(
    "On line {line}, the comparison `{old}` does not fit a border case: try the values where it just holds.",
    "En la línea {line}, la comparación `{old}` no sirve en un caso límite: prueba los valores donde justo se cumple.",
)
_CALCULATION = Localized(
    "On line {line}, the operator `{old}` calculates something else than is asked for.",
    "En la línea {line}, el operador `{old}` calcula otra cosa que la pedida.",
)
_NUMBER = Localized(
    "On line {line}, the number `{old}` is not the right one: think of the first and the last value.",
    "En la línea {line}, el número `{old}` no es el correcto: piensa en el primer y en el último valor.",
)
_NAME = Localized(
    "On line {line}, `{old}` is not what is needed there: which name holds the value you mean?",
    "En la línea {line}, `{old}` no es lo que hace falta: ¿qué nombre tiene el valor que buscas?",
)
_TEXT = Localized(
    "On line {line}, the text {old} is not the one that is asked for.",
    "En la línea {line}, el texto {old} no es el pedido.",
)
_RETURN = Localized(
    "Around line {line}, think about when the function returns, and what.",
    "Cerca de la línea {line}, piensa cuándo devuelve algo la función, y qué.",
)
_MISSING = Localized("On line {line}, something is missing.", "En la línea {line} falta algo.")
_TOO_MUCH = Localized("On line {line}, `{old}` is too much.", "En la línea {line}, sobra `{old}`.")
_BLOCK = Localized(
    "Line {line} stands in the wrong block: how often, and when, is it to run?",
    "La línea {line} está en el bloque equivocado: ¿cuántas veces, y cuándo, debe ejecutarse?",
)
_OTHER = Localized(
    "On line {line}, `{old}` does something else than is asked for.", "En la línea {line}, `{old}` hace otra cosa."
)
_SEVERAL = Localized(
    "{count} places have to change together; the first is on line {line}.",
    "Hay que cambiar {count} sitios a la vez; el primero está en la línea {line}.",
)

_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"[<>=!+\-*/%]+")

# By the pattern of what is replaced, the first that fits.
_KINDS: tuple[tuple[re.Pattern[str], Localized], ...] = (
    (re.compile(r"(?:[<>]=?|[=!]=|in|not in|is|is not)"), _COMPARISON),
    (re.compile(r"(?:[-+*/%]|//|\*\*)=?"), _CALCULATION),
    (re.compile(r"-?[\d.]+(?:e-?\d+)?"), _NUMBER),
    (re.compile(r"[^\W\d]\w*"), _NAME),
    (re.compile(r"(?:[rbf]*)(['\"]).*\1", re.DOTALL), _TEXT),
)


def title(text: str, edits: Sequence[Edit], language: str) -> str:
    """Return the edit as a short sentence."""
    index, lines = LineIndex(text), _lines(edits)
    if len(edits) == 1 and len(lines) == 1:
        old, new = _whole(index, text, edits[0])
        return _single(old, new, lines[0], language)
    if len(lines) > MOST_LINES:
        return _MANY.say(language, count=len(lines), line=lines[0])
    return (_LINES if len(lines) > 1 else _LINE).say(language, lines=_listed(lines), line=lines[0])


def where(edits: Sequence[Edit], language: str) -> str:
    """Return the lines to look at."""
    lines = _lines(edits)
    if len(lines) > 1:
        return _WHERE_LINES.say(language, lines=_listed(lines[:MOST_LINES]))
    return _WHERE.say(language, line=lines[0])


def what(text: str, edits: Sequence[Edit], language: str) -> str:
    """Return what to think about, without the change itself."""
    line, edit = _lines(edits)[0], edits[0]
    if len(edits) > 1:
        return _SEVERAL.say(language, count=len(edits), line=line)
    old, new = _whole(LineIndex(text), text, edit)
    if not (old + new).strip():
        return _BLOCK.say(language, line=line)
    if "return" in old.split() or "return" in new.split():
        return _RETURN.say(language, line=line)
    if not new.strip():
        return _TOO_MUCH.say(language, old=_shown(old), line=line)
    if not old.strip():
        return _MISSING.say(language, line=line)
    kind = next((words for pattern, words in _KINDS if pattern.fullmatch(old.strip())), _OTHER)
    return kind.say(language, old=_shown(old), line=line)


def _whole(index: LineIndex, text: str, edit: Edit) -> tuple[str, str]:
    """Return what is replaced by what, as whole words and signs: `<` by `<=`, where the edit only puts in a `=`."""
    start, end = index.offset(edit.range.start), index.offset(edit.range.end)
    old, new = text[start:end], edit.new_text
    # The text before is read backwards, so that both sides are looked at alike.
    before, after = text[max(0, start - LONGEST_SHOWN) : start][::-1], text[end : end + LONGEST_SHOWN]
    for kind in (_WORD, _SIGN):
        ahead, behind = kind.match(before), kind.match(after)
        if ahead is not None and kind.match((new or old)[:1]):
            old, new = ahead[0][::-1] + old, ahead[0][::-1] + new
        if behind is not None and kind.match((new or old)[-1:]):
            old, new = old + behind[0], new + behind[0]
    return old, new


def _single(old: str, new: str, line: int, language: str) -> str:
    if not (old + new).strip():
        return _INDENT.say(language, line=line)
    if "\n" in new.strip() or "\r" in new.strip() or max(len(old), len(new)) > LONGEST_SHOWN:
        return _LINE.say(language, line=line)
    words = _CHANGE if old.strip() and new.strip() else _INSERT if new.strip() else _REMOVE
    return words.say(language, old=_shown(old), new=_shown(new), line=line)


def _shown(text: str) -> str:
    flat = " ".join(text.split()).replace("`", "'")
    return flat if len(flat) <= LONGEST_SHOWN else flat[: LONGEST_SHOWN - 1] + "…"


def _lines(edits: Sequence[Edit]) -> list[int]:
    """Return the lines that change, from 1."""
    found = {line + 1 for edit in edits for line in range(edit.range.start.line, edit.range.end.line + 1)}
    return sorted(found) or [1]


def _listed(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines))
