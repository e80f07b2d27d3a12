"""Tree-sitter queries: compiled once, run on a program."""

from functools import lru_cache

from tree_sitter import Node, Query, QueryCursor, QueryError

from milepost.syntax import grammars, predicates
from milepost.syntax.predicates import Searches
from milepost.syntax.programs import Program

# Deeper than people nest, and where a search would take minutes.
_DEEPEST = 2_000


def find(program: Program, source: str) -> dict[str, list[Node]]:
    """Return the captured nodes by capture, in the order of the text; raises ValueError for a bad query."""
    cursor = _cursor(program, source)
    searches = Searches()
    captured = cursor.captures(program.root, searches.holds) if program.searchable else {}
    _refuse_long(searches)
    return {name: sorted(nodes, key=lambda node: node.start_byte) for name, nodes in captured.items()}


def find_matches(program: Program, source: str) -> list[dict[str, list[Node]]]:
    """Return the captured nodes match by match; raises ValueError for a bad query."""
    cursor = _cursor(program, source)
    searches = Searches()
    found = cursor.matches(program.root, searches.holds) if program.searchable else []
    _refuse_long(searches)
    return [captures for _, captures in found]


def _refuse_long(searches: Searches) -> None:
    if searches.ended:
        raise ValueError("the query takes too long")


def _cursor(program: Program, source: str) -> QueryCursor:
    # Its progress callback, which could end a search in time, crashes the interpreter (tree-sitter 0.26.1).
    cursor = QueryCursor(compiled(program.language, source))
    cursor.set_max_start_depth(_DEEPEST)
    return cursor


@lru_cache(maxsize=256)
def compiled(language: str, source: str) -> Query:
    """Return a query ready to run; one without captures captures what it matches as @match."""
    name = grammars.grammar(language).name
    query = _compile(name, source)
    if query.pattern_count == 0:
        raise ValueError("the query is empty")
    return query if query.capture_count else _compile(name, f"[{source}\n] @match")


def _compile(name: str, source: str) -> Query:
    try:
        return Query(grammars.load(name), predicates.bounded(source))
    except (QueryError, ValueError) as problem:
        raise ValueError(f"bad tree-sitter query for {name}: {problem}") from problem
