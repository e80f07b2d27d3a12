"""The homes of the events beside each other, and what is lost in one made anew from the other."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from milepost.domain.events import EventType
from milepost.events import compaction, paths, replaying, schemas, verifying
from milepost.events.archive import Archive
from milepost.events.relay import Relay
from milepost.events.verifying import Problems, Queues
from milepost.storage import events as stored
from milepost.storage import users
from tests.events import samples
from tests.events.filling import archived, fill, named, require_whole


@pytest.fixture(autouse=True)
def _in_no_hurry(monkeypatch):
    monkeypatch.setattr(verifying, "PAUSE_SECONDS", 0.01)


async def verify(database, folder, queues=None):
    async def ask():
        return queues

    return await verifying.verify(database, Archive(folder), ask if queues else None)


async def replay(database, folder, **options):
    archive = Archive(folder)
    found = await verifying.verify(database, archive)
    return await replaying.replay(database, archive, found, **options)


async def change(database, statement, **values):
    async with database.begin() as session:
        await session.execute(text(statement), values)


async def test_all_is_well(database, user, tmp_path):
    ids = await fill(database, tmp_path, user, days=3)
    async with database.begin() as session:
        await stored.add(session, samples.event(EventType.USER_LOGIN, user.id))
    found = await verify(database, tmp_path)
    assert found.well
    assert (found.seen.rows, found.seen.archived, found.seen.waiting) == (len(ids) + 1, len(ids), 1)
    assert found.days == ()


async def test_nothing_at_all_is_well(database, tmp_path):
    found = await verify(database, tmp_path / "nowhere")
    assert found.well
    assert found.seen.rows == 0


async def test_a_merged_archive_is_well_at_every_point(database, user, tmp_path):
    await fill(database, tmp_path, user, days=2)
    archive = Archive(tmp_path)
    move = archive.place.move

    def stop(*_values):
        raise OSError

    archive.place.move = stop
    with pytest.raises(Exception, match="archive"):
        await compaction.compact(database, archive)
    assert compaction.notes(archive)
    assert (await verify(database, tmp_path)).well
    archive.place.move = move
    await compaction.compact(database, archive)
    assert (await verify(database, tmp_path)).well


async def test_a_file_that_is_gone_is_made_anew(database, user, tmp_path):
    ids = await fill(database, tmp_path, user, days=2)
    await compaction.compact(database, Archive(tmp_path))
    gone = tmp_path / (await named(database))[0]
    before = gone.read_bytes()
    gone.unlink()
    found = await verify(database, tmp_path)
    assert not found.well
    assert found.seen.problems == Problems(missing_in_archive=frozenset(set(ids) - set(archived(tmp_path))))
    assert (await replay(database, tmp_path)).files == 1
    await require_whole(database, tmp_path, ids)
    assert gone.read_bytes() == before
    assert (await verify(database, tmp_path)).well


async def test_the_whole_archive_is_made_anew(database, user, tmp_path):
    ids = await fill(database, tmp_path / "old", user, days=3)
    assert (await replay(database, tmp_path / "new")).files == 18
    await require_whole(database, tmp_path / "new", ids)


async def test_a_damaged_file_is_made_anew(database, user, tmp_path):
    ids = await fill(database, tmp_path, user)
    damaged = (await named(database))[0]
    (tmp_path / damaged).write_bytes(b"PAR1 not whole")
    found = await verify(database, tmp_path)
    assert found.seen.problems.damaged == {damaged}
    assert len(found.seen.problems.missing_in_archive) == 5
    await replay(database, tmp_path)
    await require_whole(database, tmp_path, ids)


async def test_a_damaged_file_that_nobody_names_is_kept_and_told(database, user, tmp_path):
    ids = await fill(database, tmp_path, user)
    stranger = paths.batch_path("code", samples.NOON, "stranger")
    (tmp_path / stranger).write_bytes(b"PAR1 not whole")
    assert (await replay(database, tmp_path)).lost == (stranger,)
    assert (tmp_path / stranger).exists()
    (tmp_path / stranger).unlink()
    await require_whole(database, tmp_path, ids)


async def test_rows_that_are_gone_come_back_as_they_were(database, user, tmp_path):
    task = uuid4()
    several = [
        samples.event(kind, user.id, payload={"n": [1, "ñ"]}, metadata={"from": "here"}, entity_id=task)
        for kind in EventType
    ]
    several.append(samples.event(EventType.TASK_VALIDATED, user.id, task_id=task, validation_score=0.5, title="¡Sí!"))
    async with database.begin() as session:
        await stored.add_all(session, several)
    relay = Relay(database, tmp_path)
    await relay.drain()
    await relay.close()
    await change(database, "DELETE FROM events")
    assert not (await verify(database, tmp_path)).well
    assert (await replay(database, tmp_path)).rows == len(several)
    async with database.session() as session:
        back = await stored.list_of_user(session, user.id)
        assert await stored.count_unpublished(session) == 0
    assert sorted(back, key=lambda event: event.event_id) == sorted(several, key=lambda event: event.event_id)
    await require_whole(database, tmp_path, [str(event.event_id) for event in several])


async def test_a_lost_database_gets_its_people_back_where_asked_to(database, user, tmp_path):
    async with database.begin() as session:
        taken = await users.create(session, email="b@example.org", username="b")
        await stored.add(session, samples.event(EventType.USER_CREATED, taken.id, email="b@example.org", username="b"))
    ids = await fill(database, tmp_path, taken)
    async with database.begin() as session:
        await users.erase(session, taken.id)
        await users.create(session, email="other@example.org", username="b")
    done = await replay(database, tmp_path)
    assert (done.rows, done.homeless, done.users) == (0, len(ids) + 1, 0)
    assert len(archived(tmp_path)) == len(ids) + 1
    done = await replay(database, tmp_path, with_users=True)
    assert (done.rows, done.homeless, done.users) == (len(ids) + 1, 0, 1)
    async with database.session() as session:
        back = await users.get(session, taken.id)
    assert back is not None
    assert back.username.startswith("b-")
    assert (await verify(database, tmp_path)).well


async def test_an_event_in_two_files_stays_in_the_one_that_its_row_names(database, user, tmp_path):
    ids = await fill(database, tmp_path, user, batches=2)
    archive = Archive(tmp_path)
    first = next(file.path for file in archive.files() if "code" in file.path)
    table = archive.table_of([one for one in archive.read_stable([paths.ROOT], list) if one.name == first])
    copy = paths.batch_path("code", samples.NOON, "copy")
    archive.publish(archive.draft_table(copy, table.select(schemas.ARCHIVE_SCHEMA.names)))
    found = await verify(database, tmp_path)
    assert found.seen.problems == Problems(double=frozenset(table["event_id"].to_pylist()))
    await replay(database, tmp_path)
    await require_whole(database, tmp_path, ids)
    assert not (tmp_path / copy).exists()


async def test_a_copy_takes_nobody_with_it_whom_the_database_does_not_know(database, user, tmp_path):
    ids = await fill(database, tmp_path, user, batches=1)
    archive = Archive(tmp_path)
    first = [one for one in archive.read_stable([paths.ROOT], list) if "code" in one.name]
    table = archive.table_of(first).select(schemas.ARCHIVE_SCHEMA.names)
    stranger = samples.event(EventType.CODE_SUBMITTED, uuid4())
    events = [*schemas.from_table(table), stranger]
    archive.publish(archive.draft(paths.batch_path("code", samples.NOON, "copy"), events))
    done = await replay(database, tmp_path)
    assert done.homeless == 1
    assert archived(tmp_path) == sorted([*ids, str(stranger.event_id)])


async def test_a_row_that_names_another_file_is_put_right(database, user, tmp_path):
    ids = await fill(database, tmp_path, user)
    await change(database, "UPDATE events SET parquet_path = :path WHERE id = :id", path="x", id=UUID(ids[0]))
    found = await verify(database, tmp_path)
    assert found.seen.problems == Problems(misnamed=frozenset({ids[0]}))
    await replay(database, tmp_path)
    await require_whole(database, tmp_path, ids)


async def test_an_event_in_the_folder_of_another_day_goes_where_it_belongs(database, user, tmp_path):
    ids = await fill(database, tmp_path, user, kinds=[EventType.CODE_SUBMITTED], batches=2)
    path = (await named(database))[0]
    wrong = path.replace("day=05", "day=06")
    (tmp_path / wrong).parent.mkdir()
    (tmp_path / path).rename(tmp_path / wrong)
    found = await verify(database, tmp_path)
    assert len(found.seen.problems.misplaced) == len(found.seen.problems.missing_in_archive) == 5
    await replay(database, tmp_path)
    await require_whole(database, tmp_path, ids)


async def test_rows_handed_on_without_a_file_are_on_the_way_while_the_queue_holds_them(database, user, tmp_path):
    async with database.begin() as session:
        several = [samples.event(EventType.USER_LOGIN, user.id) for _ in range(3)]
        await stored.add_all(session, several)
    await change(database, "UPDATE events SET published_at = now()")
    assert len((await verify(database, tmp_path)).seen.problems.missing_in_archive) == 3
    found = await verify(database, tmp_path, Queues(waiting=3))
    assert found.well
    assert found.on_the_way == 3
    assert not (await verify(database, tmp_path, Queues(waiting=2))).well
    assert not (await verify(database, tmp_path, Queues(waiting=3, dead=1))).well
    await replay(database, tmp_path)
    await require_whole(database, tmp_path, [str(event.event_id) for event in several])


async def test_servers_at_work_are_no_problem(database, user, tmp_path):
    first = await fill(database, tmp_path, user, days=2)
    working = asyncio.create_task(fill(database, tmp_path, user, days=2, batches=4))
    found = []
    while not working.done():
        found.append(await verify(database, tmp_path))
        await compaction.compact(database, Archive(tmp_path), now=lambda: samples.NOON + timedelta(days=9))
    assert found
    assert all(one.well for one in found)
    await require_whole(database, tmp_path, first + await working)


async def test_replaying_what_is_well_changes_nothing(database, user, tmp_path):
    await fill(database, tmp_path, user)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    assert await replay(database, tmp_path) == replaying.Replayed()
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
