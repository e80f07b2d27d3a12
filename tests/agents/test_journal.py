import asyncio
from datetime import UTC, datetime

import pytest

from milepost.agents.journal import Journal
from milepost.agents.saves import Submission
from milepost.domain.text import Localized
from milepost.storage.errors import DatabaseUnavailableError

AWAY = Localized("away ({reason})", "lejos ({reason})")


def submission(text: str) -> Submission:
    return Submission("/c/milepost.yaml", "goal / task", "/c/a.py", "python", text, datetime.now(UTC))


class Store:
    """Takes entries, or is away."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.away = False
        self.tried = asyncio.Event()

    async def record(self, entry) -> None:
        self.tried.set()
        if self.away:
            raise DatabaseUnavailableError(AWAY, reason="test")
        if isinstance(entry, Submission):
            if entry.text == "refused":
                raise ValueError("this one can never be stored")
            self.texts.append(entry.text)


@pytest.fixture
async def store() -> Store:
    return Store()


async def test_entries_are_stored_in_their_order(store, tmp_path):
    told = []
    journal = Journal(store.record, tmp_path, lambda: told.append(len(store.texts)))
    for text in "abc":
        journal.put(submission(text))
    assert await journal.flushed(5)
    assert store.texts == ["a", "b", "c"]
    assert told[-1] == 3
    await journal.close()


async def test_nothing_is_lost_while_the_database_is_away(store, tmp_path):
    store.away = True
    journal = Journal(store.record, tmp_path, lambda: None)
    journal.put(submission("kept"))
    await store.tried.wait()
    store.away = False
    assert await journal.flushed(10)
    assert store.texts == ["kept"]
    assert journal.problem is None
    assert not list(tmp_path.iterdir())
    await journal.close()


async def test_what_could_not_be_stored_is_stored_by_the_next_session(store, tmp_path):
    store.away = True
    first = Journal(store.record, tmp_path, lambda: None)
    first.put(submission("from the first session"))
    await first.close(0.1)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    store.away = False
    second = Journal(store.record, tmp_path, lambda: None)
    second.put(submission("from the second"))
    assert await second.flushed(5)
    assert store.texts == ["from the first session", "from the second"]
    await second.close()
    assert not list(tmp_path.iterdir())


async def test_an_entry_that_can_never_be_stored_holds_up_nothing(store, tmp_path, caplog):
    journal = Journal(store.record, tmp_path, lambda: None)
    journal.put(submission("refused"))
    journal.put(submission("after it"))
    assert await journal.flushed(5)
    assert store.texts == ["after it"]
    assert "could not be stored" in caplog.text
    await journal.close()


async def test_a_file_that_is_no_journal_is_left_and_named(store, tmp_path, caplog):
    (tmp_path / "unsaved-1.json").write_text("{")
    journal = Journal(store.record, tmp_path, lambda: None)
    assert "cannot be read" in caplog.text
    assert [file.read_text() for file in tmp_path.iterdir()] == ["{"]
    await journal.close()


async def test_what_waits_is_on_disk_before_the_database_ever_answered(store, tmp_path):
    store.away = True
    killed = Journal(store.record, tmp_path, lambda: None)
    killed.put(submission("first"))
    await store.tried.wait()
    killed.put(submission("second"))
    (file,) = tmp_path.iterdir()
    assert [text in file.read_text() for text in ("first", "second")] == [True, True]
    await killed.close(0)


async def test_the_file_of_a_session_that_lives_is_left_alone(store, tmp_path):
    store.away = True
    living = Journal(store.record, tmp_path, lambda: None)
    living.put(submission("of the living"))
    other = Store()
    await store.tried.wait()
    beside = Journal(other.record, tmp_path, lambda: None)
    beside.put(submission("of the other"))
    assert await beside.flushed(5)
    assert other.texts == ["of the other"]
    await beside.close()
    await living.close(0)


async def test_a_disk_that_takes_nothing_does_not_end_the_queue(store, tmp_path):
    folder = tmp_path / "folder"
    folder.write_text("a file where the folder should be")
    store.away = True
    journal = Journal(store.record, folder, lambda: None)
    journal.put(submission("kept in memory"))
    await store.tried.wait()
    store.away = False
    assert await journal.flushed(10)
    assert store.texts == ["kept in memory"]
    await journal.close()
