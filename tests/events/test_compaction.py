"""Many small files become one, and nobody who reads meanwhile sees an event twice or not at all."""

import asyncio
import os
import random
import signal
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from milepost.domain.events import EventType
from milepost.events import compaction, listing, paths, reading, schemas
from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
from milepost.events.reading import Wanted
from milepost.events.relay import Relay
from milepost.storage import events as stored
from milepost.storage import users
from tests.events import samples
from tests.events.filling import KINDS, archived, fill, hidden, named, require_whole, seen_outside
from tests.events.test_crashes import Nursery

CHILD = Path(__file__).with_name("upkeep_child.py")
ROUNDS = 200 if os.environ.get("MILEPOST_SOAK") else 8
LATER = samples.NOON + timedelta(days=30)


class Watcher(threading.Thread):
    """Reads again and again: `known` must be there once each, what an outside reader sees is never there twice."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.known, self.wrong, self.reads = folder, frozenset(), [], 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.002):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001
                self.wrong.append(error)

    def look(self):
        known = self.known
        ids = reading.read(Archive(self.folder), None, ["event_id"])["event_id"].to_pylist()
        if len(set(ids)) != len(ids):
            self.wrong.append("an event twice")
        if not known.issubset(ids):
            self.wrong.append(f"{len(known.difference(ids))} events not at all")
        # Who listed the folder before may find a file gone, which is allowed.
        with suppress(FileNotFoundError):
            outside = ds.dataset(self.folder / "events", format="parquet", partitioning="hive")
            if "event_id" in outside.schema.names:
                seen = outside.to_table(columns=["event_id"])["event_id"].to_pylist()
                if len(set(seen)) != len(seen):
                    self.wrong.append("an event twice for others")
        self.reads += 1


@contextmanager
def watched(folder):
    watcher = Watcher(folder)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.done.set()
        watcher.join()


@pytest.fixture(scope="module")
def empty_nursery():
    nursery = Nursery(CHILD)
    yield nursery
    nursery.close()


@pytest.fixture
def nursery(empty_nursery, database_url, tmp_path):
    empty_nursery.place = {
        "url": database_url, "folder": str(tmp_path), "work": "compact", "now": LATER.isoformat(),
    }  # fmt: skip
    return empty_nursery


async def compact(database, folder, now=LATER):
    return await compaction.compact(database, Archive(folder), now=lambda: now)


async def recover(database, folder):
    """Compact as soon as the database has noticed that whoever held the lock died."""
    async with asyncio.timeout(60):
        while (await compact(database, folder)).left or hidden(folder):
            await asyncio.sleep(0.02)


async def test_a_closed_day_becomes_one_file_for_each_kind(database, user, tmp_path):
    ids = await fill(database, tmp_path, user, days=2)
    done = await compact(database, tmp_path)
    assert (done.before, done.after, done.left) == (12, 4, 0)
    await require_whole(database, tmp_path, ids)
    assert {path.rpartition("/")[2] for path in await named(database)} == {
        "code_events.parquet", "task_events.parquet",
    }  # fmt: skip
    assert (await compact(database, tmp_path)).after == 0


async def test_a_merged_file_is_sorted_and_lets_readers_skip(database, user, tmp_path):
    several = []
    async with database.begin() as session:
        for number in range(6):
            other = await users.create(session, email=f"{number}@example.org", username=f"u{number}")
            several += [
                samples.event(EventType.CODE_SUBMITTED, other.id, samples.NOON + timedelta(seconds=second))
                for second in range(300)
            ]
        random.Random(1).shuffle(several)
        for event in several:
            await stored.add(session, event)
    relay = Relay(database, tmp_path)
    await relay.drain()
    await relay.close()
    await compact(database, tmp_path)
    file = pq.ParquetFile(tmp_path / (await named(database))[0])
    rows = file.read().select(["user_id", "timestamp"]).to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["user_id"], row["timestamp"]))
    assert file.schema_arrow.equals(schemas.ARCHIVE_SCHEMA)
    assert file.metadata.num_row_groups > 2
    column = file.schema_arrow.names.index("user_id")
    groups = [file.metadata.row_group(number).column(column) for number in range(file.metadata.num_row_groups)]
    assert {group.compression for group in groups} == {"ZSTD"}
    someone = max(row["user_id"] for row in rows)
    assert 0 < sum(group.statistics.min <= someone <= group.statistics.max for group in groups) < len(groups)


async def test_a_day_that_may_still_grow_is_left_alone(database, user, tmp_path):
    ids = await fill(database, tmp_path, user)
    before = await named(database)
    midnight = samples.NOON.replace(hour=0) + timedelta(days=1)
    for now in (samples.NOON, midnight, midnight + timedelta(hours=3), samples.NOON - timedelta(days=400)):
        assert (await compact(database, tmp_path, now)).after == 0
    assert await named(database) == before
    assert archived(tmp_path) == sorted(ids)
    assert (await compact(database, tmp_path, midnight + timedelta(hours=8))).after == 2


async def test_what_comes_late_gets_a_file_of_a_new_name(database, user, tmp_path):
    ids = await fill(database, tmp_path, user)
    await compact(database, tmp_path)
    ids += await fill(database, tmp_path, user, batches=1)
    assert (await compact(database, tmp_path)).after == 2
    await require_whole(database, tmp_path, ids)
    assert [paths.generation_of(path) for path in await named(database)] == [2, 2]


async def test_a_file_that_is_being_written_is_left_alone(database, user, tmp_path):
    ids = await fill(database, tmp_path, user)
    async with database.begin() as session:
        await session.execute(
            text("UPDATE events SET published_at = NULL WHERE event_type = 'code.submitted' AND id::text = :id"),
            {"id": ids[0]},
        )
    done = await compact(database, tmp_path)
    assert (done.after, done.left) == (1, 1)
    async with database.begin() as holder:
        await holder.execute(text("SELECT FROM events WHERE id::text = :id FOR UPDATE"), {"id": ids[0]})
        assert (await compact(database, tmp_path)).left == 1
    assert archived(tmp_path) == sorted(ids)


async def test_files_that_differ_from_the_rows_are_left_alone(database, user, tmp_path, caplog):
    ids = await fill(database, tmp_path, user)
    async with database.begin() as session:
        await session.execute(text("DELETE FROM events WHERE id::text = :id"), {"id": ids[0]})
    done = await compact(database, tmp_path)
    assert (done.after, done.left) == (1, 1)
    assert archived(tmp_path) == sorted(ids)
    assert "events verify" in caplog.text


async def test_two_at_once_and_a_relay(database, user, tmp_path):
    ids = await fill(database, tmp_path, user, days=4)
    with watched(tmp_path) as watcher:
        watcher.known = frozenset(ids)
        *_, more = await asyncio.gather(
            compact(database, tmp_path), compact(database, tmp_path), fill(database, tmp_path, user, days=4)
        )
        for _ in range(3):
            await compact(database, tmp_path)
    assert watcher.wrong == []
    assert watcher.reads > 0
    await require_whole(database, tmp_path, ids + more)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_evt_07_killed_at_every_operation_on_a_file(moment, nursery, database, user, tmp_path):
    """EVT-07: it dies by SIGKILL; readers go on seeing everything once, and the next one brings it to an end."""
    ids, number, status = [], 0, ""
    with watched(tmp_path) as watcher:
        while status != "0":
            day = samples.NOON - timedelta(days=number)
            ids += await fill(database, tmp_path, user, batches=2, each=2, first=day, kinds=KINDS[:1])
            watcher.known = frozenset(ids)
            await nursery.start(number=number, moment=moment, signal="SIGKILL")
            status = await nursery.news()
            assert status in {"0", str(-signal.SIGKILL)}
            assert archived(tmp_path) == sorted(ids)
            await recover(database, tmp_path)
            await require_whole(database, tmp_path, ids)
            number += 1
        await asyncio.to_thread(watcher.look)
    assert number > 10
    assert watcher.wrong == []


async def test_evt_07_killed_at_random_moments(nursery, database, user, tmp_path):
    """EVT-07: wherever it is when it dies, what was archived stays readable, and the rest is done by the next."""
    ids, chance = await fill(database, tmp_path, user, days=6), random.Random(7)
    with watched(tmp_path) as watcher:
        for round_number in range(ROUNDS):
            watcher.known = frozenset(ids)
            victim = await nursery.start()
            # A moment, not a condition: most fall between the first file and the last.
            await asyncio.sleep(chance.uniform(0.02, 0.4))
            # It may be done already.
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            await nursery.news()
            ids += await fill(database, tmp_path, user, batches=1, first=samples.NOON - timedelta(days=round_number))
        await recover(database, tmp_path)
    assert watcher.wrong == []
    await require_whole(database, tmp_path, ids)


async def test_evt_08_one_that_wakes_up_late_changes_nothing(nursery, database, user, tmp_path):
    """EVT-08: stopped in the middle while a relay writes and another compacts, then going on."""
    ids = await fill(database, tmp_path, user, days=2)
    with watched(tmp_path) as watcher:
        for number in (1, 3, 4, 8):
            watcher.known = frozenset(ids)
            zombie = await nursery.start(number=number, moment="after", signal="SIGSTOP")
            try:
                assert await nursery.news() == "stopped"
                ids += await fill(database, tmp_path, user, days=2, batches=1)
                await compact(database, tmp_path)
                assert archived(tmp_path) == sorted(ids)
            finally:
                os.kill(zombie, signal.SIGCONT)
                assert await nursery.news() == "0"
            ids += await fill(database, tmp_path, user, days=2, batches=1)
    assert watcher.wrong == []
    await compact(database, tmp_path)
    await require_whole(database, tmp_path, ids)


async def test_evt_07_a_folder_that_may_only_be_read(nursery, database, user, tmp_path):
    """EVT-07: somebody without the right to write is told so, and everything stays as it is."""
    ids = await fill(database, tmp_path, user)
    folders = [path for path in tmp_path.rglob("*") if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    await nursery.start(powerless=True)
    assert await nursery.news() == "3"
    for folder in folders:
        folder.chmod(0o755)
    assert archived(tmp_path) == sorted(ids)
    await compact(database, tmp_path)
    await require_whole(database, tmp_path, ids)


async def test_evt_07_a_full_disk_leaves_everything_as_it_was(nursery, database, user, tmp_path):
    """EVT-07: there is no room for the merged file; nothing is lost, and the next one finds room."""
    ids = await fill(database, tmp_path, user)
    await nursery.start(room=4000)
    assert await nursery.news() == "3"
    assert archived(tmp_path) == seen_outside(tmp_path) == sorted(ids)
    await recover(database, tmp_path)
    await require_whole(database, tmp_path, ids)


async def test_a_redelivered_event_does_not_bring_a_file_back(database, user, tmp_path):
    """EVT-06: what is handed on again after its file was merged gives the merged file again."""
    ids = await fill(database, tmp_path, user)
    await compact(database, tmp_path)
    before = {file.path: (tmp_path / file.path).read_bytes() for file in Archive(tmp_path).files()}
    async with database.begin() as session:
        await session.execute(text("UPDATE events SET published_at = NULL WHERE random() < 0.2 OR id::text = :id"), {
            "id": ids[0],
        })  # fmt: skip
    relay = Relay(database, tmp_path)
    assert await relay.drain() > 0
    await relay.close()
    await require_whole(database, tmp_path, ids)
    assert before == {file.path: (tmp_path / file.path).read_bytes() for file in Archive(tmp_path).files()}


async def test_the_oldest_file_gets_the_columns_of_today(database, user, tmp_path):
    ids = await fill(database, tmp_path, user, days=2)
    oldest = tmp_path / (await named(database))[0]
    table = pq.ParquetFile(oldest).read()
    pq.write_table(table.drop_columns(["latency_ms", "title"]), oldest)
    assert sorted(archived(tmp_path)) == sorted(ids)
    midnight = samples.NOON.replace(hour=0)
    await compact(database, tmp_path, midnight)
    outside = ds.dataset(tmp_path / "events", format="parquet", partitioning="hive")
    assert set(schemas.ARCHIVE_SCHEMA.names) <= set(outside.schema.names)
    assert archived(tmp_path) == sorted(ids)


def test_a_folder_that_never_comes_to_rest_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "LOOKS", 5)
    archive = Archive(tmp_path)

    def disturb(_files):
        event = samples.event(EventType.USER_LOGIN, uuid4())
        archive.publish(archive.draft("events/year=2026/month=03/day=05/user_events-one.parquet", [event]))

    disturb(None)
    with pytest.raises(ArchiveError, match="faster than it can be read"):
        archive.read_stable([paths.ROOT], disturb)


def test_the_watcher_would_notice(tmp_path):
    """What the tests above rely on: an event that is there twice, or not at all, is seen."""
    archive, event = Archive(tmp_path), samples.event(EventType.USER_LOGIN, uuid4())
    watcher = Watcher(tmp_path)
    for batch in ("one", "two"):
        archive.publish(archive.draft(paths.batch_path("user", event.timestamp, batch), [event]))
    watcher.known = frozenset({"another"})
    watcher.look()
    assert watcher.wrong == ["an event twice", "1 events not at all", "an event twice for others"]


async def test_reading_goes_on_while_a_note_is_there(database, user, tmp_path, nursery):
    ids = await fill(database, tmp_path, user)
    await nursery.start(number=4, moment="before", signal="SIGKILL")
    await nursery.news()
    assert any(name.endswith(".moved") for name in hidden(tmp_path))
    table = reading.read(Archive(tmp_path), Wanted(kinds=("code", "task"), user=user.id))
    assert sorted(table["event_id"].to_pylist()) == sorted(ids)
    assert sum(file.rows for file in Archive(tmp_path).files()) == len(ids)
