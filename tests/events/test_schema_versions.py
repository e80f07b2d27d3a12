"""A reader of today reads the files of yesterday, and says so when it meets those of tomorrow."""

import re
import shutil
from uuid import uuid4

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from milepost.domain.events import EventType
from milepost.events import compaction, erasing, paths, reading, schemas, verifying
from milepost.events.archive import Archive, encoded
from milepost.events.errors import ArchiveError
from milepost.events.reading import Wanted
from tests.events import samples
from tests.events.filling import archived, fill, named
from tests.events.keep_schema_version import FOLDER, USER, events

VERSIONS = sorted(path.name for path in FOLDER.iterdir())


def test_there_are_files_of_every_version():
    """Whoever adds a column keeps files of the version before: see keep_schema_version.py."""
    assert [f"version-{number + 1}" for number in range(schemas.SCHEMA_VERSION)] == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_files_of_an_earlier_version_are_read(version):
    table = reading.read(Archive(FOLDER / version), Wanted(user=USER))
    assert set(schemas.ARCHIVE_SCHEMA.names) <= set(table.column_names)
    # Version 1 has these events; a later version that changes them keeps its own list beside them.
    found = schemas.from_table(table.select(schemas.ARCHIVE_SCHEMA.names).sort_by("event_id"))
    assert found == events()


def test_the_current_version_is_what_is_written():
    file = FOLDER / f"version-{schemas.SCHEMA_VERSION}" / paths.merged_path("code", samples.NOON.date())
    assert pq.read_schema(file).equals(schemas.ARCHIVE_SCHEMA)
    assert events()[0].schema_version == schemas.SCHEMA_VERSION


def test_a_column_that_a_file_does_not_have_is_missing_and_no_error(tmp_path):
    shutil.copytree(FOLDER / VERSIONS[0], tmp_path, dirs_exist_ok=True)
    for file in tmp_path.rglob("*.parquet"):
        pq.write_table(pq.ParquetFile(file).read().drop_columns(["latency_ms", "ip_address"]), file)
    table = reading.read(Archive(tmp_path), None, ["event_id", "latency_ms"])
    assert table.num_rows == len(events())
    assert table["latency_ms"].null_count == len(events())


@pytest.fixture
def later(tmp_path):
    """Give an archive with a file of the next version, which has a column that nobody knows yet."""
    several = [
        samples.event(EventType.USER_LOGIN, one, schema_version=schemas.SCHEMA_VERSION + 1) for one in (USER, uuid4())
    ]
    table = schemas.to_table(several).append_column("mood", pa.array(["good", "better"]))
    file = tmp_path / paths.batch_path("user", samples.NOON, "later")
    file.parent.mkdir(parents=True)
    file.write_bytes(encoded(str(file), table))
    return tmp_path


async def test_a_later_version_is_told_and_not_touched(database, user, later):
    ids = await fill(database, later, user, batches=1)
    archive, file = Archive(later), later / paths.batch_path("user", samples.NOON, "later")
    before = file.read_bytes()
    with pytest.raises(ArchiveError) as caught:
        reading.read(archive)
    assert "use a newer Milepost" in caught.value.say("en")
    assert f"versión {schemas.SCHEMA_VERSION + 1}" in caught.value.say("es")
    with pytest.raises(ArchiveError, match="schema version"):
        await verifying.verify(database, archive)
    with pytest.raises(ArchiveError, match="schema version"):
        await erasing.forget(database, archive, USER)
    assert file.read_bytes() == before
    # What is of today can be read as long as it is asked for.
    assert reading.read(archive, Wanted(kinds=("code", "task"))).num_rows == len(ids)


async def test_merging_leaves_a_later_version_alone(database, user, later, caplog):
    await fill(database, later, user, batches=2)
    done = await compaction.compact(database, Archive(later))
    assert (done.after, done.left) == (2, 1)
    assert (later / paths.batch_path("user", samples.NOON, "later")).exists()
    assert re.search("schema version", caplog.text)


def test_an_analysts_dataset_takes_the_files_of_every_version():
    for version in VERSIONS:
        dataset = ds.dataset(FOLDER / version / "events", format="parquet", partitioning="hive")
        assert dataset.to_table(columns=["event_type", "validation_score"]).num_rows == len(events())


async def test_the_test_files_are_an_archive_like_any_other(database, tmp_path):
    shutil.copytree(FOLDER / VERSIONS[0], tmp_path, dirs_exist_ok=True)
    found = await verifying.verify(database, Archive(tmp_path))
    assert len(found.seen.problems.missing_in_database) == len(archived(tmp_path)) == len(events())
    assert await named(database) == []
