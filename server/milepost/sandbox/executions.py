"""Runs with standard streams: whole programs in a warm worker, commands in a box of their own."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milepost.sandbox import calling, values
from milepost.sandbox.channels import GarbageError
from milepost.sandbox.limits import Limits, seconds
from milepost.sandbox.runs import CommandOutcome, CommandRun, ProgramOutcome, ProgramRun, Status
from milepost.sandbox.streams import Streams
from milepost.sandbox.workers import Ending, Run, Worker

OUTPUT_SIZE = 4 << 20


@dataclass(frozen=True, slots=True)
class Execution:
    """How a run with standard streams went."""

    ending: Ending
    record: dict[str, Any]
    outputs: Mapping[str, bytes]
    output: str
    errors: str
    excess: bool
    tampered: bool
    milliseconds: float

    @property
    def status(self) -> Status:
        """How it ended, from what the box says first and from what the process says after that."""
        if self.tampered:
            return Status.TAMPERED
        if self.excess:
            return Status.OUTPUT
        if self.ending.reason != "exit" or self.ending.signal is not None:
            return calling.reason(self.ending)[0]
        told = self.record.get("status")
        return Status(told) if told in {Status.RAISED, Status.MEMORY, Status.SYNTAX} else Status.EXITED


async def program(worker: Worker, run: ProgramRun) -> ProgramOutcome:
    """Run a whole Python program."""
    request = {
        "source": run.source,
        "file_name": run.file_name,
        "arguments": list(run.arguments),
        "watched": run.watched,
        "folder": run.folder and calling.inner(run.folder),
        "trace": run.trace,
        "random": any("random" in text for text in (run.source, *run.files.values())),
        "files": calling.encoded(run.files),
    }
    done = await _execute(worker, {"mode": "program"}, request, _Terms(run.stdin, run.timeout, run.limits))
    worker.worn = worker.worn or done.tampered
    return ProgramOutcome(done.status, done.ending.code, **_streams(done), **_told(done))


async def command(worker: Worker, run: CommandRun, arguments: list[str]) -> CommandOutcome:
    """Run a command in the box of `worker`, which is not used again."""
    request = {
        "argv": arguments,
        "folder": run.folder if run.folder == "." else calling.inner(run.folder),
        "environment": dict(run.environment),
        "files": calling.encoded(run.files),
    }
    order = {"mode": "command", "outputs": [calling.inner(name) for name in run.outputs], "output_size": OUTPUT_SIZE}
    done = await _execute(worker, order, request, _Terms(run.stdin, run.timeout, run.limits))
    message = str(done.record.get("failed", ""))
    if not message and done.status not in {Status.EXITED, Status.OUTPUT}:
        message = calling.reason(done.ending)[1]
    return CommandOutcome(done.status, done.ending.code, **_streams(done), error_message=message, outputs=done.outputs)


def _streams(done: Execution) -> dict[str, Any]:
    return {
        "output": done.output,
        "errors": done.errors,
        "truncated": done.excess,
        "milliseconds": done.milliseconds,
    }


def _told(done: Execution) -> dict[str, Any]:
    record = done.record
    try:
        return {
            "error_type": calling.text_of(record, "type"),
            "error_message": values.printable(calling.text_of(record, "message")),
            "error_lines": tuple(calling.numbers(record, "error_lines")),
            "lines": frozenset(calling.numbers(record, "lines")),
        }
    except ValueError:
        return {}


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a run gets to read, how long it may take, and its limits."""

    stdin: str
    timeout: float
    limits: Limits


async def _execute(worker: Worker, order: dict[str, Any], request: dict[str, Any], terms: _Terms) -> Execution:
    limit = seconds(terms.timeout)
    wall = {"wall": limit + calling.START_LIMIT}
    with contextlib.closing(Streams(terms.stdin, terms.limits.output)) as streams:
        run = worker.begin({**order, **wall}, terms.limits, streams.theirs)
        streams.start()
        told = asyncio.create_task(_told_by(run))
        try:
            await run.channel.send(request)
            started = time.perf_counter()
            await _until_ended(run, streams, limit)
            elapsed = round((time.perf_counter() - started) * 1000, 3)
            record, outputs, tampered = await told
            output, errors = await streams.texts()
            ending = await run.ended()
            excess = streams.excess.is_set()
            return Execution(ending, record, outputs, output, errors, excess, tampered, elapsed)
        finally:
            told.cancel()
            run.kill()
            run.channel.close()


async def _until_ended(run: Run, streams: Streams, limit: float) -> None:
    """Wait for the end of the run, and bring it about if it takes too long or prints too much."""
    excess = asyncio.ensure_future(streams.excess.wait())
    ending = asyncio.ensure_future(run.ended())
    try:
        await asyncio.wait((excess, ending), timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        run.kill()
        await ending
    finally:
        excess.cancel()
        ending.cancel()


async def _told_by(run: Run) -> tuple[dict[str, Any], dict[str, bytes], bool]:
    """Return the last record, the files read back, and whether something arrived that does not belong there."""
    last: dict[str, Any] = {}
    outputs: dict[str, bytes] = {}
    try:
        while (record := await run.channel.record()) is not None:
            if "output" in record:
                size = int(record["size"])
                if size >= 0:
                    outputs[str(record["output"])] = await run.channel.exactly(min(size, OUTPUT_SIZE))
            else:
                last = record
    except (GarbageError, ValueError, KeyError, TypeError):
        run.kill()
        return {}, {}, True
    return last, outputs, False
