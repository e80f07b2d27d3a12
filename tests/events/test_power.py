"""Power cuts: the archive lies on a file system of its own, and only what reached its disk is there afterwards."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import text

from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
from milepost.events.steps import Step
from tests.events.test_crashes import ON_THE_WAY, Nursery, drain, store

pytestmark = [
    pytest.mark.xdist_group("power"),
    pytest.mark.skipif(
        not os.environ.get("MILEPOST_SOAK") or os.geteuid() != 0,
        reason="part of make soak, as root: mounts file systems",
    ),
]
CUTS = 100
MEGABYTES = 24


@contextmanager
def mounted(image, folder):
    """Have the file system of an image mounted meanwhile."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def disk(tmp_path):
    """Give a disk and what is mounted of it; its image holds no more than what was written through to it."""
    image = tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(MEGABYTES * 2**20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with mounted(image, tmp_path / "mounted") as folder:
        yield image, folder


@pytest.fixture(scope="module")
def empty_nursery():
    nursery = Nursery()
    yield nursery
    nursery.close()


class Cut:
    """A relay that stops at a step, and the disk as it is at that moment."""

    def __init__(self, nursery, database, disk, copy):
        self.nursery, self.database, self.disk, self.copy = nursery, database, disk, copy

    async def make(self, step, **order):
        """Return the events that count as archived and those that can be read after the cut."""
        image, _ = self.disk
        relay = await self.nursery.start(step=step.name, signal="SIGSTOP", **order)
        stopped = await self.nursery.news() == "stopped"
        try:
            async with self.database.session() as session:
                query = """SELECT id::text FROM events WHERE published_at IS NOT NULL
                    AND parquet_path NOT IN (SELECT path FROM unwritten_files)"""
                promised = set(await session.scalars(text(query)))
            await asyncio.to_thread(shutil.copyfile, image, self.copy)
        finally:
            if stopped:
                os.kill(relay, signal.SIGKILL)
                await self.nursery.news()
        return promised, await asyncio.to_thread(self._readable)

    def _readable(self):
        with mounted(self.copy, self.copy.with_name("after")) as folder, suppress(ArchiveError):
            return set(Archive(folder).read(["event_id"])["event_id"].to_pylist())
        return set()


@pytest.fixture
def cut(empty_nursery, database_url, database, disk, tmp_path):
    empty_nursery.place = {"url": database_url, "folder": str(disk[1])}
    return Cut(empty_nursery, database, disk, tmp_path / "copy")


async def test_evt_10_what_counts_as_archived_outlives_a_power_cut(cut, database, user):
    """EVT-10: a hundred cuts, at every point on the way of a file."""
    chance = random.Random(10)
    for number in range(CUTS):
        await store(database, user, 20, seed=number)
        promised, readable = await cut.make(chance.choice(ON_THE_WAY))
        assert promised <= readable
    await drain(database, cut.disk[1])


async def test_evt_10_without_syncing_it_would_not(cut, database, user):
    """EVT-10, the mutant: what the test above relies on."""
    await store(database, user, 20)
    promised, readable = await cut.make(Step.MARKED, unsynced=True)
    assert promised
    assert not promised <= readable
