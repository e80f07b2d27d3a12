"""How much the processes of a box use together; runs inside the box, in its first process."""

# ruff: noqa: PTH123, PTH208
# Importing pathlib would cost every box milliseconds.

from __future__ import annotations

import os

PAGE = os.sysconf("SC_PAGE_SIZE")
MAX_FILES = 20_000


def others() -> list[int]:
    """Return the processes of the box but this one; empty where there is no /proc."""
    own = os.getpid()
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != own]
    except OSError:
        return []


def descendants() -> list[int]:
    """Return the processes below this one, for a worker without a namespace of its own."""
    parents = {pid: _parent(pid) for pid in others()}
    found = {os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return sorted(found - {os.getpid()})


def _parent(pid: int) -> int:
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def memory(pids: list[int], limit: float) -> int:
    """Return the bytes that `pids` use; exact only once a cheap upper bound exceeds `limit`."""
    bound = sum(_resident(pid) for pid in pids)
    return bound if bound <= limit else sum(_share(pid) for pid in pids)


def _resident(pid: int) -> int:
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * PAGE if len(fields) > 1 else 0


def _share(pid: int) -> int:
    """Return what is a process's own: its share of pages, or what a fork of this process has beyond it."""
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * 1024
    return max(0, _resident(pid) - _resident(os.getpid()))


def files(folders: list[str]) -> tuple[int, int]:
    """Return the bytes and the number of files in the box's own file systems."""
    size = count = 0
    for folder in folders:
        figures = os.statvfs(folder)
        size += (figures.f_blocks - figures.f_bfree) * figures.f_frsize
        count += figures.f_files - figures.f_ffree
    return size, count
