"""Generated inputs: calls like those of the examples, on which every right program agrees with the reference."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from typing import Any

from milepost.checks import comparison, dialoguing, preconditions, signatures, templates, transcripts, variants, wording
from milepost.checks.invariants import Row
from milepost.checks.origins import Origin
from milepost.checks.plain_values import NotPlainError, python_of
from milepost.checks.templates import Sample, Template
from milepost.domain.criteria import Contract, Dialogue, Example, Examples, Stdio
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import Call, CallOutcome, Status
from milepost.sandbox.values import Value, text_value

FILE_NAME = "program.py"
SPARE = 2
CANDIDATES = 12
MOST_SOLUTIONS = 40
MOST_ROWS = 2_000
MOST_DIALOGUES = 20
MOST_PROGRAMS = 8
GROUP = 5
# More than this share of the solutions against the reference, and the input is outside of what the task means.
DISAGREEMENT = 0.1
SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class GeneratedCase:
    """One generated call and what the reference gives for it.

    For a task of dialogues `stdin` is the input, which `call` shows, and `expected` the printed text. Where `prints` is
    set, a call's output is compared, else its value, to within `approx` or in any order where the examples do so.
    `traits` say what is special about it.
    """

    call: str
    setup: str = ""
    expected: Value | None = None
    prints: str | None = None
    approx: float | None = None
    unordered: bool = False
    stdin: str | None = None
    traits: tuple[str, ...] = ()

    def example(self) -> Example:
        """Return the case in the words of an example."""
        return Example(
            call=self.call,
            setup=self.setup,
            prints=self.prints,
            approx=self.approx,
            unordered=self.unordered,
            timeout=SECONDS,
        )

    def dialogue(self) -> Dialogue:
        """Return the case in the words of a dialogue."""
        return Dialogue(self.stdin or "", self.prints or "", SECONDS)


async def generate(
    contract: Contract, reference: str, solutions: Sequence[str], sandbox: Sandbox, count: int = 60
) -> tuple[GeneratedCase, ...]:
    """Return up to `count` generated cases; the same for the same contract and programs."""
    if any(isinstance(criterion, Examples) for criterion in contract.criteria):
        if contract.language != "python":
            return ()
        candidates = await _calls(contract, reference, sandbox, count * CANDIDATES)
        return await _settled_calls(contract, candidates, [reference, *_some(solutions, reference)], sandbox, count)
    dialogues = [one for criterion in contract.criteria if isinstance(criterion, Stdio) for one in criterion.dialogues]
    if dialogues and contract.language == "python":
        # A whole program takes a process for every input, ten times as long as a call.
        most = min(count, MOST_DIALOGUES)
        inputs = await _candidate_inputs(contract, dialogues, sandbox, most * SPARE)
        programs = [reference, *_some(solutions, reference)[:MOST_PROGRAMS]]
        return await _settled_inputs(contract, inputs, programs, sandbox, most)
    return ()


async def agrees(
    contract: Contract, texts: Sequence[str], cases: Sequence[GeneratedCase], sandbox: Sandbox
) -> list[GeneratedCase | None]:
    """Return for each program the first generated case on which it disagrees with the reference."""
    calls = [case for case in cases if case.stdin is None]
    found: list[GeneratedCase | None] = [None] * len(texts)
    if calls and texts:
        rows = await _run(contract, texts, calls, sandbox, patience=1)
        for place, outcomes in enumerate(rows):
            # Many programs take a while to compare, and the loop serves others too.
            await asyncio.sleep(0)
            pairs = zip(calls, outcomes, strict=True)
            found[place] = next((case for case, outcome in pairs if not _same(case, outcome)), None)
    for place, text in enumerate(texts):
        if found[place] is None:
            found[place] = await _first_other_print(contract, text, cases, sandbox)
    return found


def seed(contract: Contract) -> str:
    """Return what the generated inputs of a contract are drawn by."""
    told = repr((contract.language, contract.criteria, contract.preamble, contract.assume, contract.inputs))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _some(solutions: Sequence[str], reference: str) -> list[str]:
    """Return some of the solutions, spread over all of them."""
    others = [one for one in dict.fromkeys(solutions) if one != reference]
    step = max(1, -(-len(others) // MOST_SOLUTIONS))
    return others[::step]


def _same(case: GeneratedCase, outcome: CallOutcome) -> bool:
    return comparison.holds(case.example(), case.expected, outcome)


async def _run(
    contract: Contract, texts: Sequence[str], cases: Sequence[GeneratedCase], sandbox: Sandbox, patience: int
) -> Sequence[Sequence[CallOutcome]]:
    """Run programs on the cases, each until it failed to give a value `patience` times."""
    calls = tuple(Call(case.call, case.setup, SECONDS) for case in cases)
    origin = Origin.of(contract, FILE_NAME)
    runs = [origin.calls(text, calls, stop_after_failures=patience) for text in texts]
    return await sandbox.call(runs)


async def _first_other_print(
    contract: Contract, text: str, cases: Sequence[GeneratedCase], sandbox: Sandbox
) -> GeneratedCase | None:
    dialogues = [case for case in cases if case.stdin is not None]
    origin = Origin.of(contract, FILE_NAME)
    for start in range(0, len(dialogues), GROUP):
        group = dialogues[start : start + GROUP]
        outcomes = await dialoguing.run(origin, text, [case.dialogue() for case in group], sandbox)
        for case, outcome in zip(group, outcomes, strict=True):
            if not dialoguing.holds(case.dialogue(), outcome):
                return case
    return None


async def _calls(contract: Contract, reference: str, sandbox: Sandbox, wanted: int) -> list[GeneratedCase]:
    """Return candidate calls without their expected values."""
    examples = [one for criterion in contract.criteria if isinstance(criterion, Examples) for one in criterion.examples]
    if contract.inputs is not None:
        return await _from_generator(contract, contract.inputs, examples, sandbox, wanted)
    known = await _known(contract, examples, sandbox)
    groups: dict[Template, list[Sample]] = {}
    for sample in templates.samples(examples, known):
        groups.setdefault(sample.template, []).append(sample)
    share = -(-wanted // max(1, len(groups)))
    found = [await _from_samples(contract, reference, samples, share, sandbox) for samples in groups.values()]
    return [case for row in zip_longest(*found) for case in row if case is not None][:wanted]


async def _known(contract: Contract, examples: Sequence[Example], sandbox: Sandbox) -> dict[str, Any]:
    """Return the plain values of arguments that are no literals but have a value without the learner's code."""
    asked = sorted({text for example in examples for text in templates.open_arguments(example.call)})
    if not asked:
        return {}
    outcomes = await sandbox.evaluate(asked, contract.preamble)
    known = {}
    for text, outcome in zip(asked, outcomes, strict=True):
        if outcome.status is Status.VALUE and outcome.value is not None:
            try:
                known[text] = python_of(outcome.value)
            except NotPlainError:
                continue
    return known


async def _from_samples(
    contract: Contract, reference: str, samples: Sequence[Sample], wanted: int, sandbox: Sandbox
) -> list[GeneratedCase]:
    template = samples[0].template
    usual = [sample.values for sample in samples if not sample.raises] or [sample.values for sample in samples]
    condition = preconditions.of_call(contract.assume, reference, template.text)
    if condition is None:
        rows = await _drawn(usual, contract, wanted, stated=False)
        return [_case(template.render(row), template, row) for row in rows]
    rows = await _drawn(usual, contract, MOST_ROWS, stated=True)
    calls = [template.render(row) for row in rows]
    kept = set(await preconditions.fulfilled(condition, calls, contract.preamble, sandbox))
    return [_case(call, template, row) for call, row in zip(calls, rows, strict=True) if call in kept][:wanted]


async def _drawn(seen: Sequence[Row], contract: Contract, wanted: int, *, stated: bool) -> list[Row]:
    """Draw rows in a thread: it is a second's work for long examples, and nobody waits for it."""
    return await asyncio.to_thread(lambda: list(islice(variants.rows(seen, seed(contract), stated=stated), wanted)))


def _case(call: str, template: Template, row: Row = ()) -> GeneratedCase:
    return GeneratedCase(
        call=call,
        setup=template.setup,
        prints="" if template.prints else None,
        approx=template.approx,
        unordered=template.unordered,
        traits=tuple(f"{template.text} {trait}" for trait in signatures.traits(row)),
    )


async def _from_generator(
    contract: Contract, source: str, examples: Sequence[Example], sandbox: Sandbox, wanted: int
) -> list[GeneratedCase]:
    """Return the calls that the course's own generator yields, compared as the examples of the same function are."""
    calls = await preconditions.generated(source, contract.preamble, seed(contract), wanted, sandbox)
    usual = {_called(one.call): one for one in examples if one.raises is None}
    found = []
    for call in calls:
        like = usual.get(_called(call)) or next(iter(usual.values()), Example(call))
        template = Template(call, like.setup, like.prints is not None, like.approx, like.unordered)
        found.append(_case(call, template))
    return found


def _called(call: str) -> str:
    return call.partition("(")[0].strip()


async def _settled_calls(
    contract: Contract, candidates: Sequence[GeneratedCase], programs: Sequence[str], sandbox: Sandbox, count: int
) -> tuple[GeneratedCase, ...]:
    """Keep the calls on which the reference gives one value, twice, and most solutions the same."""
    answered = await _answered(contract, candidates, programs[0], sandbox)
    cases = signatures.spread([(case.traits, case) for case in answered], count * SPARE)
    if not cases:
        return ()
    rows = await _run(contract, programs, cases, sandbox, patience=len(cases) // 3 + 2)
    settled = []
    for place, case in enumerate(cases):
        same = [_same(case, outcomes[place]) for outcomes in rows]
        if same[0] and same.count(False) <= DISAGREEMENT * (len(same) - 1):
            settled.append((case.traits, case))
    return tuple(signatures.spread(settled, count))


async def _answered(
    contract: Contract, candidates: Sequence[GeneratedCase], reference: str, sandbox: Sandbox
) -> list[GeneratedCase]:
    """Return the candidates for which the reference gives a value, with that value."""
    if not candidates:
        return []
    calls = tuple(Call(case.call, case.setup, SECONDS) for case in candidates)
    (outcomes,) = await sandbox.call([Origin.of(contract, FILE_NAME).calls(reference, calls)])
    pairs = zip(candidates, outcomes, strict=True)
    return [_expecting(case, outcome) for case, outcome in pairs if outcome.status is Status.VALUE]


def _expecting(case: GeneratedCase, outcome: CallOutcome) -> GeneratedCase:
    if case.prints is not None:
        return replace(case, prints=outcome.output, traits=(*case.traits, f"prints {outcome.output[:40]}"))
    return replace(case, expected=outcome.value, traits=(*case.traits, f"gives {outcome.text[:40]}"))


async def _candidate_inputs(
    contract: Contract, dialogues: Sequence[Dialogue], sandbox: Sandbox, wanted: int
) -> list[str]:
    if contract.inputs is None:
        return _inputs(dialogues, seed(contract), wanted)
    return await preconditions.generated(contract.inputs, contract.preamble, seed(contract), wanted, sandbox)


def _inputs(dialogues: Sequence[Dialogue], drawn_by: str, wanted: int) -> list[str]:
    """Return inputs that look like those of the dialogues."""
    taken = transcripts.take_apart([one.input for one in dialogues])
    if taken is None:
        return []
    layout, rows = taken
    return [layout.render(row) for row in islice(variants.rows(rows, drawn_by), wanted)] if layout.filled else []


async def _settled_inputs(
    contract: Contract, inputs: Sequence[str], programs: Sequence[str], sandbox: Sandbox, count: int
) -> tuple[GeneratedCase, ...]:
    """Keep the inputs on which the reference ends well and most solutions print the same."""
    dialogues = [Dialogue(text, "", SECONDS) for text in inputs]
    rows = [await dialoguing.run(Origin.of(contract, FILE_NAME), text, dialogues, sandbox) for text in programs]
    settled = []
    for place, text in enumerate(inputs):
        printed = rows[0][place]
        case = GeneratedCase(
            call=wording.quoted(text), stdin=text, prints=printed.output, expected=text_value(printed.output)
        )
        against = sum(not dialoguing.holds(case.dialogue(), outcomes[place]) for outcomes in rows[1:])
        ended = printed.status is Status.EXITED and printed.exit_code == 0
        if ended and against <= DISAGREEMENT * (len(rows) - 1):
            settled.append(((printed.output[:40],), case))
    return tuple(signatures.spread(settled, count))
