"""A copy of everything in the database as one file, and back, by PostgreSQL's own tools."""

import asyncio
import os
from pathlib import Path

from sqlalchemy import make_url

from milepost.storage import cluster, messages
from milepost.storage.errors import StorageError


async def backup(url: str, file: Path) -> None:
    """Write the database to a file in PostgreSQL's custom format. Raises StorageError."""
    # The extension belongs to the server's administrator, who made it there as here.
    options = ("--format=custom", "--no-owner", "--no-privileges", "--exclude-extension=vector")
    await _run("pg_dump", url, *options, f"--file={file}")


async def restore(url: str, file: Path) -> None:
    """Put what a backup holds in the place of what is there, all of it or nothing. Raises StorageError."""
    target = make_url(url).database or ""
    options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--no-comments")
    await _run("pg_restore", url, *options, f"--dbname={target}", str(file))


async def _run(tool: str, url: str, *arguments: str) -> None:
    parsed = make_url(url)
    connection = {
        "PGHOST": parsed.host or str(parsed.query.get("host", "")),
        "PGPORT": str(parsed.port or ""),
        "PGUSER": parsed.username or "",
        "PGPASSWORD": str(parsed.password or ""),
        "PGDATABASE": parsed.database or "",
    }
    environment = {**os.environ, **{name: value for name, value in connection.items() if value}}
    command = [str(cluster.binaries() / tool), *arguments]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()
    if process.returncode:
        reason = errors.decode("utf-8", "replace").strip().splitlines()[:1]
        raise StorageError(messages.BACKUP_FAILED, reason=" ".join(reason))
