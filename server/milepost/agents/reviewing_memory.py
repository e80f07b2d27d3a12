"""What a model said about each stretch of code, kept in one bounded file, so that a restart asks nothing again.

Whatever stands in the file is only what a model said: it is held against the program anew each time it is used.
"""

import logging
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from milepost.agents.reviewing_shapes import SaidFinding, SaidRubric

logger = logging.getLogger(__name__)
FILE_NAME = "reviews.jsonl"
MOST = 2_000
# Bytes: what is older in a larger file is not read, and a longer line is none of ours.
LARGEST_FILE, LONGEST_LINE = 16_000_000, 200_000


class Said(BaseModel, frozen=True):
    """What was said about one stretch of code."""

    findings: tuple[SaidFinding, ...] = ()
    rubrics: tuple[SaidRubric, ...] = ()


class _Line(Said, frozen=True):
    key: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Memory:
    """The newest answers by what they depend on; without a file they last as long as the process."""

    def __init__(self, file: Path | None = None) -> None:
        """Take where answers are kept; nothing is read before the first one is asked for."""
        self._file = file
        self._unread = file is not None
        self._known: OrderedDict[str, Said] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, keys: Collection[str]) -> dict[str, Said]:
        """Return those of the answers that are known; reads the file the first time."""
        with self._lock:
            if self._unread and self._file is not None:
                self._unread = False
                self._read(self._file)
            return {key: self._known[key] for key in keys if key in self._known}

    def remember(self, said: Mapping[str, Said]) -> None:
        """Keep answers; where the file cannot be written they last as long as the process."""
        with self._lock:
            self._take(said)
            if self._file is None:
                return
            try:
                _append(self._file, _lines(said))
            except (OSError, ValueError) as error:
                # A lone surrogate has no UTF-8, and a disk may be full.
                logger.warning("what a model said cannot be kept: %s", type(error).__name__)

    def _take(self, said: Mapping[str, Said]) -> None:
        self._known.update(said)
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def _read(self, file: Path) -> None:
        """Take what earlier sessions kept, and write the file anew where it has grown."""
        try:
            content = _content(file)
            lines = content.splitlines()
            for line in lines:
                try:
                    one = _Line.model_validate_json(line) if 0 < len(line) <= LONGEST_LINE else None
                except (ValidationError, RecursionError):
                    # Cut short by a crash, or written by somebody else.
                    continue
                if one is not None:
                    self._take({one.key: Said(findings=one.findings, rubrics=one.rubrics)})
            if len(lines) > 2 * MOST or len(content) >= LARGEST_FILE:
                _write_whole(file, _lines(self._known))
        except FileNotFoundError:
            pass
        except OSError as error:
            logger.warning("what a model said before cannot be read: %s", type(error).__name__)


def erase(folder: Path) -> None:
    """Delete what was kept in a data folder: it quotes programs."""
    (folder / FILE_NAME).unlink(missing_ok=True)


def _lines(said: Mapping[str, Said]) -> bytes:
    lines = [_Line(key=key, findings=one.findings, rubrics=one.rubrics).model_dump_json() for key, one in said.items()]
    return "".join(f"{line}\n" for line in lines).encode()


def _opened(file: Path, flags: int) -> int:
    """Return a descriptor of a plain file that only its owner reads; a link, a pipe or a device is none."""
    descriptor = os.open(file, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(0, "not a plain file")


def _content(file: Path) -> bytes:
    """Return the newest part of the file."""
    with os.fdopen(_opened(file, os.O_RDONLY), "rb") as opened:
        opened.seek(max(0, os.fstat(opened.fileno()).st_size - LARGEST_FILE))
        return opened.read(LARGEST_FILE)


def _append(file: Path, lines: bytes) -> None:
    """Write at the end, in one go: other servers of the same user do so too."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _opened(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, lines)
    finally:
        os.close(descriptor)


def _write_whole(file: Path, lines: bytes) -> None:
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        _append(part, lines)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
