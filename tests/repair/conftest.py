"""A verifier that runs programs of our own in the test process."""

import contextlib
import io
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from milepost.domain.validations import Fix
from milepost.repair import search
from milepost.syntax import edits

# Seconds that a program of a few lines may take.
LONGEST = 1.0


class TooLongError(BaseException):
    """A program did not end; what catches Exception does not catch it."""


def _too_long(*_):
    raise TooLongError


@dataclass
class Runner:
    """Judges programs by calls and their values; `demands` stands for all that is not a case.

    With `reads` the cases are inputs of a whole program and what it prints. It counts what it is asked.
    """

    cases: Sequence[tuple[str, Any]]
    demands: Callable[[str], bool] = lambda _: True
    reads: bool = False
    dear: frozenset[int] = frozenset()
    batches: list[list[str]] = field(default_factory=list)
    asked: Counter[int] = field(default_factory=Counter)
    proofs: list[str] = field(default_factory=list)
    endless: list[str] = field(default_factory=list)

    @property
    def case_count(self):
        return len(self.cases)

    async def outcomes(self, texts, cases):
        self.batches.append(list(texts))
        self.asked.update({case: len(texts) for case in cases})
        return [[self.holds(text, self.cases[case]) for case in cases] for text in texts]

    async def prove(self, texts):
        self.proofs += texts
        return [self.is_right(text) for text in texts]

    def is_right(self, text):
        return all(self.holds(text, case) for case in self.cases) and self.demands(text)

    def holds(self, text, case):
        judge = self._prints if self.reads else self._gives
        before = signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        try:
            return judge(text, case)
        except TooLongError:
            self.endless.append(text)
            return False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _gives(self, text, case):
        call, value = case
        space = {}
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(text, "program", "exec"), space)
                got = eval(call, space)
        except Exception:  # noqa: BLE001 - judged programs raise anything.
            return False
        return type(got) is type(value) and got == value

    def _prints(self, text, case):
        lines, printed = iter(case[0].split("\n")), io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(text, "program", "exec"), {"input": lambda *_: next(lines), "__name__": "__main__"})
        except Exception:  # noqa: BLE001 - judged programs raise anything.
            return False
        return printed.getvalue() == case[1]


@dataclass
class Repair:
    """The fixes of a program; `texts` is what it becomes by each."""

    wrong: str
    fixes: list[Fix]
    runner: Runner

    @property
    def texts(self):
        return [edits.apply_edits(self.wrong, fix.edits) for fix in self.fixes]

    @property
    def text(self):
        assert self.fixes, "no fix was found"
        return self.texts[0]


@pytest.fixture
def repair():
    """Repair a program by donors, held against cases."""

    async def run(wrong, donors, cases, *, language="en", seconds=20.0, cancelled=lambda: False, **how):
        runner = Runner(cases, **how)
        problem = search.Problem(wrong, donors=tuple(donors), reference=donors[0] if donors else None)
        budget = search.Budget(seconds, cancelled)
        return Repair(wrong, await search.find_fixes(problem, runner, budget, language), runner)

    return run
