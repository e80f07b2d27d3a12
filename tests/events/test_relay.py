"""From rows to files: everything arrives, once, and nothing that is wrong with the archive hurts anybody else."""

import asyncio
import random
import textwrap
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from milepost.domain.events import EventType
from milepost.events import paths, schemas
from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
from milepost.events.relay import Pace, Relay
from milepost.events.steps import Step
from milepost.events.watching import Watch
from milepost.storage import events as stored
from milepost.storage.engine import Database
from tests.events import samples

AT_ONCE = Pace(gather=0.0, poll=3600.0, first_pause=0.01, longest_pause=0.05)
PATIENCE = 30

SNIPPET = """
# Analizar productividad usando Parquet
import pyarrow.dataset as ds

dataset = ds.dataset("events", format="parquet", partitioning="hive")
filtered = dataset.to_table(
    filter=(
        (ds.field("year") == 2024) &
        (ds.field("month") == 1) &
        (ds.field("user_id") == "usr-123")
    )
)

df = filtered.to_pandas()
metrics = {
    "goals_completed": len(df[df["event_type"] == "goal.completed"]),
    "tasks_completed": len(df[df["event_type"] == "task.completed"]),
    "avg_validation_score": df["validation_score"].mean()
}
"""


@asynccontextmanager
async def relaying(database, folder, **options):
    relay = Relay(database, folder, **options)
    try:
        yield relay
    finally:
        await relay.close()


@pytest.fixture
async def relay(database, tmp_path):
    async with relaying(database, tmp_path) as relay:
        yield relay


@asynccontextmanager
async def running(relay):
    task = asyncio.create_task(relay.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()


async def store(database, *several):
    async with database.begin() as session:
        for event in several:
            await stored.add(session, event)
    return [str(event.event_id) for event in several]


async def until(condition):
    async with asyncio.timeout(PATIENCE):
        # Files and databases give nothing to wait on.
        while not await condition():
            await asyncio.sleep(0.02)


async def archived(folder):
    return sorted((await asyncio.to_thread(Archive(folder).read))["event_id"].to_pylist())


async def arrival(folder, ids):
    async def there():
        return await archived(folder) == sorted(ids)

    await until(there)


async def test_every_type_of_event_arrives_once(database, user, relay):
    several = [samples.event(kind, user.id, payload={"n": 1}) for kind in EventType]
    ids = await store(database, *several)
    assert await relay.drain() == len(several)
    assert await archived(relay.folder) == sorted(ids)
    assert await relay.drain() == 0
    async with database.session() as session:
        assert await stored.count_unpublished(session) == 0
        named = await stored.list_files(session)
    files = Archive(relay.folder).files()
    assert [file.path for file in files] == named
    assert {paths.part(kind) for kind in paths.KINDS} == {
        file.path.split("/")[-1].split("_events")[0] for file in files
    }
    assert sum(file.rows for file in files) == len(several)
    assert all(pq.read_schema(relay.folder / path).equals(schemas.ARCHIVE_SCHEMA) for path in named)


async def test_a_row_says_what_the_event_said(database, user, relay):
    task = uuid4()
    event = samples.event(
        EventType.TASK_VALIDATED, user.id, entity_id=task, task_id=task, validation_score=0.75, payload={"über": ["ñ"]}
    )
    await store(database, event)
    await relay.drain()
    row = Archive(relay.folder).read().to_pylist()[0]
    expected = schemas.to_table([event]).to_pylist()[0]
    assert row == expected | {"year": 2026, "month": 3, "day": 5}


async def test_the_seeds_own_analysis_runs(database, user, relay, monkeypatch):
    several = [
        samples.event(EventType.GOAL_COMPLETED, user.id, title="Search", progress=100.0),
        samples.event(EventType.TASK_COMPLETED, user.id),
        samples.event(EventType.TASK_COMPLETED, user.id, samples.NOON + timedelta(days=1)),
        samples.event(EventType.CODE_VALIDATED, user.id, validation_score=0.5),
        samples.event(EventType.TASK_VALIDATED, user.id, validation_score=1.0),
        samples.event(EventType.TASK_COMPLETED, user.id, samples.NOON + timedelta(days=60), validation_score=0.0),
        samples.event(EventType.TASK_COMPLETED, user.id, samples.NOON - timedelta(days=365), validation_score=0.0),
        samples.event(EventType.SYSTEM_STARTED, user.id),
    ]
    await store(database, *several)
    await relay.drain()
    monkeypatch.chdir(relay.folder)
    snippet = SNIPPET.replace("2024", "2026").replace("== 1)", "== 3)").replace("usr-123", str(user.id))
    found = {}
    exec(snippet, found)
    assert found["metrics"] == {"goals_completed": 1, "tasks_completed": 2, "avg_validation_score": 0.75}
    assert len(found["df"]) == 6


async def test_a_transaction_that_began_earlier_and_ends_later_is_not_missed(database, user, relay):
    """EVT-01 in small: no cursor that runs ahead of what is not committed yet."""
    early = samples.event(EventType.CODE_SUBMITTED, user.id)
    late = samples.event(EventType.CODE_VALIDATED, user.id, samples.NOON + timedelta(hours=1))
    gone = samples.event(EventType.CODE_REVIEWED, user.id)
    async with database.session() as other:
        await stored.add(other, gone)
    async with database.begin() as session:
        await stored.add(session, early)
        await store(database, late)
        assert await relay.drain() == 1
    assert await relay.drain() == 1
    assert await archived(relay.folder) == sorted([str(early.event_id), str(late.event_id)])


async def test_evt_06_redelivered_and_shuffled_rows_change_nothing(database, user, relay):
    """EVT-06: what is handed on again, in another grouping, gives the same files."""
    chance = random.Random(6)
    kinds = list(EventType)
    several = [
        samples.event(chance.choice(kinds), user.id, samples.NOON + timedelta(hours=chance.randint(-90, 90)))
        for _ in range(120)
    ]
    chance.shuffle(several)
    ids = await store(database, *several)
    await relay.drain()
    before = {file.path: (relay.folder / file.path).read_bytes() for file in Archive(relay.folder).files()}
    for _ in range(3):
        again = chance.sample(ids, 24)
        async with database.begin() as session:
            await session.execute(
                text("UPDATE events SET published_at = NULL WHERE id::text = ANY(:ids)"), {"ids": again}
            )
        assert await relay.drain() >= 24
    after = {file.path: (relay.folder / file.path).read_bytes() for file in Archive(relay.folder).files()}
    assert after == before
    assert await archived(relay.folder) == sorted(ids)


async def test_two_relays_at_once_share_the_work(database_url, database, user, tmp_path):
    several = [
        samples.event(kind, user.id, samples.NOON + timedelta(days=day)) for kind in EventType for day in range(3)
    ]
    ids = await store(database, *several)
    second = Database.connect(database_url)
    small = Pace(batch=20)
    async with relaying(database, tmp_path, pace=small) as one, relaying(second, tmp_path, pace=small) as two:
        await asyncio.gather(one.drain(), two.drain())
        await one.drain()
    await second.dispose()
    assert await archived(tmp_path) == sorted(ids)
    async with database.session() as session:
        assert await stored.list_files(session) == [file.path for file in Archive(tmp_path).files()]


async def test_a_clock_that_moved_back_moves_nothing_but_the_day(database, user, relay):
    first = await store(database, samples.event(EventType.USER_LOGIN, user.id))
    await relay.drain()
    second = await store(
        database,
        samples.event(EventType.USER_LOGIN, user.id, samples.NOON - timedelta(days=900)),
        samples.event(EventType.USER_LOGIN, user.id, samples.NOON + timedelta(days=90_000)),
    )
    assert await relay.drain() == 2
    assert await archived(relay.folder) == sorted(first + second)
    assert len(Archive(relay.folder).files()) == 3


async def test_the_batch_is_no_limit(database, user, tmp_path):
    ids = await store(database, *(samples.event(EventType.AI_FIX_OFFERED, user.id) for _ in range(55)))
    async with relaying(database, tmp_path, pace=Pace(batch=10)) as relay:
        assert await relay.drain() == 55
    assert await archived(tmp_path) == sorted(ids)


async def test_one_day_that_cannot_be_written_holds_up_no_other(database, user, tmp_path):
    blocked = tmp_path / "events" / "year=2026" / "month=03" / "day=05"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("in the way")
    bad = await store(database, *(samples.event(EventType.GOAL_STARTED, user.id) for _ in range(7)))
    good = await store(
        database,
        *(samples.event(EventType.GOAL_STARTED, user.id, samples.NOON + timedelta(days=day)) for day in range(1, 9)),
    )
    async with relaying(database, tmp_path, pace=Pace(batch=3)) as relay:
        with pytest.raises(ArchiveError):
            await relay.drain()
        assert await archived(tmp_path) == sorted(good)
        blocked.unlink()
        assert await relay.drain() == 7
    assert await archived(tmp_path) == sorted(bad + good)


async def test_an_unusable_folder_is_given_up_soon(database, user, tmp_path):
    async with relaying(database, tmp_path) as relay:
        await relay.drain()
        for name in ("year=2025", "year=2026"):
            (tmp_path / "events" / name).write_text("in the way")
        days = (samples.NOON + timedelta(days=day - 100) for day in range(200))
        await store(database, *(samples.event(EventType.GOAL_STARTED, user.id, day) for day in days))
        tries = []
        relay._filing._reached = lambda step: tries.append(step) if step is Step.READ else None
        with pytest.raises(ArchiveError):
            await relay.drain()
        assert 0 < len(tries) < 20


async def test_a_running_relay_is_woken_by_the_database(database, user, tmp_path):
    async with relaying(database, tmp_path, pace=AT_ONCE) as relay, running(relay):
        ids = await store(database, samples.event(EventType.TASK_STARTED, user.id))
        await arrival(tmp_path, ids)
        ids += await store(database, samples.event(EventType.TASK_COMPLETED, user.id))
        await arrival(tmp_path, ids)
        assert relay.problem("en") is None


async def test_a_running_relay_takes_what_waited_before_it_came(database, user, tmp_path):
    ids = await store(database, samples.event(EventType.SYSTEM_STARTED, user.id))
    async with relaying(database, tmp_path, pace=AT_ONCE) as relay, running(relay):
        await arrival(tmp_path, ids)


async def test_a_lost_connection_is_made_again(database, user, tmp_path):
    """EVT-11 in small: every connection of the relay ends, and it goes on."""
    async with relaying(database, tmp_path, pace=AT_ONCE) as relay, running(relay):
        ids = await store(database, samples.event(EventType.TASK_STARTED, user.id))
        await arrival(tmp_path, ids)
        for _ in range(3):
            async with database.session() as session:
                await session.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
                    )
                )
            ids += await store(database, samples.event(EventType.TASK_STARTED, user.id))
            await arrival(tmp_path, ids)


async def test_a_request_to_end_is_heard_through_a_library_that_hides_it(database):
    """It came as a failure of the library's own; the pause after that is an hour."""
    begun = asyncio.Event()

    async def hides():
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionError("lost") from None

    task = asyncio.create_task(Watch(database, hides, Pace(first_pause=3600.0, longest_pause=3600.0)).run())
    await begun.wait()
    task.cancel()
    await asyncio.wait({task}, timeout=PATIENCE)
    assert task.cancelled()


async def test_a_database_that_is_away_is_waited_for(postgres, database_url, user, database, tmp_path):
    from tests.fixtures.database import execute_as_superuser

    name = database_url.split("?")[0].rsplit("/", 1)[1]
    ids = await store(database, samples.event(EventType.TASK_STARTED, user.id))
    await database.dispose()
    later = Database.connect(database_url)
    await execute_as_superuser(postgres, f"ALTER DATABASE {name} RENAME TO {name}_away")
    async with relaying(later, tmp_path, pace=AT_ONCE) as relay, running(relay) as task:

        async def told():
            return relay.problem("es") is not None

        await until(told)
        assert not task.done()
        await execute_as_superuser(postgres, f"ALTER DATABASE {name}_away RENAME TO {name}")
        await arrival(tmp_path, ids)
    await later.dispose()


async def test_a_folder_that_is_unusable_is_waited_for(database, user, tmp_path):
    folder = tmp_path / "archive"
    folder.write_text("not a folder")
    async with relaying(database, folder, pace=AT_ONCE) as relay, running(relay) as task:
        ids = await store(database, samples.event(EventType.TASK_STARTED, user.id))

        async def told():
            return "no se puede escribir" in (relay.problem("es") or "")

        await until(told)
        assert not task.done()
        folder.unlink()
        await arrival(folder, ids)

        async def fine():
            return relay.problem("en") is None

        await until(fine)


async def test_a_poke_wakes_it_too(database, user, tmp_path):
    async with relaying(database, tmp_path, pace=AT_ONCE) as relay, running(relay):
        async with database.begin() as session:
            await session.execute(text("ALTER TABLE events DISABLE TRIGGER events_notify"))
        ids = await store(database, samples.event(EventType.TASK_STARTED, user.id))
        relay.poke()
        await arrival(tmp_path, ids)


async def test_it_looks_now_and_then_without_being_woken(database, user, tmp_path):
    async with relaying(database, tmp_path, pace=Pace(gather=0.0, poll=0.05)) as relay, running(relay):
        async with database.begin() as session:
            await session.execute(text("ALTER TABLE events DISABLE TRIGGER events_notify"))
        ids = await store(database, samples.event(EventType.TASK_STARTED, user.id))
        await arrival(tmp_path, ids)


async def test_an_event_that_cannot_be_read_holds_up_no_other(database, user, relay):
    await store(database, samples.event(EventType.GOAL_STARTED, user.id, goal_id=uuid4()))
    async with database.begin() as session:
        await session.execute(text('UPDATE events SET payload = \'{"goal_id": "mine"}\''))
    ids = await store(database, *(samples.event(EventType.GOAL_STARTED, user.id) for _ in range(3)))
    assert await relay.drain() == 3
    assert await relay.drain() == 0
    assert await archived(relay.folder) == sorted(ids)
    async with database.session() as session:
        assert [each.reason for each in await stored.list_set_aside(session)] == ["goal_id is no id: 'mine'"]


def test_the_snippet_is_the_one_that_was_promised():
    assert textwrap.dedent(SNIPPET) == SNIPPET
    assert 'ds.dataset("events", format="parquet", partitioning="hive")' in SNIPPET
