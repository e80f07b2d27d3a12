"""A day of work in small: events all the time, restarts now and then, nothing grows and nothing waits."""

import asyncio
import os
import statistics
import sys
import time
from datetime import UTC, datetime

import psutil
import pytest
from sqlalchemy import text

from milepost.domain.events import EventType
from milepost.events.archive import Archive
from milepost.events.verifying import verify
from tests.events import samples
from tests.events.flows import everything_is_archived, store, until

# EVT-13 is a day: make soak with MILEPOST_SOAK_SECONDS=86400.
SECONDS = float(os.environ.get("MILEPOST_SOAK_SECONDS") or 600)
pytestmark = [
    pytest.mark.xdist_group("broker"),
    pytest.mark.skipif(not os.environ.get("MILEPOST_SOAK"), reason="part of make soak: takes long"),
]
RATE = 5
HOUR = 3600.0
MEGABYTE = 2**20


class Service:
    """`milepost worker`, started again now and then; remembers how much memory it had after how many seconds."""

    def __init__(self, environment):
        self.environment, self.process, self.began = environment, None, 0.0
        self.lives = []

    async def start(self):
        command = [sys.executable, "-m", "milepost", "worker"]
        self.process = await asyncio.create_subprocess_exec(
            *command, env=self.environment, stdout=asyncio.subprocess.DEVNULL
        )
        self.began = time.monotonic()
        self.lives.append([])

    async def stop(self):
        self.process.terminate()
        await self.process.wait()

    def look(self):
        memory = psutil.Process(self.process.pid).memory_info().rss / MEGABYTE
        self.lives[-1].append((time.monotonic() - self.began, memory))

    def growth(self):
        """Return by how many megabytes an hour the middle one of its lives grew, once it was warm."""
        slopes = []
        for life in self.lives:
            warm = life[len(life) // 3 :]
            if len(warm) > 2:
                slopes.append(statistics.linear_regression(*zip(*warm, strict=True)).slope * HOUR)
        return statistics.median(slopes)


async def oldest(database):
    """Return for how many seconds the oldest event has been waiting for its file."""
    query = "SELECT extract(epoch FROM now() - min(created_at))::float8 FROM events WHERE parquet_path IS NULL"
    async with database.session() as session:
        return await session.scalar(text(query)) or 0.0


async def test_evt_13_a_day(database_url, database, user, rabbitmq, tmp_path):
    """EVT-13: no drift, no growth, a bounded outbox, and 99 of 100 events archived within five seconds."""
    host = "soak"
    await asyncio.to_thread(rabbitmq.control, "add_vhost", host)
    await asyncio.to_thread(rabbitmq.control, "set_permissions", "--vhost", host, "guest", ".*", ".*", ".*")
    service = Service(
        os.environ
        | {
            "DATABASE_URL": database_url,
            "MILEPOST_DATA_DIR": str(tmp_path),
            "MILEPOST_BROKER_URL": f"{rabbitmq.url}{host}",
        }
    )
    await service.start()
    began, lags, count, restart = time.monotonic(), [], 0, min(HOUR, SECONDS / 3)
    next_restart = began + restart
    while time.monotonic() - began < SECONDS:
        await store(database, samples.event(EventType.CODE_SUBMITTED, user.id, datetime.now(UTC)))
        count += 1
        if count % RATE == 0:
            lags.append(await oldest(database))
            service.look()
        if time.monotonic() > next_restart:
            next_restart += restart
            await service.stop()
            await service.start()
        await asyncio.sleep(max(0.0, began + count / RATE - time.monotonic()))
    await until(lambda: everything_is_archived(database, tmp_path))
    await service.stop()
    assert (await verify(database, Archive(tmp_path))).well
    # While the worker starts again events wait for it: in less than an hour that is more than one of a hundred.
    assert statistics.quantiles(lags, n=100)[98 if SECONDS >= HOUR else 49] < 5.0
    if SECONDS >= HOUR:
        assert service.growth() < 1.0
