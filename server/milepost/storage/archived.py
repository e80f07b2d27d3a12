"""Event rows beside the files of the archive that hold them: what merging, erasing and comparing need to know."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.storage.models import EventRow

# Any number that nobody else uses; whoever changes files that are there already holds the lock of this name.
LOCK_KEY = 7_331_650_002


async def try_upkeep(session: AsyncSession) -> bool:
    """Be the only one who changes existing files until the transaction ends; False if somebody else is."""
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(LOCK_KEY))))


async def wait_for_upkeep(session: AsyncSession) -> None:
    """Be the only one who changes existing files until the transaction ends, as soon as that is possible."""
    await session.execute(select(func.pg_advisory_xact_lock(LOCK_KEY)))


async def lock_files(session: AsyncSession, paths: Sequence[str]) -> set[UUID] | None:
    """Return the events that name these files and hold them until the transaction ends.

    None while one of them is held by others or was not handed on yet: somebody may be writing its file.
    """
    named = EventRow.parquet_path.in_(paths)
    query = select(EventRow.id, EventRow.published_at).where(named).with_for_update(skip_locked=True)
    held = (await session.execute(query)).all()
    total = await session.scalar(select(func.count()).where(named))
    if len(held) != total or any(published is None for _, published in held):
        return None
    return {row_id for row_id, _ in held}


async def delete_of_user(session: AsyncSession, user_id: UUID) -> bool:
    """Delete the events of a user, unless others hold one of them: they may be writing it into a file.

    Never waits for a row, so that two who hold rows cannot wait for each other.
    """
    own = EventRow.user_id == user_id
    held = (await session.scalars(select(EventRow.id).where(own).with_for_update(skip_locked=True))).all()
    if len(held) != await session.scalar(select(func.count()).where(own)):
        return False
    await session.execute(delete(EventRow).where(own), execution_options={"synchronize_session": False})
    return True
