"""What the command line does with the archive and with people, as somebody calls it."""

import json
import os
import pty
import subprocess
import sys

import pytest


@pytest.fixture
def milepost(tmp_path, database_url):
    """Give a function that calls the command line; nobody can be asked anything unless `answer` is given."""

    def call(*arguments, answer=None, **environment):
        variables = os.environ | {
            "MILEPOST_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": database_url, **environment
        }  # fmt: skip
        command = [sys.executable, "-m", "milepost", *map(str, arguments)]
        asking, asked = pty.openpty()
        try:
            if answer is not None:
                os.write(asking, f"{answer}\n".encode())
            given = subprocess.DEVNULL if answer is None else asked
            return subprocess.run(
                command, env=variables, stdin=given, capture_output=True, text=True, check=False, timeout=300
            )
        finally:
            os.close(asking)
            os.close(asked)

    return call


@pytest.fixture
def ana(milepost):
    done = milepost("user", "create", "email=ana@example.org", "username=ana")
    assert done.returncode == 0, done.stderr


def test_a_person_is_forgotten_once_that_was_confirmed(milepost, ana):
    refused = milepost("forget", "ana")
    assert (refused.returncode, "--yes" in refused.stderr) == (2, True)
    assert milepost("forget", "ana", answer="anna").returncode == 2
    assert "ana@example.org" in milepost("user", "list").stdout
    done = milepost("forget", "ana", answer="ana", MILEPOST_LANGUAGE="es")
    assert (done.returncode, "ana ya no está" in done.stdout) == (0, True), done.stderr
    assert "ana@example.org" not in milepost("user", "list").stdout
    unknown = milepost("forget", "ana", "--yes")
    assert (unknown.returncode, "no user 'ana'" in unknown.stderr) == (2, True)


def test_deleting_a_user_is_forgetting(milepost, ana):
    assert milepost("user", "delete", "ana@example.org").returncode == 2
    assert milepost("user", "delete", "ana@example.org", "--yes").returncode == 0
    assert "ana@example.org" not in milepost("user", "list").stdout


def test_what_was_not_stored_yet_goes_with_the_local_user(milepost, tmp_path):
    assert milepost("user", "list").returncode == 0
    waiting = tmp_path / "data/unsaved-1.json"
    waiting.parent.mkdir(exist_ok=True)
    waiting.write_text("[]")
    assert milepost("forget", "local", "--yes").returncode == 0
    assert not waiting.exists()


def test_everything_is_exported(milepost, ana, tmp_path):
    done = milepost("export", "ana", "--into", tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "mine/users.json").read_text())[0]["username"] == "ana"
    again = milepost("export", "ana", "--into", tmp_path / "mine")
    assert (again.returncode, "not empty" in again.stderr) == (2, True)
    assert milepost("export", "nobody").returncode == 2


def test_verify_says_what_is_wrong_and_replay_what_it_did(milepost, ana, tmp_path):
    well = milepost("events", "verify")
    assert (well.returncode, "Nothing is missing" in well.stdout) == (0, True), well.stderr
    name = "events/year=2026/month=03/day=05/code_events-x.parquet"
    damaged = tmp_path / "data" / name
    damaged.parent.mkdir(parents=True)
    damaged.write_text("not whole")
    wrong = milepost("events", "verify", MILEPOST_LANGUAGE="es")
    assert (wrong.returncode, "archivos ilegibles: 1" in wrong.stdout, name in wrong.stdout) == (1, True, True)
    replayed = milepost("events", "replay")
    assert (replayed.returncode, f"{name} cannot be read" in replayed.stdout) == (1, True)
    damaged.unlink()
    assert milepost("events", "compact").returncode == 0
    assert milepost("events", "replay").returncode == 0


def test_an_archive_that_cannot_be_reached_is_told_without_its_credentials(milepost, ana):
    url = "s3://AKIANOBODY:very-secret-word@bucket/folder?endpoint_override=127.0.0.1:9&scheme=http&region=x"
    done = milepost("events", "verify", MILEPOST_ARCHIVE_URL=url, MILEPOST_LOG_LEVEL="DEBUG")
    assert done.returncode == 2
    assert "s3://bucket/folder" in done.stderr
    assert "very-secret-word" not in done.stdout + done.stderr
    assert "AKIANOBODY" not in done.stdout + done.stderr
    strange = milepost("events", "verify", MILEPOST_ARCHIVE_URL="gopher://archive")
    assert (strange.returncode, "gopher://archive cannot be used" in strange.stderr) == (2, True)


def test_the_archive_may_lie_in_another_folder(milepost, ana, tmp_path):
    done = milepost("events", "verify", MILEPOST_ARCHIVE_URL=str(tmp_path / "elsewhere"))
    assert (done.returncode, "elsewhere" in done.stdout) == (0, True), done.stderr
