"""Quotes: new code writes texts in those that the learner prefers."""

import re

SINGLE, DOUBLE = "'", '"'
_STRING = re.compile(r"""'(?P<plain>[^'"\\\n]*)'|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""")


def favourite(text: str) -> str:
    """Return the quote that most texts of a program stand in, a double one where there are none."""
    found = [one[0][0] for one in _STRING.finditer(text)]
    return SINGLE if 2 * found.count(SINGLE) > len(found) else DOUBLE


def doubled(text: str) -> str:
    """Return code with double quotes around the texts that hold neither quotes nor backslashes."""
    if SINGLE not in text:
        return text
    return _STRING.sub(lambda found: found[0] if found["plain"] is None else f'"{found["plain"]}"', text)
