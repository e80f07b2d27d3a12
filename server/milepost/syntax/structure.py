"""What a program is made of: one place to ask for definitions, calls, imports, constructs and queries."""

from milepost.domain.criteria import Construct
from milepost.domain.text import Range
from milepost.syntax import constructs as tables
from milepost.syntax import queries
from milepost.syntax.calls import Call, Import, calls, find_calls, find_imports, imports
from milepost.syntax.constructs import construct_names, constructs, matches
from milepost.syntax.definitions import Definition, complexity, definitions, function_at
from milepost.syntax.programs import Program

__all__ = [
    "Call",
    "Definition",
    "Import",
    "calls",
    "check_use",
    "complexity",
    "construct_names",
    "constructs",
    "definitions",
    "find_calls",
    "find_imports",
    "function_at",
    "imports",
    "matches",
    "uses",
]


def uses(program: Program, construct: Construct) -> list[Range]:
    """Return where a program uses what a course requires or forbids; raises ValueError for a bad name or query."""
    if construct.call is not None:
        return find_calls(program, construct.call)
    if construct.import_ is not None:
        return find_imports(program, construct.import_)
    if construct.construct is not None:
        return constructs(program, construct.construct)
    return matches(program, construct.query or "")


def check_use(construct: Construct, language: str) -> None:
    """Raise ValueError when a language cannot have what a course requires or forbids."""
    if construct.construct is not None:
        tables.check_construct(language, construct.construct)
    if construct.query is not None:
        queries.compiled(language, construct.query)
