"""A filter of system calls for boxes: what a judged program never needs and what reaches past the box's limits."""

import errno
import platform
import struct
from typing import NamedTuple


class _Machine(NamedTuple):
    """A kernel interface: its audit number, the column of a call's number, and the first foreign number, if any."""

    audit: int
    column: int
    foreign: int | None


MACHINES = {
    "x86_64": _Machine(0xC000003E, 0, 0x40000000),
    "aarch64": _Machine(0xC00000B7, 1, None),
}

# Numbers on x86_64 and aarch64; shared memory without an owner and keys outlive a run and are counted nowhere.
DENIED = {
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438), "kcmp": (312, 272),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116),
    "quotactl": (179, 60), "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
    "adjtimex": (159, 171), "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "landlock_create_ruleset": (444, 444),
    "fanotify_init": (300, 262),
}  # fmt: skip

FORK, VFORK = (57, None), (58, None)
CLONE = (56, 220)
CLONE3 = (435, 435)
PRLIMIT = (302, 261)
SOCKET = (41, 198)
SOCKETPAIR = (53, 199)
NEW_NAMESPACES = 0x7E020080
NEW_THREAD = 0x00010000
FAMILIES = (1, 2, 10)

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16


def program() -> bytes | None:
    """Return the filter for this machine, ready for bubblewrap; None where none is written."""
    machine = MACHINES.get(platform.machine())
    return None if machine is None else b"".join(_instructions(machine))


def childless() -> bytes | None:
    """Return the filter that lets a process start threads but no process; None where none is written."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return None
    lines = _beginning(machine)
    for number in (numbers[machine.column] for numbers in (FORK, VFORK)):
        if number is not None:
            lines += _when(number, [_fail(errno.EAGAIN)])
    lines += _when(CLONE3[machine.column], [_fail(errno.ENOSYS)])
    lines += _when(CLONE[machine.column], _argument([_op(_ANY_BIT, NEW_THREAD, 1, 0), _fail(errno.EAGAIN)]))
    return b"".join([*lines, _op(_RETURN, _ALLOW)])


def _beginning(machine: _Machine) -> list[bytes]:
    lines = [_op(_LOAD, _ARCHITECTURE), _op(_EQUAL, machine.audit, 1, 0), _op(_RETURN, _KILL), _op(_LOAD, _NUMBER)]
    if machine.foreign is not None:
        lines += [_op(_AT_LEAST, machine.foreign, 0, 1), _op(_RETURN, _KILL)]
    return lines


def _instructions(machine: _Machine) -> list[bytes]:
    lines = _beginning(machine)
    for numbers in DENIED.values():
        lines += _when(numbers[machine.column], [_fail(errno.EPERM)])
    # The C library falls back to clone, whose flags can be read, when clone3 seems to be missing.
    lines += _when(CLONE3[machine.column], [_fail(errno.ENOSYS)])
    lines += _when(CLONE[machine.column], _argument([_op(_ANY_BIT, NEW_NAMESPACES, 0, 1), _fail(errno.EPERM)]))
    lines += _when(PRLIMIT[machine.column], _argument([_op(_EQUAL, 0, 1, 0), _fail(errno.EPERM)]))
    for numbers in (SOCKET, SOCKETPAIR):
        lines += _when(numbers[machine.column], _argument(_families()))
    return [*lines, _op(_RETURN, _ALLOW)]


def _when(number: int, then: list[bytes]) -> list[bytes]:
    """Run `then` for one system call, else step over it."""
    return [_op(_EQUAL, number, 0, len(then)), *then]


def _argument(checks: list[bytes]) -> list[bytes]:
    return [_op(_LOAD, _FIRST_ARGUMENT), *checks, _op(_RETURN, _ALLOW)]


def _families() -> list[bytes]:
    count = len(FAMILIES)
    tests = [_op(_EQUAL, family, count - index, 0) for index, family in enumerate(FAMILIES)]
    return [*tests, _fail(errno.EAFNOSUPPORT)]


def _fail(number: int) -> bytes:
    return _op(_RETURN, _ERROR | number)


def _op(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, when_true, when_false, value)
