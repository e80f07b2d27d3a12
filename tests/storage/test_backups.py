import pytest

from milepost.domain.entities import EntityType
from milepost.providers import lexical
from milepost.storage import backups, courses, embeddings, users
from milepost.storage.errors import StorageError


async def test_a_restored_backup_is_what_was_there(database, tmp_path):
    async with database.begin() as session:
        user = await users.ensure_local(session)
        course = await courses.create(session, user.id, title="Kept")
        model, vector = lexical.embed("kept")
        await embeddings.put(session, user.id, EntityType.COURSE, course.id, "kept", model, vector)
    await backups.backup(database.url, tmp_path / "backup")
    async with database.begin() as session:
        await courses.create(session, user.id, title="Made later")
    await backups.restore(database.url, tmp_path / "backup")
    async with database.session() as session:
        assert [one.title for one in await courses.list_of_user(session, user.id)] == ["Kept"]


async def test_a_file_that_is_no_backup_changes_nothing(database, tmp_path):
    (tmp_path / "other").write_text("no backup")
    async with database.begin() as session:
        user = await users.ensure_local(session)
    with pytest.raises(StorageError, match="PostgreSQL refused"):
        await backups.restore(database.url, tmp_path / "other")
    async with database.session() as session:
        assert (await users.get(session, user.id)) == user
