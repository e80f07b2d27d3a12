"""Everything of one person as files to take along: JSON to read, Parquet to analyse."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from milepost.events import messages, reading, schemas
from milepost.events.archive import Archive
from milepost.events.errors import ArchiveError
from milepost.events.reading import Wanted
from milepost.storage import belongings
from milepost.storage.belongings import Row
from milepost.storage.engine import Database

EVENTS = "archived_events"


async def export(database: Database, archive: Archive, user_id: UUID, folder: Path) -> dict[str, int]:
    """Write a JSON and a Parquet file for each table and for the archived events; return the rows of each.

    Raises ArchiveError, also when the folder holds something already, and StorageError.
    """
    await asyncio.to_thread(_prepare, folder)
    counts = {}
    async with database.session() as session:
        for name in belongings.tables():
            rows = [row async for part in belongings.rows(session, user_id, name) for row in part]
            await asyncio.to_thread(_write, folder, name, rows)
            counts[name] = len(rows)
    table = await asyncio.to_thread(reading.read, archive, Wanted(user=user_id), schemas.ARCHIVE_SCHEMA.names)
    await asyncio.to_thread(_write_events, folder, table.sort_by([("timestamp", "ascending")]))
    return counts | {EVENTS: table.num_rows}


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise ArchiveError(messages.EXPORT_FAILED, folder=folder, reason=error.strerror) from error
    if occupied:
        raise ArchiveError(messages.EXPORT_OCCUPIED, folder=folder)


def _write(folder: Path, name: str, rows: Sequence[Row]) -> None:
    plain = [{key: _json(value) for key, value in row.items()} for row in rows]
    _write_json(folder, name, plain)
    flat = [{key: _flat(value) for key, value in row.items()} for row in plain]
    _write_parquet(folder, name, pa.Table.from_pylist(flat))


def _write_events(folder: Path, table: pa.Table) -> None:
    _write_json(folder, EVENTS, [{key: _json(value) for key, value in row.items()} for row in table.to_pylist()])
    _write_parquet(folder, EVENTS, table)


def _write_json(folder: Path, name: str, rows: Sequence[Row]) -> None:
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    _put(folder / f"{name}.json", text.encode("utf-8", "backslashreplace"))


def _write_parquet(folder: Path, name: str, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    _put(folder / f"{name}.parquet", sink.getvalue())


def _put(file: Path, content: Any) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ArchiveError(messages.EXPORT_FAILED, folder=file, reason=error.strerror) from error


def _json(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, UUID) else value


def _flat(value: Any) -> Any:
    """Return a value as a column holds it: text that is valid UTF-8, objects as JSON, vectors as lists."""
    if isinstance(value, dict) or (isinstance(value, list) and not all(isinstance(item, float) for item in value)):
        value = json.dumps(value, ensure_ascii=False)
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value
