"""Standard streams of a judged process: input is fed, output kept up to a cap and drained."""

import asyncio
import contextlib
import os
from collections.abc import Callable

CHUNK = 65_536


class Feed:
    """Writes a text into a pipe as fast as it is read; a reader that goes away is no failure."""

    def __init__(self, data: bytes) -> None:
        self.theirs, self._ours = os.pipe()
        os.set_blocking(self._ours, False)
        self._left = memoryview(data)

    def start(self) -> None:
        """Begin to write."""
        asyncio.get_running_loop().add_writer(self._ours, self._write)

    def _write(self) -> None:
        try:
            self._left = self._left[os.write(self._ours, self._left[:CHUNK]) :] if self._left else self._left
        except BlockingIOError:
            return
        except OSError:
            self._left = self._left[:0]
        if not self._left:
            self.close()

    def close(self) -> None:
        """Stop writing; the reader sees the end."""
        if self._ours >= 0:
            asyncio.get_running_loop().remove_writer(self._ours)
            os.close(self._ours)
            self._ours = -1


class Drain:
    """Keeps the first `limit` bytes that arrive; what is more is thrown away and `on_excess` called once."""

    def __init__(self, limit: int, on_excess: Callable[[], None]) -> None:
        self._ours, self.theirs = os.pipe()
        os.set_blocking(self._ours, False)
        self._limit = limit
        self._on_excess = on_excess
        self._kept = bytearray()
        self._done = asyncio.get_running_loop().create_future()
        self.truncated = False

    def start(self) -> None:
        """Begin to read."""
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._ours, CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._kept += data[: self._limit - len(self._kept)]
        if len(self._kept) >= self._limit and not self.truncated:
            self.truncated = True
            self._on_excess()

    async def text(self) -> str:
        """Wait for the end, a moment at most once the process is gone, and return what was kept."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._done
        self.close()
        return self._kept.decode("utf-8", "replace")

    def close(self) -> None:
        """Stop reading."""
        if self._ours >= 0:
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)
            self._ours = -1
        if not self._done.done():
            self._done.set_result(None)


class Streams:
    """The three standard streams of one run; `excess` tells whether it printed too much."""

    def __init__(self, stdin: str, limit: int) -> None:
        self.excess = asyncio.Event()
        self._feed = Feed(stdin.encode("utf-8", "surrogatepass"))
        self._output = Drain(limit, self.excess.set)
        self._errors = Drain(limit, self.excess.set)

    @property
    def theirs(self) -> tuple[int, int, int]:
        """The ends that the judged process gets."""
        return self._feed.theirs, self._output.theirs, self._errors.theirs

    def start(self) -> None:
        """Close the ends that were handed over and begin to feed and drain."""
        for descriptor in self.theirs:
            os.close(descriptor)
        for stream in (self._feed, self._output, self._errors):
            stream.start()

    async def texts(self) -> tuple[str, str]:
        """Return output and errors once the process is gone."""
        return await self._output.text(), await self._errors.text()

    def close(self) -> None:
        """Close what is still open."""
        for stream in (self._feed, self._output, self._errors):
            stream.close()
