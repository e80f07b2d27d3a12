"""The newest checkpoint of each graph that waits for its user."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.storage.models import CheckpointRow

_NO_SYNCHRONISATION = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """Where a graph stands; content and writes are bytes of the graph's own making."""

    checkpoint: str
    content: bytes
    writes: bytes | None


async def get(session: AsyncSession, user_id: UUID, thread: str, namespace: str = "") -> StoredCheckpoint | None:
    """Return the newest checkpoint of a thread."""
    query = select(CheckpointRow).where(*_of(user_id, thread), CheckpointRow.namespace == namespace)
    row = await session.scalar(query.execution_options(populate_existing=True))
    return StoredCheckpoint(row.checkpoint, row.content, row.writes) if row is not None else None


async def put(  # noqa: PLR0913, PLR0917 - The columns of a checkpoint.
    session: AsyncSession, user_id: UUID, thread: str, namespace: str, checkpoint: str, content: bytes
) -> None:
    """Store a checkpoint in the place of the thread's older one."""
    key: dict[Any, Any] = {
        CheckpointRow.user_id: user_id,
        CheckpointRow.thread: thread,
        CheckpointRow.namespace: namespace,
    }
    values: dict[Any, Any] = {
        CheckpointRow.checkpoint: checkpoint,
        CheckpointRow.content: content,
        CheckpointRow.writes: None,
    }
    statement = insert(CheckpointRow).values({**key, **values})
    unique = (CheckpointRow.user_id, func.md5(CheckpointRow.thread), CheckpointRow.namespace)
    changed = {**values, CheckpointRow.updated_at: func.now()}
    await session.execute(statement.on_conflict_do_update(index_elements=unique, set_=changed))


async def put_writes(  # noqa: PLR0913, PLR0917 - As above.
    session: AsyncSession, user_id: UUID, thread: str, namespace: str, checkpoint: str, writes: bytes
) -> None:
    """Store what a graph has written since a checkpoint, if that is still the newest."""
    here = (*_of(user_id, thread), CheckpointRow.namespace == namespace, CheckpointRow.checkpoint == checkpoint)
    statement = update(CheckpointRow).where(*here).values(writes=writes, updated_at=func.now())
    await session.execute(statement, execution_options=_NO_SYNCHRONISATION)


async def delete_thread(session: AsyncSession, user_id: UUID, thread: str) -> None:
    """Forget a thread."""
    await session.execute(delete(CheckpointRow).where(*_of(user_id, thread)), execution_options=_NO_SYNCHRONISATION)


def _of(user_id: UUID, thread: str) -> tuple[ColumnElement[bool], ...]:
    # By its hash, which the index holds: a path may be longer than an entry of an index.
    return (
        CheckpointRow.user_id == user_id,
        func.md5(CheckpointRow.thread) == func.md5(thread),
        CheckpointRow.thread == thread,
    )
