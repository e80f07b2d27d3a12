"""The schema: which version a database has, and how it gets to the newest."""

import asyncio
import importlib
import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from milepost.storage import messages
from milepost.storage.engine import Database
from milepost.storage.errors import SchemaError

# Any number that nobody else uses; it is the name of the lock.
LOCK_KEY = 7_331_650_001
LEAST_PGVECTOR = (0, 8)
_HAS_VERSION = """
    SELECT EXISTS (
        SELECT FROM pg_tables WHERE tablename = 'alembic_version' AND schemaname = ANY (current_schemas(false))
    )
"""


@dataclass(frozen=True, slots=True)
class Status:
    """The schema that is there (None: none yet) and the newest one; `pending` are those still to be run."""

    current: str | None
    newest: str
    pending: tuple[str, ...]


def scripts_folder() -> Path:
    """Return the folder of the migrations: inside the installed package, else beside the sources."""
    room = Path(__file__).resolve().parent
    installed = room.parent / "migrations"
    return installed if installed.is_dir() else room.parents[2] / "migrations"


def known_revisions() -> list[str]:
    """Return the revisions that this version has, oldest first; a script's name begins with its revision."""
    names = (path.name for path in (scripts_folder() / "versions").glob("*.py"))
    return sorted(found[0] for name in names if (found := re.match(r"\d{4}(?=_)", name)))


async def status(database: Database) -> Status:
    """Return the state of the schema. Raises SchemaError when it is newer than this version of Milepost."""
    async with database.connection() as connection:
        return await connection.run_sync(_status)


async def upgrade(database: Database) -> Status:
    """Run what is pending, in one transaction; of several servers that start at once, one does it.

    Returns the state found before. Raises SchemaError, having changed nothing.
    """
    found = await status(database)
    if not found.pending:
        return found
    # A hundred milliseconds of import that must not hold up the loop.
    await asyncio.to_thread(importlib.import_module, "alembic.command")
    async with database.connection() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        found = await connection.run_sync(_status)
        if found.pending:
            await connection.run_sync(_upgrade)
    return found


def _status(connection: Connection) -> Status:
    known = known_revisions()
    current = None
    # No to_regclass(): it may answer from a cache that was filled before the lock was waited for.
    if connection.scalar(text(_HAS_VERSION)):
        current = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if current is not None and current not in known:
        raise SchemaError(messages.SCHEMA_TOO_NEW, found=current, known=known[-1])
    return Status(current, known[-1], tuple(revision for revision in known if revision > (current or "")))


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - Needed only when there is something to run.
    from alembic.config import Config  # noqa: PLC0415

    _ensure_pgvector(connection)
    config = Config()
    config.set_main_option("script_location", str(scripts_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _ensure_pgvector(connection: Connection) -> None:
    installed = text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    version = connection.scalar(installed)
    if version is None:
        try:
            with connection.begin_nested():
                connection.execute(text("CREATE EXTENSION vector"))
        except DBAPIError as error:
            raise SchemaError(messages.EXTENSION_MISSING, found="-") from error
        version = connection.scalar(installed)
    if tuple(int(part) for part in re.findall(r"\d+", str(version))[:2]) < LEAST_PGVECTOR:
        raise SchemaError(messages.EXTENSION_MISSING, found=version)
