"""Fixes for one wrong program: the search of `repair` with the proofs of `checks`."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from milepost.checks import checking, inputs
from milepost.checks.cases import CaseRunner
from milepost.domain.criteria import Contract
from milepost.domain.validations import Fix
from milepost.repair import search
from milepost.sandbox.boxes import Sandbox


@dataclass(frozen=True, slots=True)
class FixRequest:
    """A wrong program and what may help: trusted programs nearest first, generated cases, seconds to spend.

    It is plain data, so that the search can run in a process of its own and never delay an answer to the editor.
    """

    contract: Contract
    path: str
    text: str
    donors: tuple[str, ...]
    reference: str | None
    cases: tuple[inputs.GeneratedCase, ...]
    seconds: float
    language: str


class ContractVerifier:
    """Proves candidate texts by the contract's criteria and the generated cases."""

    def __init__(self, request: FixRequest, sandbox: Sandbox) -> None:
        """Take what to hold the candidates against."""
        self._request = request
        self._sandbox = sandbox
        self._runner = CaseRunner(request.contract, request.path, sandbox)
        self.case_count = self._runner.case_count

    async def outcomes(self, texts: Sequence[str], cases: Sequence[int]) -> list[list[bool]]:
        """Tell for each text which of the asked cases hold."""
        return await self._runner.outcomes(texts, cases)

    async def prove(self, texts: Sequence[str]) -> list[bool]:
        """Tell for each text whether every criterion holds and it agrees with the reference on the generated cases."""
        request = self._request
        proofs = await checking.prove(request.contract, texts, request.path, self._sandbox)
        proved = [text for text, proof in zip(texts, proofs, strict=True) if proof]
        disagreements = await inputs.agrees(request.contract, proved, request.cases, self._sandbox)
        agreeing = {text for text, disagreement in zip(proved, disagreements, strict=True) if disagreement is None}
        return [text in agreeing for text in texts]


async def find_fixes(request: FixRequest, sandbox: Sandbox, cancelled: Callable[[], bool] = lambda: False) -> list[Fix]:
    """Search for the smallest edits that fulfil the contract, within the request's seconds."""
    problem = search.Problem(
        text=request.text,
        language=request.contract.language,
        donors=request.donors,
        reference=request.reference,
        file_name=request.path,
        preamble=request.contract.preamble,
    )
    end = time.monotonic() + request.seconds
    budget = search.Budget(seconds=request.seconds, cancelled=lambda: cancelled() or time.monotonic() > end)
    return await search.find_fixes(problem, ContractVerifier(request, sandbox), budget, request.language)
