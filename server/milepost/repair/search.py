"""The search for the smallest verified edit that makes a wrong program right."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from milepost.domain.validations import Fix
from milepost.repair import offers, whole
from milepost.repair.trials import Budget, Trials, Verifier
from milepost.repair.units import parsed

__all__ = ["Budget", "Problem", "Verifier", "find_fixes"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A wrong program and what may help: trusted programs, nearest first; the more the better.

    `suspicious` says how suspicious each zero-based line is (0 to 1), as far as that is known.
    """

    text: str
    language: str = "python"
    donors: tuple[str, ...] = ()
    reference: str | None = None
    file_name: str = ""
    preamble: str = ""
    suspicious: Mapping[int, float] = field(default_factory=dict)


async def find_fixes(problem: Problem, verifier: Verifier, budget: Budget, language: str = "en") -> list[Fix]:
    """Return verified fixes, best first; what was found when the budget ended, nothing if that was nothing."""
    if problem.language != "python":
        return []
    program = parsed(problem.text)
    if program is None:
        return []
    donors = dict.fromkeys([*problem.donors, *([problem.reference] if problem.reference else [])])
    search = whole.WholeSearch(program, tuple(donors), Trials(verifier, budget), problem.suspicious)
    await search.run()
    return offers.fixes(program, search.found, language)
