"""A task made ready: its solutions proved by its own criteria, its generated inputs found."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from milepost.agents.messages import SOLUTION_DISAGREES, SOLUTION_FAILS
from milepost.checks import checking, inputs
from milepost.domain.criteria import Contract
from milepost.domain.entities import Solution, TaskDraft
from milepost.domain.text import Localized
from milepost.domain.validations import Snapshot
from milepost.goals import siblings
from milepost.sandbox.boxes import Sandbox

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class PreparedTask:
    """What the search for fixes and the trust in a program stand on.

    `solutions` passed all criteria and agree with `reference`, the first of them, on the generated `cases`.
    """

    reference: str | None = None
    solutions: tuple[Solution, ...] = ()
    cases: tuple[inputs.GeneratedCase, ...] = ()
    warnings: tuple[Localized, ...] = ()


async def prepare(task: TaskDraft, sandbox: Sandbox) -> PreparedTask:
    """Prove the solutions of a task; one that fails its own criteria is named in a warning and left out."""
    if not task.solutions:
        return PreparedTask()
    path = task.files[0]
    proofs = await _of_each(task, task.solutions, partial(_proofs, path=path, sandbox=sandbox))
    passing = [solution for solution, proof in zip(task.solutions, proofs, strict=True) if proof]
    failing = [solution for solution, proof in zip(task.solutions, proofs, strict=True) if not proof]
    warnings = [await _why(_contract(task, solution), solution, path, sandbox) for solution in failing]
    if not passing:
        return PreparedTask(warnings=tuple(warnings))
    reference, contract = passing[0], _contract(task, passing[0])
    alike = [one.code for one in passing[1:] if one.beside == reference.beside]
    cases = tuple(await inputs.generate(contract, reference.code, alike, sandbox))
    disagreements = await _of_each(task, passing, partial(_disagreements, cases=cases, sandbox=sandbox))
    trusted, differing = _split(passing, disagreements)
    return PreparedTask(reference.code, trusted, cases, (*warnings, *differing))


def _contract(task: TaskDraft, solution: Solution) -> Contract:
    """Return the contract with the other files of a solution."""
    return replace(task.contract, siblings=siblings.of_solution(task, solution))


async def _proofs(contract: Contract, codes: Sequence[str], path: str, sandbox: Sandbox) -> list[bool]:
    return await checking.prove(contract, codes, path, sandbox)


async def _disagreements(
    contract: Contract, codes: Sequence[str], cases: Sequence[inputs.GeneratedCase], sandbox: Sandbox
) -> list[inputs.GeneratedCase | None]:
    return await inputs.agrees(contract, codes, cases, sandbox)


async def _of_each(
    task: TaskDraft, solutions: Sequence[Solution], judge: Callable[[Contract, Sequence[str]], Awaitable[list[_Answer]]]
) -> list[_Answer]:
    """Return what a judge says of each solution; those with the same files beside them are judged together."""
    answers: dict[str, _Answer] = {}
    waiting = list(solutions)
    while waiting:
        group = [one for one in waiting if one.beside == waiting[0].beside]
        found = await judge(_contract(task, group[0]), [one.code for one in group])
        answers |= {one.path: answer for one, answer in zip(group, found, strict=True)}
        waiting = [one for one in waiting if one.path not in answers]
    return [answers[one.path] for one in solutions]


async def _why(contract: Contract, solution: Solution, path: str, sandbox: Sandbox) -> Localized:
    snapshot = Snapshot(uri=path, version=None, path=path, language=contract.language, text=solution.code)

    async def said(language: str) -> str:
        report = await checking.check(contract, snapshot, sandbox, language)
        reason = next((result.message for result in report.results if result.passed is False), "")
        return SOLUTION_FAILS.say(language, path=solution.path, reason=reason)

    return Localized(await said("en"), await said("es"))


def _split(
    passing: Sequence[Solution], disagreements: Sequence[inputs.GeneratedCase | None]
) -> tuple[tuple[Solution, ...], list[Localized]]:
    pairs = list(zip(passing, disagreements, strict=True))
    trusted = tuple(solution for solution, disagreement in pairs if disagreement is None)
    return trusted, [
        Localized(*(SOLUTION_DISAGREES.say(each, path=solution.path, call=disagreement.call) for each in ("en", "es")))
        for solution, disagreement in pairs
        if disagreement is not None
    ]
