"""Whether programs fulfil a whole contract: many at once, cheapest criteria first, without findings."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TypeVar

from milepost.checks import comparison, dialoguing, expectations, linting, relaying, structures, testing
from milepost.checks.assessments import Asked, Subject
from milepost.checks.exemplifying import calls
from milepost.checks.origins import Origin
from milepost.domain.criteria import (
    Command,
    Complexity,
    Contract,
    Defines,
    Dialogue,
    Example,
    Examples,
    Forbids,
    Lint,
    Requires,
    Stdio,
    Tests,
)
from milepost.domain.validations import Snapshot
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import CommandRun, Status
from milepost.syntax import parsing

SEARCH_SECONDS = 0.25
Kind = TypeVar("Kind", Examples, Stdio, Tests, Lint, Command)


async def prove(contract: Contract, texts: Sequence[str], file_name: str, sandbox: Sandbox) -> list[bool]:
    """Tell for each program whether every criterion holds; rubrics aside, what cannot be assessed does not hold."""
    name = PurePath(file_name).name
    texts = [text.removeprefix("\ufeff") for text in texts]
    left = []
    for place, text in enumerate(texts):
        if await has_structure(contract, text, name):
            left.append(place)
    proved = [False] * len(texts)
    for judge in (_examples, _dialogues, _tests, _lint, _commands):
        if left:
            verdicts = await judge(contract, [texts[place] for place in left], name, sandbox)
            left = [place for place, holds in zip(left, verdicts, strict=True) if holds]
    for place in left:
        proved[place] = True
    return proved


async def has_structure(contract: Contract, text: str, name: str) -> bool:
    """Tell whether a program parses and fulfils the criteria about what it is made of; nothing is run."""
    # Many programs take a while to parse, and the loop serves others too.
    await asyncio.sleep(0)
    return _holds_statically(contract, text, name)


def _of_kind(contract: Contract, kind: type[Kind]) -> list[Kind]:
    return [criterion for criterion in contract.criteria if isinstance(criterion, kind)]


def _holds_statically(contract: Contract, text: str, name: str) -> bool:
    program = parsing.parse(text, contract.language)
    if parsing.syntax_errors(program, "en"):
        return False
    subject = Subject(contract, Snapshot("", None, name, contract.language, text), program, None, "en")
    return all(_structure_holds(Asked(criterion, 0), subject) for criterion in contract.criteria)


def _structure_holds(asked: Asked, subject: Subject) -> bool:
    match asked.criterion:
        case Defines() as criterion:
            return structures.defines(criterion, asked, subject).result.passed is True
        case Requires() as criterion:
            return structures.requires(criterion, asked, subject).result.passed is True
        case Forbids() as criterion:
            return structures.forbids(criterion, asked, subject).result.passed is True
        case Complexity() as criterion:
            return structures.complexity(criterion, asked, subject).result.passed is True
        case _:
            return True


async def _examples(contract: Contract, texts: Sequence[str], name: str, sandbox: Sandbox) -> list[bool]:
    examples = [example for criterion in _of_kind(contract, Examples) for example in criterion.examples]
    if examples and contract.language != "python":
        return [False] * len(texts)
    rows = await example_rows(contract, texts, name, examples, sandbox) if examples else [[True] for _ in texts]
    return [all(row) for row in rows]


async def example_rows(  # noqa: PLR0913 - The last one says how.
    contract: Contract,
    texts: Sequence[str],
    name: str,
    examples: Sequence[Example],
    sandbox: Sandbox,
    *,
    searching: bool = False,
) -> list[list[bool]]:
    """Return for each program which examples hold.

    While `searching` among many variants they share processes and get little time each: what holds then is proved
    afterwards, what does not hold is only passed over.
    """
    expected = await expectations.expected_values(examples, contract.preamble, sandbox)
    wanted = calls(examples)
    if searching:
        wanted = tuple(replace(one, timeout=min(one.timeout, SEARCH_SECONDS)) for one in wanted)
    origin = Origin.of(contract, name)
    runs = [origin.calls(text, wanted) for text in texts]
    outcomes = await sandbox.call(runs, together=searching) if runs else []
    return [
        [comparison.holds(*triple) for triple in zip(examples, expected, answered, strict=True)]
        for answered in outcomes
    ]


async def _dialogues(contract: Contract, texts: Sequence[str], name: str, sandbox: Sandbox) -> list[bool]:
    dialogues = [dialogue for criterion in _of_kind(contract, Stdio) for dialogue in criterion.dialogues]
    if not dialogues:
        return [True] * len(texts)
    return [all(await dialogue_row(contract, text, name, dialogues, sandbox)) for text in texts]


async def dialogue_row(
    contract: Contract, text: str, name: str, dialogues: Sequence[Dialogue], sandbox: Sandbox
) -> list[bool]:
    """Return for one program which dialogues hold."""
    try:
        outcomes = await dialoguing.run(Origin.of(contract, name), text, dialogues, sandbox)
    except (dialoguing.NoToolError, dialoguing.NotBuiltError):
        return [False] * len(dialogues)
    return [dialoguing.holds(*pair) for pair in zip(dialogues, outcomes, strict=True)]


async def _tests(contract: Contract, texts: Sequence[str], name: str, sandbox: Sandbox) -> list[bool]:
    holds = [True] * len(texts)
    for criterion in _of_kind(contract, Tests):
        file = testing.test_file(criterion, contract, Origin.of(contract, name).place)
        verdicts = await relaying.judge(file, texts, Origin.of(contract, name), sandbox)
        holds = [before and verdict.passed for before, verdict in zip(holds, verdicts, strict=True)]
    return holds


async def _lint(contract: Contract, texts: Sequence[str], name: str, _: Sandbox) -> list[bool]:
    holds, origin = [True] * len(texts), Origin.of(contract, name)
    for criterion in _of_kind(contract, Lint):
        for place, text in enumerate(texts):
            for path, content in origin.files(text).items() if holds[place] else ():
                if path == origin.place or path.endswith(".py"):
                    found, problem = await linting.run_ruff(content, path, criterion.select, contract.preamble)
                    holds[place] &= not found and not problem
    return holds


async def _commands(contract: Contract, texts: Sequence[str], name: str, sandbox: Sandbox) -> list[bool]:
    holds, origin = [True] * len(texts), Origin.of(contract, name)
    for criterion in _of_kind(contract, Command):
        for place, text in enumerate(texts):
            if holds[place]:
                files = origin.command_files(text, contract.files)
                outcome = await sandbox.command(CommandRun(shell=criterion.run, files=files, timeout=criterion.timeout))
                holds[place] = outcome.status is Status.EXITED and outcome.exit_code == 0
    return holds
