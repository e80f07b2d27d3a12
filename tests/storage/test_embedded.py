"""The life of the embedded PostgreSQL, with real processes that are really killed."""

import asyncio
import os
import random
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from milepost.storage import cluster, embedded, privileges
from milepost.storage.cluster import binaries
from milepost.storage.embedded import EmbeddedPostgres
from milepost.storage.engine import Database
from milepost.storage.errors import DataFolderError
from tests.fixtures.living import NOBODY, Neighbour, is_running, kill, reaper_pids, until

# Kills of PostgreSQL lose nothing without fsync, only power cuts do.
FAST = {"fsync": "off"}
ROUNDS = 100 if os.environ.get("MILEPOST_SOAK") == "1" else 4


@pytest.fixture
async def folder(stopped_folder, tmp_path):
    """Give a copy of it, and see to it that nothing lives on."""
    copy = tmp_path / "postgres"
    shutil.copytree(stopped_folder, copy)
    yield copy
    await until(lambda: not is_running(copy))


@pytest.fixture
async def server(folder):
    """Give the server of the copy, not started."""
    server = EmbeddedPostgres(folder, settings=FAST)
    yield server
    await server.stop()


async def query(url: str, statement: str = "SELECT 1"):
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_first_start_makes_everything(tmp_path):
    """A folder that does not exist becomes a database with pgvector, readable by its owner only."""
    server = EmbeddedPostgres(tmp_path / "new" / "postgres")
    url = await server.start()
    assert await query(url, "SELECT extname FROM pg_extension WHERE extname = 'vector'") == "vector"
    assert int(await query(url, "SHOW server_version_num")) // 10000 == cluster.MAJOR
    await server.stop()
    assert not is_running(server.folder)


async def test_data_survive_a_restart(server):
    url = await server.start()
    await query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    await server.stop()
    assert await query(await server.start(), "SELECT answer FROM kept") == 42


async def test_starting_twice_is_joining(server):
    assert await server.start() == await server.start()
    await server.stop()
    assert not is_running(server.folder)


async def test_the_loop_is_not_blocked_by_a_start(server):
    """While the server starts, other tasks of the loop go on."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticker = asyncio.create_task(tick())
    await server.start()
    ticker.cancel()
    assert ticks > 100


async def test_only_the_owner_can_read_the_folder(server):
    server.folder.chmod(0o755)
    await server.start()
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    for role in (cluster.ROLE, cluster.SUPERUSER):
        assert stat.S_IMODE((server.folder / f"{role}.password").stat().st_mode) == 0o600


@pytest.mark.parametrize("role", [cluster.ROLE, cluster.SUPERUSER])
async def test_nobody_comes_in_without_the_password(server, role):
    await server.start()
    url = server.url(role=role).replace(server._cluster.password(role), "guessed")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await query(url)


async def test_the_role_cannot_reach_the_machine(server):
    """What a superuser could do with files and programs, Milepost's role cannot."""
    url = await server.start()
    for statement in ("COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')", "CREATE ROLE other"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await query(url, statement)


async def test_several_processes_share_one_and_the_last_one_stops_it(server):
    await server.start()
    pid = server.postmaster_pid()
    neighbours = [await Neighbour.start(server.folder) for _ in range(2)]
    assert {neighbour.answer for neighbour in neighbours} == {f"ready {server.url()}"}
    await server.stop()
    await neighbours[0].leave()
    assert is_running(server.folder)
    assert server.postmaster_pid() == pid
    await neighbours[1].leave()
    assert not is_running(server.folder)


async def test_a_killed_user_does_not_keep_it_alive(server):
    """Of two users one is killed; the other one is the last one out nevertheless."""
    await server.start()
    neighbour = await Neighbour.start(server.folder)
    await neighbour.kill()
    assert await query(server.url()) == 1
    await server.stop()
    assert not is_running(server.folder)


async def test_it_stops_when_its_only_user_is_killed(folder):
    neighbour = await Neighbour.start(folder)
    assert is_running(folder)
    await neighbour.kill()
    await until(lambda: not is_running(folder))
    await until(lambda: not reaper_pids(folder))


async def test_it_stops_when_its_last_user_forgets_to_stop(folder):
    """A process that just ends is like one that was killed."""
    neighbour = await Neighbour.start(folder)
    neighbour.process.stdin.close()
    neighbour.process.terminate()
    await neighbour.ended()
    await until(lambda: not is_running(folder))


async def test_killing_the_waiting_process_too_leaves_it_to_the_next_user(server):
    neighbour = await Neighbour.start(server.folder)
    await until(lambda: len(reaper_pids(server.folder)) == 1)
    kill(reaper_pids(server.folder)[0])
    # A process is killed once it has run again: until then it holds its lock.
    await until(lambda: not reaper_pids(server.folder))
    await neighbour.kill()
    assert is_running(server.folder)
    await server.start()
    await until(lambda: len(reaper_pids(server.folder)) == 1)
    await server.stop()
    assert not is_running(server.folder)


async def test_it_comes_back_after_its_own_death(server):
    """PostgreSQL is killed while it is held; the next start hands out a living address, and nothing was lost."""
    url = await server.start()
    await query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    kill(server.postmaster_pid())
    assert await query(await server.start(), "SELECT answer FROM kept") == 42


async def test_a_neighbour_that_comes_after_its_death_brings_it_back(server):
    await server.start()
    kill(server.postmaster_pid())
    neighbour = await Neighbour.start(server.folder)
    assert neighbour.answer == f"ready {server.url()}"
    assert await query(server.url()) == 1
    await neighbour.leave()
    assert await query(server.url()) == 1


async def test_both_killed_at_once(server):
    """PostgreSQL and its only user are killed: the stale pid file is no obstacle."""
    neighbour = await Neighbour.start(server.folder)
    kill(server.postmaster_pid())
    await neighbour.kill()
    assert await query(await server.start()) == 1


async def test_a_pid_file_that_names_a_stranger_is_stale(server):
    """After a reboot the number in the file may be another process's; that one is left alone."""
    stranger = await asyncio.create_subprocess_exec("sleep", "600")
    await server.start()
    lines = (server.folder / "data" / "postmaster.pid").read_text().splitlines()
    await server.stop()
    (server.folder / "data" / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
    assert await query(await server.start()) == 1
    await server.stop()
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


async def test_first_starts_at_once_make_one(tmp_path):
    """Four processes meet in an empty folder."""
    folder = tmp_path / "postgres"
    neighbours = await asyncio.gather(*(Neighbour.start(folder) for _ in range(4)))
    assert len({neighbour.answer for neighbour in neighbours}) == 1
    assert neighbours[0].answer.startswith("ready ")
    await asyncio.gather(*(neighbour.leave() for neighbour in neighbours))
    assert not is_running(folder)


async def test_a_killed_first_start_leaves_nothing_half_made(tmp_path):
    folder = tmp_path / "postgres"
    neighbour = await Neighbour.begin(folder)
    await until((folder / "data.new" / "base").exists)
    await neighbour.kill()
    server = EmbeddedPostgres(folder)
    assert await query(await server.start()) == 1
    await server.stop()


async def test_a_cancelled_start_can_be_repeated(folder):
    server = EmbeddedPostgres(folder, settings=FAST)
    start = asyncio.create_task(server.start())
    await until(lambda: is_running(folder))
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert await query(await server.start()) == 1
    await server.stop()


async def test_a_pool_survives_the_death_of_the_server(server):
    """Connections that a killed server left behind are replaced, and the server is started again."""
    database = Database.connect(await server.start(), revive=server.start)
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE kept AS SELECT 42 AS answer"))
    kill(server.postmaster_pid())
    await until(lambda: not is_running(server.folder))
    async with database.session() as session:
        assert await session.scalar(text("SELECT answer FROM kept")) == 42
    await database.dispose()


async def test_whatever_is_killed_the_next_start_works_and_the_last_stop_stops(server):
    """Users, PostgreSQL and the waiting process are killed in any combination, again and again."""
    chance = random.Random(7)
    for _ in range(ROUNDS):
        neighbours = [await Neighbour.start(server.folder) for _ in range(2)]
        victims = chance.sample(["user", "postgres", "reaper"], k=chance.randint(1, 3))
        if "postgres" in victims:
            kill(server.postmaster_pid())
        if "reaper" in victims:
            for pid in reaper_pids(server.folder):
                kill(pid)
        if "user" in victims:
            await neighbours.pop().kill()
        assert await query(await server.start()) == 1
        for neighbour in neighbours:
            await neighbour.leave()
        await server.stop()
        assert not is_running(server.folder)


@pytest.mark.parametrize("name", ["a long " + "name" * 30, 'it\'s "quoted" $HOME `x`', "año, 日本", "a:b%20c"])
async def test_any_folder_name_will_do(stopped_folder, tmp_path, name):
    """A socket's path is short and plain, whatever the folder is called."""
    folder = tmp_path / name / "postgres"
    shutil.copytree(stopped_folder, folder)
    server = EmbeddedPostgres(folder, settings=FAST)
    assert await query(await server.start()) == 1
    socket = server._cluster.socket_folder()
    assert len(os.fsencode(socket / cluster.SOCKET)) <= cluster.SOCKET_PATH_LIMIT
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    neighbour = await Neighbour.start(folder)
    assert neighbour.answer == f"ready {server.url()}"
    await neighbour.leave()
    await server.stop()
    socket.rmdir()


async def test_a_server_that_hangs_is_reported(server, monkeypatch):
    import signal

    await server.start()
    monkeypatch.setattr(embedded, "START_SECONDS", 0.3)
    os.kill(server.postmaster_pid(), signal.SIGSTOP)
    try:
        with pytest.raises(DataFolderError) as failed:
            await EmbeddedPostgres(server.folder).start()
    finally:
        os.kill(server.postmaster_pid(), signal.SIGCONT)
    assert "did not answer" in failed.value.say("en")
    assert "no respondió" in failed.value.say("es")


async def test_a_server_that_cannot_start_tells_why(folder):
    with pytest.raises(DataFolderError) as failed:
        await EmbeddedPostgres(folder, settings={"shared_buffers": "plenty"}).start()
    assert "contains errors" in failed.value.say("en")
    assert "no arrancó" in failed.value.say("es")


@pytest.fixture
def public_folder():
    """Give a folder that other users may enter."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o777)
        yield path


@pytest.fixture
def as_nobody() -> list[str]:
    """Give the words that run an interpreter with Milepost as another user than root."""
    interpreter = f"/usr/bin/python3.{sys.version_info.minor}"
    words = [*NOBODY, "env", "PYTHONPATH=" + os.pathsep.join(filter(None, sys.path)), interpreter]
    probe = [*words, "-c", "import milepost.storage.embedded"]
    if os.geteuid() != 0 or subprocess.run(probe, check=False, capture_output=True, cwd="/").returncode:
        pytest.skip("this run is a normal user's already, or others than root have no interpreter for Milepost")
    return words


async def test_a_normal_user_needs_no_help(public_folder, as_nobody):
    """As another user than root everything belongs to that user."""
    folder = public_folder / "postgres"
    neighbour = await Neighbour.start(folder, *as_nobody[:-1], interpreter=as_nobody[-1])
    assert neighbour.answer.startswith("ready ")
    assert (folder / "data").stat().st_uid == folder.stat().st_uid == privileges.NOBODY
    await neighbour.leave()
    assert not is_running(folder)


async def test_a_folder_of_another_user_is_refused(public_folder, as_nobody):
    folder = public_folder / "postgres"
    folder.mkdir()
    neighbour = await Neighbour.start(folder, *as_nobody[:-1], interpreter=as_nobody[-1])
    await neighbour.ended()
    assert "belongs to another user" in neighbour.answer


async def test_a_folder_without_permission_is_refused(public_folder, as_nobody):
    public_folder.chmod(0o755)
    neighbour = await Neighbour.start(public_folder / "new" / "postgres", *as_nobody[:-1], interpreter=as_nobody[-1])
    await neighbour.ended()
    assert "cannot be written to (Permission denied)" in neighbour.answer


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another way to start PostgreSQL")
@pytest.mark.parametrize("first", ["_NAMESPACE", "_OTHER_USER"])
async def test_root_starts_it_in_either_way(folder, monkeypatch, first):
    """Where namespaces are forbidden another user takes their place; data of either way serve the other."""
    other = {"_NAMESPACE": "_OTHER_USER", "_OTHER_USER": "_NAMESPACE"}[first]
    for way in (first, other, first):
        launch = privileges.Launch(getattr(privileges, way), 0 if way == "_NAMESPACE" else privileges.NOBODY)
        monkeypatch.setattr(privileges, "find_launch", lambda launch=launch: launch)
        server = EmbeddedPostgres(folder, settings=FAST)
        assert await query(await server.start()) == 1
        await server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another way to start PostgreSQL")
def test_programs_below_a_private_folder_are_found(tmp_path):
    """Root's own home, for example: PostgreSQL asks with access(2) whether it may run its programs."""
    tmp_path.chmod(0o700)
    shutil.copytree(binaries().parent, tmp_path / "install")
    asked = [*privileges._OTHER_USER, str(tmp_path / "install" / "bin" / "pg_ctl"), "--version"]
    assert subprocess.run(asked, check=True, capture_output=True).stderr == b""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another way to start PostgreSQL")
async def test_root_without_any_way_is_told(folder, monkeypatch):
    monkeypatch.setattr(privileges, "_NAMESPACE", ("false",))
    monkeypatch.setattr(privileges, "_OTHER_USER", ("not-a-program",))
    with pytest.raises(DataFolderError, match="does not run as root"):
        await EmbeddedPostgres(folder).start()
