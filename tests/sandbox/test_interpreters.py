"""Interpreters of the user's choice: found by looking at them, usable in a box with their packages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from milepost.sandbox import interpreters
from milepost.sandbox.boxes import Sandbox, Tier
from milepost.sandbox.runs import Call, CallRun, CommandRun, ProgramRun, Status


@pytest.fixture
def environment(tmp_path):
    """Make a virtual environment with one package, in a folder like a learner's."""
    folder = tmp_path / "project" / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    package = next(folder.glob("lib/python3.*/site-packages")) / "lessons"
    package.mkdir()
    (package / "__init__.py").write_text("SUBJECT = 'search'\n")
    (tmp_path / "project" / "secret.txt").write_text("secret")
    return folder


async def test_packages_of_a_folders_environment_can_be_used(environment):
    async with Sandbox(str(environment / "bin" / "python")) as sandbox:
        source = "import lessons, os\ndef seen(): return sorted(os.listdir(PROJECT))\n"
        setup = f"PROJECT = {str(environment.parent)!r}"
        marks = "[PROJECT + '/../left', '/tmp/left']"
        leave = f"for path in {marks}:\n    try: open(path, 'w').close()\n    except OSError: pass"
        look = f"[os.path.exists(path) for path in {marks}]"
        (found,) = await sandbox.call([CallRun(source, "task.py", (Call("lessons.SUBJECT"), Call("seen()", setup)))])
        found += (await sandbox.call([CallRun(source, "task.py", (Call(leave, setup),))]))[0]
        found += (await sandbox.call([CallRun(source, "task.py", (Call(look, setup),))]))[0]
        program = await sandbox.program(ProgramRun("import lessons\nprint(lessons.SUBJECT)", "task.py"))
        line = "import lessons, sys; print(lessons.SUBJECT, sys.prefix)"
        command = await sandbox.command(CommandRun(argv=("python", "-c", line)))
        shell = await sandbox.command(CommandRun(shell=f"python -c '{line}'"))
        (worker,) = sandbox._pool._live
        assert worker.usable
    assert [one.text for one in found] == ["'search'", "['.venv']", "None", "[False, False]"]
    assert program.output == "search\n"
    assert command.output == shell.output == f"search {environment}\n"


async def test_packages_of_milepost_can_be_lent_to_a_command(environment):
    run = CommandRun(
        argv=("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"),
        files={"test_it.py": "import lessons\ndef test_it():\n    assert lessons.SUBJECT\n"},
        packages=("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py"),
    )
    async with Sandbox(str(environment / "bin" / "python")) as sandbox:
        found = await sandbox.command(run)
    assert found.exit_code == 0, found
    assert "1 passed" in found.output


async def test_an_environment_that_only_its_owner_may_read_can_be_used(environment):
    for folder in (environment / "lib", environment, environment.parent):
        folder.chmod(0o700)
    async with Sandbox(str(environment / "bin" / "python")) as sandbox:
        bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"
        found = await sandbox.call(
            [
                CallRun("import lessons", "task.py", (Call("lessons.SUBJECT", timeout=30.0),)),
                CallRun(bomb, "task.py", (Call("1", timeout=1.0),)),
                CallRun("import lessons", "task.py", (Call("lessons.SUBJECT", timeout=30.0),)),
            ]
        )
        threads = "import threading\ndef f():\n    t = threading.Thread(target=print)\n    t.start()\n    t.join()\n    return 1\n"
        child = "import os\ndef f(): return os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)[1]\n"
        ((thread,), (process,)) = await sandbox.call(
            [CallRun(text, "task.py", (Call("f()"),)) for text in (threads, child)]
        )
        shell = await sandbox.command(CommandRun(shell="true; (exit 3)"))
    assert [one.text for (one,) in found] == ["'search'", "", "'search'"]
    assert thread.text == "1"
    assert shell.exit_code == 3
    if os.geteuid() == 0:
        # Limits on processes do not bind a superuser, whose box this has to be.
        assert process.error_type == "BlockingIOError"


def others():
    """Return interpreters of other versions on this machine."""
    found = [Path(path) for path in sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))]
    found += [path for path in (Path("/usr/bin/python3"),) if path.exists()]
    return [str(path) for path in found]


@pytest.mark.parametrize("path", others())
async def test_other_versions_run_too(path):
    async with Sandbox(path) as sandbox:
        if sandbox.protection.tier is Tier.NONE:
            assert "older" in sandbox.protection.detail
            return
        source = "import sys\ndef f(x):\n    if x:\n        return [x, sys.version_info[:2]]\n"
        runs = [CallRun(source, "task.py", (Call("f(1)"), Call("f(0)")), trace=True)] * 2
        found = await sandbox.call(runs)
        program = await sandbox.program(ProgramRun("import sys\nprint(input())\nsys.exit(3)", "task.py", stdin="on\n"))
    assert [[one.status for one in calls] for calls in found] == [[Status.VALUE, Status.VALUE]] * 2
    assert [one.lines for one in found[1]] == [{0, 1, 2, 3}, {0, 1, 2}]
    assert (program.exit_code, program.output) == (3, "on\n")


@pytest.mark.parametrize("text", ['#!/bin/sh\nexec python3 "$@"\n', "", "\x7fELF nothing beside it"])
def test_what_is_no_interpreter_is_refused_without_running_it(tmp_path, text):
    path = tmp_path / "python"
    path.write_text(text)
    path.chmod(0o755)
    with pytest.raises(interpreters.InterpreterError):
        interpreters.locate(str(path))


def test_a_missing_interpreter_is_refused(tmp_path):
    with pytest.raises(interpreters.InterpreterError):
        interpreters.locate(str(tmp_path / "python"))


async def test_a_sandbox_of_no_interpreter_runs_nothing(tmp_path):
    async with Sandbox(str(tmp_path / "python")) as sandbox:
        assert sandbox.protection.tier is Tier.NONE


def test_chains_of_links_are_followed(environment, tmp_path):
    """Every step of the way is shown, so that the links lead somewhere inside too."""
    link = tmp_path / "links" / "python"
    link.parent.mkdir()
    link.symlink_to(environment / "bin" / "python")
    found = interpreters.locate(str(link))
    assert str(environment / "bin") in found.needs
    assert os.path.realpath(found.binary) == found.binary


def test_the_home_folder_is_never_shown(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert not interpreters.is_narrow(str(tmp_path))
    assert not interpreters.is_narrow("/")
    assert interpreters.is_narrow(str(tmp_path / "venv"))


async def test_a_workspace_s_environment_shows_no_other_folder(environment, tmp_path):
    """SBX-10: neither a link in it nor one on the way to its interpreter shows what lies elsewhere."""
    secrets, solutions = tmp_path / "secrets", environment.parent / "solutions"
    for folder in (secrets, solutions):
        folder.mkdir()
        (folder / "canary.txt").write_text("canary")
    python = environment / "bin" / "python"
    (solutions / "python").symlink_to(Path(sys.executable).resolve())
    python.unlink()
    python.symlink_to(solutions / "python")
    (environment / "lib64").unlink(missing_ok=True)
    (environment / "lib64").symlink_to(secrets)
    needs = interpreters.locate(str(python)).needs
    assert str(environment / "bin") in needs
    assert str(environment / "lib64") not in needs
    assert str(solutions) not in needs
    places = [str(environment / "lib64" / "canary.txt"), str(secrets / "canary.txt"), str(solutions / "canary.txt")]
    source = f"import os\ndef seen(): return [os.path.exists(path) for path in {places!r}]\n"
    async with Sandbox(str(python)) as sandbox:
        ((outcome,),) = await sandbox.call([CallRun(source, "task.py", (Call("seen()"),))])
    assert outcome.text in {"[False, False, False]", ""}
