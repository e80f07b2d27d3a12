"""Event files in hive partitions: each appears whole or not at all, and what they hold can be read back."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow import fs

from milepost.domain.events import BaseEvent
from milepost.events import messages, paths, schemas
from milepost.events.errors import ArchiveError
from milepost.events.steps import Reached, Step, nothing

TEMPORARY = ".partial"
_PARTITIONS = pa.schema([("year", pa.int32()), ("month", pa.int32()), ("day", pa.int32())])
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_SYNCED_FOLDERS = os.name == "posix"


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One file of the archive; `path` is relative to it, `size` in bytes."""

    path: str
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A written and synced file that no reader sees yet."""

    temporary: Path
    final: Path


class Archive:
    """The event files under one folder; the dataset is its subfolder `events`."""

    def __init__(self, folder: Path, reached: Reached = nothing) -> None:
        self.folder = folder
        self._reached = reached

    @property
    def dataset_folder(self) -> Path:
        """Return the folder to open as a dataset with hive partitioning."""
        return self.folder / paths.ROOT

    def prepare(self) -> None:
        """Make the folder and remove what writers that died left behind. Raises ArchiveError."""
        with _told():
            self.dataset_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for temporary in self.dataset_folder.rglob(f".*{TEMPORARY}"):
                # A living writer whose file this was finds it gone, and writes it again.
                temporary.unlink(missing_ok=True)

    def draft(self, path: str, events: Sequence[BaseEvent]) -> Draft:
        """Write and sync the file for `path`, under a name that readers pass over. Raises ArchiveError."""
        final = self._inside(path)
        temporary = final.with_name(f".{final.name}.{secrets.token_hex(8)}{TEMPORARY}")
        draft = Draft(temporary, final)
        try:
            with _told():
                self._make_folders(final.parent)
                self._write(temporary, _encoded(events))
        except ArchiveError:
            self.discard(draft)
            raise
        return draft

    def publish(self, draft: Draft) -> bool:
        """Let readers see the file, for good; False if somebody took the draft for a leftover. Raises ArchiveError."""
        with _told():
            try:
                draft.temporary.replace(draft.final)
            except FileNotFoundError:
                return False
            self._reached(Step.RENAMED)
            _sync_folder(draft.final.parent)
            self._reached(Step.FOLDER_SYNCED)
        return True

    def discard(self, draft: Draft) -> None:
        """Forget a file that was not published."""
        with suppress(OSError):
            draft.temporary.unlink()

    def holds(self, path: str) -> bool:
        """Tell whether readers see the file, for good. Raises ArchiveError."""
        final = self._inside(path)
        with _told():
            if not final.exists():
                return False
            # Whoever showed it may have died before this.
            _sync_folder(final.parent)
        return True

    def files(self) -> list[ArchiveFile]:
        """Return every file with its number of rows."""
        return [
            ArchiveFile(file.relative_to(self.folder).as_posix(), pq.read_metadata(file).num_rows, file.stat().st_size)
            for file in self._paths()
        ]

    def read(self, columns: Sequence[str] | None = None, condition: Any = None) -> pa.Table:
        """Return all events, or those that fulfil a dataset expression, with year, month and day."""
        schema = pa.unify_schemas([schemas.ARCHIVE_SCHEMA, _PARTITIONS])
        # Listed here and not by the dataset, which stumbles over any file of others.
        options = ds.FileSystemFactoryOptions(str(self.dataset_folder))
        options.partitioning = ds.partitioning(_PARTITIONS, flavor="hive")
        files: Any = [str(path) for path in self._paths()]
        factory = ds.FileSystemDatasetFactory(fs.LocalFileSystem(), files, ds.ParquetFileFormat(), options)
        dataset = factory.finish(schema)
        return dataset.to_table(columns=None if columns is None else list(columns), filter=condition)

    def _paths(self) -> list[Path]:
        found = sorted(self.dataset_folder.rglob("[!.]*.parquet"))
        return [path for path in found if paths.is_archive_path(path.relative_to(self.folder).as_posix())]

    def _inside(self, path: str) -> Path:
        if not paths.is_archive_path(path):
            raise ArchiveError(messages.STRANGE_PATH, path=path[:200])
        return self.folder / path

    def _make_folders(self, folder: Path) -> None:
        missing = [part for part in (folder, *folder.parents) if not part.is_dir()]
        for part in reversed(missing):
            part.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(part.parent)

    def _write(self, temporary: Path, content: pa.Buffer) -> None:
        with os.fdopen(os.open(temporary, _NEW_FILE, 0o600), "wb") as file:
            self._reached(Step.CREATED)
            file.write(content)
            file.flush()
            self._reached(Step.WRITTEN)
            os.fsync(file.fileno())
        self._reached(Step.SYNCED)


def _encoded(events: Sequence[BaseEvent]) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    pq.write_table(schemas.to_table(events), sink, compression="zstd")
    return sink.getvalue()


def _sync_folder(folder: Path) -> None:
    if not _SYNCED_FOLDERS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ArchiveError(messages.FOLDER_UNUSABLE, reason=reason) from error
