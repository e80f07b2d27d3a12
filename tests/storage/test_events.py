"""The outbox: no event lost, none handed on by two at once, each in one file."""

import asyncio
import dataclasses
import itertools
import os
import random
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from milepost.domain.entities import EntityType
from milepost.domain.events import AIEvent, BaseEvent, CodeEvent, EventType, GoalEvent, TaskEvent, UserEvent
from milepost.storage import archived, courses, events, triggers
from milepost.storage.engine import Database
from milepost.storage.models import EventRow
from tests.storage.samples import event_of

SOAK = os.environ.get("MILEPOST_SOAK") == "1"
WRITERS, TRANSACTIONS = (20, 500) if SOAK else (6, 25)
KINDS = {
    EventType.USER_LOGIN: (UserEvent, {"email": "a@b.c", "ip_address": "::1"}),
    EventType.COURSE_CREATED: (BaseEvent, {}),
    EventType.GOAL_CREATED: (GoalEvent, {"goal_id": uuid4(), "progress": 0.5, "ai_generated": True}),
    EventType.TASK_VALIDATED: (TaskEvent, {"task_id": uuid4(), "goal_id": uuid4(), "validation_score": 1.0}),
    EventType.CODE_SUBMITTED: (
        CodeEvent,
        {"code_snapshot_id": uuid4(), "lines_of_code": 3, "file_path": "a\x00\ud800"},
    ),
    EventType.AI_FIX_OFFERED: (AIEvent, {"agent_node": "repair", "tokens_used": 2**40, "latency_ms": 0.5}),
    EventType.SYSTEM_STARTED: (BaseEvent, {}),
}


@pytest.mark.parametrize("event_type", KINDS, ids=str)
async def test_every_kind_comes_back(session, user, event_type):
    """Fields of a kind, payload, metadata and time are what they were."""
    kind, fields = KINDS[event_type]
    event = kind(
        event_id=uuid4(),
        event_type=event_type,
        user_id=user.id,
        timestamp=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        entity_type=EntityType.SYSTEM,
        payload={"note": "ñ\x00", "course": "x"},
        metadata={"source": "test"},
        **fields,
    )
    await events.add(session, event)
    assert await events.list_of_user(session, user.id) == [event]
    assert await events.list_of_user(session, user.id, event_type=event_type) == [event]
    assert await events.list_of_user(session, user.id, event_type=EventType.SYSTEM_ERROR) == []


async def test_a_payload_that_repeats_a_field_is_refused(session, user):
    base = event_of(user.id, event_type=EventType.GOAL_CREATED, payload={"title": "other"})
    fields = {field.name: getattr(base, field.name) for field in dataclasses.fields(base)}
    with pytest.raises(ValueError, match="title"):
        await events.add(session, GoalEvent(**fields, title="one"))


async def test_an_event_that_is_added_again_is_one(session, user):
    """A transaction whose outcome was lost on the way is repeated."""
    event = event_of(user.id)
    await events.add(session, event)
    await events.add(session, event)
    assert await events.list_of_user(session, user.id) == [event]


async def test_an_event_shares_the_fate_of_its_change(database, user):
    async with database.session() as session:
        await courses.create(session, user.id, title="Lost")
        await events.add(session, event_of(user.id))
    async with database.session() as session:
        assert await events.list_of_user(session, user.id) == []


class Writers:
    """Transactions that write an event each, hold it for a while, and commit it or not."""

    def __init__(self, database: Database, user) -> None:
        self.database, self.user = database, user
        self.committed: set = set()
        self.random = random.Random(1)
        self.done = False
        self.half_committed = asyncio.Event()

    async def run(self) -> None:
        late = asyncio.create_task(self._hold_one_open())
        await asyncio.gather(*(self._write() for _ in range(WRITERS)))
        await late
        self.done = True

    async def _write(self) -> None:
        for _ in range(TRANSACTIONS):
            event = event_of(self.user.id)
            if self.random.random() < 0.05:
                async with self.database.session() as session:
                    await self._add(session, event)
            else:
                async with self.database.begin() as session:
                    await self._add(session, event)
                self.committed.add(event.event_id)
                if len(self.committed) > WRITERS * TRANSACTIONS // 2:
                    self.half_committed.set()

    async def _add(self, session, event) -> None:
        await events.add(session, event)
        await session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": self.random.uniform(0, 0.01)})

    async def _hold_one_open(self) -> None:
        """Write an early event and commit it after many later ones."""
        event = event_of(self.user.id)
        async with self.database.begin() as session:
            await events.add(session, event)
            await self.half_committed.wait()
        self.committed.add(event.event_id)


async def by_claims(database: Database, seen: list) -> bool:
    async with database.begin() as session:
        claimed = [event.event_id for event in await events.claim_unpublished(session, limit=20)]
        await events.mark_published(session, claimed)
    seen += claimed
    return bool(claimed)


class ByCursor:
    """The mutant: reads on from the newest event that it has seen."""

    def __init__(self) -> None:
        self.after = datetime.min.replace(tzinfo=UTC)

    async def __call__(self, database: Database, seen: list) -> bool:
        query = select(EventRow.id, EventRow.created_at).where(EventRow.created_at > self.after)
        async with database.session() as session:
            found = (await session.execute(query.order_by(EventRow.created_at).limit(20))).all()
        if found:
            self.after = found[-1].created_at
        seen += [row.id for row in found]
        return bool(found)


@pytest.fixture
async def roomy_database(database_url):
    """Give a database with a connection for every writer and reader."""
    database = Database.connect(database_url, pool_size=WRITERS + 4)
    yield database
    await database.dispose()


async def read_while_written(database, user, read, readers: int):
    writers, seen = Writers(database, user), []
    writing = asyncio.create_task(writers.run())

    async def follow() -> None:
        while True:
            last_round = writers.done
            if not await read(database, seen) and last_round:
                return

    await asyncio.gather(writing, *(follow() for _ in range(readers)))
    assert len(writers.committed) > WRITERS * TRANSACTIONS * 0.8
    return writers.committed, seen


async def test_evt_01_claims_lose_no_event(roomy_database, user):
    """EVT-01: whatever the order of commits, each committed event is handed on once and no other."""
    committed, seen = await read_while_written(roomy_database, user, by_claims, readers=2)
    assert len(seen) == len(set(seen))
    assert set(seen) == committed
    async with roomy_database.session() as session:
        assert await events.count_unpublished(session) == 0


async def test_evt_01_a_cursor_loses_some(roomy_database, user):
    """EVT-01, the mutant: reading on from the last event misses those that were committed late."""
    committed, seen = await read_while_written(roomy_database, user, ByCursor(), readers=1)
    assert set(seen) < committed


@pytest.mark.parametrize("order", sorted(set(itertools.permutations("AABB"))), ids="".join)
@pytest.mark.parametrize("rolled_back", ["", "A", "B"])
async def test_evt_12_two_claimers(database, user, order, rolled_back):
    """EVT-12: in every interleaving of two claimers each event is claimed once; a rollback gives it back."""
    async with database.begin() as session:
        for _ in range(4):
            await events.add(session, event_of(user.id))
    held, published = {}, []
    for name in order:
        if name not in held:
            scope = database.session() if name == rolled_back else database.begin()
            session = await scope.__aenter__()
            claimed = [event.event_id for event in await events.claim_unpublished(session, limit=2)]
            await events.mark_published(session, claimed)
            held[name] = (scope, claimed)
        else:
            scope, claimed = held[name]
            await scope.__aexit__(None, None, None)
            published += [] if name == rolled_back else claimed
    assert len(published) == len(set(published))
    await _drain(database, published)
    assert len(published) == len(set(published)) == 4


async def _drain(database: Database, seen: list) -> None:
    while await by_claims(database, seen):
        pass


async def test_claims_come_oldest_first(database, user):
    times = [datetime(2026, 1, day, tzinfo=UTC) for day in (3, 1, 2)]
    async with database.begin() as session:
        for time in times:
            await events.add(session, event_of(user.id, timestamp=time))
    async with database.session() as session:
        assert [event.timestamp for event in await events.claim_unpublished(session, limit=2)] == sorted(times)[:2]


async def test_an_event_belongs_to_the_first_file_that_claimed_it(database, user):
    """A redelivery in another grouping names the same files again, and no event twice."""
    added = [event_of(user.id) for _ in range(4)]
    ids = [event.event_id for event in added]
    async with database.begin() as session:
        for event in added:
            await events.add(session, event)
        assert await events.claim_file(session, "a.parquet", ids[:2]) == 2
        assert await events.claim_file(session, "b.parquet", ids[1:3]) == 1
        assert await events.claim_file(session, "c.parquet", ids[:2]) == 0
        assert await events.rows_of_file(session, "a.parquet") == added[:2]
        assert await events.rows_of_file(session, "b.parquet") == added[2:3]
        assert await events.rows_of_file(session, "c.parquet") == []
        assert await events.list_files(session) == ["a.parquet", "b.parquet"]
        assert await events.move_to_file(session, ["a.parquet", "b.parquet"], "day.parquet") == 3
        assert await events.rows_of_file(session, "day.parquet") == added[:3]


async def test_two_writers_that_claim_at_once_share_nothing(database, user):
    """Of two consumers that were given the same events, each event goes into one file."""
    added = [event_of(user.id) for _ in range(50)]
    ids = [event.event_id for event in added]
    async with database.begin() as session:
        for event in added:
            await events.add(session, event)

    async def claim(path: str, mine: list) -> None:
        async with database.begin() as session:
            await events.claim_file(session, path, sorted(mine))

    await asyncio.gather(claim("a.parquet", ids[:40]), claim("b.parquet", ids[10:]), claim("c.parquet", ids))
    async with database.session() as session:
        files = [await events.rows_of_file(session, path) for path in await events.list_files(session)]
        claimed = [event.event_id for rows in files for event in rows]
        assert sorted(claimed) == sorted(ids)
        assert await session.scalar(select(func.count()).where(EventRow.parquet_path.is_(None))) == 0


async def test_a_commit_wakes_those_who_listen(database, user):
    """Only what was committed is announced, once for each transaction."""
    heard: asyncio.Queue = asyncio.Queue()
    listener = await database.open_raw()
    await listener.add_listener(triggers.EVENTS_CHANNEL, lambda *_: heard.put_nowait(True))
    async with database.session() as session:
        await events.add(session, event_of(user.id))
    async with database.begin() as session:
        for _ in range(3):
            await events.add(session, event_of(user.id))
    async with asyncio.timeout(60):
        await heard.get()
    await listener.execute("SELECT 1")
    assert heard.empty()
    await listener.close()


UNREADABLE = {
    "an id that is none": ("payload", '{"task_id": "yesterday"}'),
    "an id that is a list": ("payload", '{"task_id": [1]}'),
    "a payload that is a list": ("payload", "[1]"),
    "metadata that are a number": ("metadata", "7"),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_is_set_aside_and_is_in_nobodys_way(database, user, what):
    """Whoever wrote it, and however much of it there is: the reason is told, the others are handed on."""
    column, value = UNREADABLE[what]
    bad = [event_of(user.id, event_type=EventType.TASK_STARTED) for _ in range(5)]
    good = event_of(user.id, timestamp=datetime(2030, 1, 1, tzinfo=UTC))
    async with database.begin() as session:
        for event in [*bad, good]:
            await events.add(session, event)
        spoil = text(f"UPDATE events SET {column} = CAST(:value AS jsonb) WHERE event_type = 'task.started'")
        await session.execute(spoil, {"value": value})
    async with database.begin() as session:
        assert await events.claim_unpublished(session, limit=2) == [good]
    async with database.begin() as session:
        assert await events.claim_unpublished(session, limit=9) == [good]
        aside = await events.list_set_aside(session)
        assert {each.event_id for each in aside} == {event.event_id for event in bad}
        assert all(each.reason and each.event_type == "task.started" for each in aside)
        assert await events.count_unpublished(session) == 1
        assert await events.list_files(session) == []
        assert await events.list_of_user(session, user.id) == [good]
        await session.execute(text("UPDATE events SET payload = '{}', metadata = '{}'"))
        assert await events.put_back(session, [event.event_id for event in bad]) == 5
        assert len(await events.claim_unpublished(session, limit=9)) == 6


async def test_a_file_is_written_without_what_cannot_be_read(database, user):
    good, bad = event_of(user.id), event_of(user.id, event_type=EventType.TASK_STARTED)
    async with database.begin() as session:
        for event in (good, bad):
            await events.add(session, event)
        await session.execute(text("UPDATE events SET payload = '[]' WHERE event_type = 'task.started'"))
        ids = [good.event_id, bad.event_id]
        assert await events.claim_file(session, "a.parquet", ids) == 2
        assert await events.claim_file(session, "b.parquet", ids) == 0
        assert await events.rows_of_file(session, "a.parquet") == [good]
        assert await events.hold_file(session, "a.parquet") == {good.event_id}
        await events.mark_published(session, ids)
        assert [each.is_aside for each in await events.find_filed(session, ids)].count(True) == 1
        assert await events.count_unpublished(session) == 0


async def test_a_file_that_is_to_be_written_is_known_until_it_is(database, user):
    """Its events count as handed on, wait all the same, and go on waiting under another name or with another relay."""
    added = [event_of(user.id) for _ in range(3)]
    ids = [event.event_id for event in added]
    async with database.begin() as session:
        await events.add_all(session, added)
        naming = events.Naming('"a"', ".parquet")
        count, files = await events.file_waiting(session, naming, 10)
        assert (count, set(files)) == (3, {"a/course.parquet"})
        # In whatever order: the table of the file puts them in theirs.
        assert sorted(files["a/course.parquet"], key=lambda event: ids.index(event.event_id)) == added
        assert await events.file_waiting(session, naming, 10) == (0, {})
        assert await events.count_unpublished(session) == 3
        assert [row.published for row in await archived.placed_of_day(session, added[0].timestamp.date())] == [
            False
        ] * 3
        assert await archived.lock_files(session, ["a/course.parquet"]) is None
        await events.move_to_file(session, ["a/course.parquet"], "b.parquet")
        assert await events.list_unwritten(session) == ["b.parquet"]
        await events.take_back_unwritten(session)
        assert await events.list_unwritten(session) == []
        assert await events.claim_unpublished(session) == sorted(
            added, key=lambda event: (event.timestamp, event.event_id)
        )
        await events.mark_published(session, ids)
        assert await events.count_unpublished(session) == 0
        await events.note_unwritten(session, ["b.parquet"])
        await events.note_written(session, "b.parquet")
        assert await events.list_unwritten(session) == []
        assert await archived.lock_files(session, ["b.parquet"]) == set(ids)
