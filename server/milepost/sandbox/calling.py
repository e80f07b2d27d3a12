"""Runs of calls: one fork of a warm worker per program, another after each call that had to be killed."""

import asyncio
import base64
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from milepost.sandbox import values
from milepost.sandbox.channels import GarbageError
from milepost.sandbox.limits import DEFAULT, Limits, seconds
from milepost.sandbox.runs import Call, CallOutcome, CallRun, Status
from milepost.sandbox.workers import Ending, Run, Worker

START_LIMIT = 10.0
PATIENCE = 2
RETRIES = 2
SHORT_LIMIT = 0.2
MAX_LINE_NUMBER = 1_000_000
MAX_MESSAGE = 2_000
SHOWN = 200
FAILED = frozenset(Status) - {Status.VALUE}
LAST = frozenset({Status.TIMEOUT, Status.DIED})
LEFT_ALONE = frozenset({Status.VALUE, Status.RAISED, Status.EXITED, Status.SYNTAX, Status.OUTPUT})
SIGNALS = {6: "aborted", 8: "arithmetic fault", 9: "killed", 11: "memory fault", 24: "processor time", 25: "file size", 31: "forbidden system call"}  # fmt: skip  # noqa: E501


class Batch:
    """The calls of one program and what they have given so far."""

    def __init__(self, run: CallRun, limits: Limits = DEFAULT) -> None:
        self.run = run
        self.limits = limits
        # What cannot be run is refused before anything is.
        self._files = encoded(run.files)
        for call in run.calls:
            seconds(call.timeout)
        self.outcomes: list[CallOutcome] = []
        self.timeouts = 0
        self.starts = 0
        self.tampered = False

    @property
    def finished(self) -> bool:
        """Tell whether no call is left to make."""
        stop = self.run.stop_after_failures
        failures = sum(outcome.status in FAILED for outcome in self.outcomes)
        return len(self.outcomes) >= len(self.run.calls) or self.tampered or (stop is not None and failures >= stop)

    def results(self) -> list[CallOutcome]:
        """Return one outcome for each call; a program that tampered gets no other verdict."""
        if self.tampered:
            return [CallOutcome(Status.TAMPERED) for _ in self.run.calls]
        missing = len(self.run.calls) - len(self.outcomes)
        return [*self.outcomes, *(CallOutcome(Status.NOT_RUN) for _ in range(missing))]

    def abandon(self, message: str) -> None:
        """Leave the other calls unmade."""
        missing = len(self.run.calls) - len(self.outcomes)
        self.outcomes += [CallOutcome(Status.NOT_RUN, error_message=message)] * missing

    async def advance(self, worker: Worker) -> None:
        """Make calls in one fork until all are made or it is over; an outcome is added, or a failed start counted."""
        pending = self.run.calls[len(self.outcomes) :]
        wall = sum(self._limit(call) for call in pending) + START_LIMIT
        run = worker.begin({"mode": "call", "wall": wall}, replace(self.limits, cpu=wall))
        before = len(self.outcomes)
        try:
            await run.channel.send(self._request(pending))
            intact = await self._ready(run) and await self._collect(run, pending)
            ending = await run.ended()
        finally:
            run.kill()
            run.channel.close()
        worker.worn = worker.worn or self.tampered
        if before == len(self.outcomes) and not self.tampered:
            self._retry()
        elif not intact and not self.tampered:
            self.outcomes[-1] = _killed(self.outcomes[-1], ending)

    def _request(self, pending: tuple[Call, ...]) -> dict[str, Any]:
        run = self.run
        return {
            "source": run.source,
            "file_name": run.file_name,
            "preamble": run.preamble,
            "trace": run.trace,
            "output": self.limits.output,
            "first": len(self.outcomes),
            "calls": [{"expression": call.expression, "setup": call.setup} for call in pending],
            "files": self._files,
        }

    def _limit(self, call: Call) -> float:
        limit = seconds(call.timeout)
        return min(limit, SHORT_LIMIT) if self.timeouts >= PATIENCE else limit

    async def _ready(self, run: Run) -> bool:
        try:
            async with asyncio.timeout(START_LIMIT):
                if await run.channel.record() == {"ready": True}:
                    return True
        except (TimeoutError, GarbageError):
            run.kill()
        return False

    def _retry(self) -> None:
        """Give up on a call whose process did not even start, more than once."""
        self.starts += 1
        if self.starts > RETRIES:
            self.outcomes.append(CallOutcome(Status.NOT_RUN, error_message="did not start"))

    async def _collect(self, run: Run, pending: tuple[Call, ...]) -> bool:
        """Read the records of `pending`; False if the last outcome is of a call that ended the process."""
        for call in pending:
            limit = self._limit(call)
            started = time.perf_counter()
            outcome = await self._next(run, call, limit)
            if outcome is None:
                return self._tampered(run)
            elapsed = round((time.perf_counter() - started) * 1000, 3)
            self.outcomes.append(replace(outcome, milliseconds=elapsed, shortened=limit < seconds(call.timeout)))
            if outcome.status in LAST:
                self.timeouts += outcome.status is Status.TIMEOUT
                return False
            if self.finished:
                break
        return await self._silence(run)

    async def _next(self, run: Run, call: Call, limit: float) -> CallOutcome | None:
        """Return the outcome that the next record tells, None if it is none."""
        try:
            if (record := run.channel.buffered()) is None:
                async with asyncio.timeout(limit):
                    record = await run.channel.record()
        except TimeoutError:
            run.kill()
            return CallOutcome(Status.TIMEOUT)
        except GarbageError:
            return None
        if record is None:
            return CallOutcome(Status.DIED)
        return _outcome(record, call) if record.get("index") == len(self.outcomes) else None

    def _tampered(self, run: Run) -> bool:
        run.kill()
        self.tampered = True
        return True

    async def _silence(self, run: Run) -> bool:
        """Make sure that nothing follows the last record."""
        try:
            if len(self.outcomes) < len(self.run.calls):
                run.kill()
                return True
            async with asyncio.timeout(START_LIMIT):
                if await run.channel.record() is None:
                    return True
        except (TimeoutError, GarbageError):
            pass
        return self._tampered(run)


def encoded(files: Mapping[str, str | bytes]) -> dict[str, str]:
    """Return files as base64 by a path that stays inside the box's folder; ValueError for any other path."""
    return {inner(name): base64.b64encode(_bytes(content)).decode() for name, content in files.items()}


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")


def inner(name: str) -> str:
    """Return `name`; ValueError if it does not stay below the folder it is relative to."""
    parts = name.split("/")
    if not name or "\0" in name or any(part in ("", "..", ".") for part in parts):
        message = f"not a path inside the box: {name!r}"
        raise ValueError(message)
    return name


def _outcome(record: dict[str, Any], call: Call) -> CallOutcome:
    """Return what a record says, every part of it checked, since judged code may have written it."""
    try:
        status = Status(text_of(record, "status"))
        output = text_of(record, "output", MAX_RECORD_OUTPUT)
        lines = frozenset(numbers(record, "lines"))
        if status is Status.VALUE:
            value = values.text_value(output) if call.capture == "output" else values.build(record["value"][0])
            return CallOutcome(status, value, value.name, values.show(value, SHOWN), output, lines=lines)
        if status not in LEFT_ALONE and status is not Status.MEMORY:
            return CallOutcome(Status.UNREADABLE)
        return CallOutcome(
            status,
            output=output,
            error_type=text_of(record, "type"),
            error_message=values.printable(text_of(record, "message")),
            error_bases=tuple(name for name in record.get("bases", [])[:20] if isinstance(name, str)),
            error_lines=tuple(numbers(record, "error_lines")),
            lines=lines,
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return CallOutcome(Status.UNREADABLE)


MAX_RECORD_OUTPUT = 1 << 24


def text_of(record: dict[str, Any], name: str, limit: int = MAX_MESSAGE) -> str:
    """Return a text of a record, empty if absent; ValueError for anything else."""
    text = record.get(name, "")
    if not isinstance(text, str):
        raise values.UnreadableError(name)
    return text[:limit]


def numbers(record: dict[str, Any], name: str) -> list[int]:
    """Return line numbers of a record, empty if absent; ValueError for anything else."""
    found = record.get(name, [])
    if not isinstance(found, list) or not all(type(one) is int and 0 <= one < MAX_LINE_NUMBER for one in found):
        raise values.UnreadableError(name)
    return found


def _killed(outcome: CallOutcome, ending: Ending) -> CallOutcome:
    """Say why the process that was to give this outcome ended."""
    if outcome.status is Status.TIMEOUT:
        return replace(outcome, error_message="kill limit")
    status, message = reason(ending)
    return replace(outcome, status=status, error_message=outcome.error_message or message)


def reason(ending: Ending) -> tuple[Status, str]:
    """Return the status and a word for a run that ended without saying how."""
    if ending.reason == "memory":
        return Status.MEMORY, "memory of the whole box"
    if ending.reason in {"wall", "killed"} or ending.signal == 24:  # noqa: PLR2004 - SIGXCPU.
        return Status.TIMEOUT, "kill limit"
    if ending.reason != "exit":
        return Status.DIED, ending.reason
    if ending.signal is not None:
        return Status.DIED, SIGNALS.get(ending.signal, f"signal {ending.signal}")
    return Status.DIED, f"exit {ending.code}"
