"""The search for the smallest verified edit that makes a wrong program right."""

from dataclasses import dataclass

from milepost.domain.validations import Fix
from milepost.repair import offers, whole
from milepost.repair.trials import Budget, Trials, Verifier
from milepost.repair.units import parsed

__all__ = ["Budget", "Problem", "Verifier", "find_fixes"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A wrong program and what may help: trusted programs, nearest first; the more the better."""

    text: str
    language: str = "python"
    donors: tuple[str, ...] = ()
    reference: str | None = None


async def find_fixes(problem: Problem, verifier: Verifier, budget: Budget, language: str = "en") -> list[Fix]:
    """Return verified fixes, best first; what was found when the budget ended, nothing if that was nothing."""
    if problem.language != "python":
        return []
    program = parsed(problem.text)
    if program is None:
        return []
    donors = dict.fromkeys([*problem.donors, *([problem.reference] if problem.reference else [])])
    search = whole.WholeSearch(program, tuple(donors), Trials(verifier, budget))
    await search.run()
    return offers.fixes(program, search.found, language)
