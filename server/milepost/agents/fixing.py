"""Fixes for one wrong program: the search of `repair` with the proofs of `checks`."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from milepost.checks import checking, inputs, linting, proving
from milepost.checks.cases import CaseRunner
from milepost.domain.criteria import Contract, Defines, Lint, Tests
from milepost.domain.validations import Fix, FixSource
from milepost.repair import messages, misnaming, reading, search, slips, telling
from milepost.sandbox.boxes import Sandbox
from milepost.syntax import edits


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
        self.dear = self._runner.dear
        quick = tuple(one for one in request.contract.criteria if not isinstance(one, Tests))
        self._quick = replace(request.contract, criteria=quick)

    async def has_structure(self, text: str) -> bool:
        """Tell whether a text fulfils the criteria about what a program is made of."""
        return await proving.has_structure(self._request.contract, text, PurePath(self._request.path).name)

    async def outcomes(self, texts: Sequence[str], cases: Sequence[int]) -> list[list[bool]]:
        """Tell for each text which of the asked cases hold."""
        return await self._runner.outcomes(texts, cases)

    async def prove(self, texts: Sequence[str]) -> list[bool]:
        """Tell for each text whether every criterion holds and it agrees with the reference on the generated cases."""
        request = self._request
        proofs = await checking.prove(self._quick, texts, request.path, self._sandbox)
        proved = [text for text, proof in zip(texts, proofs, strict=True) if proof]
        disagreements = await inputs.agrees(request.contract, proved, request.cases, self._sandbox)
        agreeing = [text for text, disagreement in zip(proved, disagreements, strict=True) if disagreement is None]
        tested = await self._runner.outcomes(agreeing, sorted(self.dear)) if agreeing else []
        right = {text for text, holds in zip(agreeing, tested, strict=True) if all(holds)}
        return [text in right for text in texts]


async def find_fixes(request: FixRequest, sandbox: Sandbox, cancelled: Callable[[], bool] = lambda: False) -> list[Fix]:
    """Search for the smallest edits that fulfil the contract, within the request's seconds."""
    end = time.monotonic() + request.seconds
    verifier = ContractVerifier(request, sandbox)

    def is_over() -> bool:
        return cancelled() or time.monotonic() > end

    if request.contract.language == "python" and slips.trouble(request.text) is not None:
        found = await _of_unreadable(request, verifier, is_over)
    else:
        found = await _of_readable(request, verifier, is_over)
    return [_told(fix, request) for fix in found or _comparison(request)]


async def _of_readable(request: FixRequest, verifier: ContractVerifier, is_over: Callable[[], bool]) -> list[Fix]:
    """Search from the program, after what needs no search: Ruff's safe fixes, and parameters as the task calls them."""
    text, name = request.text, PurePath(request.path).name
    criteria = request.contract.criteria
    lint = next((place for place, one in enumerate(criteria) if isinstance(one, Lint)), None)
    tidied = text
    for one in criteria:
        if isinstance(one, Lint):
            tidied = await linting.fixed(tidied, name, one.select, request.contract.preamble)
    if any(isinstance(one, Defines) for one in criteria) and request.reference:
        renamed = misnaming.with_parameters(tidied, request.reference)
        if not await verifier.has_structure(tidied) and await verifier.has_structure(renamed):
            lint, tidied = None, renamed
    if tidied == text:
        return await _search(request, text, verifier, is_over)
    (is_right,) = await verifier.prove([tidied])
    source = FixSource.MUTATION if lint is None else FixSource.LINT
    alone = Fix("", source, edits.difference(text, tidied), verified=is_right, preferred=is_right)
    if is_right:
        return [alone]
    found = [_from_text(fix, text, tidied) for fix in await _search(request, tidied, verifier, is_over)]
    return found if lint is None else [*found, replace(alone, criterion=lint)]


def _comparison(request: FixRequest) -> list[Fix]:
    """Return the nearest validated program to compare with; it is no fix of this one, and is not called verified."""
    nearest = next(iter(request.donors), request.reference)
    if nearest is None:
        return []
    changes = edits.difference(request.text, nearest)
    title, what = messages.COMPARE.say(request.language), messages.ALTOGETHER.say(request.language)
    return [Fix(title, FixSource.RETRIEVAL, changes, verified=False, size=1.0, rewrite=True, what=what)]


async def _search(request: FixRequest, text: str, verifier: ContractVerifier, is_over: Callable[[], bool]) -> list[Fix]:
    problem = search.Problem(
        text=text,
        language=request.contract.language,
        donors=request.donors,
        reference=request.reference,
    )
    budget = search.Budget(seconds=request.seconds, cancelled=is_over)
    return await search.find_fixes(problem, verifier, budget, request.language)


async def _of_unreadable(request: FixRequest, verifier: ContractVerifier, is_over: Callable[[], bool]) -> list[Fix]:
    """Return what makes a program parse: proved as it is, or after a search from there, or neither and labelled so."""
    found = await asyncio.to_thread(reading.readings, request.text)
    texts = [one.text for one in found]
    if not texts or is_over():
        return []
    proofs = await verifier.prove(texts)
    right = [text for text, proof in zip(texts, proofs, strict=True) if proof]
    parsing = _syntax_fix(request.text, right[0] if right else texts[0], verified=bool(right))
    if right:
        return [parsing]
    further = await _search(request, texts[0], verifier, is_over)
    return [*(_from_text(fix, request.text, texts[0]) for fix in further), parsing]


def _syntax_fix(before: str, after: str, *, verified: bool) -> Fix:
    changes = edits.difference(before, after)
    return Fix("", FixSource.SYNTAX, changes, verified=verified, preferred=verified)


def _from_text(fix: Fix, before: str, between: str) -> Fix:
    """Return a fix for a text that parses as one for the text that does not."""
    after = edits.apply_edits(between, fix.edits)
    return replace(fix, edits=edits.difference(before, after))


def _told(fix: Fix, request: FixRequest) -> Fix:
    """Give a fix its words where it has none yet."""
    text, language = request.text, request.language
    return replace(
        fix,
        title=fix.title or telling.title(text, fix.edits, language),
        where=fix.where or telling.where(fix.edits, language),
        what=fix.what or telling.what(text, fix.edits, language),
    )
