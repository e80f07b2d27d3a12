"""Where a program is probably wrong: lines that failing cases run and passing cases do not.

The measure is Ochiai's: Abreu, Zoeteweij, van Gemund, "On the Accuracy of Spectrum-based Fault Localization", 2007.
"""

import ast
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import sqrt

from milepost.domain.text import Range
from milepost.syntax.structure import Definition

Lines = Collection[int]


def suspicion(failing: Sequence[Lines], passing: Sequence[Lines]) -> dict[int, float]:
    """Return for every line that a failing case runs how suspicious it is (0 to 1)."""
    failed_runs = Counter(line for lines in failing for line in set(lines))
    passed_runs = Counter(line for lines in passing for line in set(lines))
    return {line: runs / sqrt(len(failing) * (runs + passed_runs[line])) for line, runs in failed_runs.items()}


def inside_functions(suspicions: Mapping[int, float], definitions: Sequence[Definition]) -> dict[int, float]:
    """Keep the lines inside functions, where there are any: what a module only sets up tells little."""
    ranges = [one.range for one in definitions if one.kind != "class"]
    inside = {line: value for line, value in suspicions.items() if any(_covers(one, line) for one in ranges)}
    return inside or dict(suspicions)


def _covers(function: Range, line: int) -> bool:
    first, last = function.start.line, function.end.line
    return first < line <= last or first == line == last


def likely_line(suspicions: Mapping[int, float], text: str) -> int | None:
    """Return the line to look at first: the last of the most suspicious, or the condition that led there.

    What stands under a wrong condition is run by failing cases alone; measured on students' programs, the condition is
    then what a fix changes.
    """
    if not suspicions:
        return None
    highest = max(suspicions.values())
    line = max(line for line, value in suspicions.items() if value > highest - 1e-9)
    return _conditions(text).get(line, line)


def last_run(lines: Lines, function: Range) -> int | None:
    """Return the last line that was run inside a function, where it ended without a return."""
    return max((line for line in lines if _covers(function, line)), default=None)


def _conditions(text: str) -> dict[int, int]:
    """Return for each line that starts a statement directly under an `if` or `elif` the line of that condition."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    choices = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    return {statement.lineno - 1: choice.lineno - 1 for choice in choices for statement in choice.body}
