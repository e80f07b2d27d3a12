"""The criterion of dialogues: a whole program reads an input and prints an output, in any language that can be run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from milepost.checks import comparison, describing, hints, messages, reporting, toolchains, wording
from milepost.checks.assessments import Asked, Assessment, Subject, fails, finding, first_line, line_range, not_assessed
from milepost.checks.describing import Case
from milepost.checks.exemplifying import endless_loop
from milepost.checks.origins import Origin
from milepost.domain.criteria import Dialogue, Stdio
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import CallOutcome, CommandOutcome, ProgramOutcome, ProgramRun, Status

MOST_TRACED = 20
KILLED = 137
SIGNALLED = 128


class NotBuiltError(Exception):
    """The program does not compile; the text is what the compiler said."""


class NoToolError(Exception):
    """The language cannot be run here; the text names the missing tool."""


async def stdio(criterion: Stdio, asked: Asked, subject: Subject, sandbox: Sandbox) -> Assessment:
    """Judge the dialogues."""
    try:
        outcomes = await run(subject.origin, subject.source, criterion.dialogues, sandbox)
    except NoToolError as missing:
        return not_assessed(asked, subject.say(messages.NO_TOOL, tool=str(missing)))
    except NotBuiltError as problem:
        return _not_built(str(problem), asked, subject)
    if all(outcome.status is Status.NOT_RUN for outcome in outcomes):
        return not_assessed(asked, subject.say(messages.NOT_RUN_HERE))
    cases = [describe(*pair, subject.language) for pair in zip(criterion.dialogues, outcomes, strict=True)]
    judged = reporting.Judged(cases, reporting.RUNS)
    if judged.failing and not judged.failing[0].error_lines and subject.is_python:
        judged = await _located(criterion.dialogues, cases, outcomes, subject, sandbox)
    return await reporting.report(asked, subject, judged)


async def run(origin: Origin, text: str, dialogues: Sequence[Dialogue], sandbox: Sandbox) -> list[ProgramOutcome]:
    """Run a program on every input. Raises NotBuiltError and NoToolError."""
    if origin.language == "python":
        return [await sandbox.program(_program(origin, text, one)) for one in dialogues]
    command = toolchains.command(origin, text, dialogues)
    if command is None:
        raise NoToolError(origin.language)
    outcome = await sandbox.command(command)
    if outcome.exit_code == toolchains.NO_TOOL:
        raise NoToolError(toolchains.TOOLCHAINS[origin.language].tool)
    if outcome.exit_code == toolchains.NOT_BUILT:
        raise NotBuiltError(_text(outcome.outputs, "built"))
    return [_outcome(outcome, number) for number in range(len(dialogues))]


def _program(origin: Origin, text: str, dialogue: Dialogue, *, trace: bool = False) -> ProgramRun:
    source, name, files, watched = origin.started(text)
    if origin.preamble.strip():
        # Two compilations keep the line numbers of the learner's file as they are.
        source = (
            f"exec(compile({origin.preamble!r}, '<preamble>', 'exec'))\nexec(compile({source!r}, {name!r}, 'exec'))"
        )
    return ProgramRun(
        source,
        name,
        stdin=dialogue.input,
        timeout=dialogue.timeout,
        trace=trace,
        files=files,
        watched=watched,
        folder=origin.siblings.folder,
    )


def _outcome(outcome: CommandOutcome, number: int) -> ProgramOutcome:
    code = _text(outcome.outputs, f"code.{number}").strip()
    printed, errors = _text(outcome.outputs, f"out.{number}"), _text(outcome.outputs, f"err.{number}")
    if not code.isdigit():
        status = Status.TIMEOUT if outcome.status is Status.TIMEOUT else Status.DIED
        return ProgramOutcome(status, None, printed, errors)
    number_of_exit = int(code)
    status = (
        Status.TIMEOUT if number_of_exit == KILLED else Status.DIED if number_of_exit > SIGNALLED else Status.EXITED
    )
    if status is Status.EXITED and number_of_exit and errors.strip():
        return ProgramOutcome(
            Status.RAISED, number_of_exit, printed, errors, error_type=_last_line(errors), error_message=""
        )
    return ProgramOutcome(status, number_of_exit, printed, errors)


def _text(outputs: Mapping[str, bytes], name: str) -> str:
    return outputs.get(name, b"").decode("utf-8", "replace")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wanted = next((line for line in lines if re.match(r"\w*(Error|Exception|panicked)\b", line)), None)
    return (wanted or (lines[-1] if lines else ""))[: wording.LONG]


def holds(dialogue: Dialogue, outcome: ProgramOutcome) -> bool:
    """Tell whether a run printed what it must."""
    return outcome.status is Status.EXITED and comparison.same_text(outcome.output, dialogue.output)


def describe(dialogue: Dialogue, outcome: ProgramOutcome, language: str) -> Case:
    """Describe one run."""
    call = wording.quoted(dialogue.input, wording.LONG)
    expected = wording.quoted(dialogue.output, wording.LONG)
    if holds(dialogue, outcome):
        return Case(call, True, expected, expected, lines=outcome.lines)  # noqa: FBT003 See Case.
    sentence, got, hint = _failure(dialogue, outcome, language)
    lines = outcome.error_lines if outcome.status in {Status.RAISED, Status.SYNTAX} else ()
    return Case(call, False, expected, got, sentence, hint, lines, outcome.lines)  # noqa: FBT003 See Case.


def _failure(dialogue: Dialogue, outcome: ProgramOutcome, language: str) -> tuple[str, str, str]:
    """Return the sentence, what came instead, and the hint."""
    who = messages.NO_INPUT.pick(language)
    if dialogue.input:
        who = messages.READS.say(language, input=wording.quoted(dialogue.input))
    as_call = CallOutcome(outcome.status, error_type=outcome.error_type, error_message=outcome.error_message)
    if outcome.status in {Status.RAISED, Status.SYNTAX}:
        error = describing.error_text(as_call)
        hint = hints.of_error(as_call, language)
        if outcome.error_type == "EOFError":
            hint = messages.HINT_INPUT_ENDED.pick(language)
        return messages.STOPPED.say(language, call=who, error=wording.plain(error, 160)), error, hint
    if outcome.status in describing.BREAKDOWNS and outcome.status is not Status.EXITED:
        long, short = describing.BREAKDOWNS[outcome.status]
        seconds = f"{dialogue.timeout:g}"
        hint = hints.of_breakdown(as_call, language)
        return long.say(language, call=who, seconds=seconds), short.say(language, seconds=seconds), hint
    sentence = describing.output_sentence(who, outcome.output, dialogue.output, language)
    return sentence, wording.quoted(outcome.output, wording.LONG), ""


async def _located(
    dialogues: Sequence[Dialogue],
    cases: list[Case],
    outcomes: Sequence[ProgramOutcome],
    subject: Subject,
    sandbox: Sandbox,
) -> reporting.Judged:
    """Run what came to an end once more and follow its lines."""
    ended = [place for place, one in enumerate(outcomes) if one.status in {Status.EXITED, Status.RAISED}]
    followed = []
    for place in sorted(ended, key=lambda place: cases[place].passed)[:MOST_TRACED]:
        program = _program(subject.origin, subject.source, dialogues[place], trace=True)
        outcome = await sandbox.program(program)
        followed.append(replace(cases[place], lines=outcome.lines))
    shown = next(place for place, case in enumerate(cases) if not case.passed)
    line = endless_loop(subject, "") if outcomes[shown].status is Status.TIMEOUT else None
    return reporting.Judged(cases, reporting.RUNS, reporting.spectrum(followed, subject), line=line)


def _not_built(said: str, asked: Asked, subject: Subject) -> Assessment:
    name = re.escape(subject.origin.file_name)
    found = re.search(rf"{name}:(\d{{1,7}})", said)
    place = line_range(subject, int(found[1]) - 1) if found else first_line(subject)
    lines = [line for line in said.splitlines() if "error" in line.lower()] or said.splitlines() or [""]
    text = subject.say(messages.COMPILES_NOT, text=wording.plain(lines[0].strip(), wording.LONG))
    return fails(asked, text, [finding(asked, text, [place], subject)])
