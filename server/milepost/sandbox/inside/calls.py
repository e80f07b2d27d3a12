"""The judged side of a batch of calls: a fresh namespace for each, one JSON record for each; runs inside the box."""

from __future__ import annotations

import builtins
import itertools
import json
import sys
import types
from typing import Any

from . import capture, encoding, tracing

ENDINGS = ((SystemExit, "exited"), (MemoryError, "memory"), (capture.OutputLimitError, "output"))
MAX_LINES = 50
MAX_MESSAGE = 2_000


class Baseline:
    """What judged code may have changed in its process and the next call should find as it was.

    Made before the fork and asked as little as possible, since whatever is touched after a fork has to be copied.
    """

    def __init__(self) -> None:
        self._builtins = dict(vars(builtins))
        self._depth = sys.getrecursionlimit()
        self._count = 0

    def begin(self, home: str, *, patches: bool) -> None:
        """Start to watch; `patches` tells whether any judged code speaks of builtins at all."""
        self._home = home + "/"
        self._path = list(sys.path)
        self._count = len(sys.modules)
        self._patches = patches

    def restore(self) -> None:
        """Put it back: builtins, the recursion limit, the import path; forget the program's own modules."""
        if self._patches and builtins.__dict__ != self._builtins:
            space = builtins.__dict__
            space.update(self._builtins)
            for name in space.keys() - self._builtins.keys():
                del space[name]
        sys.setrecursionlimit(self._depth)
        sys.path[:] = self._path
        if len(sys.modules) != self._count:
            self._forget()

    def _forget(self) -> None:
        # What was imported since stands at the end; looking at all names would copy them all.
        added = list(itertools.islice(reversed(sys.modules), max(0, len(sys.modules) - self._count)))
        for name in added:
            if str(getattr(sys.modules[name], "__file__", None)).startswith(self._home):
                del sys.modules[name]
        self._count = len(sys.modules)


class Program:
    """A judged program, compiled once and run anew for every call."""

    def __init__(self, request: dict[str, Any], streams: capture.Capture, home: str) -> None:
        self.file_name = request["file_name"]
        self.watched = watched(request, home)
        self.package = request["package"]
        self.module_name = self.file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "program"
        self.capture = streams
        self.preamble = request["preamble"]
        self.source = request["source"]
        self.trace = tracing.LineTrace(self.watched) if request["trace"] else None
        self.code: list[types.CodeType] = []
        self.broken: dict[str, Any] | None = None

    def compile(self) -> None:
        """Compile preamble and program; a failure becomes the record of every call."""
        try:
            if self.preamble:
                self.code.append(compile(self.preamble, "<preamble>", "exec", dont_inherit=True))
            self.code.append(compile(self.source, self.file_name, "exec", dont_inherit=True))
        except MemoryError as error:
            self.broken = {"status": "memory", **failure(error, self.watched)}
        except BaseException as error:  # noqa: BLE001 - the compiler raises more than SyntaxError.
            self.broken = {"status": "syntax", **failure(error, self.watched)}

    def record(self, call: dict[str, Any]) -> dict[str, Any]:
        """Run one call and return its record."""
        if self.broken is not None:
            return self.broken
        self.capture.begin()
        shadowed = sys.modules.get(self.module_name)
        if self.trace:
            self.trace.start()
        value = error = None
        try:
            value = self._call(call)
        except BaseException as raised:  # noqa: BLE001 - judged code raises what it likes.
            error = raised
        lines = self.trace.stop() if self.trace else []
        # Before anything of ours runs, which would trip over a builtin that was replaced.
        BASELINE.restore()
        record = self._told(value) if error is None else self._failed(error)
        self._remove(shadowed)
        return {**record, "lines": lines, "output": encoding.encode_text(self.capture.buffer.text())}

    def _told(self, value: object) -> dict[str, Any]:
        return {"status": "value", "type": encoding.name_of(value), "value": [encoding.encode(value)]}

    def _failed(self, error: BaseException) -> dict[str, Any]:
        status = next((status for kind, status in ENDINGS if isinstance(error, kind)), "raised")
        return {"status": status, **failure(error, self.watched)}

    def _remove(self, shadowed: types.ModuleType | None) -> None:
        """Take the program out of the modules, and put back what it stood in the way of."""
        sys.modules.pop(self.module_name, None)
        if shadowed is not None:
            sys.modules[self.module_name] = shadowed

    def _call(self, call: dict[str, Any]) -> Any:
        module = sys.modules[self.module_name] = types.ModuleType(self.module_name)
        module.__file__ = self.file_name
        module.__package__ = self.package
        namespace = module.__dict__
        for code in self.code:
            exec(code, namespace)  # noqa: S102 - running judged code is what this process is for.
        if call["setup"]:
            exec(compile(call["setup"], "<setup>", "exec", dont_inherit=True), namespace)  # noqa: S102
        self.capture.buffer.written.clear()
        return evaluate(call["expression"], namespace)


def watched(request: dict[str, Any], home: str) -> str:
    """Return the name under which the interpreter knows the file whose lines are told."""
    return f"{home}/{request['watched']}" if request["watched"] else str(request["file_name"])


def evaluate(expression: str, namespace: dict[str, Any]) -> Any:
    """Return the expression's value; statements are run and give None."""
    try:
        code = compile(expression.strip(), "<call>", "eval", dont_inherit=True)
    except SyntaxError:
        code = compile(expression, "<call>", "exec", dont_inherit=True)
    return eval(code, namespace)  # noqa: S307 - as above.


def failure(error: BaseException, file_name: str) -> dict[str, Any]:
    """Return what is told about an exception: its type, the names of its bases, its message and lines of the file."""
    return {
        "type": encoding.name_of(error),
        "bases": [encoding.name_of_type(base) for base in type(error).__mro__[:20]],
        "message": _message(error),
        "error_lines": _lines(error, file_name),
    }


def _message(error: BaseException) -> str:
    try:
        if isinstance(error, SyntaxError):
            return str(error.msg)[:MAX_MESSAGE]
        return str(error)[:MAX_MESSAGE]
    except BaseException as second:  # noqa: BLE001 - a judged __str__ may raise anything at all.
        return f"<message that raises {encoding.name_of(second)}>"


def _lines(error: BaseException, file_name: str) -> list[int]:
    lines = []
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file_name:
            lines.append(step.tb_lineno - 1)
        step = step.tb_next
    if isinstance(error, SyntaxError) and error.filename == file_name and type(error.lineno) is int:
        lines.append(error.lineno - 1)
    return lines[-MAX_LINES:]


def serve(channel: Any, request: dict[str, Any], home: str) -> int:
    """Run every call of every program of the request, sending one record after each."""
    STREAMS.limit = int(request["output"])
    BASELINE.begin(home, patches=request["patches"])
    channel.sendall(b'{"ready": true}\n')
    for place, wanted in enumerate(request["programs"]):
        program = Program(wanted, STREAMS, home)
        program.compile()
        failures = wanted["failures"]
        for index, call in enumerate(wanted["calls"], wanted["first"]):
            record = program.record(call)
            channel.sendall(json.dumps({"program": place, "index": index, **record}).encode() + b"\n")
            failures -= record["status"] != "value"
            if failures == 0:
                break
    return 0


BASELINE = Baseline()
STREAMS = capture.Capture()
