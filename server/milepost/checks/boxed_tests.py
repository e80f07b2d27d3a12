"""Runs a test file with pytest inside a box; sent there as text, never imported by Milepost itself.

Reads `plan.json`, forks once for each program in it, and prints one line of JSON for each.
A program is judged in one of three modes: `discover` (no program at all: which calls do the tests make?), `replay` (the
tests meet the answers that the program gave in another box) and `together` (program and tests in one process).
"""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

import pytest

LARGEST_RESULT = 4_000_000
LONGEST_MESSAGE = 600
MOST_QUESTIONS = 300
LEAST_SECONDS = 0.2
PRIVATE_FIXTURES = {"monkeypatch", "tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "recwarn"}
SAME, VALUE, RAISED = "same", "value", "raised"


class Unknown(BaseException):
    """The tests asked something that has no answer yet."""


class Unfit(BaseException):
    """The tests do something that plain values cannot carry."""


class TooLong(BaseException):
    """A test took too long."""


def source(value: Any, depth: int = 0) -> str:
    """Return an expression for a plain value. Raises Unfit for any other."""
    kind = type(value)
    if depth > 30:  # noqa: PLR2004
        raise Unfit("depth")
    if kind in {int, str, bytes, bool, type(None)}:
        return repr(value)
    if kind is float and value == value:  # noqa: PLR0124 Not a number is not equal to itself.
        return repr(value).replace("inf", "1e999")
    if kind in {list, tuple, set}:
        members = ", ".join(source(member, depth + 1) for member in value)
        if kind is tuple:
            return f"({members},)" if value else "()"
        return f"[{members}]" if kind is list else f"{{{members}}}" if value else "set()"
    if kind is dict:
        pairs = (f"{source(key, depth + 1)}: {source(member, depth + 1)}" for key, member in value.items())
        return "{" + ", ".join(pairs) + "}"
    raise Unfit(kind.__name__)


def update(old: Any, new: Any) -> Any:
    """Let an argument become what the program made of it, keeping the identity of what can change."""
    if type(old) is not type(new) or type(old) not in {list, dict, set}:
        return new
    if isinstance(old, list):
        kept = [update(one, other) for one, other in zip(old, new)]  # noqa: B905 Older interpreters run this too.
        old[:] = kept + new[len(kept) :]
    elif isinstance(old, dict):
        changed = {key: update(old.get(key), value) for key, value in new.items()}
        old.clear()
        old.update(changed)
    else:
        old.clear()
        old.update(new)
    return old


class Channel:
    """Answers the calls of the tests, in the place of the program."""

    def __init__(self, program: dict[str, Any]) -> None:
        self.discovers = program["mode"] == "discover"
        self.discovery: Any = importlib.import_module("boxed_discovery")
        self.answers: dict[str, list[list[Any]]] = program.get("answers", {})
        self.constants: dict[str, str] = program.get("constants", {})
        self.functions: list[str] = program.get("functions", [])
        self.test = ""
        self.asked: dict[str, list[str]] = {}
        self.unknown: set[str] = set()
        self.unfit = ""
        self.input = builtins.input
        self.names: set[str] = set()

    def refuse(self, reason: str) -> None:
        """Note that only a run together can judge."""
        self.unfit = self.unfit or reason
        raise Unfit(reason)

    def ask(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return what the program gives for a call."""
        try:
            question = f"({name!r}, {source(list(args))}, {source(kwargs)})"
        except Unfit as reason:
            if str(reason) == "Anything":
                raise Unknown from None
            self.refuse(f"argument {reason}")
        if builtins.input is not self.input:
            self.refuse("input")
        asked = self.asked.setdefault(self.test, [])
        asked.append(question)
        if self.discovers:
            if len(asked) > MOST_QUESTIONS:
                raise Unknown
            return self.discovery.Anything()
        return self._answer(question, len(asked) - 1, args, kwargs)

    def _answer(self, question: str, place: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        known = self.answers.get(self.test, [])
        if place >= len(known) or known[place][0] != question:
            self.unknown.add(self.test)
            raise Unknown
        _, kind, payload, after, printed = known[place]
        new_args, new_kwargs = ast.literal_eval(after)
        for old, new in zip(args, new_args):  # noqa: B905 As above.
            update(old, new)
        for key, new in new_kwargs.items():
            update(kwargs[key], new)
        print(printed, end="")  # noqa: T201 What the program printed is printed where the tests look.
        if kind == SAME:
            return args[payload]
        if kind == RAISED:
            raise _error(*payload)
        return ast.literal_eval(payload)


def _error(name: str, message: str) -> BaseException:
    error = getattr(builtins, name, None)
    if isinstance(error, type) and issubclass(error, BaseException):
        with suppress(TypeError):
            return error(message)
    return Unfit(name)


class Stand(ModuleType):
    """The learner's module as the tests see it: every function of it is a question."""

    def __init__(self, name: str, channel: Channel) -> None:
        super().__init__(name)
        self.__dict__["_channel"] = channel

    def __getattr__(self, name: str) -> Any:
        """Return a function that asks, or a plain value of the module."""
        channel: Channel = self.__dict__["_channel"]
        if name.startswith("__"):
            raise AttributeError(name)
        channel.names.add(name)
        if not channel.discovers and name in channel.constants:
            return ast.literal_eval(channel.constants[name])
        if not channel.discovers and name not in channel.functions:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

        def function(*args: Any, **kwargs: Any) -> Any:
            return channel.ask(name, args, kwargs)

        function.__name__ = function.__qualname__ = name
        function.__module__ = self.__name__
        self.__dict__[name] = function
        return function

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse that tests change the module; the loader's own attributes aside."""
        if not name.startswith("__"):
            self.__dict__["_channel"].refuse("patched module")
        super().__setattr__(name, value)


class Loader(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Loads the learner's module, or what stands for it."""

    def __init__(self, names: list[str], program: dict[str, Any], channel: Channel | None) -> None:
        self.names = names
        self.program = program
        self.channel = channel
        self.module: ModuleType | None = None

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        """Answer for the names of the module, and for the packages in them where there are no files."""
        if fullname in self.names:
            return importlib.machinery.ModuleSpec(fullname, self)
        if self.channel is not None and any(name.startswith(fullname + ".") for name in self.names):
            return importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return the same module under all of its names."""
        if self.module is None:
            self.module = Stand(spec.name, self.channel) if self.channel else ModuleType(spec.name)
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        """Run the learner's file where it is run together with the tests."""
        if self.channel is not None or "_ran" in module.__dict__:
            return
        module.__dict__["_ran"] = True
        module.__dict__["__file__"] = self.program["file_name"]
        module.__dict__["__package__"] = self.program["folder"].replace("/", ".")
        exec(compile(self.program["preamble"], "<preamble>", "exec"), module.__dict__)  # noqa: S102
        exec(compile(self.program["source"], self.program["file_name"], "exec"), module.__dict__)  # noqa: S102


class Collector:
    """Notes what became of each test."""

    def __init__(self, plan: dict[str, Any], program: dict[str, Any], channel: Channel | None) -> None:
        self.seconds = float(plan["seconds"])
        self.each = float(plan["each"])
        self.file_name = program.get("file_name", "")
        self.traces = bool(program.get("trace"))
        self.channel = channel
        self.tests: dict[str, dict[str, Any]] = {}
        self.errors: list[str] = []
        self.load_lines: list[int] = []
        self.private = False

    def pytest_exception_interact(self, node: Any, call: Any) -> None:
        """Note why a test file cannot even be read, and the lines on which the learner's file could not be loaded."""
        if isinstance(node, pytest.Collector) and call.excinfo is not None:
            error = call.excinfo.value
            error = error.__cause__ or error
            self.errors.append(f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE])
            self.load_lines = self._lines(error.__traceback__)

    def pytest_collection_finish(self, session: Any) -> None:
        """Share the time among the tests."""
        self.seconds = min(self.seconds, max(LEAST_SECONDS, self.each / 2 / max(1, len(session.items))))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """Begin a test: its questions count from the first."""
        if PRIVATE_FIXTURES & set(getattr(item, "fixturenames", ())):
            self.private = True
        if self.channel is not None:
            self.channel.test = item.nodeid
            self.channel.asked[item.nodeid] = []
        self.tests[item.nodeid] = {"outcome": "passed", "message": "", "lines": [], "ran": []}
        yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: Any) -> Iterator[None]:
        """Bound the time of a test, and follow it where that is wanted."""
        ran: set[int] = set()
        signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        if self.traces:
            sys.settrace(self._tracer(ran))
        yield
        sys.settrace(None)
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.tests[item.nodeid]["ran"] = sorted(ran)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Iterator[None]:
        """Note the outcome of a phase of a test."""
        outcome: Any = yield
        report = outcome.get_result()
        noted = self.tests[item.nodeid]
        if report.failed:
            noted["outcome"] = "failed"
            noted["message"] = noted["message"] or _message(report)
            noted["lines"] = noted["lines"] or self._lines(call.excinfo.tb if call.excinfo else None)
        elif report.skipped and not hasattr(report, "wasxfail"):
            noted["outcome"] = "skipped"

    def _lines(self, traceback: TracebackType | None) -> list[int]:
        found = []
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == self.file_name:
                found.append(traceback.tb_lineno - 1)
            traceback = traceback.tb_next
        return found

    def _tracer(self, ran: set[int]) -> Callable[[FrameType, str, Any], Any]:
        def local(frame: FrameType, event: str, _: Any) -> Any:
            if event == "line":
                ran.add(frame.f_lineno - 1)
            return local

        def tracer(frame: FrameType, _: str, __: Any) -> Any:
            code: CodeType = frame.f_code
            return local if code.co_filename == self.file_name and code.co_name != "<module>" else None

        return tracer


def _too_long(*_: object) -> None:
    raise TooLong("the test takes too long")


def _message(report: Any) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    return str(text)[:LONGEST_MESSAGE]


def _place(files: dict[str, str], program: str) -> None:
    """Write the other files of a program where it can import them; this runs after the runner's own imports."""
    if files:
        folder = Path(tempfile.mkdtemp(dir=Path.cwd()))
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8", "surrogatepass", newline="")
        sys.path[1:1] = [str(folder / program), str(folder)]


def judge(plan: dict[str, Any], program: dict[str, Any]) -> dict[str, Any]:
    """Run the tests on one program."""
    channel = None if program["mode"] == "together" else Channel(program)
    if channel is not None and channel.discovers:
        channel.discovery.make_tolerant(plan["tests"])
    _place(program.get("beside", {}), program.get("folder", ""))
    sys.meta_path.insert(0, Loader(plan["modules"], program, channel))
    collector = Collector(plan, program, channel)
    options = ["--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:terminal"]
    pytest.main([*options, "-W", "ignore", f"--rootdir={Path.cwd()}", plan["tests"]], plugins=[collector])
    result: dict[str, Any] = {
        "tests": collector.tests,
        "errors": collector.errors,
        "load_lines": collector.load_lines,
        "private": collector.private,
    }
    if channel is not None:
        result |= {
            "questions": channel.asked,
            "unknown": sorted(channel.unknown),
            "unfit": channel.unfit,
            "names": sorted(channel.names),
        }
    return result


def fork(plan: dict[str, Any], program: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Judge one program in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                pipe.write(json.dumps(judge(plan, program)))
        finally:
            os._exit(0)
    os.close(writing)
    text = _drained(reading, time.monotonic() + seconds)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        result = json.loads(text)
    except ValueError:
        return {"stopped": True}
    return result if isinstance(result, dict) else {"stopped": True}


def _drained(descriptor: int, deadline: float) -> bytes:
    parts = []
    size = 0
    with open_descriptor(descriptor):
        while size < LARGEST_RESULT and select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
            part = os.read(descriptor, 65_536)
            if not part:
                break
            parts.append(part)
            size += len(part)
    return b"".join(parts)


@contextmanager
def open_descriptor(descriptor: int) -> Iterator[None]:
    """Close a descriptor at the end."""
    try:
        yield
    finally:
        os.close(descriptor)


def main() -> None:
    """Judge every program of the plan."""
    output = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    plan = json.loads(Path("plan.json").read_text("utf-8"))
    Path("plan.json").unlink()
    sys.path[:0] = [str(Path.cwd()), str(Path(plan["tests"]).absolute().parent)]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = True
    for program in plan["programs"]:
        line = json.dumps(fork(plan, program, float(plan["each"])), ensure_ascii=True) + "\n"
        os.write(output, line.encode("ascii"))


if __name__ == "__main__":
    main()
