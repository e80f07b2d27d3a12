"""Users."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from milepost.domain.entities import User
from milepost.storage import models, rows
from milepost.storage.records import Records

LOCAL_USERNAME = "local"
LOCAL_EMAIL = "local@localhost"
_RECORDS = Records(models.UserRow, rows.user_of)


async def ensure_local(session: AsyncSession) -> User:
    """Return the user of the embedded default, making it on first use."""
    found = await by_username(session, LOCAL_USERNAME)
    if found is None:
        values = {"email": LOCAL_EMAIL, "username": LOCAL_USERNAME}
        # Two servers may come here at once.
        await session.execute(insert(models.UserRow).values(values).on_conflict_do_nothing())
        found = await by_username(session, LOCAL_USERNAME)
    assert found is not None
    return found


async def create(session: AsyncSession, *, email: str, username: str, **fields: Any) -> User:
    """Make a user. Raises ConflictError when the address or the name is taken."""
    return await _RECORDS.create(session, email=_normalised(email), username=username, **fields)


async def get(session: AsyncSession, user_id: UUID, *, lock: bool = False) -> User | None:
    """Return the user; `lock` keeps it from being changed by others until the transaction ends."""
    return await _RECORDS.get(session, user_id, lock=lock)


async def by_username(session: AsyncSession, username: str) -> User | None:
    """Return the user of this name."""
    return await _RECORDS.first(session, select(models.UserRow).where(models.UserRow.username == username))


async def by_email(session: AsyncSession, email: str) -> User | None:
    """Return the user of this address, whatever its capitals."""
    return await _RECORDS.first(session, select(models.UserRow).where(models.UserRow.email == _normalised(email)))


async def existing(session: AsyncSession, user_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the ids that are a user's."""
    return set(await session.scalars(select(models.UserRow.id).where(models.UserRow.id.in_(user_ids))))


async def list_all(session: AsyncSession) -> list[User]:
    """Return all users by name."""
    return await _RECORDS.all(session, select(models.UserRow).order_by(models.UserRow.username))


async def update_fields(session: AsyncSession, user_id: UUID, **fields: Any) -> User | None:
    """Change the fields and return the new user, or None. Raises ConflictError."""
    if "email" in fields:
        fields["email"] = _normalised(fields["email"])
    return await _RECORDS.update(session, user_id, fields)


async def record_login(session: AsyncSession, user_id: UUID) -> None:
    """Set the time of the last login to now."""
    await session.execute(
        update(models.UserRow).where(models.UserRow.id == user_id).values(last_login_at=func.now()),
        execution_options={"synchronize_session": False},
    )


async def hold(session: AsyncSession, user_id: UUID) -> None:
    """Keep others from storing anything of the user until the transaction ends."""
    await session.execute(select(models.UserRow.id).where(models.UserRow.id == user_id).with_for_update())


async def erase(session: AsyncSession, user_id: UUID) -> list[str]:
    """Delete the user with everything of theirs, and return the archive's files that still hold their events."""
    query = select(models.EventRow.parquet_path).where(
        models.EventRow.user_id == user_id, models.EventRow.parquet_path.is_not(None)
    )
    paths = [path for path in await session.scalars(query.distinct().order_by(models.EventRow.parquet_path)) if path]
    await _RECORDS.delete(session, user_id)
    return paths


def _normalised(email: str) -> str:
    return email.strip().lower()
