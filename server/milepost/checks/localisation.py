"""Where a program is probably wrong: lines that failing cases run and passing cases do not.

The measure is Tarantula's: Jones and Harrold, "Empirical Evaluation of the Tarantula Automatic Fault-Localization
Technique", 2005.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from milepost.checks import flow
from milepost.domain.text import Range
from milepost.syntax.structure import Definition

Lines = Collection[int]
# What a line counts for that the failing cases alone tell, on the scale of 0 to 1; measured on students' programs.
_OWN = 0.3


def suspicion(failing: Sequence[Lines], passing: Sequence[Lines]) -> dict[int, float]:
    """Return for every line that a failing case runs how suspicious it is (0 to 1)."""
    failed, passed = _shares(failing), _shares(passing)
    return {line: share / (share + passed.get(line, 0.0)) for line, share in failed.items()}


def _shares(runs: Sequence[Lines]) -> dict[int, float]:
    """Return for each line the share of the runs that ran it."""
    counts = Counter(line for lines in runs for line in set(lines))
    return {line: count / len(runs) for line, count in counts.items()}


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

    What a wrong condition lets through is run by failing cases alone; measured on students' programs, the condition is
    then what a fix changes.
    """
    if not suspicions:
        return None
    highest = max(suspicions.values())
    line = max(line for line, value in suspicions.items() if value > highest - 1e-9)
    return flow.conditions(text).get(line, line)


def weighed(own: int | None, suspicions: Mapping[int, float], unlike: Mapping[int, float]) -> int | None:
    """Return the line to look at first, given the one that the failing cases tell and how unlike right programs lines are.

    Every line is as suspicious as every other where nothing is known of the lines that were run.
    """
    scores = {line: share * (suspicions.get(line, 0.0) if suspicions else 1.0) for line, share in unlike.items()}
    if own is not None:
        scores[own] = scores.get(own, 0.0) + _OWN
    return max(scores, key=lambda line: (scores[line], line == own, -line), default=own)
