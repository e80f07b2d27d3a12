"""From the event rows of the database to the files of the archive, without a broker: each event once.

Rows are claimed for a file first, with a note that it is to be written; then it is written from all rows that name it,
and the note goes. Whoever finds a note writes that same file again. So each row is changed once, for a change touches
nearly all indexes of the table.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from milepost.domain.events import BaseEvent
from milepost.events import paths
from milepost.events.errors import ArchiveError
from milepost.events.filing import Filing
from milepost.events.steps import Reached, Step, nothing
from milepost.events.watching import Pace, Watch
from milepost.storage import events as stored
from milepost.storage.engine import Database

# Files that may fail in one drain before the folder is taken to be unusable as a whole.
PATIENCE = 10
# Files that are on their way at once.
AT_ONCE = 3


@dataclass(slots=True)
class _Drain:
    """One drain so far: a file is tried once, and what cannot be written holds up nothing else."""

    archived: int = 0
    claimed: list[str] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)
    fresh: dict[str, list[BaseEvent]] = field(default_factory=dict)
    problems: list[ArchiveError] = field(default_factory=list)


class Relay:
    """Feeds one archive from one database; any number of relays may do so at once."""

    def __init__(
        self, database: Database, folder: Path | str, *, pace: Pace | None = None, reached: Reached = nothing
    ) -> None:
        self.folder = folder
        self._database = database
        self._pace = pace or Pace()
        self._reached = reached
        self._watch = Watch(database, self.drain, self._pace)
        self._filing = Filing(database, folder, reached)
        self._draining = asyncio.Lock()

    def poke(self) -> None:
        """Say that there are new events; the database says so too."""
        self._watch.poke()

    def problem(self, language: str) -> str | None:
        """Return why events wait at present, in the user's language, or None."""
        return self._watch.problems.say(language)

    async def run(self) -> None:
        """Drain whenever there is something, until cancelled; raises nothing else."""
        await self._watch.run()

    async def drain(self) -> int:
        """Archive every event that waits; return how many. Raises ArchiveError and DatabaseUnavailableError.

        What cannot be archived keeps waiting and holds up nothing else.
        """
        async with self._draining:
            await self._filing.open()
            drain = _Drain()
            await self._claim(drain)
            while drain.claimed:
                files, drain.claimed = deque(drain.claimed), []
                # The database finds the next events and holds the rows of one file while another is written.
                writing = (self._try_files(files, drain) for _ in range(AT_ONCE))
                ends = await asyncio.gather(self._claim(drain), *writing, return_exceptions=True)
                for failure in filter(None, ends):
                    raise failure
            if drain.problems:
                raise drain.problems[0]
            return drain.archived

    async def close(self) -> None:
        """Let go of the writing thread once its work is done."""
        await self._filing.close()

    async def _claim(self, drain: _Drain) -> None:
        """Give the waiting events of a batch their files; claim all that are to be written and were not tried."""
        more = len(drain.problems) < PATIENCE
        while more and not drain.claimed:
            async with self._database.each_by_itself() as session:
                naming = stored.Naming(paths.DAY_FORMAT, f"_events-{uuid4().hex}.parquet")
                count, fresh = await stored.file_waiting(session, naming, self._pace.batch)
                unwritten = await stored.list_unwritten(session)
            self._reached(Step.CLAIMED)
            drain.claimed = [path for path in unwritten if path not in drain.tried]
            drain.tried.update(drain.claimed)
            drain.fresh |= fresh
            more = bool(count)

    async def _try_files(self, files: deque[str], drain: _Drain) -> None:
        while files and len(drain.problems) < PATIENCE:
            path = files.popleft()
            try:
                written = await self._filing.write(path, drain.fresh.pop(path, None))
            except ArchiveError as problem:
                drain.problems.append(problem)
            else:
                drain.archived += written
