"""How much of a large archive one question reads: one user, one month, against a scan of everything.

`python benchmarks/archive.py --events 10000000` is the whole size; less by default. The archive is made by Milepost's
own encoder, in the layout that merging leaves: one file for each kind and day. `--keep FOLDER` keeps it for a next run.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import fs

from milepost.domain.events import EventType
from milepost.events import paths, reading, schemas
from milepost.events.archive import Archive, encoded
from milepost.events.places import LocalPlace
from milepost.events.reading import Wanted

FIRST = date(2024, 1, 1)
MONTHS, USERS = 24, 1000
# What a year of learning looks like: mostly saves, their results and what the pipeline did.
SHARES = {
    EventType.CODE_SUBMITTED: 30,
    EventType.CODE_VALIDATED: 28,
    EventType.AI_VALIDATION_COMPLETED: 28,
    EventType.AI_FIX_OFFERED: 6,
    EventType.TASK_VALIDATED: 4,
    EventType.TASK_COMPLETED: 2,
    EventType.GOAL_UPDATED: 1,
    EventType.USER_LOGIN: 1,
}
TARGET = 20.0


class CountingHandler(fs.FileSystemHandler):
    """A file system that counts the bytes that are read through it."""

    def __init__(self, folder: Path) -> None:
        self.inner = fs.SubTreeFileSystem(str(folder), fs.LocalFileSystem())
        self.read, self.opened = 0, 0

    def open_input_file(self, path):
        self.opened += 1
        return pa.PythonFile(_CountingFile(self, self.inner.open_input_file(path)), mode="r")

    open_input_stream = open_input_file

    def get_file_info(self, paths):
        return self.inner.get_file_info(paths)

    def get_file_info_selector(self, selector):
        return self.inner.get_file_info(selector)

    def get_type_name(self):
        return "counting"

    def normalize_path(self, path):
        return path

    def _refuse(self, *_values):
        raise NotImplementedError

    create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = delete_file = _refuse
    move = copy_file = open_output_stream = open_append_stream = _refuse

    def __eq__(self, other):  # noqa: D105
        return self is other

    def __ne__(self, other):  # noqa: D105
        return self is not other

    __hash__ = None


class _CountingFile:
    def __init__(self, handler, file):
        self.handler, self.file = handler, file

        self.seek, self.tell, self.size, self.close = file.seek, file.tell, file.size, file.close

    def read(self, size=-1):
        data = self.file.read(None if size < 0 else size)
        self.handler.read += len(data)
        return data

    @property
    def closed(self):
        return self.file.closed

    def readable(self):
        return True

    def seekable(self):
        return True


class CountedPlace(LocalPlace):
    """A folder that is read through a counting file system."""

    def __init__(self, folder, handler):
        super().__init__(folder)
        self.counted = fs.PyFileSystem(handler)

    @property
    def filesystem(self):
        return self.counted


def days() -> list[date]:
    """Return every day of the simulated time."""
    end = date(FIRST.year + MONTHS // 12, FIRST.month, FIRST.day)
    return [FIRST + timedelta(days=number) for number in range((end - FIRST).days)]


def ids(count: int, chance: np.random.Generator) -> pa.Array:
    """Return random ids as text."""
    raw = chance.bytes(16 * count).hex()
    found = [raw[at : at + 32] for at in range(0, len(raw), 32)]
    return pa.array([f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in found])


def day_tables(day: date, count: int, users: pa.Array, chance: np.random.Generator) -> Iterator[tuple[str, pa.Table]]:
    """Yield the events of a day by kind."""
    kinds = list(SHARES)
    weights = np.array(list(SHARES.values()), float)
    types = chance.choice(len(kinds), size=count, p=weights / weights.sum())
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1e6)
    for kind in paths.KINDS:
        own = [number for number, one in enumerate(kinds) if one.value.startswith(f"{kind}.")]
        chosen = types[np.isin(types, own)]
        rows = len(chosen)
        if not rows:
            continue
        moments = midnight + chance.integers(0, 86_400_000_000, rows)
        tasks = users.take(pa.array(chance.integers(0, len(users), rows)))
        columns = {
            "event_id": ids(rows, chance),
            "event_type": pa.array([kinds[number].value for number in chosen]),
            "user_id": users.take(pa.array(chance.integers(0, len(users), rows))),
            "entity_type": pa.array(["code_snapshot"] * rows),
            "entity_id": ids(rows, chance),
            "payload": pa.array([json.dumps({"n": int(number)}) for number in chance.integers(0, 1000, rows)]),
            "metadata": pa.array(["{}"] * rows),
            "timestamp": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "schema_version": pa.array([schemas.SCHEMA_VERSION] * rows, pa.int16()),
        }
        if kind in {"task", "code"}:
            columns |= {"task_id": tasks, "validation_score": pa.array(chance.random(rows).round(2))}
        if kind == "code":
            columns |= {
                "file_path": pa.array([f"lesson{number}.py" for number in chance.integers(0, 50, rows)]),
                "language": pa.array(["python"] * rows),
                "lines_of_code": pa.array(chance.integers(1, 300, rows), pa.int32()),
            }
        if kind == "ai":
            columns |= {"latency_ms": pa.array(chance.random(rows) * 500), "agent_node": pa.array(["score"] * rows)}
        full = [columns.get(field.name, pa.nulls(rows, field.type)) for field in schemas.ARCHIVE_SCHEMA]
        yield kind, pa.table(full, schema=schemas.ARCHIVE_SCHEMA)


def make(folder: Path, count: int) -> None:
    """Write an archive of about `count` events."""
    chance = np.random.default_rng(1)
    users = pa.array([str(UUID(int=random.Random(number).getrandbits(128), version=4)) for number in range(USERS)])
    every = days()
    for number, day in enumerate(every):
        rows = count * (number + 1) // len(every) - count * number // len(every)
        for kind, table in day_tables(day, rows, users, chance):
            path = paths.merged_path(kind, day)
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(encoded(path, table))
        if number % 30 == 0 and sys.stderr.isatty():
            print(f"  made {number} of {len(every)} days", end="\r", file=sys.stderr)


def someone(folder: Path) -> UUID:
    """Return a user of the archive."""
    file = next((folder / paths.month_folder(FIRST.year + 1, 3)).rglob("code*.parquet"))
    return UUID(pq.read_table(file, columns=["user_id"])["user_id"][0].as_py())


def pruned(archive: Archive, user: UUID) -> pa.Table:
    """Ask as Milepost does."""
    since, until = reading.month_of(FIRST.year + 1, 3)
    return reading.read(archive, Wanted(user=user, since=since, until=until))


def scanned(archive: Archive, user: UUID) -> pa.Table:
    """Read every event, then look."""
    since, until = reading.month_of(FIRST.year + 1, 3)
    found = []
    # File by file, or ten million events would not fit into memory.
    for batch in archive.read_stable([paths.ROOT], lambda stored: archive.dataset_of(stored).to_batches()):
        own = pc.equal(batch["user_id"], str(user))
        inside = pc.and_(pc.greater_equal(batch["timestamp"], since), pc.less(batch["timestamp"], until))
        found.append(batch.filter(pc.and_(own, inside)))
    return pa.Table.from_batches(found)


def measure(folder: Path, ask, user: UUID, rounds: int) -> dict:
    """Return rows, bytes and files that are read, and the seconds of the fastest round."""
    handler = CountingHandler(folder)
    counted = Archive(folder)
    counted.place = CountedPlace(folder, handler)
    rows = ask(counted, user).num_rows
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        assert ask(Archive(folder), user).num_rows == rows
        seconds.append(time.perf_counter() - begin)
    return {"rows": rows, "bytes": handler.read, "files": handler.opened, "seconds": min(seconds)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", metavar="FOLDER", help="make the archive there, or use the one that is there")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.keep or temporary)
        if not (folder / paths.ROOT).exists():
            make(folder, options.events)
        user = someone(folder)
        results = {"question": measure(folder, pruned, user, options.rounds)}
        results["full scan"] = measure(folder, scanned, user, 1)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    if options.json:
        print(json.dumps(results))
        return
    print(f"{options.events:,} events, {USERS:,} users, {MONTHS} months, {size / 1e6:,.0f} MB; one user, one month")
    print(f"{'':12}{'rows':>8}{'files':>8}{'MB read':>10}{'seconds':>10}")
    for name, found in results.items():
        print(f"{name:12}{found['rows']:>8}{found['files']:>8}{found['bytes'] / 1e6:>10.2f}{found['seconds']:>10.3f}")
    asked, full = results["question"], results["full scan"]
    for what in ("bytes", "seconds"):
        ratio = full[what] / asked[what]
        print(f"{what}: {ratio:,.0f} times less{'' if ratio >= TARGET else f', the target is {TARGET:.0f}'}")


if __name__ == "__main__":
    main()
