import asyncio

import pytest

from milepost.domain.entities import EntityType
from milepost.domain.events import EventType, UserEvent
from milepost.goals import users
from milepost.goals.problems import RuleError
from milepost.storage import events
from milepost.storage import users as stored_users
from milepost.storage.errors import ConflictError


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    monkeypatch.setattr(users, "ROUNDS", 4)


async def make(session, **fields):
    return await users.create(session, **({"email": "Ada@example.org", "username": "ada"} | fields))


async def told(session, user):
    return await events.list_of_user(session, user.id)


async def test_the_local_user_is_made_once_and_told_once(session):
    first = await users.ensure_local(session)
    assert await users.ensure_local(session) == first
    (event,) = await told(session, first)
    assert isinstance(event, UserEvent)
    assert (event.event_type, event.entity_type, event.entity_id) == (EventType.USER_CREATED, EntityType.USER, first.id)
    assert (event.username, event.email, event.action) == (first.username, first.email, "created")


async def test_two_servers_make_the_local_user_at_once(database):
    async def one():
        async with database.begin() as session:
            return await users.ensure_local(session)

    first, second = await asyncio.gather(one(), one())
    assert first.id == second.id
    async with database.session() as session:
        assert len(await told(session, first)) == 1


async def test_a_user_with_a_password(session):
    user = await make(session, password="correct horse", full_name="Ada L.")
    assert user.hashed_password.startswith("$2b$")
    assert "correct" not in str(await told(session, user))
    assert await users.verify(session, "ada", "correct horse") == user
    assert await users.verify(session, "ADA@example.org", "correct horse") == user
    assert await users.verify(session, "ada", "Correct horse") is None
    assert await users.verify(session, "nobody", "correct horse") is None


async def test_who_has_no_password_or_is_inactive_cannot_sign_in(session):
    await make(session)
    assert await users.verify(session, "ada", "") is None
    other = await make(session, username="bob", email="b@x", password="12345678", is_active=False)
    assert await users.verify(session, "bob", "12345678") is None
    await users.update(session, other.id, is_active=True)
    assert await users.verify(session, "bob", "12345678") is not None


async def test_a_password_of_a_wrong_length():
    for password in ("short", "", "x" * 73, "é" * 37):
        with pytest.raises(RuleError) as caught:
            await users.hash_password(password)
        assert "8" in caught.value.say("es")
        assert "72" in str(caught.value)


async def test_a_longer_password_with_the_same_beginning_does_not_fit(session):
    await make(session, password="x" * 72)
    assert await users.verify(session, "ada", "x" * 72)
    assert await users.verify(session, "ada", "x" * 73) is None


async def test_strange_names(session):
    for fields in ({"email": "ada"}, {"email": "a b@c"}, {"username": ""}, {"username": "a b"}, {"username": "x" * 65}):
        with pytest.raises(RuleError):
            await make(session, **fields)


async def test_names_are_taken_once(session):
    await make(session)
    with pytest.raises(ConflictError):
        await make(session, email="other@example.org")
    with pytest.raises(ConflictError):
        await make(session, username="other", email="ADA@example.org")


async def test_an_update_is_told_with_what_changed(session):
    user = await make(session)
    assert await users.update(session, user.id, email=" ADA@example.org ", full_name="") == user
    changed = await users.update(session, user.id, full_name="Ada", password="12345678")
    assert changed.full_name == "Ada"
    created, updated = await told(session, user)
    assert (created.event_type, updated.event_type) == (EventType.USER_CREATED, EventType.USER_UPDATED)
    assert updated.payload == {"changed": ["full_name", "hashed_password"]}
    assert changed.hashed_password not in str(updated)


async def test_some_fields_only_follow(session):
    user = await make(session)
    for field in ("hashed_password", "id", "last_login_at"):
        with pytest.raises(RuleError, match=field):
            await users.update(session, user.id, **{field: "x"})


async def test_erasing_takes_everything(session):
    user = await make(session)
    assert [one.username for one in await users.list_all(session)] == ["ada"]
    assert await users.erase(session, user.id) == []
    assert await users.get(session, user.id) is None
    assert await users.update(session, user.id, full_name="x") is None
    assert await stored_users.list_all(session) == []
