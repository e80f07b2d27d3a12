"""From the results of the criteria to one score and one verdict."""

from collections.abc import Sequence

from milepost.domain.validations import CriterionResult


def counts(result: CriterionResult) -> bool:
    """Tell whether a result counts at all: a rubric that nobody assessed does not."""
    return not (result.kind == "rubric" and result.passed is None)


def score(results: Sequence[CriterionResult]) -> float:
    """Return the weighted share of what passed (0 to 1); what was not assessed has not passed."""
    counted = [result for result in results if counts(result)]
    total = sum(result.weight for result in counted)
    if total <= 0:
        return 1.0 if counted and all(result.passed for result in counted) else 0.0
    return min(1.0, sum(result.weight * result.score for result in counted) / total)


def passed(results: Sequence[CriterionResult]) -> bool | None:
    """Return False if anything failed, None if something could not be assessed, else True."""
    counted = [result for result in results if counts(result)]
    if any(result.passed is False for result in counted):
        return False
    if not counted or any(result.passed is None for result in counted):
        return None
    return True
