"""Upkeep of the archive in processes of their own that end or stop themselves at a chosen operation on a file.

Importing takes longer than the work, so one process imports and forks for each line of JSON on standard input;
see `relay_child`, whose words it speaks.
"""

import asyncio
import json
import os
import resource
import signal
import sys
import traceback
from datetime import UTC, datetime
from uuid import UUID

from milepost.events import compaction, erasing, places
from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
from milepost.storage.engine import Database
from tests.events.relay_child import REFUSED, answer, drop_powers, watch

CHANGING = ("draft", "publish", "move", "delete", "settle")


class FragilePlace:
    """A place in which the operation of this number gives the process a signal, before or after it was done."""

    def __init__(self, place: places.Place, number: int, moment: str, signal_name: str) -> None:
        self.place, self.left, self.moment, self.signal = place, number, moment, signal_name

    def __getattr__(self, name: str):  # noqa: D105
        found = getattr(self.place, name)
        if name not in CHANGING:
            return found

        def operate(*values: object) -> object:
            self.left -= 1
            self.hit("before")
            result = found(*values)
            self.hit("after")
            return result

        return operate

    def hit(self, moment: str) -> None:
        """Give the signal if this is the moment."""
        if self.left == -1 and moment == self.moment:
            os.kill(os.getpid(), signal.Signals[self.signal])


async def work(order: dict) -> None:
    """Do one piece of upkeep."""
    database = Database.connect(order["url"])
    archive = Archive(order["folder"])
    if "signal" in order:
        archive.place = FragilePlace(archive.place, order["number"], order["moment"], order["signal"])
    try:
        if order["work"] == "compact":
            now = datetime.fromisoformat(order["now"]).astimezone(UTC)
            await compaction.compact(database, archive, now=lambda: now)
        else:
            await erasing.forget(database, archive, UUID(order["user"]))
    finally:
        await database.dispose()


def child(order: dict) -> int:
    """Do what was ordered; return the exit status."""
    if order.get("powerless"):
        drop_powers()
    if "room" in order:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["room"], order["room"]))
    try:
        asyncio.run(work(order))
    except ArchiveError:
        return REFUSED
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        return 1
    return 0


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
