"""A task made ready: its solutions proved by its own criteria, its generated inputs found."""

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.agents.messages import SOLUTION_DISAGREES, SOLUTION_FAILS
from milepost.checks import checking, inputs
from milepost.domain.criteria import Contract
from milepost.domain.entities import Solution, TaskDraft
from milepost.domain.validations import Snapshot
from milepost.sandbox.boxes import Sandbox


@dataclass(frozen=True, slots=True)
class PreparedTask:
    """What the search for fixes and the trust in a program stand on.

    `solutions` passed all criteria and agree with `reference`, the first of them, on the generated `cases`.
    """

    reference: str | None = None
    solutions: tuple[Solution, ...] = ()
    cases: tuple[inputs.GeneratedCase, ...] = ()
    warnings: tuple[str, ...] = ()


async def prepare(task: TaskDraft, sandbox: Sandbox, language: str) -> PreparedTask:
    """Prove the solutions of a task; one that fails its own criteria is named in a warning and left out."""
    if not task.solutions:
        return PreparedTask()
    contract, path = task.contract, task.files[0]
    proofs = await checking.prove(contract, [solution.code for solution in task.solutions], path, sandbox)
    passing = [solution for solution, proof in zip(task.solutions, proofs, strict=True) if proof]
    failing = [solution for solution, proof in zip(task.solutions, proofs, strict=True) if not proof]
    warnings = [await _why(contract, solution, path, sandbox, language) for solution in failing]
    if not passing:
        return PreparedTask(warnings=tuple(warnings))
    codes = [solution.code for solution in passing]
    cases = tuple(await inputs.generate(contract, codes[0], codes[1:], sandbox))
    disagreements = await inputs.agrees(contract, codes, cases, sandbox)
    trusted, differing = _split(passing, disagreements, language)
    return PreparedTask(codes[0], trusted, cases, (*warnings, *differing))


async def _why(contract: Contract, solution: Solution, path: str, sandbox: Sandbox, language: str) -> str:
    snapshot = Snapshot(uri=path, version=None, path=path, language=contract.language, text=solution.code)
    report = await checking.check(contract, snapshot, sandbox, language)
    reason = next((result.message for result in report.results if result.passed is False), "")
    return SOLUTION_FAILS.say(language, path=solution.path, reason=reason)


def _split(
    passing: Sequence[Solution], disagreements: Sequence[inputs.GeneratedCase | None], language: str
) -> tuple[tuple[Solution, ...], list[str]]:
    pairs = list(zip(passing, disagreements, strict=True))
    trusted = tuple(solution for solution, disagreement in pairs if disagreement is None)
    return trusted, [
        SOLUTION_DISAGREES.say(language, path=solution.path, call=disagreement.call)
        for solution, disagreement in pairs
        if disagreement is not None
    ]
