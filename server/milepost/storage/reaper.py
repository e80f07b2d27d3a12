"""Stops an embedded PostgreSQL that nobody uses any more; also run as a small process of its own.

Every user holds a shared lock on a file, so that waiting for the exclusive one is waiting for the last user to leave,
be it by `stop` or by SIGKILL. Standard library only: the process starts without Milepost's environment.
"""

import contextlib
import fcntl
import os
import signal
import sys
import time
from pathlib import Path

STARTING = "starting.lock"
USERS = "users.lock"
RUNNING = "running.lock"
REAPER = "reaper.lock"
DATA = "data"
POLL_SECONDS = 0.01
PATIENCE_SECONDS = 30


def _open(folder: Path, name: str) -> int:
    return os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def postmaster_pid(folder: Path) -> int | None:
    """Return the process id in `postmaster.pid`; it is to be believed only while `running.lock` is held."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((folder / DATA / "postmaster.pid").read_text().splitlines()[0])
    return None


def shut_down(folder: Path) -> None:
    """Stop PostgreSQL and wait until all of its processes are gone; the caller holds `starting.lock`."""
    running = _open(folder, RUNNING)
    try:
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            deadline = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < deadline:
                if _try(running):
                    return
                # Again and again: a server that was just launched has no pid file yet.
                _send(folder, number)
                time.sleep(POLL_SECONDS)
    finally:
        os.close(running)


def _send(folder: Path, number: signal.Signals) -> None:
    pid = postmaster_pid(folder)
    if pid is not None and _is_ours(pid, folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _is_ours(pid: int, folder: Path) -> bool:
    """Tell whether the process works in the data folder: after a crash its number may be another process's."""
    if not Path("/proc/self").exists():
        return True
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder / DATA)
    except OSError:
        return False


def reap(folder: Path) -> None:
    """Wait until the last user has left, then shut down; return at once when another reaper waits already."""
    reaper = _open(folder, REAPER)
    if not _try(reaper):
        return
    users, starting = _open(folder, USERS), _open(folder, STARTING)
    while True:
        fcntl.flock(users, fcntl.LOCK_EX)
        # In the order of those who start: first `starting`, then `users`; else both would wait for each other.
        fcntl.flock(users, fcntl.LOCK_UN)
        fcntl.flock(starting, fcntl.LOCK_EX)
        if _try(users):
            break
        fcntl.flock(starting, fcntl.LOCK_UN)
    shut_down(folder)
    # Before `starting`, an order that the end of a process does not promise: whoever starts next is to find nobody waiting.
    os.close(reaper)


def _detach() -> None:
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")


if __name__ == "__main__":
    _detach()
    # Where the whole folder was deleted there is nothing to wait for; PostgreSQL notices that by itself.
    with contextlib.suppress(OSError):
        reap(Path(sys.argv[1]))
