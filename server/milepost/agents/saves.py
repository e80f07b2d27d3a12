"""The transactions of a save: what is stored, and the events that report it."""

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from milepost.agents import validations
from milepost.domain.entities import EntityType
from milepost.domain.events import AIEvent, BaseEvent, CodeEvent, EventType
from milepost.domain.validations import Snapshot, Validation
from milepost.providers.chat import Usage


@dataclass(frozen=True, slots=True)
class Submission:
    """A saved text, to be stored whatever becomes of its validation."""

    course_path: str
    task_key: str
    path: str
    language: str
    text: str
    at: datetime
    kind: Literal["submission"] = "submission"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a saved text; `validation` is stored as it is, `latency_ms` the time of the whole validation."""

    path: str
    language: str
    text: str
    passed: bool | None
    score: float
    feedback: dict[str, Any]
    issues: list[Any]
    trusted: bool
    fixes: int
    latency_ms: float
    at: datetime
    kind: Literal["outcome"] = "outcome"


@dataclass(frozen=True, slots=True)
class Help:
    """A step of help that was offered, taken or turned down."""

    event_type: EventType
    course_path: str
    task_key: str
    path: str
    details: dict[str, Any]
    at: datetime
    kind: Literal["help"] = "help"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A model's review of a saved text: what it added, and what it cost; `trouble` names why it could not be used."""

    path: str
    language: str
    text: str
    passed: bool | None
    score: float
    findings: int
    fixes: int
    model: str
    tokens_in: int
    tokens_out: int
    latency_ms: float
    at: datetime
    trouble: str = ""
    kind: Literal["reviewed"] = "reviewed"


@dataclass(frozen=True, slots=True)
class Suggested:
    """A goal that was drafted: by a model or from courses (`source`), after so many tries.

    `model` was asked so many `calls` and answered `useless` of them in vain; None if none was asked.
    """

    source: str
    tries: int
    model: str | None
    tokens: int | None
    latency_ms: float | None
    at: datetime
    tokens_in: int = 0
    calls: int = 1
    useless: int = 0
    kind: Literal["suggested"] = "suggested"


@dataclass(frozen=True, slots=True)
class SystemFact:
    """Something about Milepost itself."""

    event_type: EventType
    at: datetime
    details: dict[str, Any] = field(default_factory=dict)
    kind: Literal["system"] = "system"


def submission_of(snapshot: Snapshot, course_path: str, task_key: str) -> Submission:
    """Return what is stored of a save."""
    return Submission(course_path, task_key, snapshot.path, snapshot.language, snapshot.text, datetime.now(UTC))


def outcome_of(validation: Validation, edition: str, *, trusted: bool) -> Outcome:
    """Return what is stored of a complete validation."""
    snapshot = validation.snapshot
    return Outcome(
        path=snapshot.path,
        language=snapshot.language,
        text=snapshot.text,
        passed=validation.passed,
        score=validation.score,
        feedback=validations.dump(validation, edition),
        issues=[asdict(finding) for finding in validation.findings],
        trusted=trusted,
        fixes=sum(fix.verified for fix in validation.fixes),
        latency_ms=validation.timings_ms.get("total", 0.0),
        at=datetime.now(UTC),
    )


def reviewed_of(before: Validation, after: Validation, usage: Usage, trouble: str = "") -> Reviewed:
    """Return what is stored of a review, given what was known before it, and why its answer could not be used."""
    snapshot = before.snapshot
    return Reviewed(
        path=snapshot.path,
        language=snapshot.language,
        text=snapshot.text,
        passed=before.passed,
        score=before.score,
        findings=len(after.findings) - len(before.findings),
        fixes=len(after.fixes) - len(before.fixes),
        model=usage.model,
        tokens_in=usage.tokens_in,
        tokens_out=usage.tokens_out,
        latency_ms=usage.latency_ms,
        at=datetime.now(UTC),
        trouble=trouble,
    )


def submitted_event(submission: Submission, user_id: UUID, snapshot_id: UUID, task_id: UUID | None) -> CodeEvent:
    """Return the fact that a text was saved."""
    return CodeEvent(
        event_id=uuid4(), event_type=EventType.CODE_SUBMITTED, user_id=user_id, timestamp=submission.at,
        entity_type=EntityType.CODE_SNAPSHOT, entity_id=snapshot_id, code_snapshot_id=snapshot_id, task_id=task_id,
        file_path=submission.path, language=submission.language, lines_of_code=len(submission.text.splitlines()),
    )  # fmt: skip


def validated_events(outcome: Outcome, user_id: UUID, snapshot_id: UUID, task_id: UUID | None) -> list[BaseEvent]:
    """Return the facts that a validation ended, and what the pipeline gave."""
    code = CodeEvent(
        event_id=uuid4(), event_type=EventType.CODE_VALIDATED, user_id=user_id, timestamp=outcome.at,
        entity_type=EntityType.CODE_SNAPSHOT, entity_id=snapshot_id, code_snapshot_id=snapshot_id, task_id=task_id,
        file_path=outcome.path, language=outcome.language, lines_of_code=len(outcome.text.splitlines()),
        issues_count=len(outcome.issues), validation_passed=outcome.passed, validation_score=outcome.score,
    )  # fmt: skip
    completed = AIEvent(
        event_id=uuid4(), event_type=EventType.AI_VALIDATION_COMPLETED, user_id=user_id, timestamp=outcome.at,
        entity_type=EntityType.CODE_SNAPSHOT, entity_id=snapshot_id, agent_node="score", feedback_type="validation",
        latency_ms=outcome.latency_ms,
    )  # fmt: skip
    if not outcome.fixes:
        return [code, completed]
    offered = replace(
        completed, event_id=uuid4(), event_type=EventType.AI_FIX_OFFERED, agent_node="propose_fixes",
        feedback_type="fix", payload={"fixes": outcome.fixes},
    )  # fmt: skip
    return [code, completed, offered]


def reviewed_events(review: Reviewed, user_id: UUID, snapshot_id: UUID, task_id: UUID | None) -> list[BaseEvent]:
    """Return the facts that a text was reviewed, and what the model gave and cost; in trouble there is only a cost."""
    code = CodeEvent(
        event_id=uuid4(), event_type=EventType.CODE_REVIEWED, user_id=user_id, timestamp=review.at,
        entity_type=EntityType.CODE_SNAPSHOT, entity_id=snapshot_id, code_snapshot_id=snapshot_id, task_id=task_id,
        file_path=review.path, language=review.language, lines_of_code=len(review.text.splitlines()),
        issues_count=review.findings, validation_passed=review.passed, validation_score=review.score,
    )  # fmt: skip
    feedback = AIEvent(
        event_id=uuid4(), event_type=EventType.AI_FEEDBACK_GENERATED, user_id=user_id, timestamp=review.at,
        entity_type=EntityType.CODE_SNAPSHOT, entity_id=snapshot_id, agent_node="review", feedback_type="review",
        model_used=review.model, tokens_used=review.tokens_in + review.tokens_out, latency_ms=review.latency_ms,
        payload={
            "findings": review.findings, "fixes": review.fixes,
            "tokens_in": review.tokens_in, "tokens_out": review.tokens_out,
            **({"task_id": str(task_id)} if task_id else {}),
            **({"trouble": review.trouble, "useless": 1} if review.trouble else {}),
        },
    )  # fmt: skip
    return [feedback] if review.trouble else [code, feedback]


def suggested_event(suggestion: Suggested, user_id: UUID) -> AIEvent:
    """Return the fact that a goal was drafted."""
    return AIEvent(
        event_id=uuid4(), event_type=EventType.AI_GOAL_SUGGESTED, user_id=user_id, timestamp=suggestion.at,
        entity_type=EntityType.USER, entity_id=user_id, agent_node="draft", feedback_type="goal",
        model_used=suggestion.model, tokens_used=suggestion.tokens, latency_ms=suggestion.latency_ms,
        payload={"source": suggestion.source, "tries": suggestion.tries, **_asked(suggestion)},
    )  # fmt: skip


def _asked(suggestion: Suggested) -> dict[str, int]:
    """Return what a model was asked for a draft; nothing where none was."""
    if suggestion.model is None:
        return {}
    received = max((suggestion.tokens or 0) - suggestion.tokens_in, 0)
    return {
        "calls": suggestion.calls,
        "useless": suggestion.useless,
        "tokens_in": suggestion.tokens_in,
        "tokens_out": received,
    }


def help_event(step: Help, user_id: UUID, task_id: UUID | None) -> AIEvent:
    """Return the fact that help was taken or turned down."""
    told = {name: value for name, value in step.details.items() if name != "feedback_type"}
    return AIEvent(
        event_id=uuid4(), event_type=step.event_type, user_id=user_id, timestamp=step.at,
        entity_type=EntityType.TASK, entity_id=task_id, agent_node="propose_fixes",
        feedback_type=str(step.details.get("feedback_type", "fix")), payload={"path": step.path, **told},
    )  # fmt: skip


def system_event(fact: SystemFact, user_id: UUID) -> BaseEvent:
    """Return a fact about Milepost itself."""
    return BaseEvent(
        event_id=uuid4(), event_type=fact.event_type, user_id=user_id, timestamp=fact.at,
        entity_type=EntityType.SYSTEM, payload=fact.details,
    )  # fmt: skip
