"""The words of a fix that is known by its edits alone: what it is called, where to look, and at what."""

import re
from collections.abc import Sequence

from milepost.domain.text import Edit
from milepost.repair import messages, wording
from milepost.syntax.lines import LineIndex

LONGEST_SHOWN = 40
MOST_LINES = 3

_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"[<>=!+\-*/%]+")
_OPERATOR = re.compile(r"[<>]=?|[=!]=|in|not in|is|is not|(?:[-+*/%]|//|\*\*)=?")
_NAME = re.compile(r"[^\W\d]\w*")


def title(text: str, edits: Sequence[Edit], language: str) -> str:
    """Return the edit as a short sentence."""
    index, lines = LineIndex(text), _lines(edits)
    if len(edits) == 1 and len(lines) == 1:
        old, new = _whole(index, text, edits[0])
        return _single(old, new, lines[0], language)
    if len(lines) > MOST_LINES:
        return messages.CHANGE_MANY.say(language, count=len(lines), line=lines[0])
    words = messages.CHANGE_LINES if len(lines) > 1 else messages.CHANGE_LINE
    return words.say(language, lines=wording.listed(lines, language))


def where(edits: Sequence[Edit], language: str) -> str:
    """Return the lines to look at."""
    lines = _lines(edits)
    words = messages.LOOK_MANY if len(lines) > 1 else messages.LOOK
    return words.say(language, lines=wording.listed(lines, language))


def what(text: str, edits: Sequence[Edit], language: str) -> str:
    """Return what to think about, without the change itself."""
    line, edit = _lines(edits)[0], edits[0]
    if len(edits) > 1:
        return messages.TOGETHER.say(language, count=len(edits), line=line)
    old, new = _whole(LineIndex(text), text, edit)
    if not (old + new).strip():
        words = messages.BLOCK
    elif "return" in old.split() or "return" in new.split():
        words = messages.RETURN
    elif not new.strip():
        words = messages.UNWANTED
    elif not old.strip():
        words = messages.NO_STEP
    elif _OPERATOR.fullmatch(old.strip()):
        words = wording.operator(old.strip(), new.strip())
    else:
        words = messages.OTHER_NAME if _NAME.fullmatch(old.strip()) else messages.VALUE
    return words.say(language, before=_shown(old), line=line)


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
        return messages.INDENT.say(language, line=line)
    if "\n" in new.strip() or "\r" in new.strip() or max(len(old), len(new)) > LONGEST_SHOWN:
        return messages.CHANGE_LINE.say(language, lines=line)
    words = messages.CHANGE if old.strip() and new.strip() else messages.INSERT if new.strip() else messages.REMOVE
    return words.say(language, before=_shown(old), after=_shown(new), line=line)


def _shown(text: str) -> str:
    return wording.short(text.replace("`", "'"))


def _lines(edits: Sequence[Edit]) -> list[int]:
    """Return the lines that change, from 1."""
    found = {line + 1 for edit in edits for line in range(edit.range.start.line, edit.range.end.line + 1)}
    return sorted(found) or [1]
