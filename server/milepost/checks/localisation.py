"""Where a program is probably wrong: lines that failing cases run and passing cases do not.

The measure is Ochiai's: Abreu, Zoeteweij, van Gemund, "On the Accuracy of Spectrum-based Fault Localization", 2007.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import sqrt

from milepost.domain.text import Range
from milepost.syntax import structure
from milepost.syntax.programs import Program

Lines = Collection[int]


def suspicion(failing: Sequence[Lines], passing: Sequence[Lines]) -> dict[int, float]:
    """Return for every line that a failing case runs how suspicious it is (0 to 1)."""
    failed_runs = Counter(line for lines in failing for line in set(lines))
    passed_runs = Counter(line for lines in passing for line in set(lines))
    return {line: runs / sqrt(len(failing) * (runs + passed_runs[line])) for line, runs in failed_runs.items()}


def inside_functions(suspicions: Mapping[int, float], program: Program) -> dict[int, float]:
    """Keep the lines inside functions, where there are any: what a module only sets up tells little."""
    ranges = [one.range for one in structure.definitions(program) if one.kind != "class"]
    inside = {line: value for line, value in suspicions.items() if any(_covers(one, line) for one in ranges)}
    return inside or dict(suspicions)


def _covers(function: Range, line: int) -> bool:
    first, last = function.start.line, function.end.line
    return first < line <= last or first == line == last


def most_suspicious(suspicions: Mapping[int, float], limit: int = 5) -> tuple[int, ...]:
    """Return the lines that share the highest suspicion, in the order of the file."""
    if not suspicions:
        return ()
    highest = max(suspicions.values())
    return tuple(sorted(line for line, value in suspicions.items() if value > highest - 1e-9)[:limit])
