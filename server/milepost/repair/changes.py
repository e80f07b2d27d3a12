"""Changes: the small independent edits that candidates are made of, in terms of the learner's own outline."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from milepost.domain.validations import FixSource
from milepost.repair.outline import Block, Kind


@dataclass(frozen=True, slots=True)
class Replacement:
    """`text[start:end]` of the learner's program becomes `text`; both ends lie in one statement's head."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Removal:
    """A block goes; what is inside it stays in its place unless it is removed as well."""

    block: Block


@dataclass(frozen=True, slots=True)
class Hole:
    """The place inside a new statement that takes the learner's blocks from `first` to `last`, neighbours of each other."""

    first: Block
    last: Block


@dataclass(frozen=True, slots=True)
class Statement:
    """A new statement or clause: its head as text without indentation, and what is inside."""

    kind: Kind
    text: str
    node: ast.AST
    children: "tuple[Statement | Hole, ...]" = ()


@dataclass(frozen=True, slots=True)
class Insertion:
    """A new statement; `side` says where it goes: before or after the anchor, or first or last inside it.

    With holes it goes where their blocks stand, and the anchor does not matter. `order` decides among insertions at one place.
    """

    statement: Statement
    side: str
    anchor: Block
    order: int = 0


Part = Replacement | Removal | Insertion


@dataclass(eq=False, slots=True)
class Change:
    """One atomic edit; `cost` is its share of the relative patch size in nodes, `support` how many donors suggest it.

    `kind` names it for the words that explain it, `before` and `after` are short texts of the same purpose, `block` is where it is.
    """

    parts: tuple[Part, ...]
    cost: float
    kind: str
    source: FixSource
    block: Block
    before: str = ""
    after: str = ""
    support: int = 0
    risk: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Some changes applied together; `text` is the program, `trial` the same with bounded loops for quick trials."""

    changes: tuple[Change, ...]
    cost: float
    text: str
    trial: str = field(default="", compare=False)


def total(changes: Sequence[Change]) -> float:
    """Return what changes cost together."""
    return sum(change.cost for change in changes)
