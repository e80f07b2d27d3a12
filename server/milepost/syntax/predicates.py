"""Regular expressions in queries: only such as end soon, since a query comes with a course that nobody trusts yet."""

import re
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache

from tree_sitter import Node

# Tree-sitter's own predicates search without any limit, and hold the interpreter's lock meanwhile.
_OWN = "milepost-"
_SECONDS = 1.0
_MOST_REPEATS = 2
# Characters of one node by the number of repeats; the work grows with a power of it.
_LONGEST = (10_000, 1_000, 200)
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|;[^\n]*|#(?P<name>(?:any-)?(?:not-)?match\?)', re.DOTALL)
_PREDICATE = re.compile(rf'#{_OWN}(?:any-)?(?:not-)?match\?\s+@[\w.\-]+\s+"((?:\\.|[^"\\])*)"\s*\)', re.DOTALL)
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[#<P=!:a-zA-Z]?|[\s\S]", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def bounded(source: str) -> str:
    """Return a query whose regular expressions are searched here; raises ValueError for one that may never end."""
    count = 0

    def renamed(token: re.Match[str]) -> str:
        nonlocal count
        count += token["name"] is not None
        return f"#{_OWN}{token['name']}" if token["name"] else token[0]

    changed = _TOKEN.sub(renamed, source)
    patterns = _PREDICATE.findall(changed)
    if len(patterns) != count:
        raise ValueError("#match? takes a capture and a regular expression")
    for pattern in patterns:
        _compiled(re.sub(r"\\(.)", lambda escaped: _ESCAPES.get(escaped[1], escaped[1]), pattern, flags=re.DOTALL))
    return changed


class Searches:
    """The searches of one run of a query, which together take a bounded time; `ended` tells that it was too short."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + _SECONDS
        self.ended = False

    def holds(
        self,
        predicate: str,
        args: Sequence[tuple[str, str]],
        pattern_index: int,
        captures: Mapping[str, Sequence[Node]],
    ) -> bool:
        """Tell whether a predicate holds for what was captured; the parameters are named as tree-sitter names them."""
        del pattern_index
        if time.monotonic() > self._deadline:
            self.ended = True
            return False
        found = (_found(args[1][0], node) for node in captures.get(args[0][0], ()))
        wanted = "not-" not in predicate
        return (any if "any-" in predicate else all)(one == wanted for one in found)


def _found(pattern: str, node: Node) -> bool:
    expression, longest = _compiled(pattern)
    text = (node.text or b"").decode("utf-8", "replace")
    return len(text) <= longest and expression.search(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[re.Pattern[str], int]:
    repeats, before = 0, ""
    for piece in _PIECE.findall(pattern):
        if piece in {"*", "+", "{"}:
            repeats += 1
            if before == ")":
                raise ValueError("a repeated group may never end")
        if piece.startswith("(?") and piece != "(?:":
            raise ValueError("only plain groups and (?:…) are searched")
        if piece[0] == "\\" and piece[1:].isdigit():
            raise ValueError("back references may never end")
        before = piece
    if repeats > _MOST_REPEATS:
        raise ValueError(f"more than {_MOST_REPEATS} repeats take too long")
    try:
        return re.compile(pattern), _LONGEST[repeats]
    except (re.error, OverflowError, RecursionError) as problem:
        raise ValueError(str(problem)) from problem
