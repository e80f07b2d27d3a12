"""The kinds of acceptance criterion; a task's criteria together are its contract."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Example:
    """One call and what it must give; exactly one of `expect`, `raises` and `prints` is set."""

    call: str
    expect: str | None = None
    approx: float | None = None
    unordered: bool = False
    raises: str | None = None
    prints: str | None = None
    setup: str = ""
    timeout: float = 2.0


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One run of a whole program: what it reads and what it must print."""

    input: str
    output: str
    timeout: float = 2.0


@dataclass(frozen=True, slots=True)
class Construct:
    """Something a program uses or does not use; exactly one field is set."""

    call: str | None = None
    construct: str | None = None
    import_: str | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    """Each example holds."""

    examples: tuple[Example, ...]
    weight: float = 1.0
    kind: Literal["examples"] = "examples"


@dataclass(frozen=True, slots=True)
class Tests:
    """A pytest or unittest file beside the course passes; `path` is relative to the course."""

    __test__ = False

    path: str
    weight: float = 1.0
    timeout: float = 10.0
    kind: Literal["tests"] = "tests"


@dataclass(frozen=True, slots=True)
class Stdio:
    """Given an input, the program prints an output."""

    dialogues: tuple[Dialogue, ...]
    weight: float = 1.0
    kind: Literal["stdio"] = "stdio"


@dataclass(frozen=True, slots=True)
class Defines:
    """Functions `name(a, b)`, methods `Class.name(self, a)` and classes `class Name` exist with these parameters."""

    signatures: tuple[str, ...]
    weight: float = 1.0
    kind: Literal["defines"] = "defines"


@dataclass(frozen=True, slots=True)
class Requires:
    """Each of the constructs is used."""

    constructs: tuple[Construct, ...]
    weight: float = 1.0
    kind: Literal["requires"] = "requires"


@dataclass(frozen=True, slots=True)
class Forbids:
    """None of the constructs is used."""

    constructs: tuple[Construct, ...]
    weight: float = 1.0
    kind: Literal["forbids"] = "forbids"


@dataclass(frozen=True, slots=True)
class Lint:
    """Ruff finds nothing under the selected rules."""

    select: tuple[str, ...]
    weight: float = 1.0
    kind: Literal["lint"] = "lint"


@dataclass(frozen=True, slots=True)
class Complexity:
    """No function has a cyclomatic complexity above `max`."""

    max: int
    weight: float = 1.0
    kind: Literal["complexity"] = "complexity"


@dataclass(frozen=True, slots=True)
class Command:
    """A command exits with status 0; `junit` names the report it writes, if any."""

    run: str
    junit: str | None = None
    weight: float = 1.0
    timeout: float = 30.0
    kind: Literal["command"] = "command"


@dataclass(frozen=True, slots=True)
class Rubric:
    """A requirement in words, judged by a model; without one it is not assessed."""

    text: str
    weight: float = 1.0
    kind: Literal["rubric"] = "rubric"


Criterion = Examples | Tests | Stdio | Defines | Requires | Forbids | Lint | Complexity | Command | Rubric


class Reveal(StrEnum):
    """How much help a learner gets."""

    LOCATION = "location"
    MESSAGE = "message"
    FIX = "fix"


@dataclass(frozen=True, slots=True)
class Siblings:
    """The other files of the program that is judged, by path as seen from the course's folder.

    `place` is the judged file's own path, `entry` that of the file which is run where it is another one; `folder` is the
    program's folder, where modules are looked for first. A submission of its own is seen from its own folder.
    """

    files: dict[str, str] = field(default_factory=dict)
    place: str = ""
    entry: str = ""
    folder: str = ""


ALONE = Siblings()


@dataclass(frozen=True, slots=True)
class Contract:
    """All that is needed to judge one program of a task, and nothing that a learner must not see.

    `files` holds the text of every file that the criteria name (tests, commands' data), by path relative to the course.
    `assume` are expressions over the parameters of the called function that every generated input fulfils;
    `inputs` is the source of a generator function that yields call expressions and takes the place of `assume`;
    `siblings` are never stored: they belong to one judged program.
    """

    language: str
    criteria: tuple[Criterion, ...]
    preamble: str = ""
    assume: tuple[str, ...] = ()
    inputs: str | None = None
    reveal: Reveal = Reveal.FIX
    files: dict[str, str] = field(default_factory=dict)
    siblings: Siblings = ALONE
