"""The client for Neovim in the real Neovim."""

import subprocess

import pytest

from tests.editors.conftest import ROOT

# A kill limit for a hung editor, not a measurement.
PATIENCE = 240


@pytest.fixture
def run(neovim, environment, course):
    """Give a way to run a script in Neovim, as a user's session with the plugin."""

    def run_script(name: str) -> str:
        here = ROOT / "tests/editors/neovim"
        plugin = f"set runtimepath^={ROOT / 'clients/neovim'} noswapfile"
        command = [neovim, "--clean", "--headless", "--cmd", plugin, "-u", here / "init.lua", "-S", here / name]
        done = subprocess.run(
            command, cwd=course, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run_script


def test_from_a_wrong_program_to_a_completed_task(run):
    assert "not ok" not in run("walk.lua")


def test_from_a_wish_to_an_approved_goal(run):
    assert "not ok" not in run("goal.lua")


def test_health_commands_and_a_compared_fix(run):
    assert "not ok" not in run("commands.lua")
