"""The command line of a box: what it shows, what it hides, who it runs as."""

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

INSIDE = Path(__file__).parent / "inside"
HOME = "/box"
CODE = "/milepost/inside"
PACKAGES = "/packages"
FOLDERS = (HOME, "/tmp", "/dev/shm")  # noqa: S108 - paths inside the box, where they are its own.
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin")
SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime")
# A range of users that no system hands out; each box of a superuser runs as another one of them.
FIRST_STRANGER = 1_879_048_192
STRANGERS = 60_000

_numbers = itertools.count(os.getpid())


@dataclass(frozen=True, slots=True)
class Plan:
    """What one box shows beside the system: paths at their own place, others as (source, place); its disk in bytes."""

    shown: tuple[str, ...] = ()
    placed: tuple[tuple[str, str], ...] = ()
    disk: int = 64 << 20
    environment: dict[str, str] = field(default_factory=dict)


@cache
def binary() -> str | None:
    """Return the path of bubblewrap, if it is there."""
    return shutil.which("bwrap") if sys.platform == "linux" else None


@cache
def _options() -> str:
    path = binary()
    return subprocess.run([path, "--help"], capture_output=True, text=True, check=False).stdout if path else ""


def arguments(plan: Plan, user: "User") -> list[str]:
    """Return the command line that makes the box, up to the command to run in it."""
    line = [binary() or "bwrap", *user.options(), "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    line += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
    line += ["--hostname", "box", "--cap-drop", "ALL", *user.capabilities()]
    line += _mounts(plan)
    for name, value in plan.environment.items():
        line += ["--setenv", name, value]
    return [*line, "--chdir", HOME]


def _mounts(plan: Plan) -> list[str]:
    # Parents come with mode 0700 unless they are made first.
    line = ["--perms", "0755", "--dir", "/etc"]
    for path in (*SYSTEM, *SETTINGS, *_java()):
        line += _system(path)
    # Without its last step a superuser's box could write /proc/sys, and with it the system's core handler.
    line += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    for folder in FOLDERS:
        line += ["--perms", "1777", "--size", str(plan.disk), "--tmpfs", folder]
    for folder in _parents([*plan.shown, *(place for _, place in plan.placed)]):
        line += ["--perms", "0755", "--dir", folder]
    for path in plan.shown:
        line += ["--ro-bind", path, path]
    for source, place in plan.placed:
        line += ["--ro-bind", source, place]
    return [*line, "--remount-ro", "/dev", "--remount-ro", "/"]


def _java() -> list[str]:
    """Return where Debian keeps the settings without which Java does not start."""
    return sorted(str(path) for path in Path("/etc").glob("java-*-openjdk"))


def _system(path: str) -> list[str]:
    entry = Path(path)
    if entry.is_symlink() and path in SYSTEM:
        return ["--symlink", str(entry.readlink()), path]
    return ["--ro-bind", path, path] if entry.exists() else []


def _parents(paths: Sequence[str]) -> list[str]:
    parents = {str(parent) for path in paths for parent in Path(path).parents}
    return sorted(parent for parent in parents - {"/", *FOLDERS} if not parent.startswith(SYSTEM))


class User:
    """Who boxes run as. A superuser's boxes run as strangers, since limits on processes do not bind a superuser."""

    def __init__(self, namespace: int | None) -> None:
        self.namespace = namespace

    def options(self) -> list[str]:
        """Return the part of the command line that says it."""
        if self.namespace is None:
            closed = ["--disable-userns"] if "--disable-userns" in _options() else []
            return ["--unshare-user", *closed]
        return ["--userns", str(self.namespace), "--uid", "0", "--gid", "0"]

    def capabilities(self) -> list[str]:
        """Return what the box's first process needs in order to become a stranger."""
        return [] if self.namespace is None else ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]

    def identity(self) -> int | None:
        """Return the user that the next box's first process must become."""
        return None if self.namespace is None else FIRST_STRANGER + next(_numbers) % STRANGERS

    @property
    def is_unlimited(self) -> bool:
        """Tell whether limits on processes do not bind this user."""
        return self.namespace is None and os.geteuid() == 0

    def close(self) -> None:
        """Give the namespace back."""
        if self.namespace is not None:
            os.close(self.namespace)
            self.namespace = None


def users() -> list[User]:
    """Return who boxes of this process may run as, best first.

    A stranger cannot read an interpreter that only the superuser may read; then the superuser, without any of its
    powers, is what is left.
    """
    namespace = _strangers_namespace() if os.geteuid() == 0 else None
    return [User(None)] if namespace is None else [User(namespace), User(None)]


def _strangers_namespace() -> int | None:
    """Return a descriptor of a user namespace with the superuser and a range of strangers, closed to further ones."""
    with contextlib.suppress(OSError, subprocess.SubprocessError), _holder() as pid:
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{pid}/{name}").write_bytes(f"0 0 1\n{FIRST_STRANGER} {FIRST_STRANGER} {STRANGERS}\n".encode())
        namespace = f"/proc/{pid}/ns/user"
        closing = ["/bin/sh", "-c", "echo 0 > /proc/sys/user/max_user_namespaces"]
        subprocess.run([_tool("nsenter"), f"--user={namespace}", "-S", "0", "-G", "0", *closing], check=True, timeout=5)
        return os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    return None


@contextlib.contextmanager
def _holder() -> Iterator[int]:
    """Hold a new user namespace open; it says a line once it is in it."""
    command = [_tool("unshare"), "--user", "/bin/sh", "-c", "echo; exec cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.read(1)
        yield holder.pid
        holder.stdin.close()


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(name)
    return path
