"""SBX-16: what is done where there is no box, or one that does not hold."""

import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from milepost.sandbox import bubblewrap, messages
from milepost.sandbox.boxes import Protection, Sandbox, Tier, probe
from milepost.sandbox.runs import Call, CallRun, CommandRun, ProgramRun, Status

FAKES = {
    "refused": "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n",
    "crashing": "#!/bin/sh\nkill -SEGV $$\n",
    "silent": "#!/bin/sh\nexit 0\n",
    "not executable as such": "no program\n",
    # It runs the command as it is, with everything of the machine in reach.
    "no boundary": (
        f"#!{sys.executable}\n"
        "import os, sys\n"
        "arguments = sys.argv[sys.argv.index('--') + 1:] if '--' in sys.argv else sys.exit(0)\n"
        "arguments[-2] = arguments[-2].replace('/milepost', {sandbox!r})\n"
        "arguments[-1] = arguments[-1].replace('/dev/shm', '/tmp').replace('\"/box\"', '\"/tmp\"')\n"
        "import json\n"
        "settings = json.loads(arguments[-1])\n"
        "settings.update(identity=None, home='/', folders=[], shown=[])\n"
        "arguments[-1] = json.dumps(settings)\n"
        "os.execv(arguments[0], arguments)\n"
    ).replace("{sandbox!r}", repr(str(Path(bubblewrap.__file__).parent))),
}


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put a program in the place of bubblewrap."""

    def install(text):
        path = tmp_path / "bwrap"
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        monkeypatch.setattr(bubblewrap, "binary", lambda: str(path))

    return install


def temporary():
    return set(Path(tempfile.gettempdir()).glob("milepost-*"))


async def _nothing_runs(sandbox, marker):
    source = f"open({str(marker)!r}, 'w').close()\n"
    ((found,),) = await sandbox.call([CallRun(source, "task.py", (Call("1"),))])
    program = await sandbox.program(ProgramRun(source, "task.py"))
    command = await sandbox.command(CommandRun(shell=f"touch {marker}"))
    (expected,) = await sandbox.evaluate(["1"])
    assert {found.status, program.status, command.status, expected.status} == {Status.NOT_RUN}
    assert not marker.exists()


async def test_sbx_16_this_machine_has_a_box():
    """The other tests of this folder mean nothing without one."""
    found = await probe()
    assert found.tier is Tier.BUBBLEWRAP
    assert found.runs


async def test_sbx_16_without_bubblewrap_nothing_runs(monkeypatch, tmp_path):
    monkeypatch.setattr(bubblewrap, "binary", lambda: None)
    async with Sandbox() as sandbox:
        assert sandbox.protection.tier is Tier.NONE
        assert "not installed" in sandbox.protection.detail
        await _nothing_runs(sandbox, tmp_path / "ran")


@pytest.mark.parametrize("kind", FAKES)
async def test_sbx_16_a_box_that_does_not_hold_is_not_used(fake, tmp_path, kind):
    fake(FAKES[kind])
    async with Sandbox() as sandbox:
        assert sandbox.protection.tier is Tier.NONE
        assert sandbox.protection.detail
        await _nothing_runs(sandbox, tmp_path / "ran")


async def test_sbx_16_the_reason_is_told(fake):
    fake(FAKES["refused"])
    assert "Permission denied" in (await probe()).detail
    fake(FAKES["no boundary"])
    assert "does not hold: file" in (await probe()).detail


async def test_without_a_boundary_code_runs_only_where_that_is_wanted(monkeypatch):
    monkeypatch.setattr(bubblewrap, "binary", lambda: None)
    kept = temporary()
    async with Sandbox(unprotected=True) as sandbox:
        assert sandbox.protection.tier is Tier.LIMITS
        spin = "import os\ndef f():\n    if os.fork() == 0: os.setsid()\n    while True: pass\n"
        calls = (Call("6 * 7"), Call("f()", timeout=0.3), Call("x = 'x' * 10**10"), Call("open('left', 'w').close()"))
        (found,) = await sandbox.call([CallRun(spin, "task.py", calls)])
        program = await sandbox.program(ProgramRun("print(input())", "task.py", stdin="on\n"))
        command = await sandbox.command(CommandRun(shell="echo hi > out", outputs=("out",)))
        assert [one.status for one in found] == [Status.VALUE, Status.TIMEOUT, Status.MEMORY, Status.VALUE]
        assert (program.output, command.outputs) == ("on\n", {"out": b"hi\n"})
    assert temporary() <= kept


async def test_a_closed_sandbox_runs_nothing(tmp_path):
    sandbox = Sandbox()
    await _nothing_runs(sandbox, tmp_path / "ran")
    async with sandbox:
        assert sandbox.protection.runs
    await _nothing_runs(sandbox, tmp_path / "ran")


@pytest.mark.parametrize("name", ["resource", "fcntl", "pwd"])
def test_the_sandbox_can_be_imported_without_unix_modules(name):
    """On Windows the modules are missing; the sandbox says that nothing runs."""
    code = (
        f"import sys; sys.modules[{name!r}] = None\n"
        "import asyncio, os\n"
        "del os.fork\n"
        "from milepost.sandbox import boxes, bubblewrap\n"
        "bubblewrap.binary = lambda: None\n"
        "async def main():\n"
        "    async with boxes.Sandbox(unprotected=True) as sandbox:\n"
        "        print(sandbox.protection.tier)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "none\n"


@pytest.mark.parametrize("tier", Tier)
def test_every_tier_is_described_in_both_languages(tier):
    texts = {messages.describe(Protection(tier, "why"), language) for language in ("en", "es")}
    assert len(texts) == 2
