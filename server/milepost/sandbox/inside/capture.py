"""What judged code prints, kept up to a cap; runs inside the box."""

from __future__ import annotations

import io
import sys
from typing import Any


class OutputLimitError(BaseException):
    """The judged code printed more than it may; not an Exception so that a bare `except Exception` lets it pass."""


class CappedBuffer(io.RawIOBase):
    """Bytes written to it, up to the limit of the capture it belongs to."""

    def __init__(self, owner: Capture) -> None:
        super().__init__()
        self.owner = owner
        self.written = bytearray()

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Keep `data`, or refuse once the cap is reached."""
        data = bytes(data)
        limit = self.owner.limit
        self.written += data[: max(0, limit - len(self.written))]
        if len(self.written) >= limit:
            message = f"printed more than {limit} bytes"
            raise OutputLimitError(message)
        return len(data)

    def text(self) -> str:
        """Return what was written."""
        return self.written.decode("utf-8", "replace")


class Capture:
    """An empty standard input and a capped output, given to judged code before each call; made before the fork."""

    def __init__(self) -> None:
        self.limit = 0
        self._open()

    def _open(self) -> None:
        self.buffer = CappedBuffer(self)
        self._streams = [_text(io.BytesIO()), _text(self.buffer), _text(CappedBuffer(self))]

    def begin(self) -> None:
        """Put the streams in place, new ones if a call closed them."""
        if any(stream.closed for stream in self._streams):
            self._open()
        self.buffer.written.clear()
        sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__ = self._streams  # type: ignore[misc]


def _text(raw: Any) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="\n", write_through=True)
