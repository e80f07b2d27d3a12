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


def test_a_walk_in_a_terminal(neovim, terminal, course, tmp_path):
    """What a user sees on the screen, and the keys that the help names."""
    settings = [
        f"set runtimepath^={ROOT / 'clients/neovim'}",
        "set noswapfile laststatus=2 statusline=%f\\ %=%{v:lua.require'milepost'.status()}",
        f"source {ROOT / 'tests/editors/neovim/init.lua'}",
        "lua vim.diagnostic.config({ virtual_text = true })",
    ]
    (tmp_path / "init.vim").write_text("\n".join(settings), "utf-8")
    vim = terminal(neovim, "--clean", "-u", tmp_path / "init.vim", course / "average.py")
    vim.wait("def average(numbers):", "Milepost: Task 4 of 4")
    vim.type(":w", "Enter")
    vim.wait("May Milepost run your programs", "1: Trust")
    vim.type("1", "Enter")
    vim.wait("average([2, 4]) gave 2.0", "of 3 criteria · score 0.")
    # The search for fixes goes on after the finding is shown.
    vim.type("6Ggra")
    while "1: Change `1` to `0` on line 4" not in vim.wait("Code actions:", "Hint: show me where"):
        vim.type("q", "Enter")
        vim.wait(without="Code actions:")
        vim.type("gra")
    vim.type("1", "Enter")
    vim.wait("range(0, len(numbers))")
    vim.type(":w", "Enter")
    vim.wait("3 of 3 criteria · score 1.00", without="gave 2.0")
    vim.type(":checkhealth milepost", "Enter")
    vim.wait("milepost:", "Running for")
    vim.type(":tabclose", "Enter", ":MilepostGoals", "Enter")
    vim.wait("First functions · 25 %")
    vim.type("1", "Enter")
    vim.wait("✓ The average")
    vim.type("q", "Enter", ":qa!", "Enter")


def test_health_commands_and_a_compared_fix(run):
    assert "not ok" not in run("commands.lua")
