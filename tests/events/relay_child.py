"""Relays in processes of their own that end or stop themselves at a named step.

Importing takes longer than draining, so one process imports and forks for each line of JSON on standard input;
it answers with the pid, then with "stopped" whenever the child was stopped, then with its return code.
"""

import asyncio
import ctypes
import json
import os
import signal
import sys
import traceback
from pathlib import Path

from milepost.events.archive import Archive  # noqa: F401 (imported before the forks)
from milepost.events.errors import ArchiveError
from milepost.events.relay import Relay
from milepost.events.steps import Step
from milepost.storage.engine import Database

REFUSED = 3
CAPABILITIES_VERSION = 0x20080522
# CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER: what makes root write where it may only read.
POWERS = 0b1110


def drop_powers() -> None:
    """Make root respect the permissions of files."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    sets[0] &= ~POWERS
    sets[1] &= ~POWERS
    if libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")


async def drain(url: str, folder: str, step: str, signal_name: str) -> None:
    """Drain once; the signal comes when the step is reached for the first time."""
    left = [step]

    def reached(now: Step) -> None:
        if now.name in left:
            left.remove(now.name)
            os.kill(os.getpid(), signal.Signals[signal_name])

    database = Database.connect(url)
    relay = Relay(database, Path(folder), reached=reached)
    try:
        await relay.drain()
    finally:
        await relay.close()
        await database.dispose()


def child(order: dict) -> int:
    """Do what was ordered; return the exit status."""
    if order.get("powerless"):
        drop_powers()
    if order.get("unsynced"):
        os.fsync = lambda _descriptor: None
    try:
        asyncio.run(drain(order["url"], order["folder"], order.get("step", ""), order.get("signal", "")))
    except ArchiveError:
        return REFUSED
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        return 1
    return 0


def answer(word: object) -> None:
    """Say one word."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def watch(pid: int) -> None:
    """Report what becomes of a child until it is no more."""
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            answer(os.waitstatus_to_exitcode(status))
            return
        answer("stopped")


def main() -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os._exit(child(json.loads(line)))
        answer(pid)
        watch(pid)


if __name__ == "__main__":
    main()
