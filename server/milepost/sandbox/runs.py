"""What is asked of a sandbox and what it answers: plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from milepost.sandbox.limits import COMMAND, DEFAULT, Limits
from milepost.sandbox.values import Value


class Status(StrEnum):
    """How a run ended."""

    VALUE = "value"
    RAISED = "raised"
    EXITED = "exited"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OUTPUT = "output"
    DIED = "died"
    SYNTAX = "syntax"
    TAMPERED = "tampered"
    UNREADABLE = "unreadable"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Call:
    """One expression to evaluate after `setup`; `timeout` are seconds."""

    expression: str
    setup: str = ""
    timeout: float = 2.0
    capture: Literal["value", "output"] = "value"


@dataclass(frozen=True, slots=True)
class CallRun:
    """One program and the calls to make on it; `files` are other files of the program, by relative path.

    Lines are told of the program's own file, or of that one of the `files` that `watched` names. The program's own file
    stands in `folder`, where modules are looked for first.
    """

    source: str
    file_name: str
    calls: tuple[Call, ...]
    preamble: str = ""
    trace: bool = False
    stop_after_failures: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    watched: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What one call gave; lines are zero-based in the program's file, `error_bases` names the exception's classes.

    `shortened` says that the kill limit was lowered because earlier calls ran into theirs.
    """

    status: Status
    value: Value | None = None
    type_name: str = ""
    text: str = ""
    output: str = ""
    error_type: str = ""
    error_message: str = ""
    error_bases: tuple[str, ...] = ()
    error_lines: tuple[int, ...] = ()
    lines: frozenset[int] = frozenset()
    milliseconds: float = 0.0
    shortened: bool = False


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """A whole Python program, run as `__main__`; `files`, `watched` and `folder` as with calls."""

    source: str
    file_name: str
    stdin: str = ""
    arguments: tuple[str, ...] = ()
    timeout: float = 2.0
    trace: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    watched: str = ""
    folder: str = ""
    limits: Limits = DEFAULT


@dataclass(frozen=True, slots=True)
class ProgramOutcome:
    """How a whole program ended and what it printed; EXITED means that it ended by itself, with `exit_code`."""

    status: Status
    exit_code: int | None = None
    output: str = ""
    errors: str = ""
    truncated: bool = False
    error_type: str = ""
    error_message: str = ""
    error_lines: tuple[int, ...] = ()
    lines: frozenset[int] = frozenset()
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CommandRun:
    """A command in a fresh box: `argv`, or a `shell` line; `outputs` name files to read back.

    `folder` is where it starts, relative to the box's own folder, in which `files` are written first.
    `packages` names top-level packages of Milepost's own environment that the command's Python may import.
    """

    argv: tuple[str, ...] = ()
    shell: str = ""
    stdin: str = ""
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    folder: str = "."
    outputs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    limits: Limits = COMMAND


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """How a command ended; `outputs` holds the wanted files that were there and regular."""

    status: Status
    exit_code: int | None = None
    output: str = ""
    errors: str = ""
    truncated: bool = False
    error_message: str = ""
    outputs: Mapping[str, bytes] = field(default_factory=dict)
    milliseconds: float = 0.0
