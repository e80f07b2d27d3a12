"""Folders that cannot hold a database, and what their users are told."""

import shutil

import pytest

from milepost.storage import cluster
from milepost.storage.embedded import EmbeddedPostgres
from milepost.storage.errors import DatabaseUnavailableError, DataFolderError
from tests.fixtures.living import PROGRAM, Neighbour, is_running


async def refusal(folder) -> DataFolderError:
    with pytest.raises(DataFolderError) as refused:
        await EmbeddedPostgres(folder).start()
    assert isinstance(refused.value, DatabaseUnavailableError)
    return refused.value


@pytest.mark.parametrize("part", ["postgres", "postgres/data", "."])
async def test_a_file_in_the_way(tmp_path, part):
    """A file where the folder, its parent or its data should be is named."""
    folder = tmp_path / "milepost" / "postgres"
    in_the_way = (tmp_path / "milepost" / part).resolve()
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.write_text("mine")
    refused = await refusal(folder)
    assert f"{in_the_way} is in the way" in refused.say("en")
    assert "no es una carpeta" in refused.say("es")
    assert in_the_way.read_text() == "mine"


async def test_a_folder_of_another_major_version(tmp_path):
    """Nothing is changed, and the message says how to go on."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("16\n")
    refused = await refusal(tmp_path)
    assert "written by PostgreSQL 16" in refused.say("en")
    assert "los escribió PostgreSQL 16" in refused.say("es")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["PG_VERSION"]


async def test_data_without_a_version(tmp_path):
    (tmp_path / "data").mkdir()
    assert "cannot be written to" in (await refusal(tmp_path)).say("en")


async def test_too_little_space_is_said_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "FIRST_START_MEGABYTES", 10**9)
    refused = await refusal(tmp_path / "postgres")
    assert "are free and 1000000000 MB are needed" in refused.say("en")
    assert "está lleno" in refused.say("es")
    assert not (tmp_path / "postgres" / "data").exists()


async def test_a_disk_that_fills_up_during_the_first_start(tmp_path):
    """On a real file system of 20 MB the failure is explained and leaves no half-made data."""
    if shutil.which("unshare") is None:
        pytest.skip("a small file system needs unshare")
    mount = f'mount -t tmpfs -o size=20m none "{tmp_path}" && exec "$0" "$@"'
    program = "from milepost.storage import cluster; cluster.FIRST_START_MEGABYTES = 1\n" + PROGRAM
    program += f"\nimport os; print(sorted(os.listdir('{tmp_path}/postgres')))"
    prefix = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount]
    neighbour = await Neighbour.start(tmp_path / "postgres", *prefix, program=program)
    if not neighbour.answer:
        pytest.skip("user namespaces may not mount here")
    assert neighbour.answer.startswith("refused The embedded PostgreSQL")
    assert "No space left on device" in neighbour.answer
    left = await neighbour.listen()
    assert "'postgres.password'" in left
    assert "'data'" not in left
    await neighbour.ended()


async def test_lost_passwords_are_named(stopped_folder, tmp_path):
    """A spoilt password file is not replaced behind the user's back."""
    folder = tmp_path / "postgres"
    shutil.copytree(stopped_folder, folder)
    file = folder / f"{cluster.ROLE}.password"
    file.write_text("")
    refused = await refusal(folder)
    assert str(file) in refused.say("en")
    assert "no corresponde" in refused.say("es")
    assert not is_running(folder)


async def test_a_password_of_other_data_is_named(stopped_folder, tmp_path):
    folder = tmp_path / "postgres"
    shutil.copytree(stopped_folder, folder)
    for role in (cluster.ROLE, cluster.SUPERUSER):
        (folder / f"{role}.password").write_text("x" * 43)
    refused = await refusal(folder)
    assert str(folder / f"{cluster.SUPERUSER}.password") in refused.say("en")


async def test_a_guessed_socket_folder_is_not_used(tmp_path, monkeypatch):
    """Where the socket's folder has a name that others can guess, one that is not private is refused."""
    monkeypatch.setattr(cluster.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(cluster, "SOCKET_PATH_LIMIT", 40 + len(str(tmp_path)) + len(cluster.SOCKET))
    folder = tmp_path / ("long" * 30)
    folder.mkdir(mode=0o700)
    files = cluster.Cluster(folder, {})
    private = files.socket_folder()
    assert private.parent == tmp_path
    private.chmod(0o777)
    with pytest.raises(DataFolderError):
        files.socket_folder()
    private.rmdir()
    private.symlink_to(folder)
    with pytest.raises(DataFolderError):
        files.socket_folder()
