"""The set-up for Vim with ALE in docs/editors.md, in the real Vim, in a terminal."""

import shutil
import subprocess
from pathlib import Path

from tests.editors import page
from tests.editors.conftest import COMMAND, leave_out

ALE = Path("/usr/share/vim-ale")


def test_ale_from_a_wrong_program_to_none_of_it(terminal, environment, course, tmp_path):
    if shutil.which("vim") is None or not ALE.exists():
        leave_out("not run: tests in Vim (sudo apt-get install vim vim-ale)")
    settings = [
        "set nocompatible noswapfile",
        "filetype plugin on",
        "packadd! ale",
        page.words("Vim", "vim", "ale#linter#Define"),
    ]
    (tmp_path / "vimrc").write_text("\n".join(settings), "utf-8")
    # ALE cannot show the question for trust; the page says what to do.
    subprocess.run([COMMAND, "course", "trust", course], env=environment, check=True, capture_output=True)
    vim = terminal("vim", "-u", tmp_path / "vimrc", course / "average.py")
    vim.wait("def average(numbers):")
    # ALE forgets saves from before the server has answered, and the search for fixes goes on after the finding is shown.
    vim.repeat([":w", "Enter"], "average([2, 4]) gave 2.0, expected 3.0.")
    vim.type("6G")
    while "Change `1` to `0`" not in vim.repeat([":ALECodeAction", "Enter"], "Type number and <Enter>", pause=20):
        vim.type("Enter")
        vim.wait(without="Type number")
    vim.type("1", "Enter")
    vim.wait("range(0, len(numbers))")
    vim.type(":w", "Enter")
    vim.wait("range(0, len(numbers))", without=">>")
    assert "range(0, len(numbers))" in (course / "average.py").read_text("utf-8")
    vim.type(":qa", "Enter")
