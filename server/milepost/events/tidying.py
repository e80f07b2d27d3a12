"""What keeps the archive in order by itself: old events leave, closed days are merged."""

import asyncio
import logging
from datetime import UTC, datetime

from milepost.events import compaction, erasing
from milepost.events.archive import Archive
from milepost.events.compaction import Compacted
from milepost.events.erasing import Erased
from milepost.events.errors import ArchiveError
from milepost.storage.engine import Database
from milepost.storage.errors import StorageError

PAUSE_SECONDS = 6 * 3600.0

_log = logging.getLogger(__name__)


async def tidy(database: Database, archive: Archive) -> tuple[Erased, Compacted]:
    """Remove what courses kept long enough, merge closed days. Raises ArchiveError and StorageError."""
    erased = await erasing.erase_expired(database, archive, datetime.now(UTC))
    return erased, await compaction.compact(database, archive)


async def keep_tidy(database: Database, archive: Archive, pause: float = PAUSE_SECONDS) -> None:
    """Do so now and then until cancelled; any number of servers and workers may."""
    while True:
        try:
            await tidy(database, archive)
        except (ArchiveError, StorageError) as error:
            # Nothing is lost by waiting.
            _log.warning("the event archive is tidied later: %s", error)
        await asyncio.sleep(pause)
