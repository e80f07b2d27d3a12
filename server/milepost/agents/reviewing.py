"""The review of a validated program by a model that the user has: asked about what changed, held to what is known."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from milepost.agents import reviewing_decisions, reviewing_edits, reviewing_places, reviewing_prompt
from milepost.agents.messages import REVIEW_MISSING, REVIEW_PRIVATE
from milepost.agents.preparing import PreparedTask
from milepost.agents.reviewing_decisions import Standpoint
from milepost.agents.reviewing_memory import Memory, Said
from milepost.agents.reviewing_places import Copy
from milepost.agents.reviewing_prompt import Material
from milepost.agents.reviewing_shapes import SaidReview
from milepost.domain.criteria import Reveal, Rubric
from milepost.domain.entities import TaskDraft
from milepost.domain.validations import Fix, Stage, Validation
from milepost.providers import masking
from milepost.providers.chat import ChatModel, Sent, Usage
from milepost.providers.errors import ProviderError, Trouble
from milepost.sandbox.boxes import Sandbox
from milepost.syntax import parsing, symbols

logger = logging.getLogger(__name__)
REMEMBERED_FAILURES = 2_000
# Characters; a longer program is not one of a task, and its review would cost more than it tells.
LONGEST_REVIEWED = 60_000


@dataclass(frozen=True, slots=True)
class Subject:
    """A complete validation with what else a review needs."""

    validation: Validation
    task: TaskDraft
    key: str
    language: str
    prepared: PreparedTask
    sandbox: Sandbox | None
    dismissed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Review:
    """The stage that a review makes of a validation; `usage` is None where nothing had to be asked.

    `trouble` names what kept the model from answering, or what was wrong with an answer that was paid for.
    """

    validation: Validation
    usage: Usage | None = None
    trouble: str = ""


class Reviewer:
    """Reviews with one chat model; remembers what was said about each stretch of code."""

    def __init__(
        self,
        chat: ChatModel,
        may_see: frozenset[str],
        most_tokens: int = reviewing_prompt.MOST_TOKENS,
        memory: Memory | None = None,
    ) -> None:
        """Take the model, which parts of the material it may see, how long an answer may be, and what it said before."""
        self._most_tokens = most_tokens
        self._chat = chat
        self._may_see = may_see
        self._memory = memory or Memory()
        self._failed: OrderedDict[str, ProviderError] = OrderedDict()

    @property
    def sent(self) -> list[Sent]:
        """Return the latest requests exactly as they left, oldest first."""
        return self._chat.sent

    @property
    def model(self) -> str:
        """Return the name of the model."""
        return self._chat.model

    async def review(self, subject: Subject) -> Review | None:
        """Return the reviewed stage; None where there is nothing to review. Never raises for what a model does."""
        snapshot = subject.validation.snapshot
        if "code" not in self._may_see or not is_worth_asking(subject):
            return None
        if masking.is_private(snapshot.path):
            return _with_note(subject, REVIEW_PRIVATE.pick(subject.language))
        copies = await asyncio.to_thread(_copies, snapshot.text, snapshot.language)
        keys = await asyncio.to_thread(self._keys, copies, subject)
        known = await asyncio.to_thread(self._memory.recall, keys)
        unknown = [place for place, key in enumerate(keys) if key not in known]
        usage = None
        if unknown:
            try:
                answered, usage = await self._ask_once(subject, copies, keys, unknown)
                known |= answered
            except ProviderError as error:
                note = REVIEW_MISSING.say(subject.language, reason=error.say(subject.language))
                return replace(_with_note(subject, note), usage=error.usage, trouble=error.trouble.name.lower())
        said = [known.get(key, _NOTHING) for key in keys]
        return Review(await self._reviewed(subject, copies, said), usage)

    async def _ask_once(
        self, subject: Subject, copies: Sequence[Copy], keys: Sequence[str], asked: Sequence[int]
    ) -> tuple[dict[str, Said], Usage]:
        """Ask, unless just this was asked before and the answer was none: asking again would cost the same for nothing."""
        question = "\0".join(keys[place] for place in asked)
        if question in self._failed:
            raise self._failed[question]
        try:
            return await self._ask(subject, copies, keys, asked)
        except ProviderError as error:
            if error.trouble in _LASTING:
                # What it cost is not counted again.
                self._failed[question] = ProviderError(error.trouble, **error.values)
                if len(self._failed) > REMEMBERED_FAILURES:
                    self._failed.popitem(last=False)
            raise

    async def _ask(
        self, subject: Subject, copies: Sequence[Copy], keys: Sequence[str], asked: Sequence[int]
    ) -> tuple[dict[str, Said], Usage]:
        """Ask about the stretches that nothing is known about, and remember what was said about each."""
        shown = [copies[place] for place in asked]
        material = Material(
            task=subject.task,
            language=subject.language,
            results=subject.validation.results,
            evidence=subject.validation.evidence,
            code=[copy.text for copy in shown],
            unchanged=[copy.symbol.heading for place, copy in enumerate(copies) if place not in asked],
            may_see=self._may_see,
        )
        answer = await self._chat.answer(reviewing_prompt.question(material, self._most_tokens))
        said = await asyncio.to_thread(_assigned, answer.value, shown)
        answered = {keys[place]: one for place, one in zip(asked, said, strict=True)}
        await asyncio.to_thread(self._memory.remember, answered)
        return answered, answer.usage

    async def _reviewed(self, subject: Subject, copies: Sequence[Copy], said: Sequence[Said]) -> Validation:
        standpoint = Standpoint(
            validation=subject.validation,
            task=subject.task,
            key=subject.key,
            language=subject.language,
            model=self.model,
            solutions=[one.code for one in subject.prepared.solutions],
            dismissed=subject.dismissed,
        )
        known = list(zip(said, copies, strict=True))
        findings = [(one, copy) for said_here, copy in known for one in said_here.findings]
        kept = await asyncio.to_thread(reviewing_decisions.kept, findings, standpoint)
        rubrics = reviewing_decisions.rubric_results(
            [[(one, copy) for one in said_here.rubrics] for said_here, copy in known], standpoint
        )
        fixes: list[Fix] = []
        if subject.task.contract.reveal is Reveal.FIX and subject.validation.passed is False:
            fixes = await reviewing_edits.proved(kept, standpoint, subject.prepared, subject.sandbox)
        validation = subject.validation
        offered = {fix.edits for fix in validation.fixes}
        return replace(
            validation,
            stage=Stage.REVIEWED,
            results=tuple(rubrics.get(number, result) for number, result in enumerate(validation.results)),
            findings=(*validation.findings, *(one.finding for one in kept)),
            fixes=(*validation.fixes, *(fix for fix in fixes if fix.edits not in offered)),
            notes=(),
        )

    def _keys(self, copies: Sequence[Copy], subject: Subject) -> list[str]:
        """Return for each stretch of code what its answer depends on, as one hash."""
        about = reviewing_prompt.contract_text(subject.task)
        programming = subject.validation.snapshot.language
        told = [reviewing_prompt.VERSION, self.model, subject.language, ",".join(sorted(self._may_see)), about]
        start = hashlib.sha256("\0".join(told).encode("utf-8", "surrogatepass"))
        keys = []
        for copy in copies:
            one = start.copy()
            one.update(symbols.fingerprint(copy.text, programming).encode("utf-8", "surrogatepass"))
            keys.append(one.hexdigest())
        return keys


_NOTHING = Said()
# What is wrong with an answer and not with the way to it.
_LASTING = frozenset({Trouble.CUT, Trouble.LIMITED, Trouble.GARBLED, Trouble.ENDLESS})


def is_worth_asking(subject: Subject) -> bool:
    """Tell whether a review can add something: not to what does not parse, nor where a proved edit says it all."""
    validation = subject.validation
    if len(validation.snapshot.text) > LONGEST_REVIEWED or any(
        one.rule.startswith("syntax") for one in validation.findings
    ):
        return False
    contract = subject.task.contract
    if any(isinstance(criterion, Rubric) for criterion in contract.criteria) or contract.reveal is not Reveal.FIX:
        return True
    return not any(fix.verified and fix.criterion is None and not fix.rewrite for fix in validation.fixes)


def _copies(text: str, language: str) -> list[Copy]:
    program = parsing.parse(text, language)
    copies = [reviewing_places.copy_of(text, symbol) for symbol in symbols.symbols(program)]
    return [copy for copy in copies if copy.text.strip()]


def _assigned(said: SaidReview, copies: Sequence[Copy]) -> list[Said]:
    """Return what was said about each stretch: a remark belongs to the only one that its quote stands in."""
    findings = said.findings[: reviewing_decisions.MOST_CONSIDERED]
    rubrics = said.rubrics[: reviewing_decisions.MOST_CONSIDERED]
    places = list(reviewing_decisions.spread([one.quote for one in findings], copies))
    proofs = list(reviewing_decisions.spread([one.quote for one in rubrics], copies))
    return [
        Said(
            findings=tuple(one for one, place in zip(findings, places, strict=True) if place is copy),
            rubrics=tuple(one for one, place in zip(rubrics, proofs, strict=True) if place is copy),
        )
        for copy in copies
    ]


def _with_note(subject: Subject, note: str) -> Review:
    return Review(replace(subject.validation, stage=Stage.REVIEWED, notes=(note,)))
