"""One case in words: what was called, what came of it, what was expected, and the plain reason."""

from dataclasses import dataclass

from milepost.checks import comparison, hints, messages, wording
from milepost.domain.criteria import Example
from milepost.domain.text import Localized
from milepost.domain.validations import CaseResult
from milepost.sandbox import values
from milepost.sandbox.runs import CallOutcome, Status

BREAKDOWNS: dict[Status, tuple[Localized, Localized]] = {
    Status.TIMEOUT: (messages.TIMEOUT, messages.SHORT_TIMEOUT),
    Status.MEMORY: (messages.MEMORY, messages.SHORT_MEMORY),
    Status.EXITED: (messages.EXITED, messages.SHORT_EXITED),
    Status.OUTPUT: (messages.TOO_MUCH_OUTPUT, messages.SHORT_OUTPUT),
    Status.DIED: (messages.DIED, messages.SHORT_DIED),
    Status.TAMPERED: (messages.TAMPERED, messages.SHORT_TAMPERED),
    Status.NOT_RUN: (messages.NOT_RUN, messages.SHORT_NOT_RUN),
    Status.UNREADABLE: (messages.UNREADABLE, messages.SHORT_UNREADABLE),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One judged example, dialogue or test; texts are raw, they are made harmless where they are shown.

    `error_lines` are the lines of the learner's file on the way to an error, innermost last; `lines` those that ran.
    """

    call: str
    passed: bool
    expected: str = ""
    got: str = ""
    sentence: str = ""
    hint: str = ""
    error_lines: tuple[int, ...] = ()
    lines: frozenset[int] = frozenset()

    def result(self) -> CaseResult:
        """Return the case as it is shown and stored."""
        return CaseResult(
            call=wording.visible(self.call, wording.LONG),
            passed=self.passed,
            expected=wording.visible(self.expected, wording.LONG),
            got=wording.visible(self.got, wording.LONG),
        )


def example(asked: Example, expected: values.Value | None, outcome: CallOutcome, language: str) -> Case:
    """Describe one example whose call was run."""
    passed = comparison.holds(asked, expected, outcome)
    wanted = _wanted(asked, expected, language)
    call = f"{asked.setup.strip()}; {asked.call}" if asked.setup.strip() else asked.call
    if passed:
        got = wanted if outcome.value is None else values.show(outcome.value, wording.LONG)
        return Case(call, passed=True, expected=wanted, got=got, lines=outcome.lines)
    sentence, got, hint = _failure(asked, expected, outcome, language)
    lines = outcome.error_lines if outcome.status in {Status.RAISED, Status.SYNTAX, Status.EXITED} else ()
    return Case(call, False, wanted, got, sentence, hint, lines, outcome.lines)  # noqa: FBT003 See Case.


def error_text(outcome: CallOutcome) -> str:
    """Return the error as Python would print it."""
    kind = outcome.error_type.removeprefix("builtins.")
    return f"{kind}: {outcome.error_message}" if outcome.error_message else kind


def _wanted(asked: Example, expected: values.Value | None, language: str) -> str:
    if asked.raises is not None:
        return messages.AN_ERROR.say(language, name=asked.raises)
    if asked.prints is not None:
        return messages.PRINTED.say(language, text=wording.quoted(asked.prints, wording.LONG))
    shown = asked.expect or ""
    if expected is not None:
        shown = values.show(expected, wording.LONG)
    if asked.approx is not None:
        return messages.ABOUT.say(language, expected=shown)
    return messages.ANY_ORDER.say(language, expected=shown) if asked.unordered else shown


def _failure(
    asked: Example, expected: values.Value | None, outcome: CallOutcome, language: str
) -> tuple[str, str, str]:
    """Return the sentence, what came instead, and the hint."""
    call = wording.plain(asked.call)
    wanted = wording.plain(_wanted(asked, expected, language))
    if outcome.status in {Status.RAISED, Status.SYNTAX}:
        error = error_text(outcome)
        said = messages.STOPPED_EXPECTED.say(language, call=call, error=wording.plain(error, 160), expected=wanted)
        return said, error, hints.of_error(outcome, language, asked.raises)
    if outcome.status in BREAKDOWNS:
        long, short = BREAKDOWNS[outcome.status]
        seconds = f"{asked.timeout:g}"
        said = long.say(language, call=call, seconds=seconds)
        return said, short.say(language, seconds=seconds), hints.of_breakdown(outcome, language)
    if asked.prints is not None:
        return _wrong_output(asked.prints, call, outcome, language)
    return _wrong_value(call, wanted, expected, outcome, language)


def _wrong_value(
    call: str, wanted: str, expected: values.Value | None, outcome: CallOutcome, language: str
) -> tuple[str, str, str]:
    got = values.show(outcome.value, wording.LONG) if outcome.value is not None else outcome.text
    hint = hints.of_value(outcome, got, expected, language)
    shown = wording.plain(got)
    expected_type = expected.name if expected is not None else ""
    if expected_type and outcome.type_name not in {expected_type, "NoneType"}:
        sentence = messages.GAVE_TYPE.say(
            language,
            call=call,
            got=shown,
            got_type=wording.plain(outcome.type_name),
            expected=wanted,
            expected_type=expected_type,
        )
    else:
        sentence = messages.GAVE.say(language, call=call, got=shown, expected=wanted)
    return sentence, got, hint


def _wrong_output(wanted: str, call: str, outcome: CallOutcome, language: str) -> tuple[str, str, str]:
    got = wording.quoted(outcome.output, wording.LONG)
    hint = hints.of_output(outcome, wanted, language)
    return output_sentence(call, outcome.output, wanted, language), got, hint


def output_sentence(call: str, printed: str, wanted: str, language: str) -> str:
    """Say where printed text differs from the wanted one; `call` is shown already."""
    if not comparison.normalised(printed):
        return messages.PRINTS_NOTHING.say(
            language, call=call, expected=wording.quoted("\n".join(comparison.normalised(wanted)))
        )
    if len(comparison.normalised(printed)) == 1 == len(comparison.normalised(wanted)):
        got, expected = comparison.normalised(printed)[0], comparison.normalised(wanted)[0]
        return messages.PRINTS.say(language, call=call, got=wording.quoted(got), expected=wording.quoted(expected))
    number, line, other = comparison.first_difference(printed, wanted)
    expected = messages.NO_MORE.pick(language) if other is None else wording.quoted(other)
    if line is None:
        return messages.MISSING_LINE.say(language, call=call, line=number + 1, expected=expected)
    return messages.PRINTS_LINE.say(language, call=call, line=number + 1, got=wording.quoted(line), expected=expected)
