"""What binds a process from within: limits, identity, and no way into the first process; runs inside the box."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os
import resource
import signal
import struct
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2


def become(identity: int | None) -> None:
    """Give up the user that set the box up; from then on limits on processes count."""
    if identity is not None:
        os.setgroups([])
        os.setgid(identity)
        os.setuid(identity)


def shield() -> None:
    """Make this process unreadable for others of its user, have it die with its parent and inherit orphans."""
    control = _prctl()
    if control is not None:
        control(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        control(PR_SET_DUMPABLE, 0, 0, 0, 0)
        control(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # The first process of a box ignores every signal it has no handler for; Python installs two.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def release() -> None:
    """Undo in a child what only the first process needs; it stays unreadable: undoing that costs half a millisecond.

    The module `_signal` does without the enumerations of `signal`, which would have to be copied after each fork.
    """
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)


def start_no_process(program: bytes) -> None:
    """Have the kernel refuse this process others from now on: by the time a watcher looks, there may be thousands."""
    control = _prctl()
    if control is None:
        return
    import ctypes  # noqa: PLC0415 - there, as is the control.

    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0)


def _prctl() -> Any:
    try:
        import ctypes  # noqa: PLC0415 - absent from some interpreters; the box holds without it.

        return ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return None


def state() -> tuple[Any, ...]:
    """Return what another process of this user could change about this one."""
    affinity = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    limits = [resource.getrlimit(kind) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_CORE)]
    policy = os.sched_getscheduler(0) if hasattr(os, "sched_getscheduler") else 0
    return affinity, policy, os.getpriority(os.PRIO_PROCESS, 0), limits


def limit(order: dict[str, Any], *, boxed: bool) -> None:
    """Set the limits of one run; a limit of None stays as it is."""
    wanted = {
        "RLIMIT_AS": order["address_space"],
        "RLIMIT_CPU": order["cpu"],
        "RLIMIT_FSIZE": order["file_size"],
        "RLIMIT_NOFILE": order["open_files"],
        "RLIMIT_NPROC": order["processes"] if boxed and COUNTED else None,
        "RLIMIT_CORE": 0,
    }
    for name, value in wanted.items():
        if value is None or not hasattr(resource, name):
            continue
        try:
            _set(getattr(resource, name), value)
        except (ValueError, OSError):
            if boxed:
                raise


def _counts_by_namespace() -> bool:
    """Tell whether processes are counted for each box; older kernels count all that the user has anywhere."""
    release = [int(part) if part.isdigit() else 0 for part in os.uname().release.split("-")[0].split(".")[:2]]
    return release >= [5, 14]


COUNTED = _counts_by_namespace()


def _set(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    # A second more until SIGKILL for what survives SIGXCPU.
    ceiling = value + 1 if kind == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else value
    resource.setrlimit(kind, (value, ceiling))
