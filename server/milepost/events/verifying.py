"""The homes of the events beside each other: what is missing in one, or twice in it.

Servers may store, archive and merge meanwhile: what looks wrong is looked at again, and only what stays wrong counts.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import reduce

import pyarrow as pa

from milepost.events import paths
from milepost.events.archive import Archive
from milepost.events.listing import Stored
from milepost.storage import archived
from milepost.storage.archived import Placed
from milepost.storage.engine import Database

# More looks at days that seem wrong, and seconds before each: long enough for a batch to be written.
LOOKS, PAUSE_SECONDS = 2, 1.5
# As above, where a broker is in between: a worker may have a batch in hand.
LOOKS_WITH_BROKER = 8


@dataclass(frozen=True, slots=True)
class Queues:
    """What the broker holds: messages on their way to the archive, and those that nobody could use."""

    waiting: int
    dead: int = 0


AskQueues = Callable[[], Awaitable[Queues]]


@dataclass(frozen=True, slots=True)
class Problems:
    """Ids of events, by what is wrong with them; `damaged` are files that cannot be read."""

    missing_in_archive: frozenset[str] = frozenset()
    missing_in_database: frozenset[str] = frozenset()
    double: frozenset[str] = frozenset()
    misnamed: frozenset[str] = frozenset()
    misplaced: frozenset[str] = frozenset()
    damaged: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return any(getattr(self, one.name) for one in fields(self))

    def __and__(self, other: "Problems") -> "Problems":
        """Return those that are in both."""
        return Problems(*(getattr(self, one.name) & getattr(other, one.name) for one in fields(self)))

    def __or__(self, other: "Problems") -> "Problems":
        """Return all of them."""
        return Problems(*(getattr(self, one.name) | getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Seen:
    """One day, or all: rows and archived events, rows that wait or were set aside, and what is wrong."""

    rows: int = 0
    archived: int = 0
    waiting: int = 0
    aside: int = 0
    problems: Problems = Problems()

    def __add__(self, other: "Seen") -> "Seen":
        """Return both together."""
        return Seen(
            self.rows + other.rows,
            self.archived + other.archived,
            self.waiting + other.waiting,
            self.aside + other.aside,
            self.problems | other.problems,
        )


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found; `on_the_way` are events that the database handed on and the broker still holds."""

    seen: Seen
    on_the_way: int = 0
    queues: Queues | None = None
    days: tuple[date, ...] = field(default=())

    @property
    def well(self) -> bool:
        """Tell whether nothing is missing and nothing double."""
        return not self.seen.problems and not self.seen.aside and not (self.queues and self.queues.dead)


async def verify(database: Database, archive: Archive, ask_queues: AskQueues | None = None) -> Verification:
    """Compare database, archive and, where there is one, broker. Raises ArchiveError and StorageError."""
    found = await asyncio.to_thread(archive.read_stable, [paths.ROOT], _days)
    async with database.session() as session:
        days = sorted(found.union(await archived.days(session)))
    seen = {day: await _look(database, archive, day) for day in days}
    await _look_again(database, archive, seen, LOOKS_WITH_BROKER if ask_queues else LOOKS)
    wrong = tuple(day for day, one in seen.items() if one.problems)
    total = reduce(Seen.__add__, seen.values(), Seen())
    queues = await ask_queues() if ask_queues else None
    missing = total.problems.missing_in_archive
    if queues is None or len(missing) > queues.waiting:
        return Verification(total, 0, queues, wrong)
    # Every event that no file holds yet may be one of the messages.
    others = Problems(frozenset(), *(getattr(total.problems, one.name) for one in fields(Problems)[1:]))
    return Verification(replace(total, problems=others), len(missing), queues, wrong)


async def _look_again(database: Database, archive: Archive, seen: dict[date, Seen], looks: int) -> None:
    """Keep of what looks wrong what stays so; the days wait together."""
    for _ in range(looks):
        wrong = [day for day, one in seen.items() if one.problems]
        if not wrong:
            return
        await asyncio.sleep(PAUSE_SECONDS)
        for day in wrong:
            again = await _look(database, archive, day)
            seen[day] = replace(again, problems=seen[day].problems & again.problems)


async def _look(database: Database, archive: Archive, day: date) -> Seen:
    """Compare once; the archive comes first, for what is in it was in the database before."""
    files, damaged = await asyncio.to_thread(
        archive.read_stable, [paths.day_folder(day)], lambda stored: _ids(archive, stored, day)
    )
    async with database.session() as session:
        rows = {str(row.event_id): row for row in await archived.placed_of_day(session, day)}
    counts = Counter(event_id for file in files for event_id in file.ids)
    holders: dict[str, frozenset[str]] = {}
    for file in files:
        for event_id in file.ids:
            holders[event_id] = holders.get(event_id, frozenset()) | file.names
    strangers = frozenset(event_id for file in files for event_id in file.strangers)
    problems = Problems(
        frozenset(
            event_id for event_id, row in rows.items() if row.published and not row.is_aside and event_id not in counts
        ),
        frozenset(counts.keys() - rows.keys() - strangers),
        frozenset(event_id for event_id, count in counts.items() if count > 1),
        frozenset(event_id for event_id, row in rows.items() if _is_misnamed(row, holders.get(event_id))),
        strangers,
        frozenset(damaged),
    )
    aside = sum(row.is_aside for row in rows.values())
    waiting = sum(not row.published for row in rows.values() if not row.is_aside)
    return Seen(len(rows), counts.total(), waiting, aside, problems)


@dataclass(frozen=True, slots=True)
class _File:
    """One file: what rows may call it, its events, and those among them of another day."""

    names: frozenset[str]
    ids: tuple[str, ...]
    strangers: tuple[str, ...]


def _ids(archive: Archive, stored: list[Stored], day: date) -> tuple[list[_File], list[str]]:
    files, damaged = [], []
    for file in stored:
        try:
            table = archive.table_of([file], ["event_id", "timestamp"])
        except FileNotFoundError:
            raise
        except (OSError, pa.ArrowException):
            damaged.append(file.name)
            continue
        ids, moments = table["event_id"].to_pylist(), table["timestamp"].to_pylist()
        strangers = tuple(one for one, moment in zip(ids, moments, strict=True) if moment.date() != day)
        files.append(_File(frozenset((file.name, *file.others)), tuple(ids), strangers))
    return files, damaged


def _is_misnamed(row: Placed, holders: frozenset[str] | None) -> bool:
    return holders is not None and row.path not in holders


def _days(stored: list[Stored]) -> set[date]:
    return {paths.day_of(file.name) for file in stored}
