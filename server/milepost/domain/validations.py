"""What a save becomes: a snapshot, its findings, its fixes, its validation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from milepost.domain.text import Edit, Range


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One saved version of a document; immutable."""

    uri: str
    version: int | None
    path: str
    language: str
    text: str


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


class Stage(StrEnum):
    """How far a validation has come; each stage replaces the one before.

    COMPLETE is the last stage of what Milepost can tell by itself; REVIEWED follows where a model is set.
    """

    FAST = "fast"
    CHECKED = "checked"
    COMPLETE = "complete"
    REVIEWED = "reviewed"

    @property
    def is_whole(self) -> bool:
        """Tell whether everything was judged that needs no model."""
        return self in {Stage.COMPLETE, Stage.REVIEWED}


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a finding; `path` is None for the snapshot's own file."""

    message: str
    range: Range
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem at one range of a snapshot.

    `rule` is a stable id such as "examples", "syntax", "lint/F401" or "forbids/call";
    `criterion` is the index of the failing criterion in the contract, `explanation` Markdown for the hover;
    `quote` is the code that a model's finding speaks about.
    """

    rule: str
    severity: Severity
    message: str
    range: Range
    criterion: int | None = None
    explanation: str = ""
    related: tuple[Related, ...] = ()
    quote: str = ""


class FixSource(StrEnum):
    """Where a fix came from."""

    RETRIEVAL = "retrieval"
    MUTATION = "mutation"
    SYNTHESIS = "synthesis"
    SYNTAX = "syntax"
    LINT = "lint"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that was tried on a copy.

    `verified` means that all criteria hold afterwards; `rewrite` that it changes more than 60 % of the program;
    `size` is the relative patch size; `where` and `what` are the two steps of help before the edit itself;
    `criterion` is None when the fix makes every failing criterion pass.
    """

    title: str
    source: FixSource
    edits: tuple[Edit, ...]
    verified: bool
    size: float = 0.0
    preferred: bool = False
    rewrite: bool = False
    criterion: int | None = None
    where: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One example, test or dialogue: `call` names it, `expected` and `got` are shown to the learner."""

    call: str
    passed: bool
    expected: str = ""
    got: str = ""


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """The result of one criterion; `passed` is None when it could not be assessed, `score` its partial credit (0 to 1).

    `tamper_proof` is False where the judged program could have influenced its own result.
    """

    kind: str
    passed: bool | None
    score: float
    message: str
    weight: float = 1.0
    cases: tuple[CaseResult, ...] = ()
    tamper_proof: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """A validated program that was retrieved; `distance` is the normalised token distance (0 to 1)."""

    snapshot_id: str
    code: str
    distance: float
    own: bool = False


@dataclass(frozen=True, slots=True)
class Validation:
    """Findings, fixes, score and results of one snapshot at one stage.

    `passed` is False if anything failed or the file does not parse, None if something could not be assessed.
    `notes` are calm remarks for the user, such as what was unavailable; `timings_ms` are milliseconds by stage.
    """

    snapshot: Snapshot
    stage: Stage
    passed: bool | None
    score: float
    results: tuple[CriterionResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    fixes: tuple[Fix, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
