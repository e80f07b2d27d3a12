"""Snapshots: every saved version of a document, with its result once there is one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.domain.validations import Snapshot
from milepost.storage import escaping
from milepost.storage.models import CodeSnapshotRow, TaskRow


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A snapshot with its result; `passed` and `score` (0 to 1) are None until a run was completed."""

    id: UUID
    user_id: UUID
    task_id: UUID | None
    path: str
    language: str
    text: str
    created_at: datetime
    lines_of_code: int
    passed: bool | None = None
    score: float | None = None
    feedback: Mapping[str, Any] | None = None
    issues: Sequence[Any] | None = None
    trusted: bool = False


def hash_of(text: str) -> str:
    """Return the hash by which equal texts are known."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def count_lines(text: str) -> int:
    """Return the number of lines that are not blank."""
    return sum(1 for line in text.splitlines() if line.strip())


async def add(session: AsyncSession, user_id: UUID, task_id: UUID | None, snapshot: Snapshot) -> UUID | None:
    """Store the snapshot and return its id, or None when the last one of this file has the same text and task."""
    key = func.hashtextextended(f"{user_id}:{escaping.escape(snapshot.path)}", 0)
    # Two windows may save the same file at once; the second waits here and then sees the first.
    await session.execute(select(func.pg_advisory_xact_lock(key)))
    digest = hash_of(snapshot.text)
    newest = await last(session, user_id, snapshot.path)
    if newest is not None and (newest.text, newest.task_id) == (snapshot.text, task_id):
        return None
    values = {
        "user_id": user_id,
        # Null when the task was deleted since: what was saved is kept.
        "task_id": select(TaskRow.id).where(TaskRow.id == task_id).scalar_subquery(),
        "file_path": snapshot.path,
        "language": snapshot.language,
        "code_content": snapshot.text,
        "content_hash": digest,
        "lines_of_code": count_lines(snapshot.text),
        "created_at": func.clock_timestamp(),
    }
    statement = insert(CodeSnapshotRow).values(values).returning(CodeSnapshotRow.id)
    return (await session.execute(statement)).scalar_one()


async def set_result(  # noqa: PLR0913 - The columns of a result.
    session: AsyncSession,
    snapshot_id: UUID,
    *,
    passed: bool | None,
    score: float | None,
    feedback: Mapping[str, Any],
    issues: Sequence[Any],
    trusted: bool,
) -> bool:
    """Store the result of a run; tell whether the snapshot is still there."""
    values = {
        "validation_passed": passed,
        "validation_score": score,
        "validation_feedback": feedback,
        "issues_found": list(issues),
        "trusted": trusted,
    }
    statement = update(CodeSnapshotRow).where(CodeSnapshotRow.id == snapshot_id).values(values)
    options = {"synchronize_session": False}
    done = await session.execute(statement.returning(CodeSnapshotRow.id), execution_options=options)
    return done.first() is not None


async def get(session: AsyncSession, snapshot_id: UUID) -> StoredSnapshot | None:
    """Return the snapshot."""
    return await _first(session, select(CodeSnapshotRow).where(CodeSnapshotRow.id == snapshot_id))


async def last(session: AsyncSession, user_id: UUID, path: str) -> StoredSnapshot | None:
    """Return the newest snapshot of a file."""
    return await _first(session, _newest(select(CodeSnapshotRow), user_id, path))


async def history(session: AsyncSession, user_id: UUID, path: str, limit: int = 20) -> list[StoredSnapshot]:
    """Return the snapshots of a file, newest first."""
    return await _all(session, _newest(select(CodeSnapshotRow), user_id, path).limit(limit))


async def history_of_task(session: AsyncSession, task_id: UUID, limit: int = 100) -> list[StoredSnapshot]:
    """Return the snapshots of a task, newest first."""
    query = select(CodeSnapshotRow).where(CodeSnapshotRow.task_id == task_id)
    return await _all(session, query.order_by(*_NEWEST_FIRST).limit(limit))


async def best_score(session: AsyncSession, task_id: UUID) -> float | None:
    """Return the best score that any snapshot of the task reached."""
    return await session.scalar(
        select(func.max(CodeSnapshotRow.validation_score)).where(CodeSnapshotRow.task_id == task_id)
    )


async def trusted_for_task(
    session: AsyncSession, task_id: UUID, *, language: str | None = None, limit: int = 200
) -> list[StoredSnapshot]:
    """Return the trusted snapshots of a task, newest first, each text once."""
    condition: ColumnElement[bool] = (CodeSnapshotRow.task_id == task_id) & CodeSnapshotRow.trusted
    if language is not None:
        condition &= CodeSnapshotRow.language == language
    newest_of_each = (
        select(CodeSnapshotRow.id)
        .where(condition)
        .ext(distinct_on(CodeSnapshotRow.content_hash))
        .order_by(CodeSnapshotRow.content_hash, *_NEWEST_FIRST)
        .correlate(None)
    )
    query = select(CodeSnapshotRow).where(CodeSnapshotRow.id.in_(newest_of_each))
    return await _all(session, query.order_by(*_NEWEST_FIRST).limit(limit))


_NEWEST_FIRST = (CodeSnapshotRow.created_at.desc(), CodeSnapshotRow.id.desc())


def _newest(query: Select[Any], user_id: UUID, path: str) -> Select[Any]:
    same_path = func.md5(CodeSnapshotRow.file_path) == func.md5(escaping.escape(path))
    return query.where(CodeSnapshotRow.user_id == user_id, same_path).order_by(*_NEWEST_FIRST)


async def _first(session: AsyncSession, query: Select[Any]) -> StoredSnapshot | None:
    found = await _all(session, query.limit(1))
    return found[0] if found else None


async def _all(session: AsyncSession, query: Select[Any]) -> list[StoredSnapshot]:
    rows = await session.scalars(query.execution_options(populate_existing=True))
    return [_stored(row) for row in rows]


def _stored(row: CodeSnapshotRow) -> StoredSnapshot:
    return StoredSnapshot(
        id=row.id,
        user_id=row.user_id,
        task_id=row.task_id,
        path=row.file_path,
        language=row.language,
        text=row.code_content,
        created_at=row.created_at,
        lines_of_code=row.lines_of_code,
        passed=row.validation_passed,
        score=row.validation_score,
        feedback=row.validation_feedback,
        issues=row.issues_found,
        trusted=row.trusted,
    )
