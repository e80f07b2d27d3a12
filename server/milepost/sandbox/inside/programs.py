"""The judged side of a whole program or a command, with its own standard streams; runs inside the box."""

# ruff: noqa: PTH103, PTH118, PTH120, PTH123
# Importing pathlib would cost every box milliseconds.

from __future__ import annotations

import atexit
import base64
import json
import os
import sys
import traceback
import types
from typing import Any

from . import calls, tracing


def write_files(files: dict[str, str], home: str) -> None:
    """Write the given files, whose contents are base64, below `home`."""
    for name, content in files.items():
        path = os.path.join(home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(content))


def run_command(channel: Any, request: dict[str, Any], streams: list[int], home: str) -> int:
    """Become the command."""
    _connect(streams)
    channel.sendall(b'{"ready": true}\n')
    environment = {**os.environ, **request["environment"]}
    os.chdir(os.path.join(home, request["folder"]))
    try:
        os.execvpe(request["argv"][0], request["argv"], environment)  # noqa: S606 - a shell only where one is asked for.
    except OSError as error:
        channel.sendall(json.dumps({"failed": os.strerror(error.errno or 0)}).encode() + b"\n")
    return 127


def run_program(channel: Any, request: dict[str, Any], streams: list[int], home: str) -> int:
    """Run the program as `__main__`, tell how it ended, return its exit status."""
    _connect(streams)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", errors="surrogateescape")  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", encoding="utf-8", errors="backslashreplace")  # type: ignore[misc]  # noqa: SIM115
    channel.sendall(b'{"ready": true}\n')
    watched = calls.watched(request, home)
    trace = tracing.LineTrace(watched) if request["trace"] else None
    record = _execute(request, trace, watched)
    status = record.pop("code")
    if trace:
        record["lines"] = trace.stop()
    channel.sendall(json.dumps(record).encode() + b"\n")
    return _finish(status)


def _connect(streams: list[int]) -> None:
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number, inheritable=True)
        os.close(descriptor)


def _execute(request: dict[str, Any], trace: tracing.LineTrace | None, watched: str) -> dict[str, Any]:
    file_name = request["file_name"]
    module = types.ModuleType("__main__")
    module.__file__ = file_name
    sys.modules["__main__"] = module
    sys.argv = [file_name, *request["arguments"]]
    try:
        code = compile(request["source"], file_name, "exec", dont_inherit=True)
    except BaseException as error:  # noqa: BLE001 - the compiler raises more than SyntaxError.
        traceback.print_exception(type(error), error, None)
        return {"status": "syntax", "code": 1, **calls.failure(error, watched)}
    try:
        if trace:
            trace.start()
        exec(code, module.__dict__)  # noqa: S102 - running judged code is what this process is for.
    except SystemExit as error:
        return {"status": "exited", "code": _exit_status(error.code)}
    except BaseException as error:  # noqa: BLE001 - judged code raises what it likes.
        return _uncaught(error, watched)
    return {"status": "exited", "code": 0}


def _uncaught(error: BaseException, watched: str) -> dict[str, Any]:
    step = error.__traceback__
    try:
        traceback.print_exception(type(error), error, step.tb_next if step else None)
    except BaseException as second:  # noqa: BLE001 - a judged __str__ may raise anything at all.
        os.write(2, f"{type(second).__name__} while printing {type(error).__name__}\n".encode("utf-8", "replace"))
    status = "memory" if isinstance(error, MemoryError) else "raised"
    return {"status": status, "code": 1, **calls.failure(error, watched)}


def _exit_status(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)  # noqa: T201 - as the interpreter itself does at exit.
    return 1


def _finish(status: int) -> int:
    try:
        threads = sys.modules.get("threading")
        if threads is not None:
            threads._shutdown()  # noqa: SLF001 - as the interpreter itself does at exit.
        atexit._run_exitfuncs()  # noqa: SLF001 - as above.
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BaseException:  # noqa: BLE001 - a reader that went away is no failure of the program.
                status = status or 120
    return status
