"""Messages in a byte stream: cutting it into message bodies and joining them to it, whatever arrives."""

import re
from collections.abc import Iterator

LIMIT = 64 * 1024 * 1024
_HEADER_LIMIT = 8 * 1024
_MARK = re.compile(rb"content-length:", re.IGNORECASE)
_FIELD = re.compile(rb"([A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_HEADER_END = re.compile(rb"\r?\n\r?\n")


# Stands for a stretch of bytes that was no message; what follows it is read on.
BROKEN = b""


def frame(body: bytes) -> bytes:
    """Return a message as it is written."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class FrameReader:
    """Cuts a byte stream into message bodies.

    A header without a usable length is given up, and reading goes on at the next text that looks like a header;
    a claim above `limit` bytes is not believed.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._buffer = bytearray()
        self._limit = limit
        self._expected: int | None = None
        self._lost = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes and yield the bodies that they complete, and BROKEN for what is none."""
        self._buffer += data
        while (found := self._next()) is not None:
            yield found

    def give_back(self, body: bytes) -> None:
        """Take back a body that was no message: its header lied, and what it swallowed may hold proper messages."""
        self._buffer[:0] = body
        self._lost = True

    def _next(self) -> bytes | None:
        if self._lost and not self._resynchronise():
            return None
        if self._expected is None:
            refused = self._read_header()
            if self._expected is None:
                return refused
        if len(self._buffer) < self._expected:
            return None
        body = bytes(self._buffer[: self._expected])
        del self._buffer[: self._expected]
        self._expected = None
        return body

    def _read_header(self) -> bytes | None:
        """Take a whole header from the buffer, if there is one; BROKEN says that it was not usable."""
        end = _HEADER_END.search(self._buffer, 0, _HEADER_LIMIT)
        if end is None:
            return self._lose() if len(self._buffer) > _HEADER_LIMIT else None
        self._expected = _length(bytes(self._buffer[: end.start()]), self._limit)
        if self._expected is None:
            # What is no header may end in one, so no more than its first byte is given up here.
            return self._lose()
        del self._buffer[: end.end()]
        return None

    def _lose(self) -> bytes:
        del self._buffer[:1]
        self._lost = True
        return BROKEN

    def _resynchronise(self) -> bool:
        """Drop everything before the next text that looks like a header; tell whether there is one."""
        mark = _MARK.search(self._buffer)
        if mark is None:
            del self._buffer[: -len(_MARK.pattern)]
            return False
        del self._buffer[: mark.start()]
        self._lost = False
        return True


def _length(header: bytes, limit: int) -> int | None:
    """Return the one length that a header states, None when there is none that can be meant."""
    fields = [_FIELD.fullmatch(line) for line in header.splitlines()]
    lengths = {field[2] for field in fields if field and field[1].lower() == b"content-length"}
    digits = lengths.pop() if len(lengths) == 1 and all(fields) else b""
    if not digits.isdigit() or len(digits) > len(str(limit)):
        return None
    length = int(digits)
    return length if 0 < length <= limit else None
