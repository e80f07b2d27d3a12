"""The box's writable folders: emptied between runs, and the only place results are read from; runs inside the box."""

# ruff: noqa: PTH101, PTH106, PTH108, PTH120
# Importing pathlib would cost every box milliseconds.

from __future__ import annotations

import os
import stat

MAX_ENTRIES = 2_000
MAX_DEPTH = 40


class TooMuchError(Exception):
    """There is more than is worth removing; a new box is cheaper."""


class Folders:
    """The box's writable folders; `shown` are paths of the host, some of which may stand in them and stay."""

    def __init__(self, places: list[str], shown: list[str]) -> None:
        self.places = places
        self._shown = {path for path in shown if path.startswith(tuple(place + "/" for place in places))}
        self._kept = {os.path.dirname(path) for path in self._shown}
        while more := {os.path.dirname(path) for path in self._kept} - self._kept:
            self._kept |= more
        self._budget = 0

    def empty(self) -> bool:
        """Remove what a run left; False if something stays. Nothing else may be running."""
        self._budget = MAX_ENTRIES
        try:
            for place in self.places:
                self._empty(place, 0)
        except (OSError, TooMuchError):
            return False
        return True

    def _empty(self, folder: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise TooMuchError
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK) and folder not in self._kept:
            os.chmod(folder, 0o700)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.path not in self._shown:
                    self._remove(entry, depth)

    def _remove(self, entry: os.DirEntry[str], depth: int) -> None:
        self._budget -= 1
        if self._budget < 0:
            raise TooMuchError
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.path)
            return
        self._empty(entry.path, depth + 1)
        if entry.path not in self._kept:
            os.rmdir(entry.path)


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
