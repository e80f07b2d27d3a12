"""Tree-sitter queries: compiled once, run on a program."""

from functools import lru_cache

from tree_sitter import Node, Query, QueryCursor, QueryError

from milepost.syntax import grammars
from milepost.syntax.programs import Program


def find(program: Program, source: str) -> dict[str, list[Node]]:
    """Return the captured nodes by capture, in the order of the text; raises ValueError for a bad query."""
    captured = QueryCursor(compiled(program.language, source)).captures(program.root)
    return {name: sorted(nodes, key=lambda node: node.start_byte) for name, nodes in captured.items()}


def find_matches(program: Program, source: str) -> list[dict[str, list[Node]]]:
    """Return the captured nodes match by match; raises ValueError for a bad query."""
    found = QueryCursor(compiled(program.language, source)).matches(program.root)
    return [captures for _, captures in found]


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
        return Query(grammars.load(name), source)
    except (QueryError, ValueError) as problem:
        raise ValueError(f"bad tree-sitter query for {name}: {problem}") from problem
