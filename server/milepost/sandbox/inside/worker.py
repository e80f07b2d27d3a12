"""The first process of a box: forks one child per run, watches it, kills what is left, says how it ended.

It needs only the standard library of Python 3.9 or newer. It never reads a request or a result: both pass between the
server and the child through a socket of their own, so that nothing of one run is in the memory that the next inherits.
Orders arrive as JSON lines on standard input, a socket, with the run's descriptors; one line answers each.
"""

# ruff: noqa: PTH106, PTH109
# Importing pathlib would cost every box milliseconds.

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any

from . import calls, confinement, folders, programs, watching

OWN_PACKAGE = "inside"
MAX_ORDER = 65_536
MAX_DESCRIPTORS = 4
FIRST_LOOK = 0.02
TICK = 0.008
SHORT_TICK = 0.001
NEARLY = 0.85
# What `json.loads` comes to, without the Python around it.
SCAN = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


class Worker:
    """Serves orders until the server goes away."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.control = _take_control()
        self.home: str = settings["home"]
        self.folders = folders.Folders(settings["folders"], settings["shown"])
        self.alone = os.getpid() == 1
        self.childless = bytes.fromhex(settings["childless"])
        self.group = 0
        self.state = confinement.state()
        self.pending = b""
        self.descriptors: list[int] = []

    def serve(self) -> None:
        """Answer one order after another."""
        self._say({"hello": os.getpid(), "alone": self.alone})
        _silence()
        while True:
            order = self._order()
            if "run" in order:
                self._run(order)

    def _say(self, message: dict[str, Any]) -> None:
        self.control.sendall(json.dumps(message).encode() + b"\n")

    def _order(self) -> dict[str, Any]:
        while b"\n" not in self.pending:
            data, descriptors, _, _ = socket.recv_fds(self.control, MAX_ORDER, MAX_DESCRIPTORS)
            if not data:
                self._leave()
            self.pending += data
            self.descriptors += descriptors
        line, _, self.pending = self.pending.partition(b"\n")
        order: dict[str, Any] = json.loads(line)
        return order

    def _leave(self) -> None:
        self._kill()
        if not self.alone and self.folders.empty():
            os.rmdir(self.home)
        os._exit(0)

    def _run(self, order: dict[str, Any]) -> None:
        descriptors, self.descriptors = self.descriptors, []
        pid = os.fork()
        if pid == 0:
            _child(self, order, descriptors)
        self.group = pid
        kept = descriptors[0] if order["outputs"] else None
        for descriptor in descriptors:
            if descriptor != kept:
                os.close(descriptor)
        ending = self._watch(pid, order)
        ending["leftovers"] = self._kill()
        if kept is not None:
            _send_outputs(kept, self.home, order)
        ending["clean"] = self.folders.empty() and self.state == confinement.state()
        self._say({"ended": order["run"], **ending})

    def _watch(self, pid: int, order: dict[str, Any]) -> dict[str, Any]:
        """Wait for the end of a run, or bring it about, and tell how it came."""
        exited = _exit_descriptor(pid)
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        if exited is not None:
            poll.register(exited, select.POLLIN)
        reason, status = self._wait(pid, order, poll, FIRST_LOOK if exited is not None else SHORT_TICK)
        if exited is not None:
            os.close(exited)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        return {"reason": reason, "code": code, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None}

    def _wait(self, pid: int, order: dict[str, Any], poll: select.poll, wait: float) -> tuple[str, int]:
        deadline = time.monotonic() + order["wall"]
        while True:
            ready = dict(poll.poll(wait * 1000))
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                return "exit", status
            if self.control.fileno() in ready and self._order().get("kill") == order["run"]:
                reason = "killed"
            elif time.monotonic() > deadline:
                reason = "wall"
            else:
                reason, wait = self._look(order)
            if reason != "exit":
                os.kill(pid, signal.SIGKILL)
                return reason, os.waitpid(pid, 0)[1]

    def _look(self, order: dict[str, Any]) -> tuple[str, float]:
        """Name the limit on the whole box that is exceeded, if any, and say in how many seconds to look again."""
        pids = watching.others() if self.alone else watching.descendants()
        if len(pids) > order["processes"] + 1:
            return "processes", 0
        size, count = watching.files(self.folders.places) if self.alone else (0, 0)
        if count > watching.MAX_FILES:
            return "files", 0
        # Until the kill takes effect several processes can fill the rest.
        most = order["memory"] * NEARLY
        used = size + watching.memory(pids, most - size)
        if used > most:
            return "memory", 0
        return "exit", TICK if used < most / 2 else SHORT_TICK

    def _kill(self) -> bool:
        """Kill and reap every other process of the box; tell whether there was one."""
        found = False
        while True:
            found = self._kill_others() or found
            try:
                while os.waitpid(-1, 0 if self.alone else os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                return found
            time.sleep(0.001)

    def _kill_others(self) -> bool:
        # Only as the first process of a namespace does -1 mean "the others in this box".
        pids = [-1] if self.alone else [*watching.descendants(), -self.group] if self.group else []
        killed = 0
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
                killed += 1
            except (ProcessLookupError, PermissionError):
                continue
        return killed > 0


def _take_control() -> socket.socket:
    """Move the control socket away from standard input."""
    control = socket.socket(fileno=os.dup(0))
    control.settimeout(None)
    return control


def _silence() -> None:
    """Empty the standard streams, which every run inherits; until here they could carry a complaint."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    os.close(null)


def _exit_descriptor(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _send_outputs(descriptor: int, home: str, order: dict[str, Any]) -> None:
    channel = socket.socket(fileno=descriptor)
    try:
        for name in order["outputs"]:
            content = folders.read_regular(home, name, order["output_size"])
            header = {"output": name, "size": -1 if content is None else len(content)}
            channel.sendall(json.dumps(header).encode() + b"\n" + (content or b""))
    except OSError:
        pass  # The server stopped listening.
    finally:
        channel.close()


def _child(worker: Worker, order: dict[str, Any], descriptors: list[int]) -> None:
    """Be the process of one run; never returns."""
    status = 70
    try:
        worker.control.close()
        confinement.release()
        if not worker.alone:
            os.setsid()
        os.chdir(worker.home)
        channel = socket.socket(fileno=descriptors[0])
        request = _request(channel)
        if request.get("random") and "random" in sys.modules:
            sys.modules["random"].seed()
        programs.write_files(request.get("files", {}), worker.home)
        confinement.limit(order, boxed=worker.alone)
        if worker.childless and order["mode"] != "command":
            # A command of the course may need processes; these are watched.
            confinement.start_no_process(worker.childless)
        status = _serve(channel, order["mode"], request, descriptors[1:])
    except BaseException:  # noqa: BLE001 - whatever it was, this process ends here.
        status = 70
    finally:
        os._exit(status)


def _request(channel: socket.socket) -> dict[str, Any]:
    size = int.from_bytes(_exactly(channel, 8), "big")
    request: dict[str, Any] = SCAN(_exactly(channel, size).decode("ascii"), 0)[0]
    return request


def _exactly(channel: socket.socket, size: int) -> bytes:
    pieces = []
    while size:
        piece = channel.recv(min(size, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _serve(channel: socket.socket, mode: str, request: dict[str, Any], streams: list[int]) -> int:
    if mode == "command":
        return programs.run_command(channel, request, streams, os.getcwd())
    sys.path.insert(0, os.getcwd())
    if request["folder"]:
        sys.path.insert(0, f"{os.getcwd()}/{request['folder']}")
    if mode == "program":
        return programs.run_program(channel, request, streams, os.getcwd())
    return calls.serve(channel, request, os.getcwd())


def main() -> None:
    """Prepare the process and serve."""
    settings = json.loads(sys.argv[1])
    sys.dont_write_bytecode = True
    confinement.become(settings["identity"])
    confinement.shield()
    sys.argv = [""]
    _preload(settings["preload"])
    _prepare_imports(settings["paths"])
    gc.collect()
    gc.freeze()
    Worker(settings).serve()


def _preload(names: list[str]) -> None:
    """Import modules ahead of every run, without what some would do after each fork; see `_child` for `random`."""
    register, os.register_at_fork = os.register_at_fork, lambda **_: None
    for name in names:
        try:
            __import__(name)
        except ImportError:
            continue
    os.register_at_fork = register


def _prepare_imports(paths: list[str]) -> None:
    """Leave the names of these modules to judged code, and give it what `site` would."""
    import site  # noqa: PLC0415 - its side effects are wanted here and only here.

    site.setquit()
    site.sethelper()
    for name in [name for name in sys.modules if name.partition(".")[0] == OWN_PACKAGE]:
        del sys.modules[name]
    sys.path[:] = [*sys.path[1:], *paths]
