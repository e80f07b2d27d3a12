"""The archive in object storage, spoken to over the network: the same promises, and no credential in any log."""

import asyncio
import logging
import os
import signal
from datetime import timedelta

import pyarrow.dataset as ds
import pytest
from pyarrow import fs

from milepost.domain.events import EventType
from milepost.events import compaction, erasing, paths, reading, replaying, verifying
from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
from milepost.events.reading import Wanted
from milepost.events.relay import Relay
from milepost.storage import events as stored
from milepost.storage import users
from tests.events import samples
from tests.events.filling import archived, fill, named
from tests.fixtures.objects import KEY, SECRET

LATER = samples.NOON + timedelta(days=30)


async def compact(database, url):
    return await compaction.compact(database, Archive(url), now=lambda: LATER)


def names(url):
    filesystem, root = fs.FileSystem.from_uri(url)
    found = filesystem.get_file_info(fs.FileSelector(root, recursive=True, allow_not_found=True))
    return [info.base_name for info in found if info.is_file]


def outside(url):
    filesystem, root = fs.FileSystem.from_uri(url)
    dataset = ds.dataset(f"{root}/events", filesystem=filesystem, format="parquet", partitioning="hive")
    return sorted(dataset.to_table(columns=["event_id"])["event_id"].to_pylist())


async def test_events_arrive_and_are_read(database, user, object_url):
    ids = await fill(database, object_url, user, days=2)
    assert archived(object_url) == outside(object_url) == sorted(ids)
    assert await named(database) == [file.path for file in Archive(object_url).files()]
    since, until = reading.month_of(2026, 3)
    table = reading.read(Archive(object_url), Wanted(kinds=("code",), user=user.id, since=since, until=until))
    assert table.num_rows == len(ids) / 2
    assert (await verifying.verify(database, Archive(object_url))).well


async def test_a_bucket_without_anything_is_an_empty_archive(database, object_url):
    archive = Archive(object_url)
    archive.prepare()
    assert archive.files() == []
    assert reading.read(archive).num_rows == 0
    assert (await compact(database, object_url)).after == 0


async def test_closed_days_are_merged(database, user, object_url):
    ids = await fill(database, object_url, user, days=2)
    assert (await compact(database, object_url)).after == 4
    assert archived(object_url) == outside(object_url) == sorted(ids)
    assert sorted(set(names(object_url))) == ["code_events.parquet", "task_events.parquet"]
    ids += await fill(database, object_url, user, batches=1)
    await compact(database, object_url)
    assert archived(object_url) == outside(object_url) == sorted(ids)
    assert (await verifying.verify(database, Archive(object_url))).well


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_evt_07_cut_off_at_every_operation(moment, database, user, object_url):
    """EVT-07: what was begun is read as if it had ended, and the next one ends it."""
    ids, number, over = [], 0, False
    while not over:
        day = samples.NOON - timedelta(days=number)
        ids += await fill(database, object_url, user, batches=2, each=1, first=day, kinds=[EventType.USER_LOGIN])
        archive = Archive(object_url)
        archive.place = CutOff(archive.place, number, moment)
        try:
            await compaction.compact(database, archive, now=lambda: LATER)
            over = True
        except CutOffError:
            assert archived(object_url) == sorted(ids)
            await compact(database, object_url)
        assert archived(object_url) == outside(object_url) == sorted(ids)
        assert not [name for name in names(object_url) if name.startswith(".")]
        number += 1
    assert number > 5


class CutOffError(Exception):
    """The process is over."""


class CutOff:
    """A place whose operation of this number is the last, done or not."""

    def __init__(self, place, number, moment):
        self.place, self.left, self.moment = place, number, moment

    def __getattr__(self, name):  # noqa: D105
        found = getattr(self.place, name)
        if name not in {"publish", "move", "delete"}:
            return found

        def operate(*values):
            self.left -= 1
            if self.left == -1 and self.moment == "before":
                raise CutOffError
            result = found(*values)
            if self.left == -1:
                raise CutOffError
            return result

        return operate


async def test_a_person_is_forgotten_and_a_lost_file_made_anew(database, user, object_url):
    ids = await fill(database, object_url, user)
    async with database.begin() as session:
        person = await users.create(session, email="a@example.org", username="ana")
    await fill(database, object_url, person)
    await compact(database, object_url)
    archive = Archive(object_url)
    assert (await erasing.forget(database, archive, person.id)).files == 2
    assert archived(object_url) == sorted(ids)
    archive.place.delete((await named(database))[0])
    found = await verifying.verify(database, archive)
    assert not found.well
    await replaying.replay(database, archive, found)
    assert archived(object_url) == outside(object_url) == sorted(ids)


async def test_evt_06_redelivery_changes_nothing(database, user, object_url):
    ids = await fill(database, object_url, user)
    async with database.begin() as session:
        rows = await stored.list_of_user(session, user.id)
        for event in rows[::3]:
            await stored.claim_file(session, paths.batch_path("code", samples.NOON, "again"), [event.event_id])
    relay = Relay(database, object_url)
    await relay.drain()
    await relay.close()
    assert archived(object_url) == outside(object_url) == sorted(ids)


async def test_a_storage_that_hangs_for_a_while_is_waited_for(database, user, object_url, object_server):
    ids = await fill(database, object_url, user, batches=1)
    os.kill(object_server.process.pid, signal.SIGSTOP)
    try:
        working = asyncio.create_task(fill(database, object_url, user, batches=1))
        done, _ = await asyncio.wait([working], timeout=1.0)
        assert not done
        # What a save needs goes on meanwhile.
        another = samples.event(EventType.USER_LOGIN, user.id)
        async with database.begin() as session:
            await stored.add(session, another)
    finally:
        os.kill(object_server.process.pid, signal.SIGCONT)
    ids += await working
    # The one that came last may have been taken along.
    assert set(archived(object_url)) - {str(another.event_id)} == set(ids)


def everything_of(error):
    while error is not None:
        yield f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or error.__context__


async def refused(database, url):
    """Return what is told when events cannot be archived."""
    relay = Relay(database, url)
    with pytest.raises(ArchiveError) as caught:
        await relay.drain()
    await relay.close()
    return caught.value


@pytest.mark.parametrize("fault", ["bucket", "port"])
async def test_no_credential_is_told(fault, database, user, object_server, caplog, capfd):
    url = object_server.url("no-such-bucket-here")
    if fault == "port":
        url = url.replace(f":{object_server.port}", ":9") + "&connect_timeout=1"
    caplog.set_level(logging.DEBUG)
    async with database.begin() as session:
        await stored.add(session, samples.event(EventType.USER_LOGIN, user.id))
    error = await refused(database, url)
    said = "".join([*everything_of(error), error.say("es"), caplog.text, *capfd.readouterr()])
    for secret in (KEY, SECRET, url.partition("@")[0].rpartition(":")[2]):
        assert secret not in said
    async with database.session() as session:
        assert await stored.count_unpublished(session) == 1


def test_an_impossible_option_is_told_without_the_address(object_url):
    with pytest.raises(ArchiveError) as caught:
        Archive(object_url.replace("scheme=http", "scheme=nonsense"))
    assert SECRET not in "".join(everything_of(caught.value))


def test_a_label_shows_where_and_no_secret(object_url):
    archive = Archive(object_url)
    assert archive.place.label.startswith("s3://milepost-")
    assert archive.place.label.endswith("/archive")
    assert SECRET not in archive.place.label + repr(archive) + repr(archive.place)


@pytest.mark.parametrize("address", ["nonsense://a/b", "s3://?x=y", "gopher://x"])
def test_an_address_that_names_no_place_is_told(address):
    with pytest.raises(ArchiveError, match="cannot be used"):
        Archive(address)


def test_a_folder_may_be_given_as_a_uri(tmp_path):
    assert Archive(f"file://{tmp_path}").folder == tmp_path
