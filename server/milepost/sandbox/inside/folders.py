"""The box's writable folders: emptied between runs, and the only place results are read from; runs inside the box."""

# ruff: noqa: PTH101, PTH106, PTH108
# Importing pathlib would cost every box milliseconds.

from __future__ import annotations

import os
import stat

MAX_ENTRIES = 2_000
MAX_DEPTH = 40


class TooMuchError(Exception):
    """There is more than is worth removing; a new box is cheaper."""


def empty(folders: list[str]) -> bool:
    """Remove what a run left in `folders`; False if something stays. Nothing else may be running."""
    budget = [MAX_ENTRIES]
    try:
        for folder in folders:
            _open_up(folder)
            _empty(folder, budget, 0)
    except (OSError, TooMuchError):
        return False
    return True


def _open_up(folder: str) -> None:
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        os.chmod(folder, 0o700)


def _empty(folder: str, budget: list[int], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise TooMuchError
    with os.scandir(folder) as entries:
        for entry in entries:
            budget[0] -= 1
            if budget[0] < 0:
                raise TooMuchError
            if entry.is_dir(follow_symlinks=False):
                _open_up(entry.path)
                _empty(entry.path, budget, depth + 1)
                os.rmdir(entry.path)
            else:
                os.unlink(entry.path)


def read_regular(home: str, name: str, limit: int) -> bytes | None:
    """Return at most `limit` bytes of a regular file below `home`, following no link; None for anything else."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        parts = name.split("/")
        for part in parts[:-1]:
            descriptor = _step(descriptor, part, os.O_DIRECTORY)
        descriptor = _step(descriptor, parts[-1], os.O_NONBLOCK)
        figures = os.fstat(descriptor)
        if not stat.S_ISREG(figures.st_mode) or figures.st_nlink != 1:
            return None
        return _read(descriptor, limit)
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)


def _step(folder: int, part: str, flags: int) -> int:
    if part in ("", ".", ".."):
        raise ValueError(part)
    following = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)
    os.close(folder)
    return following


def _read(descriptor: int, limit: int) -> bytes:
    pieces = []
    while limit > 0:
        piece = os.read(descriptor, min(limit, 65_536))
        if not piece:
            break
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)
