"""A person who is forgotten leaves no trace; events that were kept long enough go; everything can be taken along."""

import asyncio
import json
import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pyarrow.parquet as pq
import pytest
from sqlalchemy import make_url, text

from milepost.agents import journal
from milepost.domain.criteria import Contract
from milepost.domain.entities import EntityType
from milepost.domain.events import EventType
from milepost.domain.validations import Snapshot
from milepost.events import compaction, erasing, exporting, verifying
from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
from milepost.events.relay import Relay
from milepost.storage import cluster, courses, embeddings, goals, snapshots, tasks, users
from milepost.storage import events as stored
from tests.events import samples
from tests.events.filling import archived, fill, hidden, named, require_whole
from tests.events.test_compaction import empty_nursery, nursery  # noqa: F401 Fixtures.

CONTRACT = Contract(language="python", criteria=())
PERSON = {"email": "ana.garcia@example.org", "username": "anagarcia"}


async def join(database, folder, **names):
    """Store a person with something in every table, archived in files that hold others too."""
    async with database.begin() as session:
        person = await users.create(session, **names)
        goal = await goals.create(session, user_id=person.id, title="Search")
        task = await tasks.create(session, user_id=person.id, goal_id=goal.id, title="Find", contract=CONTRACT)
        snapshot = Snapshot("a.py", None, "a.py", "python", f"# by {names['username']}\n")
        saved = await snapshots.add(session, person.id, task.id, snapshot)
        await embeddings.put(session, person.id, EntityType.CODE_SNAPSHOT, saved, "text", "m", [0.5, 0.25])
        await stored.add(session, samples.event(EventType.USER_CREATED, person.id, entity_id=person.id, **names))
        for number in range(40):
            moment = samples.NOON + timedelta(days=number % 3)
            await stored.add(session, samples.event(EventType.CODE_SUBMITTED, person.id, moment, task_id=task.id))
    return person


async def archive_all(database, folder):
    relay = Relay(database, folder)
    await relay.drain()
    await relay.close()


def dump(url):
    """Return everything in the database as text."""
    parsed = make_url(url)
    host = parsed.host or parsed.query.get("host", "")
    places = {
        "PGHOST": host,
        "PGPORT": str(parsed.port or ""),
        "PGUSER": parsed.username,
        "PGDATABASE": parsed.database,
    }
    environment = os.environ | {name: value for name, value in places.items() if value}
    environment["PGPASSWORD"] = parsed.password or ""
    command = [str(cluster.binaries() / "pg_dump"), "--format=plain", "--exclude-extension=vector"]
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout


def traces(folder, url, person):
    """Return where the person's id, name or address is still found, in files as they lie and as they are read."""
    marks = [str(person.id), person.id.hex, person.username, person.email]
    texts = {"database": dump(url)}
    for path in folder.rglob("*"):
        if path.is_file():
            texts[str(path)] = path.read_bytes()
            if path.suffix == ".parquet":
                texts[f"{path} read"] = repr(pq.ParquetFile(path).read().to_pylist()).encode()
    raw = person.id.bytes
    return [where for where, held in texts.items() if raw in held or any(mark.encode() in held for mark in marks)]


@pytest.mark.parametrize("merged", [False, True])
async def test_a_person_leaves_no_trace_and_nobody_else_loses_anything(merged, database, database_url, user, tmp_path):
    ids = await fill(database, tmp_path, user, days=3)
    person = await join(database, tmp_path, **PERSON)
    others = await fill(database, tmp_path, user, days=3)
    await archive_all(database, tmp_path)
    if merged:
        await compaction.compact(database, Archive(tmp_path))
    assert len(traces(tmp_path, database_url, person)) >= 5
    erased = await erasing.forget(database, Archive(tmp_path), person.id)
    assert erased.events == 41
    assert traces(tmp_path, database_url, person) == []
    await require_whole(database, tmp_path, ids + others)
    assert (await verifying.verify(database, Archive(tmp_path))).well


async def test_nothing_of_a_person_comes_back(database, database_url, user, tmp_path):
    """A relay that read the rows before they went shows nobody what it wrote from them."""
    person = await join(database, tmp_path, **PERSON)
    ids = await fill(database, tmp_path, user, batches=1)
    relay = Relay(database, tmp_path, reached=lambda _step: None)
    forgetting = asyncio.create_task(erasing.forget(database, Archive(tmp_path), person.id))
    await asyncio.gather(relay.drain(), forgetting, return_exceptions=True)
    await relay.drain()
    await relay.close()
    assert forgetting.exception() is None
    assert traces(tmp_path, database_url, person) == []
    assert archived(tmp_path) == sorted(ids)


async def test_who_is_in_the_archive_only_can_be_forgotten(database, user, tmp_path):
    ids = await fill(database, tmp_path, user)
    archive, stranger = Archive(tmp_path), uuid4()
    for day in range(2):
        event = samples.event(EventType.CODE_SUBMITTED, stranger, samples.NOON + timedelta(days=day))
        archive.publish(archive.draft(f"events/year=2026/month=03/day=0{5 + day}/code_events-x.parquet", [event]))
    assert (await erasing.forget(database, archive, stranger)).events == 2
    await require_whole(database, tmp_path, ids)
    assert (await erasing.forget(database, archive, stranger)).events == 0


async def test_a_writer_in_the_middle_is_waited_for(database, database_url, user, tmp_path):
    person = await join(database, tmp_path, **PERSON)
    await archive_all(database, tmp_path)
    async with database.begin() as writer:
        await writer.execute(text("SELECT FROM events FOR UPDATE"))
        forgetting = asyncio.create_task(erasing.forget(database, Archive(tmp_path), person.id))
        done, _ = await asyncio.wait([forgetting], timeout=0.3)
        assert not done
    assert (await forgetting).events == 41
    assert traces(tmp_path, database_url, person) == []


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_at_every_operation_it_is_done_again(moment, nursery, database, user, tmp_path):  # noqa: F811
    """Until all of it is done the person is still there, and the next attempt forgets them."""
    ids = await fill(database, tmp_path, user, days=1, batches=1)
    person, status, number = None, "", 0
    while status != "0":
        async with database.begin() as session:
            person = await users.create(session, email=f"leaver{number}@example.org", username=f"leaver{number}")
        await fill(database, tmp_path, person, days=1, batches=1)
        await compaction.compact(database, Archive(tmp_path))
        await nursery.start(work="forget", user=str(person.id), number=number, moment=moment, signal="SIGKILL")
        status = await nursery.news()
        assert status in {"0", str(-signal.SIGKILL)}
        if status != "0":
            async with database.session() as session:
                assert await users.get(session, person.id) == person
            await erasing.forget(database, Archive(tmp_path), person.id)
        assert traces(tmp_path, database.url, person) == []
        number += 1
    assert number > 4
    assert hidden(tmp_path) == []
    assert archived(tmp_path) == sorted(ids)


async def test_a_folder_that_cannot_be_written_changes_nothing(database, user, tmp_path, monkeypatch):
    """EVT-07: what the archive refuses is not done in the database either."""
    person = await join(database, tmp_path, **PERSON)
    await archive_all(database, tmp_path)
    archive = Archive(tmp_path)

    def refuse(*_values):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(archive.place, "draft", refuse)
    monkeypatch.setattr(archive.place, "delete", refuse)
    with pytest.raises(ArchiveError, match="No space left"):
        await erasing.forget(database, archive, person.id)
    async with database.session() as session:
        assert await users.get(session, person.id) == person
    assert (await verifying.verify(database, Archive(tmp_path))).well


def test_what_waits_on_disk_is_erased_unless_its_session_lives(tmp_path):
    for name in ("unsaved-1.json", "unsaved-2-3.taken", "unsaved-4.part", "other.json"):
        (tmp_path / name).write_text("[]")
    living = journal.FileLock(tmp_path / "unsaved-5.json")
    assert living.try_exclusive()
    assert journal.erase_kept(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.json", "unsaved-5.json"]
    living.close()
    assert journal.erase_kept(tmp_path) == 0


async def school(database, user, days):
    """Store a course with a task and a snapshot; return an event of each kind about it, by the way it is about it."""
    async with database.begin() as session:
        course = await courses.create(session, user_id=user.id, title="Course", metadata={"retention": days})
        goal = await goals.create(session, user_id=user.id, course_id=course.id, title="Goal")
        task = await tasks.create(session, user_id=user.id, goal_id=goal.id, title="Task", contract=CONTRACT)
        snapshot = await snapshots.add(
            session, user.id, task.id, Snapshot("a.py", None, "a.py", "python", f"# {uuid4()}\n")
        )
    return {
        EventType.COURSE_STARTED: {"entity_id": course.id},
        EventType.GOAL_CREATED: {"entity_id": goal.id, "course_id": course.id},
        EventType.GOAL_UPDATED: {"entity_id": uuid4(), "course_id": course.id},
        EventType.TASK_CREATED: {"entity_id": task.id},
        EventType.TASK_FAILED: {"entity_id": uuid4(), "goal_id": goal.id},
        EventType.CODE_SUBMITTED: {"entity_id": uuid4(), "task_id": task.id},
        EventType.AI_VALIDATION_COMPLETED: {"entity_id": snapshot},
    }


@pytest.mark.parametrize("merged", [False, True])
async def test_events_go_when_their_course_kept_them_long_enough(merged, database, user, tmp_path):
    now = samples.NOON
    ids = await fill(database, tmp_path, user, days=1, first=now - timedelta(days=100))
    short, long = await school(database, user, 30), await school(database, user, 365)
    kept = []
    async with database.begin() as session:
        for age, about, stays in ((31, short, False), (29, short, True), (31, long, True)):
            for kind, own in about.items():
                event = samples.event(kind, user.id, now - timedelta(days=age), **own)
                await stored.add(session, event)
                kept += [str(event.event_id)] * stays
    await archive_all(database, tmp_path)
    if merged:
        await compaction.compact(database, Archive(tmp_path), now=lambda: now)
    for attempt in range(2):
        erased = await erasing.erase_expired(database, Archive(tmp_path), now)
        assert erased.events == (0 if attempt else len(short))
    await require_whole(database, tmp_path, ids + kept)
    assert (await verifying.verify(database, Archive(tmp_path))).well
    # A clock that went back lets nothing go.
    assert (await erasing.erase_expired(database, Archive(tmp_path), now - timedelta(days=400))).events == 0


async def test_events_that_somebody_writes_stay_for_now(database, user, tmp_path):
    about = await school(database, user, 1)
    async with database.begin() as session:
        for kind, own in about.items():
            await stored.add(session, samples.event(kind, user.id, **own))
    await archive_all(database, tmp_path)
    later = samples.NOON + timedelta(days=2)
    async with database.begin() as writer:
        await writer.execute(text("SELECT FROM events WHERE event_type = 'task.failed' FOR UPDATE"))
        assert (await erasing.erase_expired(database, Archive(tmp_path), later)).events == len(about) - 1
    assert (await erasing.erase_expired(database, Archive(tmp_path), later)).events == 1
    assert archived(tmp_path) == []
    assert await named(database) == []


async def test_everything_is_taken_along(database, user, tmp_path):
    person = await join(database, tmp_path / "archive", **PERSON)
    await fill(database, tmp_path / "archive", user)
    await archive_all(database, tmp_path / "archive")
    async with database.begin() as session:
        await users.update_fields(session, person.id, hashed_password="$2b$secret")
    folder = tmp_path / "mine"
    counts = await exporting.export(database, Archive(tmp_path / "archive"), person.id, folder)
    assert counts == {
        "users": 1, "courses": 0, "goals": 1, "tasks": 1, "code_snapshots": 1, "embeddings": 1,
        "events": 41, "archived_events": 41,
    }  # fmt: skip
    for name, count in counts.items():
        rows = json.loads((folder / f"{name}.json").read_text("utf-8"))
        assert len(rows) == pq.read_table(folder / f"{name}.parquet").num_rows == count
    assert json.loads((folder / "users.json").read_text("utf-8"))[0]["email"] == PERSON["email"]
    assert json.loads((folder / "embeddings.json").read_text("utf-8"))[0]["embedding"] == [0.5, 0.25]
    assert json.loads((folder / "code_snapshots.json").read_text("utf-8"))[0]["code_content"].startswith("# by")
    assert b"secret" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert str(user.id) not in (folder / "archived_events.json").read_text("utf-8")
    assert folder.stat().st_mode & 0o077 == 0
    with pytest.raises(ArchiveError, match="not empty"):
        await exporting.export(database, Archive(tmp_path / "archive"), person.id, folder)


async def test_a_folder_that_is_a_file_is_told(database, user, tmp_path):
    (tmp_path / "mine").write_text("here")
    with pytest.raises(ArchiveError, match="cannot be written"):
        await exporting.export(database, Archive(tmp_path), UUID(int=0), Path(tmp_path / "mine"))
