"""What goes wrong around a server: its database, its disk, its life, a folder nobody trusts, a second editor."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from milepost.storage import reaper
from tests.e2e.serving import (
    RIGHT,
    WRONG,
    answers_hover,
    environment,
    history,
    lens,
    opened_and_saved,
    served,
    until,
    write_course,
)
from tests.lsp.client import rules

pytestmark = pytest.mark.xdist_group("bad-luck")
CANARY = '#!/bin/sh\ntouch {canary}\nexec {python} "$@"\n'


@pytest.fixture
def work(tmp_path) -> Path:
    return write_course(tmp_path / "course")


@pytest.fixture
def data(tmp_path, stopped_folder) -> Path:
    """Give a data folder whose embedded database starts warm."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    shutil.copytree(stopped_folder, data / "postgresql", symlinks=True)
    return data


async def pid_of_database(data: Path) -> int:
    pid = reaper.postmaster_pid(data / "postgresql")
    assert pid is not None
    # Nobody else's server is killed by mistake.
    assert data in Path(psutil.Process(pid).cwd()).parents
    return pid


def texts(entries: list[dict]) -> list[str]:
    return [entry["text"] for entry in entries]


async def judged(client, uri: str) -> None:
    """Wait until the result of the newest snapshot is stored."""

    async def asked():
        found = await client.command("milepost.history", {"uri": uri, "show": False})
        return found and found[0]["score"] is not None

    await until(client, "a stored result", asked)


async def test_a_database_killed_in_the_middle_costs_no_report_and_no_save(work, data):
    async with served(work.parent, environment(data)) as client:
        uri = await opened_and_saved(client, work / "mine.py", WRONG)
        await judged(client, uri)
        os.kill(await pid_of_database(data), signal.SIGKILL)
        client.replace(uri, RIGHT)
        client.save(uri)
        await lens(client, uri, "score 1.00")
        assert texts(await history(client, uri, 2)) == [RIGHT, WRONG]
        await answers_hover(client, uri)


@pytest.mark.parametrize(("language", "said"), [("en", "will be stored later"), ("es", "se guardará más tarde")])
async def test_a_database_that_is_away_is_said_and_its_share_is_stored_later(work, data, language, said):
    away = "postgresql+asyncpg://milepost@127.0.0.1:1/milepost"
    async with served(work.parent, environment(data, away, MILEPOST_LANGUAGE=language)) as client:
        uri = await opened_and_saved(client, work / "mine.py", WRONG)
        await client.published(uri, lambda found: rules(found) == ["examples"])

        async def noted():
            client.save(uri)
            return [one["message"] for one in client.all("window/showMessage") if said in one["message"]]

        (message,) = set(await until(client, said, noted))
        assert "Traceback" not in message
        client.replace(uri, RIGHT)
        client.save(uri)
        await lens(client, uri, "1.00")
        await answers_hover(client, uri)
        client.process.kill()
    async with served(work.parent, environment(data)) as client:
        uri = client.open(work / "mine.py", RIGHT)
        assert texts(await history(client, uri, 2)) == [RIGHT, WRONG]


async def test_on_a_full_disk_every_report_is_shown_and_nothing_is_lost(work, data):
    # No file may grow beyond 8 KiB: not the database's, not the journal's.
    full = (shutil.which("prlimit") or "prlimit", "--fsize=8192:unlimited", "--")
    long = f"# {'x' * 20_000}\n"
    async with served(work.parent, environment(data), prefix=full) as client:
        uri = await opened_and_saved(client, work / "mine.py", long + WRONG)
        shown = await client.published(uri, lambda found: rules(found) == ["examples"])
        assert "gave -1" in shown["diagnostics"][0]["message"]
        client.replace(uri, long + RIGHT)
        client.save(uri)
        await lens(client, uri, "score 1.00")
        client.replace(uri, long + WRONG)
        client.save(uri)

        async def noted():
            client.save(uri)
            return [one for one in client.all("window/showMessage") if "stored later" in one["message"]]

        assert await until(client, "a note", noted)
        await answers_hover(client, uri)
        limit = ["prlimit", "--pid", str(client.process.pid), "--fsize=unlimited:unlimited"]
        subprocess.run(limit, check=True)
        assert texts(await history(client, uri, 3)) == [long + WRONG, long + RIGHT, long + WRONG]


async def test_of_a_folder_that_is_not_trusted_nothing_runs(work, data, database_url):
    canary = work.parent / "canary"
    python = work.parent / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(CANARY.format(canary=canary, python=sys.executable))
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    reaches = f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n"
    (work.parent / "solutions/add.py").write_text(reaches + RIGHT)
    (work.parent / "milepost.yaml").write_text((work.parent / "milepost.yaml").read_text().replace(
        "        criteria:\n", f"        preamble: {reaches!r}\n        criteria:\n"
        f"          - command: {{run: 'touch {canary}'}}\n          - tests: tests/test_add.py\n"
    ))  # fmt: skip
    (work.parent / "tests").mkdir()
    (work.parent / "tests/test_add.py").write_text(reaches + "def test_add():\n    pass\n")
    (work.parent / "conftest.py").write_text(reaches)
    asked = []
    async with served(work.parent, environment(data, database_url)) as client:
        client.choose = lambda params: asked.append(params["message"]) or params["actions"][-1]["title"]
        uri = await opened_and_saved(client, work / "mine.py", reaches + WRONG.replace("add", "plus"))
        shown = await client.published(uri, bool)
        assert rules(shown["diagnostics"]) == ["defines"]
        await judged(client, uri)
        client.save(uri)
        await client.command("milepost.validate", {"uri": uri})
        await client.command("milepost.similar", {"uri": uri, "show": False})
        client.replace(uri, reaches + RIGHT)
        client.save(uri)
        assert len(await history(client, uri, 2)) == 2
        await judged(client, uri)
        await answers_hover(client, uri)
    assert not canary.exists()
    assert len(asked) == 1
    assert "Until then nothing of it runs" in asked[0]
    done = subprocess.run([python, "-c", ""], check=False)
    assert (done.returncode, canary.exists()) == (0, True), "the canary could not sing"


async def test_two_editors_share_one_data_folder(work, data):
    variables = environment(data)
    async with served(work.parent, variables) as one, served(work.parent, variables) as two:
        first = await opened_and_saved(one, work / "one.py", WRONG)
        second = await opened_and_saved(two, work / "two.py", WRONG)
        for client, uri in ((one, first), (two, second)):
            await client.published(uri, lambda found: rules(found) == ["examples"])
            await judged(client, uri)
        one.open(work / "two.py", WRONG)
        assert texts(await history(one, second, 1)) == [WRONG]
        await one.leave()
        two.replace(second, RIGHT)
        two.save(second)
        await lens(two, second, "score 1.00")
        assert texts(await history(two, second, 2)) == [RIGHT, WRONG]


async def test_a_killed_server_leaves_history_and_the_last_report(work, data):
    variables = environment(data)
    async with served(work.parent, variables) as client:
        uri = await opened_and_saved(client, work / "mine.py", RIGHT)
        await lens(client, uri, "score 1.00")
        client.replace(uri, WRONG)
        client.save(uri)
        before = await client.published(uri, lambda found: rules(found) == ["examples"])
        assert len(await history(client, uri, 2)) == 2
        await judged(client, uri)
        client.process.kill()
        await client.process.wait()
    async with served(work.parent, variables) as client:
        uri = client.open(work / "mine.py", WRONG)
        after = await client.published(uri, lambda found: rules(found) == ["examples"])
        assert [one["message"] for one in after["diagnostics"]] == [one["message"] for one in before["diagnostics"]]
        assert texts(await history(client, uri, 2)) == [WRONG, RIGHT]
        client.replace(uri, RIGHT)
        client.save(uri)
        await lens(client, uri, "score 1.00")
