"""Runs of calls: one fork of a warm worker per program, another after each call that had to be killed."""

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
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

    def __init__(self, run: CallRun) -> None:
        self.run = run
        self.outcomes: list[CallOutcome] = []
        self.timeouts = 0
        self.starts = 0
        self.tampered = False
        # What cannot be run is refused before anything is.
        self.files = encoded(run.files)
        if run.folder:
            inner(run.folder)
        for call in run.calls:
            seconds(call.timeout)

    @property
    def failures(self) -> int:
        """How many failures are left until the rest is not run; -1 if there is no such limit."""
        if self.run.stop_after_failures is None:
            return -1
        failed = sum(outcome.status in FAILED for outcome in self.outcomes)
        return max(0, self.run.stop_after_failures - failed)

    @property
    def finished(self) -> bool:
        """Tell whether no call is left to make."""
        return len(self.outcomes) >= len(self.run.calls) or self.tampered or self.failures == 0

    @property
    def longest(self) -> float:
        """The seconds that what is left may take."""
        return sum(self.limit(call) for call in self.run.calls[len(self.outcomes) :])

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

    def retry(self) -> None:
        """Count a start that failed; give up on the call after a few."""
        self.starts += 1
        if self.starts > RETRIES:
            self.outcomes.append(CallOutcome(Status.NOT_RUN, error_message="did not start"))

    def request(self) -> dict[str, Any]:
        """Return what the judged process is told."""
        run = self.run
        pending = run.calls[len(self.outcomes) :]
        return {
            "source": run.source,
            "file_name": run.file_name,
            "preamble": run.preamble,
            "watched": run.watched,
            "package": run.folder.replace("/", "."),
            "trace": run.trace,
            "first": len(self.outcomes),
            "failures": self.failures,
            "calls": [{"expression": call.expression, "setup": call.setup} for call in pending],
        }

    def limit(self, call: Call) -> float:
        """Return the kill limit of a call, short once several ran into theirs."""
        limit = seconds(call.timeout)
        return min(limit, SHORT_LIMIT) if self.timeouts >= PATIENCE else limit


class Fork:
    """One process of a warm worker that makes the calls of one program, or of several of the same author."""

    def __init__(self, batches: Sequence[Batch], limits: Limits = DEFAULT) -> None:
        self._batches = batches
        self._limits = limits
        self._touched: list[Batch] = []
        self._tampered = False

    async def work(self, worker: Worker) -> None:
        """Make calls until all are made or one ends the process; every program touched is nearer its end."""
        wall = sum(batch.longest for batch in self._batches) + START_LIMIT
        run = worker.begin({"mode": "call", "wall": wall}, replace(self._limits, cpu=wall))
        try:
            await run.channel.send(self._request())
            ended_by = await self._collect(run) if await self._ready(run) else None
            ending = await run.ended()
        finally:
            run.kill()
            run.channel.close()
        if self._tampered:
            worker.worn = True
            for batch in self._touched:
                batch.tampered = True
        elif not self._touched:
            self._batches[0].retry()
        elif ended_by is not None:
            ended_by.outcomes[-1] = _killed(ended_by.outcomes[-1], ending)

    def _request(self) -> dict[str, Any]:
        programs = [batch.request() for batch in self._batches]
        said = "".join(program["source"] + program["preamble"] + str(program["calls"]) for program in programs)
        said += "".join(self._batches[0].run.files.values())
        return {
            "programs": programs,
            "patches": "builtins" in said,
            "random": "random" in said,
            "output": self._limits.output,
            "files": self._batches[0].files,
            "folder": self._batches[0].run.folder,
        }

    async def _ready(self, run: Run) -> bool:
        try:
            async with asyncio.timeout(START_LIMIT):
                if await run.channel.record() == {"ready": True}:
                    return True
        except (TimeoutError, GarbageError):
            run.kill()
        return False

    async def _collect(self, run: Run) -> Batch | None:
        """Read the records of every program; return the one, if any, whose last call ended the process."""
        for place, batch in enumerate(self._batches):
            self._touched.append(batch)
            while not batch.finished:
                outcome = await _next(run, batch, place)
                if outcome is None:
                    self._tampered = True
                    run.kill()
                    return None
                batch.outcomes.append(outcome)
                if outcome.status in LAST:
                    batch.timeouts += outcome.status is Status.TIMEOUT
                    return batch
        self._tampered = not await _silent(run)
        return None


async def _next(run: Run, batch: Batch, place: int) -> CallOutcome | None:
    """Return the outcome of the batch's next call, None if what arrives is no record of it."""
    call = batch.run.calls[len(batch.outcomes)]
    limit = batch.limit(call)
    started = time.perf_counter()
    try:
        if (record := run.channel.buffered()) is None:
            async with asyncio.timeout(limit):
                record = await run.channel.record()
    except TimeoutError:
        run.kill()
        outcome = CallOutcome(Status.TIMEOUT)
    except GarbageError:
        return None
    else:
        if record is None:
            outcome = CallOutcome(Status.DIED)
        elif (record.get("program"), record.get("index")) == (place, len(batch.outcomes)):
            outcome = _outcome(record, call)
        else:
            return None
    elapsed = round((time.perf_counter() - started) * 1000, 3)
    return replace(outcome, milliseconds=elapsed, shortened=limit < seconds(call.timeout))


async def _silent(run: Run) -> bool:
    """Make sure that nothing follows the last record."""
    try:
        async with asyncio.timeout(START_LIMIT):
            return await run.channel.record() is None
    except (TimeoutError, GarbageError):
        run.kill()
        return False


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
        output = _output(record)
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


def _output(record: dict[str, Any]) -> str:
    value = values.build(record.get("output", ""))
    if value.kind != "str":
        raise values.UnreadableError("output")
    return str(value.content)


def text_of(record: dict[str, Any], name: str) -> str:
    """Return a text of a record, empty if absent; ValueError for anything else."""
    text = record.get(name, "")
    if not isinstance(text, str):
        raise values.UnreadableError(name)
    return text[:MAX_MESSAGE]


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
