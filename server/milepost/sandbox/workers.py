"""The server's side of one box: starting it, giving it runs, hearing how they ended, ending it."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from milepost.sandbox import bubblewrap, processes, seccomp
from milepost.sandbox.channels import Channel
from milepost.sandbox.interpreters import Interpreter
from milepost.sandbox.limits import Limits

START_LIMIT = 10.0
CLOSE_LIMIT = 5.0
KILL_LIMIT = 10.0
COMPLAINT_LIMIT = 1.0
MAX_LINE = 65_536
# Addresses that an interpreter and its extension modules reserve without using them.
LIBRARIES = 192 << 20
PRELOAD = (
    "bisect", "collections", "copy", "dataclasses", "datetime", "enum", "functools", "heapq", "itertools", "math",
    "operator", "random", "re", "string", "typing",
)  # fmt: skip


class StartError(Exception):
    """A box did not come up."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, as the box's first process saw it; LOST if the box went away."""

    reason: str
    code: int | None = None
    signal: int | None = None
    leftovers: bool = False
    clean: bool = False


LOST = Ending("lost")


@dataclass(frozen=True, slots=True)
class Setting:
    """What boxes are made from: the interpreter, who they run as (None: no boundary), and what else is shown."""

    interpreter: Interpreter
    user: bubblewrap.User | None
    packages: bool = True
    placed: tuple[tuple[str, str], ...] = ()
    shown: tuple[str, ...] = ()
    disk: int = 64 << 20
    preload: tuple[str, ...] = PRELOAD
    environment: dict[str, str] = field(default_factory=dict)


def can_fork() -> bool:
    """Tell whether this platform has what even an unprotected worker needs."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


class Worker:
    """One box with its warm first process; it does one run at a time."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, folder: str | None) -> None:
        self._process = process
        self._control = control
        self._folder = folder
        self._pending = b""
        self._hello: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._ending: asyncio.Future[Ending] | None = None
        self._count = 0
        self._exit = processes.exit_descriptor(process)
        self.alive = True
        self.worn = False
        loop = asyncio.get_running_loop()
        loop.add_reader(control, self._on_control)
        if self._exit is not None:
            loop.add_reader(self._exit, self._lost)

    @classmethod
    async def start(cls, setting: Setting) -> "Worker":
        """Start a box and wait until it is ready; StartError says why it is not."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003 - the standard library's signature.
        folder = tempfile.mkdtemp(prefix="milepost-") if setting.user is None else None
        with theirs:
            try:
                process = _boxed(setting, theirs) if folder is None else _bare(setting, theirs, folder)
            except OSError as error:
                ours.close()
                raise StartError(str(error)) from None
        worker = cls(process, ours, folder)
        try:
            async with asyncio.timeout(START_LIMIT):
                await worker._hello
        except (TimeoutError, StartError):
            complaint = await worker.complaint()
            await worker.close()
            raise StartError(complaint) from None
        except BaseException:
            await worker.close()
            raise
        return worker

    @property
    def usable(self) -> bool:
        """Tell whether it can do another run."""
        return self.alive and not self.worn

    @property
    def busy(self) -> bool:
        """Tell whether a run has not ended yet."""
        return self._ending is not None and not self._ending.done()

    def when_free(self, then: Callable[[], None]) -> None:
        """Call `then` once the current run has ended."""
        assert self._ending is not None
        self._ending.add_done_callback(lambda _: then())

    async def complaint(self) -> str:
        """Return what the box printed when it failed to start."""
        stream = self._process.stderr
        if stream is None:
            return ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(COMPLAINT_LIMIT):
                await processes.ended(self._process)
        return _drain(stream.fileno())

    def begin(self, order: dict[str, Any], limits: Limits, streams: Sequence[int] = ()) -> "Run":
        """Start a run; `streams` become its standard streams."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003 - the standard library's signature.
        self._count += 1
        self._ending = asyncio.get_running_loop().create_future()
        line = json.dumps({"run": self._count, **_limits(limits), **order}).encode() + b"\n"
        with theirs:
            try:
                socket.send_fds(self._control, [line], [theirs.fileno(), *streams])
            except OSError:
                self._lost()
        return Run(Channel(ours), self._ending, self._killer(self._count))

    def _killer(self, number: int) -> Callable[[], None]:
        def kill() -> None:
            with contextlib.suppress(OSError):
                self._control.send(json.dumps({"kill": number}).encode() + b"\n")
            asyncio.get_running_loop().call_later(KILL_LIMIT, self._stuck, number)

        return kill

    def _stuck(self, number: int) -> None:
        """Give up on a box that did not end a run although it was told to."""
        if self.alive and self.busy and number == self._count:
            self._lost()
            processes.kill_tree(self._process)

    def _on_control(self) -> None:
        try:
            data = self._control.recv(MAX_LINE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._pending += data
        if not data or len(self._pending) > MAX_LINE:
            self._lost()
            return
        *lines, self._pending = self._pending.split(b"\n")
        for line in lines:
            self._hear(line)

    def _hear(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            if "hello" in message:
                _settle(self._hello, message)
            elif message["ended"] == self._count and self._ending is not None:
                ending = _ending(message)
                self.worn = self.worn or not ending.clean
                _settle(self._ending, ending)
        except (ValueError, KeyError, TypeError):
            self._lost()

    def _lost(self) -> None:
        """Take note that the box is gone, or soon will be: its first process ends when it is not listened to."""
        if not self.alive:
            return
        self.alive = False
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._control)
        self._control.close()
        if self._exit is not None:
            loop.remove_reader(self._exit)
            os.close(self._exit)
        if not self._hello.done():
            self._hello.set_exception(StartError())
            self._hello.exception()  # Seen, should nobody wait for it any more.
        if self._ending is not None:
            _settle(self._ending, LOST)

    async def close(self) -> None:
        """End the box and everything in it."""
        self._lost()
        try:
            async with asyncio.timeout(CLOSE_LIMIT):
                await processes.ended(self._process)
        except TimeoutError:
            processes.kill_tree(self._process)
            await processes.ended(self._process)
        finally:
            if self._process.stderr is not None:
                self._process.stderr.close()
            if self._folder is not None:
                await asyncio.to_thread(subprocess.run, ["/bin/rm", "-rf", "--", self._folder], check=False)


class Run:
    """One run that has begun."""

    def __init__(self, channel: Channel, ending: asyncio.Future[Ending], kill: Callable[[], None]) -> None:
        self.channel = channel
        self.ending = ending
        self._kill = kill

    def kill(self) -> None:
        """Kill it at once, if it still runs."""
        if not self.ending.done():
            self._kill()

    async def ended(self) -> Ending:
        """Wait until nothing of it is left and return how it ended."""
        return await asyncio.shield(self.ending)


def _settle(future: "asyncio.Future[Any]", result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _ending(message: dict[str, Any]) -> Ending:
    return Ending(
        str(message["reason"]), message["code"], message["signal"], bool(message["leftovers"]), bool(message["clean"])
    )


def _limits(limits: Limits) -> dict[str, Any]:
    return {
        "memory": limits.memory,
        "address_space": limits.memory + LIBRARIES if limits.address_space else None,
        "cpu": max(1, round(limits.cpu)),
        "file_size": limits.file_size,
        "open_files": limits.open_files,
        "processes": limits.processes,
        "outputs": [],
        "output_size": 0,
    }


def _drain(descriptor: int) -> str:
    os.set_blocking(descriptor, False)
    with contextlib.suppress(OSError):
        return os.read(descriptor, 4096).decode("utf-8", "replace").strip()
    return ""


def _boxed(setting: Setting, control: socket.socket) -> subprocess.Popen[bytes]:
    assert setting.user is not None
    inside = (str(bubblewrap.INSIDE), bubblewrap.CODE)
    paths = setting.interpreter.paths if setting.packages else ()
    shown = tuple(sorted({*setting.interpreter.needs, *setting.shown, *paths}))
    plan = bubblewrap.Plan(shown, (inside, *setting.placed), setting.disk, _environment(setting, bubblewrap.HOME))
    line = bubblewrap.arguments(plan, setting.user)
    own = {
        "identity": setting.user.identity(),
        "childless": (seccomp.childless() or b"").hex() if setting.user.is_unlimited else "",
        "home": bubblewrap.HOME,
        "folders": list(bubblewrap.FOLDERS),
        "shown": list(shown),
    }
    with _filter() as descriptor:
        passed = [number for number in (descriptor, setting.user.namespace) if number is not None]
        if descriptor is not None:
            line += ["--seccomp", str(descriptor)]
        line += ["--", *_worker(setting, bubblewrap.CODE, own)]
        return processes.spawn(line, control, passed)


def _bare(setting: Setting, control: socket.socket, folder: str) -> subprocess.Popen[bytes]:
    own = {"identity": None, "childless": "", "home": folder, "folders": [folder], "shown": []}
    line = _worker(setting, str(bubblewrap.INSIDE), own)
    return processes.spawn(line, control, environment=_environment(setting, folder))


def _worker(setting: Setting, code: str, own: dict[str, Any]) -> list[str]:
    paths = list(setting.interpreter.paths) if setting.packages else []
    settings = {**own, "paths": paths, "preload": list(setting.preload)}
    start = f"import sys; sys.path.insert(0, {str(Path(code).parent)!r}); from inside import worker; worker.main()"
    return [setting.interpreter.binary, "-I", "-S", "-c", start, json.dumps(settings)]


def _environment(setting: Setting, home: str) -> dict[str, str]:
    return {
        "PATH": f"{setting.interpreter.folder}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **setting.environment,
    }


@contextlib.contextmanager
def _filter() -> Any:
    """Hold a descriptor from which bubblewrap reads the filter of system calls; None where there is none."""
    program = seccomp.program()
    if program is None:
        yield None
        return
    reader, writer = os.pipe()
    try:
        os.write(writer, program)
        os.close(writer)
        yield reader
    finally:
        os.close(reader)
