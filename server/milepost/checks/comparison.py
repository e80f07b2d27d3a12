"""Whether an outcome is what was asked for; the parent compares, the judged program never does."""

from milepost.domain.criteria import Example
from milepost.sandbox import values
from milepost.sandbox.runs import CallOutcome, Status

ERRORS = {Status.RAISED, Status.EXITED, Status.MEMORY}


def normalised(text: str) -> list[str]:
    """Return the lines of printed text without trailing white space and trailing empty lines."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def same_text(printed: str, expected: str) -> bool:
    """Tell whether two printed texts are the same but for white space at the ends of lines and of the text."""
    return normalised(printed) == normalised(expected)


def first_difference(printed: str, expected: str) -> tuple[int, str | None, str | None]:
    """Return the zero-based line where two texts differ and both lines, None where one text has ended."""
    ours, theirs = normalised(printed), normalised(expected)
    for number in range(max(len(ours), len(theirs))):
        got = ours[number] if number < len(ours) else None
        wanted = theirs[number] if number < len(theirs) else None
        if got != wanted:
            return number, got, wanted
    return len(ours), None, None


def error_matches(outcome: CallOutcome, wanted: str) -> bool:
    """Tell whether an error is of the wanted class or of one derived from it."""
    names = {name.rpartition(".")[2] for name in (outcome.error_type, *outcome.error_bases)}
    return wanted.strip().rpartition(".")[2] in names


def holds(example: Example, expected: values.Value | None, outcome: CallOutcome) -> bool:
    """Tell whether the outcome of an example's call is what the example asks for."""
    if example.raises is not None:
        return outcome.status in ERRORS and error_matches(outcome, example.raises)
    if outcome.status is not Status.VALUE:
        return False
    if example.prints is not None:
        return same_text(outcome.output, example.prints)
    return expected is not None and outcome.value is not None and _same_value(example, outcome.value, expected)


def _same_value(example: Example, got: values.Value, expected: values.Value) -> bool:
    if example.approx is not None:
        return values.close(got, expected, example.approx)
    return values.same_unordered(got, expected) if example.unordered else values.equal(got, expected)
