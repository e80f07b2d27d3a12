"""Trials: candidate programs run by the verifier, never the same text twice, within a budget."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

_PACE = 0.06
_SMALLEST, _LARGEST = 3, 96
_PROVED_TOGETHER = 6


class Verifier(Protocol):
    """Runs programs; everything that executes code goes through one of these.

    `dear` are the cases that take much longer than the others, and are asked last.
    """

    case_count: int
    dear: frozenset[int]

    async def outcomes(self, texts: Sequence[str], cases: Sequence[int]) -> list[list[bool]]:
        """Tell for each text which of the asked cases hold; quick trials, a text among others may be judged too harshly."""
        ...

    async def prove(self, texts: Sequence[str]) -> list[bool]:
        """Tell for each text whether every criterion holds and it agrees with the reference on generated inputs."""
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """What a search may spend; `cancelled` is asked before every batch."""

    seconds: float = 2.0
    cancelled: Callable[[], bool] = lambda: False


class ExhaustedError(Exception):
    """The budget, or the part of it that a step may spend, is gone."""


@dataclass(eq=False)
class Trials:
    """Remembers what is known about texts; raises ExhaustedError instead of running more than the budget allows."""

    verifier: Verifier
    budget: Budget
    known: dict[str, dict[int, bool]] = field(default_factory=dict)
    proofs: dict[str, bool] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    programs: int = 0
    limit: float = 1.0
    _batch: int = 48

    @property
    def spent(self) -> float:
        """Return the share of the time that is gone."""
        return (time.monotonic() - self.started) / max(self.budget.seconds, 1e-9)

    @property
    def over(self) -> bool:
        """Tell whether nothing more may be run at all."""
        return self.spent >= 1.0 or self.budget.cancelled()

    def check(self) -> None:
        """Raise ExhaustedError when the search, or the part of it that `limit` is set for, has to stop."""
        if self.spent >= self.limit or self.budget.cancelled():
            raise ExhaustedError

    async def outcomes(self, texts: Sequence[str], cases: Sequence[int]) -> list[list[bool]]:
        """Tell for each text which of the asked cases hold."""
        missing = [text for text in dict.fromkeys(texts) if any(case not in self.known.get(text, {}) for case in cases)]
        while missing and cases:
            self.check()
            batch, missing = missing[: self._batch], missing[self._batch :]
            started = time.monotonic()
            for text, results in zip(batch, await self.verifier.outcomes(batch, cases), strict=True):
                self.known.setdefault(text, {}).update(zip(cases, results, strict=True))
            self.programs += len(batch)
            self._pace(time.monotonic() - started, len(batch))
        return [[self.known[text][case] for case in cases] for text in texts]

    def _pace(self, seconds: float, programs: int) -> None:
        """Choose batches so that the next one ends soon: programs that never end make them small."""
        wanted = programs * self.budget.seconds * _PACE / max(seconds, 1e-6)
        self._batch = int(min(max(wanted, _SMALLEST), _LARGEST, 2 * self._batch))

    async def proved(self, texts: Sequence[str]) -> list[bool]:
        """Tell for each text whether it is right."""
        missing = [text for text in dict.fromkeys(texts) if text not in self.proofs]
        while missing:
            self.check()
            batch, missing = missing[:_PROVED_TOGETHER], missing[_PROVED_TOGETHER:]
            self.proofs.update(zip(batch, await self.verifier.prove(batch), strict=True))
        return [self.proofs[text] for text in texts]
