"""Everything that is stored of one user, as plain values, for taking along."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.storage import models
from milepost.storage.models import Base

Row = dict[str, Any]
ROWS_AT_ONCE = 2000
# A hash is no belonging, and to whoever finds it a way to guess the password.
_WITHHELD = frozenset({"hashed_password"})
_TABLES: tuple[type[models.Identified], ...] = (
    models.UserRow,
    models.CourseRow,
    models.GoalRow,
    models.TaskRow,
    models.CodeSnapshotRow,
    models.EmbeddingRow,
    models.EventRow,
)


def tables() -> list[str]:
    """Return the names of the tables, that of the user first."""
    return [_name(table) for table in _TABLES]


async def rows(session: AsyncSession, user_id: UUID, name: str) -> AsyncIterator[list[Row]]:
    """Yield what a table holds of the user, by id, some rows at a time; columns under their own names."""
    table = next(table for table in _TABLES if _name(table) == name)
    owner = table.id if table is models.UserRow else Base.metadata.tables[name].c.user_id
    columns = [column for column in Base.metadata.tables[name].columns if column.name not in _WITHHELD]
    query = select(*columns).where(owner == user_id).order_by(table.id).execution_options(yield_per=ROWS_AT_ONCE)
    async for part in (await session.stream(query)).mappings().partitions():
        yield [{key: _plain(value) for key, value in row.items()} for row in part]


async def counts(session: AsyncSession, user_id: UUID) -> dict[str, int]:
    """Return how many rows of each table are the user's."""
    found = {}
    for name in tables()[1:]:
        table = Base.metadata.tables[name]
        query = select(func.count()).select_from(table).where(table.c.user_id == user_id)
        found[name] = await session.scalar(query) or 0
    return found


def _name(table: type[models.Identified]) -> str:
    return str(table.__tablename__)  # type: ignore[attr-defined]


def _plain(value: Any) -> Any:
    # A vector has a type of its own.
    return value.tolist() if hasattr(value, "tolist") else value
