"""What users, courses, goals and tasks have in common: made, read, changed and deleted by their id."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.storage import messages, models
from milepost.storage.errors import ConflictError

Row = TypeVar("Row", bound=models.Timestamped)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Records(Generic[Row, Value]):
    """One table with the function that turns its rows into domain values."""

    table: type[Row]
    value_of: Callable[[Row], Value]

    def columns(self, fields: dict[str, Any]) -> dict[Any, Any]:
        """Return the fields of a domain value by their columns."""
        return {getattr(self.table, "extra" if name == "metadata" else name): value for name, value in fields.items()}

    async def create(self, session: AsyncSession, **fields: Any) -> Value:
        """Insert a row. Raises ConflictError when what must be unique is taken."""
        statement = insert(self.table).values(self.columns(fields)).returning(self.table)
        try:
            async with session.begin_nested():
                return self.value_of((await session.scalars(statement)).one())
        except IntegrityError as error:
            raise _conflict(error) from error

    async def get(self, session: AsyncSession, row_id: UUID, *, lock: bool = False) -> Value | None:
        """Return the value; `lock` keeps it from being changed by others until the transaction ends."""
        query = select(self.table).where(self.table.id == row_id)
        return await self.first(session, query.with_for_update() if lock else query)

    async def first(self, session: AsyncSession, query: Select[Row]) -> Value | None:
        """Return the query's first value."""
        row = (await session.scalars(query.limit(1).execution_options(populate_existing=True))).first()
        return None if row is None else self.value_of(row)

    async def all(self, session: AsyncSession, query: Select[Row]) -> list[Value]:
        """Return the query's values."""
        rows = await session.scalars(query.execution_options(populate_existing=True))
        return [self.value_of(row) for row in rows]

    async def update(self, session: AsyncSession, row_id: UUID, fields: dict[str, Any]) -> Value | None:
        """Change the fields and return the new value, or None when there is no such row."""
        if not fields:
            return await self.get(session, row_id)
        statement = update(self.table).where(self.table.id == row_id).values(self.columns(fields))
        options = {"populate_existing": True, "synchronize_session": False}
        try:
            async with session.begin_nested():
                found = await session.scalars(statement.returning(self.table), execution_options=options)
                row = found.first()
        except IntegrityError as error:
            raise _conflict(error) from error
        return None if row is None else self.value_of(row)

    async def delete(self, session: AsyncSession, row_id: UUID) -> bool:
        """Delete the row and what goes with it; tell whether there was one."""
        statement = delete(self.table).where(self.table.id == row_id).returning(self.table.id)
        done = await session.execute(statement, execution_options={"synchronize_session": False})
        return done.first() is not None

    def has_key(self, key: str) -> ColumnElement[bool]:
        """Return the condition that the row's metadata carry this stable key."""
        extra: Any = self.table.extra  # type: ignore[attr-defined]
        return extra["key"].astext == key  # type: ignore[no-any-return]


def _conflict(error: IntegrityError) -> ConflictError:
    name = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None) or "?"
    return ConflictError(messages.CONFLICT, constraint=name)
