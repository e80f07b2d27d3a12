"""Users: made, read, changed and deleted, each with its event; passwords are kept as bcrypt hashes only."""

import asyncio
import re
from typing import Any
from uuid import UUID

from milepost.domain.entities import User
from milepost.domain.events import EventType
from milepost.goals import changing, emitting, messages
from milepost.goals.problems import RuleError
from milepost.goals.sessions import DatabaseSession
from milepost.storage import events, users

PASSWORD_LEAST = 8
# bcrypt reads no further.
PASSWORD_MOST = 72
# Two to the power of this many rounds.
ROUNDS = 12
_USERNAME = re.compile(r"[\w.-]{1,64}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
# The hash of no password: checking against it takes as long as checking against a real one.
_NOBODY = b"$2b$12$C6UzMDM.H6dfI/f/IKcEeOdPqfbdN0PJJlJ3f0p1SWHf8Z1x1x1xK"


async def ensure_local(session: DatabaseSession) -> User:
    """Return the user of the embedded default, making it on first use."""
    found = await users.by_username(session, users.LOCAL_USERNAME)
    if found is not None:
        return found
    user = await users.ensure_local(session)
    # Another server may have come first; then its event is there already.
    if not await events.list_of_user(session, user.id, event_type=EventType.USER_CREATED, limit=1):
        await emitting.user_event(session, EventType.USER_CREATED, user)
    return user


async def create(
    session: DatabaseSession, *, email: str, username: str, password: str | None = None, **fields: Any
) -> User:
    """Make a user. Raises RuleError, or ConflictError when the address or the name is taken."""
    _require_names(email=email, username=username)
    hashed = await hash_password(password) if password is not None else None
    user = await users.create(session, email=email, username=username, hashed_password=hashed, **fields)
    await emitting.user_event(session, EventType.USER_CREATED, user)
    return user


async def get(session: DatabaseSession, user_id: UUID) -> User | None:
    """Return the user."""
    return await users.get(session, user_id)


async def list_all(session: DatabaseSession) -> list[User]:
    """Return all users by name."""
    return await users.list_all(session)


async def verify(session: DatabaseSession, name: str, password: str) -> User | None:
    """Return the active user of this name or address whose password this is."""
    found = await users.by_username(session, name) or await users.by_email(session, name)
    stored = found.hashed_password if found is not None else None
    fits = await asyncio.to_thread(_fits, password, stored)
    return found if found is not None and fits and found.is_active else None


async def update(
    session: DatabaseSession, user_id: UUID, *, password: str | None = None, **changes: Any
) -> User | None:
    """Change fields; nothing happens where nothing differs. Raises RuleError, or ConflictError."""
    user = await users.get(session, user_id)
    if user is None:
        return None
    if "email" in changes:
        changes["email"] = changes["email"].strip().lower()
    changed = changing.differing(user, changes)
    _require_names(**{name: changed[name] for name in ("email", "username") if name in changed})
    if password is not None:
        changed["hashed_password"] = await hash_password(password)
    if not changed:
        return user
    user = await users.update_fields(session, user_id, **changed)
    assert user is not None
    await emitting.user_event(session, EventType.USER_UPDATED, user, changed=sorted(changed))
    return user


async def erase(session: DatabaseSession, user_id: UUID) -> list[str]:
    """Delete the user with everything of theirs, and return the archive's files that still hold their events."""
    return await users.erase(session, user_id)


async def hash_password(password: str) -> str:
    """Return the bcrypt hash, made aside from the event loop; raises RuleError for one of a wrong length."""
    encoded = password.encode("utf-8", "surrogatepass")
    if len(password) < PASSWORD_LEAST or len(encoded) > PASSWORD_MOST:
        raise RuleError(messages.fill(messages.PASSWORD_LENGTH, least=PASSWORD_LEAST, most=PASSWORD_MOST))
    return await asyncio.to_thread(_hash, encoded)


def _hash(password: bytes) -> str:
    import bcrypt  # noqa: PLC0415 - Only who has a password needs it.

    return bcrypt.hashpw(password, bcrypt.gensalt(ROUNDS)).decode("ascii")


def _fits(password: str, stored: str | None) -> bool:
    import bcrypt  # noqa: PLC0415 - As above.

    encoded = password.encode("utf-8", "surrogatepass")[:PASSWORD_MOST]
    fits = bcrypt.checkpw(encoded, stored.encode("ascii") if stored is not None else _NOBODY)
    return fits and stored is not None and len(password.encode("utf-8", "surrogatepass")) <= PASSWORD_MOST


def _require_names(*, email: str | None = None, username: str | None = None) -> None:
    if email is not None and not _EMAIL.fullmatch(email.strip()):
        raise RuleError(messages.fill(messages.BAD_EMAIL, email=email))
    if username is not None and not _USERNAME.fullmatch(username):
        raise RuleError(messages.NO_USERNAME)
