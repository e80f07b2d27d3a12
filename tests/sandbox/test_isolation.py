"""SBX-09 and SBX-12, and what else a box must not reach: sockets, processes, secrets of the host."""

import asyncio
import os
import secrets
import socket
from pathlib import Path

import psutil
import pytest

from milepost.sandbox import calling, workers
from milepost.sandbox.runs import Call, CallRun, CommandRun, ProgramRun, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def text(sandbox, source, expression="tries()", timeout=10.0):
    ((found,),) = await sandbox.call([CallRun(source, "task.py", (Call(expression, timeout=timeout),))])
    assert found.status is Status.VALUE, found
    return found.text


@pytest.fixture
def listeners(tmp_path):
    """Give listening sockets of the host: TCP, UDP, a path, an abstract name."""
    made = [socket.socket(), socket.socket(type=socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX)]
    made.append(socket.socket(socket.AF_UNIX))
    made[0].bind(("127.0.0.1", 0))
    made[1].bind(("127.0.0.1", 0))
    made[2].bind(str(tmp_path / ".s.PGSQL.5432"))
    made[3].bind("\0milepost-" + secrets.token_hex(8))
    for one in made:
        one.setblocking(False)
        if one.type == socket.SOCK_STREAM:
            one.listen()
    yield made
    for one in made:
        one.close()


NETWORK = """
import socket
def tries(tcp, udp, path, abstract):
    done = []
    def attempt(name, family, kind, address, data=b''):
        try:
            with socket.socket(family, kind) as one:
                one.settimeout(1)
                one.connect(address)
                if data: one.send(data)
                one.getpeername()
                if kind == socket.SOCK_DGRAM: one.recv(1)
                done.append(name)
        except (OSError, OverflowError, TypeError):
            pass
    for host in ('127.0.0.1', '169.254.169.254', '8.8.8.8', '10.0.0.1'):
        for port in (tcp, 5432, 5672, 22, 53, 80, 2024):
            attempt(f'tcp {host}:{port}', socket.AF_INET, socket.SOCK_STREAM, (host, port))
    attempt('udp', socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', udp), b'x')
    attempt('udp out', socket.AF_INET, socket.SOCK_DGRAM, ('8.8.8.8', 53), b'x')
    attempt('ipv6', socket.AF_INET6, socket.SOCK_STREAM, ('::1', tcp))
    attempt('path', socket.AF_UNIX, socket.SOCK_STREAM, path)
    attempt('abstract', socket.AF_UNIX, socket.SOCK_STREAM, abstract)
    attempt('vsock', 40, socket.SOCK_STREAM, (2, 2024))
    for family in (16, 17, 38, 44):
        try:
            socket.socket(family, socket.SOCK_RAW).close()
            done.append(family)
        except OSError: pass
    try:
        socket.getaddrinfo('example.org', 80)
        done.append('dns')
    except OSError: pass
    return done
"""


async def test_sbx_09_nothing_of_the_network_or_the_host_is_reached(module_sandbox, listeners):
    """With a loose bind, code in a box spoke to PostgreSQL through its socket and wrote files outside."""
    tcp, udp, path, abstract = (one.getsockname() for one in listeners)
    arguments = (tcp[1], udp[1], path, abstract if isinstance(abstract, str) else abstract.decode())
    assert await text(module_sandbox, NETWORK, f"tries{arguments!r}", 30.0) == "[]"
    for one in listeners:
        with pytest.raises(BlockingIOError):
            one.recvfrom(1) if one.type == socket.SOCK_DGRAM else one.accept()


async def test_sbx_09_the_probe_of_the_network_can_succeed(listeners):
    """The same code outside of a box does reach the listeners."""
    tcp, udp, path, abstract = (one.getsockname() for one in listeners)
    space: dict = {}
    exec(NETWORK, space)
    done = await asyncio.to_thread(space["tries"], tcp[1], udp[1], path, abstract.decode())
    assert {f"tcp 127.0.0.1:{tcp[1]}", "path", "abstract"} <= set(done)


async def test_the_socket_of_a_database_cannot_even_be_seen(module_sandbox, listeners):
    path = listeners[2].getsockname()
    source = "import os\ndef tries(path):\n    return [os.path.exists(path), os.path.exists(os.path.dirname(path))]\n"
    assert await text(module_sandbox, source, f"tries({path!r})") == "[False, False]"
    found = await module_sandbox.command(CommandRun(shell=f"ls -la {Path(path).parent}; ls -a /root /home /work"))
    assert ".s.PGSQL" not in found.output


SECRETS = """
import glob, os
def tries():
    found = [' '.join(os.environ.values())]
    for pattern in ('/proc/*/environ', '/proc/*/cmdline', '/proc/self/fd/*', '/root/*', '/home/*/*', '/tmp/*'):
        for path in glob.glob(pattern) + glob.glob(pattern.replace('/*', '/.*')):
            try:
                found.append(path)
                with open(path, 'rb') as file:
                    found.append(file.read(10_000).decode('latin-1'))
            except OSError: pass
    for number in range(256):
        try:
            found.append(os.readlink(f'/proc/self/fd/{number}'))
            if not found[-1].startswith('socket'): found.append(os.read(number, 1000).decode('latin-1'))
        except OSError: pass
    return ' '.join(found)[:2_000_000]
"""


async def test_secrets_of_the_server_do_not_get_in(module_sandbox, tmp_path, monkeypatch):
    """Neither the environment nor open files nor folders of the server are there."""
    secret = secrets.token_hex(12)
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    (tmp_path / "secret.txt").write_text(secret)
    with (tmp_path / "secret.txt").open() as kept:
        os.set_inheritable(kept.fileno(), True)
        ((found,),) = await module_sandbox.call([CallRun(SECRETS, "task.py", (Call("tries()", timeout=10.0),))])
        listed = await module_sandbox.program(ProgramRun(SECRETS + "print(tries())", "task.py", timeout=10.0))
        shown = await module_sandbox.command(CommandRun(shell="env; cat /proc/*/environ; ls /proc/self/fd; cat <&9"))
    assert found.status is Status.VALUE
    assert "PATH" in shown.output
    for said in (found.value.content, listed.output, shown.output, shown.errors):
        assert secret not in said
        assert str(tmp_path) not in said


async def test_a_box_sees_only_its_own_processes(module_sandbox):
    source = "import os\ndef tries():\n    return sorted(int(n) for n in os.listdir('/proc') if n.isdigit())[:-1]\n"
    assert await text(module_sandbox, source) == "[1]"


SIGNALS = {
    "parent": "os.kill(os.getppid(), signal.SIGKILL)",
    "parent's group": "os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)",
    "own group": "os.setsid() if False else os.killpg(0, signal.SIGKILL)",
    "everyone": "os.kill(-1, signal.SIGKILL)",
    "everyone, stopped": "os.kill(-1, signal.SIGSTOP)",
    "limits of the parent": "resource.prlimit(1, resource.RLIMIT_CPU, (0, 0))",
    "files of the parent": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))",
    "niceness of the parent": "os.setpriority(os.PRIO_PROCESS, 1, 19)",
    "processors of the parent": "os.sched_setaffinity(1, {0})",
    "niceness of everyone": "os.setpriority(os.PRIO_USER, 0, 19)",
    "itself, stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "policy of the parent": "os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))",
}


@pytest.mark.parametrize("signal", SIGNALS)
async def test_sbx_12_signals_and_limits_do_not_reach_the_parent(module_sandbox, signal):
    """Whatever a run does to its parent, the next run finds a worker as it was."""
    source = f"import os, resource, signal\ntry:\n    {SIGNALS[signal]}\nexcept OSError: pass\n"
    look = (
        "import os\ndef tries():\n"
        "    return os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0), os.sched_getscheduler(0)\n"
    )
    before = await text(module_sandbox, look)
    await module_sandbox.call([CallRun(source, "task.py", (Call("1", timeout=0.5),))] * 2)
    assert await text(module_sandbox, look) == before
    assert await text(module_sandbox, look) == before


async def test_sbx_12_a_killed_worker_is_replaced(module_sandbox):
    """Also when the box goes away in the middle of a run."""
    calls = (Call("1", timeout=60.0), Call("2", timeout=0.1))
    task = asyncio.create_task(module_sandbox.call([CallRun("import time\ntime.sleep(60)", "task.py", calls)]))
    await asyncio.sleep(0.5)
    for worker in list(module_sandbox._pool._live):
        worker._process.kill()
    ((found, _),) = await task
    assert found.status is Status.DIED
    assert await text(module_sandbox, "", "40 + 2") == "42"


async def test_sbx_12_a_worker_that_does_not_end_a_run_is_replaced(module_sandbox, monkeypatch):
    """A first process that was stopped from outside answers no more."""
    monkeypatch.setattr(workers, "KILL_LIMIT", 0.3)
    monkeypatch.setattr(calling, "START_LIMIT", 1.0)
    await text(module_sandbox, "", "1")
    stopped = []
    for worker in list(module_sandbox._pool._live):
        for child in psutil.Process(worker._process.pid).children():
            child.suspend()
            stopped.append(child)
    assert stopped
    call = Call("1", timeout=0.2)
    ((found,),) = await asyncio.wait_for(module_sandbox.call([CallRun("", "task.py", (call,))]), 60)
    assert found.status in {Status.VALUE, Status.NOT_RUN}
    monkeypatch.undo()
    assert await text(module_sandbox, "", "40 + 2") == "42"


KERNEL = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def tries():
    calls = {
        'unshare': (272, 0x10000000), 'unshare files': (272, 0x400), 'setns': (308, 0, 0),
        'mount': (165, 0, 0, 0, 0, 0), 'chroot': (161, b'/tmp'), 'ptrace': (101, 0, 0, 0, 0), 'keyctl': (250, 0, 0),
        'bpf': (321, 0, 0, 0), 'add_key': (248, 0, 0, 0, 0, 0), 'perf_event_open': (298, 0, 0, 0, 0, 0),
        'userfaultfd': (323, 0),
        'io_uring_setup': (425, 1, 0), 'memfd_create': (319, b'x', 0), 'mq_open': (240, b'x', 0o102, 0o600, 0),
        'process_vm_writev': (311, 1, 0, 0, 0, 0, 0), 'clone a user namespace': (56, 0x10000011, 0, 0, 0, 0),
        'kexec_load': (246, 0, 0, 0, 0), 'pidfd_getfd': (438, 0, 0, 0),
    }
    done = []
    for name, numbers in calls.items():
        ctypes.set_errno(0)
        if libc.syscall(*numbers) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            done.append((name, ctypes.get_errno()))
    return done
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
async def test_kernel_surfaces_are_closed(module_sandbox):
    assert await text(module_sandbox, KERNEL) == "[]"
