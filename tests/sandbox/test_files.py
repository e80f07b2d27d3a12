"""SBX-03 and SBX-06: files that the host reads or gives, and disks that fill up."""

import os
import secrets
import shutil

import pytest

from milepost.sandbox.runs import Call, CallRun, CommandRun, ProgramRun, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOAK = bool(os.environ.get("MILEPOST_SOAK"))


async def shell(sandbox, line, **options):
    return await sandbox.command(CommandRun(shell=line, **options))


async def test_a_regular_file_is_read_back(module_sandbox):
    found = await shell(module_sandbox, "mkdir -p a/b && echo hi > a/b/out.txt", outputs=("a/b/out.txt", "absent"))
    assert (found.status, found.exit_code, found.outputs) == (Status.EXITED, 0, {"a/b/out.txt": b"hi\n"})


@pytest.fixture
def canary(tmp_path):
    """Give a file of the host that nothing may show."""
    path = tmp_path / "canary.txt"
    path.write_text(secrets.token_hex(16))
    return path


SWAPS = {
    "link to a host file": "ln -s {canary} out.txt",
    "link to a system file": "ln -s /usr/bin/env out.txt",
    "link to a device": "ln -s /dev/urandom out.txt",
    "link to an environment": "ln -s /proc/self/environ out.txt",
    "dangling link": "ln -s /nowhere out.txt",
    "link to itself": "ln -s out.txt out.txt",
    "folder": "mkdir out.txt",
    "linked folder on the way": "mkdir real && echo x > real/out.txt && ln -s real d",
    "hard link": "echo x > other && ln other out.txt",
    "pipe": "mkfifo out.txt",
    "socket": "python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('out.txt')\"",
    "device node": "mknod out.txt c 1 9",
    "unreadable": "echo x > out.txt && chmod 000 out.txt",
}


@pytest.mark.parametrize("swap", SWAPS)
async def test_sbx_03_only_regular_files_are_read(module_sandbox, canary, swap):
    found = await shell(module_sandbox, SWAPS[swap].format(canary=canary), outputs=("out.txt", "d/out.txt"), timeout=10)
    assert found.outputs == {}
    assert canary.read_text() not in found.output + found.errors


async def test_sbx_03_swapping_during_the_read_is_over_before_it(module_sandbox, canary):
    """A process that swaps a file for a link in a loop is dead before anything is read."""
    line = (
        f"(while :; do ln -sfn {canary} out.txt; rm -f out.txt; echo mine > out.txt; done) & "
        "i=0; while [ $i -lt 200 ]; do i=$((i+1)); done"
    )
    for _ in range(200 if SOAK else 5):
        found = await shell(module_sandbox, line, outputs=("out.txt",))
        assert canary.read_text().encode() not in found.outputs.get("out.txt", b"")


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a/../../b", "", ".", "a//b", "a\0b", ".."])
async def test_sbx_03_names_that_leave_the_box_are_refused(module_sandbox, name):
    with pytest.raises(ValueError, match="path"):
        await shell(module_sandbox, "true", outputs=(name,))
    with pytest.raises(ValueError, match="path"):
        await shell(module_sandbox, "true", files={name: ""})
    with pytest.raises(ValueError, match="path"):
        await module_sandbox.call([CallRun("", "a.py", (Call("1"),), files={name: ""})])
    with pytest.raises(ValueError, match="path"):
        await module_sandbox.program(ProgramRun("", "a.py", files={name: ""}))


async def test_sbx_03_a_name_too_long_is_absent(module_sandbox):
    found = await shell(module_sandbox, "true", outputs=("x" * 4096,))
    assert (found.status, found.outputs) == (Status.EXITED, {})


async def test_large_outputs_are_cut(module_sandbox):
    found = await shell(
        module_sandbox, "head -c 9000000 /dev/zero > out.bin; echo done > last", outputs=("out.bin", "last")
    )
    assert len(found.outputs["out.bin"]) == 4 << 20
    assert found.outputs["last"] == b"done\n"


FILLING = {
    "one big file": "import os\nfd = os.open('f', os.O_CREAT | os.O_RDWR)\nos.posix_fallocate(fd, 0, 200 << 20)\n",
    "many big files": "for n in range(20):\n    open(f'/tmp/{n}', 'wb').write(b'x' * (20 << 20))\n",
    "shared memory": "for n in range(20):\n    open(f'/dev/shm/{n}', 'wb').write(b'x' * (20 << 20))\n",
}


@pytest.mark.parametrize("filling", FILLING)
async def test_sbx_06_disk_stops_at_its_limit(module_sandbox, filling, tmp_path):
    before = shutil.disk_usage(tmp_path).free
    ((found,),) = await module_sandbox.call([CallRun(FILLING[filling], "task.py", (Call("1", timeout=10.0),))])
    assert found.status in {Status.RAISED, Status.MEMORY}
    assert before - shutil.disk_usage(tmp_path).free < 100 << 20


LEAVING = {
    "a file": "for d in ('.', '/tmp', '/dev/shm'):\n    with open(d + '/left', 'w') as f: f.write('x')\n",
    "hidden folders": "import os\nos.makedirs('.a/b/c')\nopen('.a/b/left', 'w').close()\nos.chmod('.a/b', 0)\n",
    "thousands of files": "for n in range(5000): open(f'/tmp/{n}', 'w').close()\n",
    "a million files": "n = 0\nwhile True:\n    n += 1\n    open(f'/tmp/{n}', 'w').close()\n",
    "ten thousand folders deep": "import os\nfor n in range(10_000):\n    os.mkdir('d')\n    os.chdir('d')\n",
}
LOOK = "import os\ndef seen():\n    return [os.listdir(d) for d in ('.', '/box', '/tmp', '/dev/shm')]\n"


@pytest.mark.parametrize("leaving", LEAVING)
async def test_sbx_06_the_next_run_sees_nothing(module_sandbox, leaving):
    runs = [
        CallRun(LEAVING[leaving], "task.py", (Call("1", timeout=10.0),)),
        CallRun(LOOK, "task.py", (Call("seen()"),)),
    ]
    # An interpreter that lies under /tmp has its folder there.
    ((clean,),) = await module_sandbox.call([runs[1]])
    assert clean.text.startswith("[[], [], ")
    assert "left" not in clean.text
    for _ in range(2):
        for run in [runs[0]] * 2 + [runs[1]] * 2:
            ((found,),) = await module_sandbox.call([run])
        assert found.text == clean.text


async def test_sbx_06_endless_files_end_the_run(module_sandbox):
    ((found,),) = await module_sandbox.call(
        [CallRun(LEAVING["a million files"], "task.py", (Call("1", timeout=20.0),))]
    )
    assert (found.status, found.error_message) == (Status.DIED, "files")


async def test_sbx_06_the_system_of_a_box_is_read_only(module_sandbox):
    source = (
        "import os, sys\nplaces = ['/', '/usr', '/usr/lib', '/dev', '/etc', '/proc/sys/kernel', '/milepost/inside']\n"
        "places += [sys.prefix, os.path.dirname(os.__file__)]\n"
        "files = ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/sys/vm/drop_caches', os.__file__]\n"
        "def opens(path, mode):\n"
        "    try:\n        open(path, mode).close()\n        return True\n    except OSError: return False\n"
        "def tries():\n"
        "    return [p for p in places if opens(p + '/left', 'w')] + [p for p in files if opens(p, 'r+b')]\n"
    )
    ((found,),) = await module_sandbox.call([CallRun(source, "task.py", (Call("tries()"),))])
    assert found.text == "[]"
