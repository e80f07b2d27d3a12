"""An archive with something in it, for the tests of this room."""

from datetime import datetime, timedelta

import pyarrow.dataset as ds

from milepost.domain.events import EventType
from milepost.events import reading
from milepost.events.archive import Archive
from milepost.events.relay import Relay
from milepost.storage import events as stored
from tests.events import samples

KINDS = (EventType.CODE_SUBMITTED, EventType.TASK_COMPLETED)


async def fill(
    database, folder, user, *, days=1, batches=3, each=5, first: datetime = samples.NOON, kinds=KINDS
) -> list[str]:
    """Store events and archive them batch by batch, as a relay does in the course of a day; return their ids."""
    relay, ids = Relay(database, folder), []
    for number in range(batches):
        several = [
            samples.event(kind, user.id, first + timedelta(days=day, minutes=number, seconds=second))
            for kind in kinds
            for day in range(days)
            for second in range(each)
        ]
        async with database.begin() as session:
            for event in several:
                await stored.add(session, event)
        await relay.drain()
        ids += [str(event.event_id) for event in several]
    await relay.close()
    return ids


def archived(folder) -> list[str]:
    """Return the ids that Milepost reads."""
    return sorted(reading.read(Archive(folder), None, ["event_id"])["event_id"].to_pylist())


def seen_outside(folder) -> list[str]:
    """Return the ids that an analyst's own dataset reads."""
    outside = ds.dataset(folder / "events", format="parquet", partitioning="hive")
    return sorted(outside.to_table(columns=["event_id"])["event_id"].to_pylist())


def hidden(folder) -> list[str]:
    """Return the names of files that readers pass over."""
    return [path.name for path in folder.rglob(".*") if path.is_file()]


async def named(database) -> list[str]:
    """Return the files that rows name."""
    async with database.session() as session:
        return await stored.list_files(session)


async def require_whole(database, folder, ids) -> None:
    """Require every event once, no leftovers, and rows that name the files that are there."""
    assert archived(folder) == seen_outside(folder) == sorted(ids)
    assert hidden(folder) == []
    assert await named(database) == [file.path for file in Archive(folder).files()]
