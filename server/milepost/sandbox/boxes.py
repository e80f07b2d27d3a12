"""Running code that nobody vouches for: what protection there is, and the sandbox that gives it."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from milepost.sandbox import bubblewrap, canary, executions, interpreters, tools, workers
from milepost.sandbox.calling import Batch, Fork
from milepost.sandbox.limits import Limits, seconds
from milepost.sandbox.pools import Pool
from milepost.sandbox.runs import (
    Call,
    CallOutcome,
    CallRun,
    CommandOutcome,
    CommandRun,
    ProgramOutcome,
    ProgramRun,
    Status,
)
from milepost.sandbox.workers import Setting, StartError, Worker

__all__ = ["Limits", "Protection", "Sandbox", "Tier", "probe"]

# So many programs share a process where that is wanted; it should not grow old.
TOGETHER = 25


class Tier(StrEnum):
    """How well the rest of the machine is protected from judged code."""

    BUBBLEWRAP = "bubblewrap"
    LIMITS = "limits"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects the machine; `detail` says for a technical reader why it is no more."""

    tier: Tier
    detail: str = ""

    @property
    def runs(self) -> bool:
        """Tell whether judged code runs at all."""
        return self.tier is not Tier.NONE


async def probe(interpreter: str | None = None) -> Protection:
    """Run a canary in a real box and say what protection this machine gives."""
    async with Sandbox(interpreter) as sandbox:
        return sandbox.protection


class Sandbox:
    """Runs judged code; an async context manager that owns its warm workers.

    `interpreter` is the Python that runs the code (default: the one that runs this), `workers` how many programs run at
    the same time. Where no box can be made nothing runs, unless `unprotected` says that limits alone will do.
    """

    def __init__(self, interpreter: str | None = None, *, workers: int = 1, unprotected: bool = False) -> None:
        self.protection = Protection(Tier.NONE, "not opened")
        self.interpreter = interpreter
        self._size = workers
        self._unprotected = unprotected
        self._setting: Setting | None = None
        self._users: list[bubblewrap.User] = []
        self._pool: Pool | None = None
        self._clean: Pool | None = None

    async def __aenter__(self) -> Self:
        """Find out what protection there is and start the first worker."""
        try:
            self.protection = await self._open()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """End every worker; nothing of the sandbox is left afterwards."""
        for pool in (self._pool, self._clean):
            if pool is not None:
                await pool.close()
        for user in self._users:
            user.close()
        self._users = []
        self._pool = self._clean = self._setting = None
        self.protection = Protection(Tier.NONE, "closed")

    async def _open(self) -> Protection:
        try:
            interpreter = interpreters.locate(self.interpreter)
        except interpreters.InterpreterError as error:
            return Protection(Tier.NONE, str(error))
        if bubblewrap.binary() is None:
            return await self._open_bare(interpreter, "bubblewrap (bwrap) is not installed")
        reason = ""
        self._users = await asyncio.to_thread(bubblewrap.users)
        for user in self._users:
            setting = Setting(interpreter, user)
            try:
                worker = await Worker.start(setting)
            except StartError as error:
                reason = reason or str(error)
                continue
            found = await canary.leak(worker, interpreter.paths)
            if found is None:
                self._adopt(setting, worker)
                return Protection(Tier.BUBBLEWRAP, bubblewrap.binary() or "")
            await worker.close()
            reason = f"the box does not hold: {found}"
        return await self._open_bare(interpreter, reason or "bubblewrap does not work here")

    async def _open_bare(self, interpreter: interpreters.Interpreter, reason: str) -> Protection:
        """Go on without a boundary if that is wanted and possible."""
        if not self._unprotected or not workers.can_fork():
            return Protection(Tier.NONE, reason)
        setting = Setting(interpreter, None)
        try:
            self._adopt(setting, await Worker.start(setting))
        except StartError as error:
            return Protection(Tier.NONE, f"{reason}; {error}")
        return Protection(Tier.LIMITS, reason)

    def _adopt(self, setting: Setting, worker: Worker) -> None:
        self._setting = setting
        self._pool = Pool(setting, self._size)
        self._pool.adopt(worker)
        self._clean = Pool(setting, 1)

    async def call(self, requests: Sequence[CallRun], *, together: bool = False) -> list[list[CallOutcome]]:
        """Run a batch of programs, each in a process of its own, and return the outcomes of their calls.

        Programs that run `together` share processes, which is several times faster: right for a search among variants
        of one program, wrong for a verdict, since one variant may spoil the process for the next. Programs that do not
        all have the same other files run alone all the same.
        """
        return await self._call(self._pool, requests, TOGETHER if together else 1)

    async def evaluate(self, expressions: Sequence[str], preamble: str = "") -> list[CallOutcome]:
        """Evaluate expressions in a box that judged code never enters."""
        run = CallRun("", "expected.py", tuple(Call(expression) for expression in expressions), preamble)
        return (await self._call(self._clean, [run], 1))[0]

    async def _call(self, pool: Pool | None, requests: Sequence[CallRun], size: int) -> list[list[CallOutcome]]:
        batches = [Batch(request) for request in requests]
        surroundings = [(request.files, request.folder) for request in requests]
        size = 1 if any(one != surroundings[0] for one in surroundings) else size
        if pool is not None:
            groups = iter([batches[start : start + size] for start in range(0, len(batches), size)])
            async with asyncio.TaskGroup() as lanes:
                for _ in range(min(self._size, len(batches))):
                    lanes.create_task(_work(pool, groups))
        return [batch.results() for batch in batches]

    async def program(self, run: ProgramRun) -> ProgramOutcome:
        """Run a whole Python program with its standard streams."""
        if self._pool is None:
            return ProgramOutcome(Status.NOT_RUN, error_message=self.protection.detail)
        try:
            async with self._pool.borrow() as worker:
                return await executions.program(worker, run)
        except StartError as error:
            return ProgramOutcome(Status.NOT_RUN, error_message=str(error))

    async def command(self, run: CommandRun) -> CommandOutcome:
        """Run a command in a fresh box that holds only the given files."""
        if self._setting is None:
            return CommandOutcome(Status.NOT_RUN, error_message=self.protection.detail)
        seconds(run.timeout)
        arguments = tools.arguments(run, self._setting.interpreter)
        try:
            worker = await Worker.start(_for_command(self._setting, run))
        except StartError as error:
            return CommandOutcome(Status.NOT_RUN, error_message=str(error))
        try:
            return await executions.command(worker, run, arguments)
        finally:
            await worker.close()


async def _work(pool: Pool, groups: Iterator[list[Batch]]) -> None:
    """Finish groups of batches until none is left; each fork borrows anew, so that others get a turn."""
    for group in groups:
        while unfinished := [batch for batch in group if not batch.finished]:
            try:
                async with pool.borrow() as worker:
                    await Fork(unfinished).work(worker)
            except StartError as error:
                for batch in unfinished:
                    batch.abandon(str(error))


def _for_command(setting: Setting, run: CommandRun) -> Setting:
    shown, folders = tools.folders(run)
    placed = tools.packages(run.packages)
    environment = {"PATH": ":".join([setting.interpreter.folder, *folders, "/usr/local/bin", "/usr/bin", "/bin"])}
    if placed:
        boxed = setting.user is not None
        environment["PYTHONPATH"] = bubblewrap.PACKAGES if boxed else str(Path(placed[0][0]).parent)
    return replace(
        setting, placed=placed, shown=shown, disk=run.limits.memory // 2, preload=(), environment=environment
    )
