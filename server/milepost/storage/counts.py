"""How much is stored."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.storage.models import Base


async def rows_by_table(session: AsyncSession) -> list[tuple[str, int]]:
    """Return each table with its number of rows, by name."""
    return [
        (table.name, await session.scalar(select(func.count()).select_from(table)) or 0)
        for table in Base.metadata.sorted_tables
    ]
