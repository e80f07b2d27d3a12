"""The relay from the outbox to archive or broker, in a process of its own: Parquet would double a server's memory.

The child opens the database by itself, from the same environment; it ends when its standard input does, after a last
drain, so that an editor that is closed does not wait for the archive.
"""

import asyncio
import contextlib
import logging
import subprocess
import sys

from milepost.settings import loading

logger = logging.getLogger(__name__)
LEAVING_SECONDS = 10.0
PATIENCE_SECONDS = 0.2


class Archiver:
    """Starts the child with the first event that is stored."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: subprocess.Popen[bytes] | None = None

    def poke(self) -> None:
        """Say that something was stored; the database wakes a running child by itself."""
        if self._process is None:
            command = [sys.executable, "-m", "milepost.wiring.archiving"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    async def close(self) -> None:
        """Let the child drain and leave; nobody has to wait for it."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while process.poll() is None:  # noqa: ASYNC110 There is no event for a child of this kind.
                    await asyncio.sleep(0.02)
        if process.returncode is None:
            # It ends by itself, and this process does so before it.
            process.returncode = 0


async def _archive() -> None:
    # Only the child pays for these imports.
    from milepost.events import tidying  # noqa: PLC0415
    from milepost.events.archive import Archive  # noqa: PLC0415
    from milepost.wiring import logs, relaying  # noqa: PLC0415
    from milepost.wiring.databases import DatabaseDoor  # noqa: PLC0415

    settings = loading.load()
    logs.log_to_standard_error(settings.log_level)
    door = DatabaseDoor(settings)
    try:
        database = await door.open()
        relay = relaying.open_relay(settings, database)
        relaying.tune_process()
        running = [asyncio.create_task(relay.run())]
        running.append(asyncio.create_task(tidying.keep_tidy(database, Archive(settings.archive))))
        await asyncio.to_thread(sys.stdin.buffer.read)
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        async with asyncio.timeout(LEAVING_SECONDS):
            await relay.drain()
        await relay.close()
    except Exception as error:  # noqa: BLE001 What was not archived now is archived by the next one.
        logger.warning("events wait to be archived: %s", error)
    finally:
        await door.close()


if __name__ == "__main__":
    asyncio.run(_archive())
