"""Trials: candidate programs run by the verifier, never the same text twice, within a budget."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Verifier(Protocol):
    """Runs programs; everything that executes code goes through one of these."""

    case_count: int

    async def outcomes(self, texts: Sequence[str], cases: Sequence[int]) -> list[list[bool]]:
        """Tell for each text which of the asked cases hold."""
        ...

    async def prove(self, texts: Sequence[str]) -> list[bool]:
        """Tell for each text whether every criterion holds and it agrees with the reference on generated inputs."""
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """What a search may spend; `cancelled` is asked before every batch."""

    seconds: float = 2.0
    cancelled: Callable[[], bool] = lambda: False


class Exhausted(Exception):
    """The budget is spent or the search was cancelled."""


@dataclass(eq=False)
class Trials:
    """Remembers what is known about texts; raises Exhausted instead of running more than the budget allows."""

    verifier: Verifier
    budget: Budget
    known: dict[str, dict[int, bool]] = field(default_factory=dict)
    proofs: dict[str, bool] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    programs: int = 0
    limit: float = 1.0

    @property
    def spent(self) -> float:
        """Return the share of the time that is gone."""
        return (time.monotonic() - self.started) / max(self.budget.seconds, 1e-9)

    def check(self) -> None:
        """Raise Exhausted when the search, or the part of it that `limit` is set for, has to stop."""
        if self.spent >= self.limit or self.budget.cancelled():
            raise Exhausted

    async def outcomes(self, texts: Sequence[str], cases: Sequence[int]) -> list[list[bool]]:
        """Tell for each text which of the asked cases hold."""
        missing = [text for text in dict.fromkeys(texts) if any(case not in self.known.get(text, {}) for case in cases)]
        if missing and cases:
            self.check()
            self.programs += len(missing)
            for text, results in zip(missing, await self.verifier.outcomes(missing, cases), strict=True):
                self.known.setdefault(text, {}).update(zip(cases, results, strict=True))
        return [[self.known[text][case] for case in cases] for text in texts]

    async def proved(self, texts: Sequence[str]) -> list[bool]:
        """Tell for each text whether it is right."""
        missing = [text for text in dict.fromkeys(texts) if text not in self.proofs]
        if missing:
            self.check()
            self.proofs.update(zip(missing, await self.verifier.prove(missing), strict=True))
        return [self.proofs[text] for text in texts]
