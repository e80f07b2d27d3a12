"""Reading what a judged process sends: bounded lines, and nothing else is assumed of them."""

import asyncio
import contextlib
import json
import socket
from typing import Any

MAX_RECORD = 8 << 20
CHUNK = 262_144
# A list costs the parser twenty times its two characters.
MAX_LISTS = 300_000
MAX_ITEMS = 600_000


class GarbageError(Exception):
    """What arrived is no record."""


class Channel:
    """The server's end of one run's own socket."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = bytearray()
        self._searched = 0

    async def send(self, request: dict[str, Any]) -> None:
        """Send the request; a child that went away does not matter here."""
        data = json.dumps(request).encode()
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().sock_sendall(self._socket, len(data).to_bytes(8, "big") + data)

    async def record(self) -> dict[str, Any] | None:
        """Return the next record, None at the end; GarbageError for everything else."""
        while (record := self.buffered()) is None:
            if len(self._buffer) > MAX_RECORD:
                raise GarbageError
            if not await self._more():
                if self._buffer:
                    raise GarbageError
                return None
        return record

    def buffered(self) -> dict[str, Any] | None:
        """Return the next record if it has arrived already; GarbageError if what has arrived is none."""
        place = self._buffer.find(b"\n", self._searched)
        if place < 0:
            self._searched = len(self._buffer)
            return None
        line = bytes(self._buffer[:place])
        del self._buffer[: place + 1]
        self._searched = 0
        return _parsed(line)

    async def exactly(self, size: int) -> bytes:
        """Return `size` bytes; GarbageError if they do not come."""
        while len(self._buffer) < size:
            if not await self._more():
                raise GarbageError
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    async def _more(self) -> bool:
        try:
            data = await asyncio.get_running_loop().sock_recv(self._socket, CHUNK)
        except OSError:
            data = b""
        self._buffer += data
        return bool(data)

    def close(self) -> None:
        """Close this end."""
        self._socket.close()


def _parsed(line: bytes) -> dict[str, Any]:
    if line.count(b"[") + line.count(b"{") > MAX_LISTS or line.count(b",") > MAX_ITEMS:
        raise GarbageError
    try:
        record = _DECODER.decode(line.decode("ascii"))
    except (ValueError, RecursionError, MemoryError):
        raise GarbageError from None
    if not isinstance(record, dict):
        raise GarbageError
    return record


def _refuse(constant: str) -> None:
    raise GarbageError(constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise GarbageError
    return record


_DECODER = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_unique)
