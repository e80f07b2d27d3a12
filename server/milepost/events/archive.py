"""Event files in hive partitions: each appears whole or not at all, and what they hold can be read back."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from milepost.domain.events import BaseEvent
from milepost.events import listing, messages, paths, places, schemas
from milepost.events.errors import ArchiveError
from milepost.events.listing import Stored
from milepost.events.places import Draft, LocalPlace
from milepost.events.steps import Reached, nothing

PARTITIONS = pa.schema([("year", pa.int32()), ("month", pa.int32()), ("day", pa.int32())])
# Small enough to hold few users of a merged file, which is sorted by them; large enough to be worth a look.
MERGED_GROUP_ROWS = 512
_VERSION = "schema_version"
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One file of the archive; `path` is relative to it, `size` in bytes."""

    path: str
    rows: int
    size: int


class Archive:
    """The event files in one folder or below one URI; the dataset is its subfolder `events`."""

    def __init__(self, address: Path | str, reached: Reached = nothing) -> None:
        self.place = places.open_place(address, reached)

    @property
    def folder(self) -> Path:
        """Return the folder of an archive that lies in one."""
        assert isinstance(self.place, LocalPlace)
        return self.place.folder

    @property
    def dataset_folder(self) -> Path:
        """Return the folder to open as a dataset with hive partitioning."""
        return self.folder / paths.ROOT

    def prepare(self) -> None:
        """Make the folder and remove what writers that died left behind. Raises ArchiveError."""
        with self.told(messages.FOLDER_UNUSABLE):
            self.place.prepare(paths.ROOT)

    def draft(self, path: str, events: Sequence[BaseEvent]) -> Draft:
        """Write and sync the file for `path`, under a name that readers pass over. Raises ArchiveError."""
        return self.draft_table(path, schemas.to_table(events))

    def draft_table(self, path: str, table: pa.Table) -> Draft:
        """Do so for events that are a table already."""
        require_ours(path)
        with self.told(messages.FOLDER_UNUSABLE):
            return self.place.draft(path, encoded(path, table))

    def publish(self, draft: Draft) -> bool:
        """Let readers see the file, for good; False if somebody took the draft for a leftover. Raises ArchiveError."""
        with self.told(messages.FOLDER_UNUSABLE):
            if paths.generation_of(draft.path) and listing.is_moving(self.place, draft.path):
                # The same content is there, under its hidden name, until the files that it replaces are gone.
                self.place.discard(draft)
                return True
            return self.place.publish(draft)

    def discard(self, draft: Draft) -> None:
        """Forget a file that was not published."""
        self.place.discard(draft)

    def holds(self, path: str) -> bool:
        """Tell whether readers see the file, for good, under its name or one that it had before. Raises ArchiveError."""
        require_ours(path)
        with self.told(messages.FOLDER_UNUSABLE):
            moving = paths.generation_of(path) and listing.is_moving(self.place, path)
            if not moving and not self.place.filesystem.get_file_info(path).is_file:
                return False
            # Whoever showed it may have died before this.
            self.place.settle(path.rpartition("/")[0])
        return True

    def files(self) -> list[ArchiveFile]:
        """Return every file with its number of rows. Raises ArchiveError."""

        def count(stored: list[Stored]) -> list[ArchiveFile]:
            return [ArchiveFile(file.name, self.metadata(file).num_rows, file.size) for file in stored]

        return self.read_stable([paths.ROOT], count)

    def read(self, columns: Sequence[str] | None = None, condition: Any = None) -> pa.Table:
        """Return all events, or those that fulfil a dataset expression, with year, month and day.

        Raises ArchiveError. `milepost.events.reading` finds what it needs without looking at all files.
        """
        return self.read_stable([paths.ROOT], lambda stored: self.table_of(stored, columns, condition))

    def read_stable(self, folders: Sequence[str], work: Callable[[list[Stored]], _Result]) -> _Result:
        """Return what `work` makes of the files of these folders, none of which changed meanwhile."""
        with self.told(messages.UNREADABLE):
            return listing.read_stable(self.place, folders, work)

    def table_of(
        self, stored: Sequence[Stored], columns: Sequence[str] | None = None, condition: Any = None
    ) -> pa.Table:
        """Return the events of some files, with year, month and day. Raises OSError, or ArchiveError."""
        wanted = None if columns is None else list(dict.fromkeys([*columns, _VERSION]))
        table = self.dataset_of(stored).to_table(columns=wanted, filter=condition)
        schemas.require_known(table[_VERSION])
        return table if columns is None else table.select(list(columns))

    def dataset_of(self, stored: Sequence[Stored]) -> ds.FileSystemDataset:
        """Return some files as a dataset with the columns of today."""
        form, filesystem = ds.ParquetFileFormat(), self.place.filesystem
        fragments = [
            form.make_fragment(file.path, filesystem, partition_expression=_partition(file.name), file_size=file.size)
            for file in stored
        ]
        schema = pa.unify_schemas([schemas.ARCHIVE_SCHEMA, PARTITIONS])
        return ds.FileSystemDataset(fragments, schema, form, filesystem)

    def metadata(self, file: Stored) -> pq.FileMetaData:
        """Return the footer of a file. Raises OSError."""
        with self.place.filesystem.open_input_file(file.path) as source:
            return pq.read_metadata(source)

    @contextmanager
    def told(self, message: Any) -> Iterator[None]:
        """Turn what the file system says into an ArchiveError with this message."""
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            reason = getattr(error, "strerror", None) or str(error).partition("\n")[0] or type(error).__name__
            reason = self.place.hide(reason)
            raise ArchiveError(message, reason=reason, place=self.place.label) from None


def encoded(path: str, table: pa.Table) -> pa.Buffer:
    """Return the content of a file; that of a merged one is sorted by user, so that readers skip most of it."""
    sink = pa.BufferOutputStream()
    if paths.generation_of(path):
        table = table.sort_by([("user_id", "ascending"), ("timestamp", "ascending"), ("event_id", "ascending")])
        options: dict[str, Any] = {"row_group_size": MERGED_GROUP_ROWS, "write_page_index": True}
    else:
        options = {}
    pq.write_table(table, sink, compression="zstd", **options)
    return sink.getvalue()


def require_ours(path: str) -> None:
    """Raise ArchiveError for a path that this archive could not have made."""
    if not paths.is_archive_path(path):
        raise ArchiveError(messages.STRANGE_PATH, path=path[:200])


def _partition(path: str) -> Any:
    day = paths.day_of(path)
    values = zip(PARTITIONS, (day.year, day.month, day.day), strict=True)
    year, month, of_month = (pc.field(field.name) == pa.scalar(value, field.type) for field, value in values)
    return year & month & of_month
