"""The set-ups for Emacs in docs/editors.md, in the real Emacs."""

import os
import shutil
import subprocess

import pytest

from tests.editors import page
from tests.editors.conftest import ROOT, leave_out

HERE = ROOT / "tests/editors/emacs"
# A kill limit for a hung editor, not a measurement.
PATIENCE = 240


@pytest.mark.parametrize(("client", "block"), [("eglot", "eglot-server-programs"), ("lsp-mode", "lsp-register-client")])
def test_from_a_wrong_program_to_none_of_it(client, block, environment, tmp_path):
    emacs = shutil.which("emacs")
    library = ["-l", client]
    probe = ["emacs", "--batch", "-f", "package-initialize", *library]
    if emacs is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        leave_out(f"not run: tests with {client} (sudo apt-get install emacs-nox elpa-eglot elpa-lsp-mode)")
    (tmp_path / "init.el").write_text(page.words("Emacs", "elisp", block), "utf-8")
    path = os.pathsep.join([str(tmp_path / "home/.local/bin"), os.environ["PATH"]])
    files = [HERE / "harness.el", tmp_path / "init.el", HERE / f"{client}.el"]
    command = [
        emacs,
        "--batch",
        "-f",
        "package-initialize",
        *library,
        *[part for file in files for part in ("-l", file)],
    ]
    done = subprocess.run(
        command, env=environment | {"PATH": path}, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok - no finding" in done.stdout
