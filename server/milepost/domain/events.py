"""Facts that happened; stored once, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from milepost.domain.entities import EntityType


class EventType(StrEnum):
    """Every type of event; the part before the dot decides the kind of file it is archived in."""

    USER_CREATED = "user.created"
    USER_UPDATED = "user.updated"
    USER_LOGIN = "user.login"
    USER_LOGOUT = "user.logout"
    COURSE_CREATED = "course.created"
    COURSE_UPDATED = "course.updated"
    COURSE_STARTED = "course.started"
    COURSE_COMPLETED = "course.completed"
    COURSE_ARCHIVED = "course.archived"
    GOAL_CREATED = "goal.created"
    GOAL_UPDATED = "goal.updated"
    GOAL_STARTED = "goal.started"
    GOAL_COMPLETED = "goal.completed"
    GOAL_BLOCKED = "goal.blocked"
    GOAL_CANCELLED = "goal.cancelled"
    TASK_CREATED = "task.created"
    TASK_UPDATED = "task.updated"
    TASK_STARTED = "task.started"
    TASK_COMPLETED = "task.completed"
    TASK_VALIDATED = "task.validated"
    TASK_FAILED = "task.failed"
    TASK_SKIPPED = "task.skipped"
    CODE_SUBMITTED = "code.submitted"
    CODE_REVIEWED = "code.reviewed"
    CODE_VALIDATED = "code.validated"
    AI_FEEDBACK_GENERATED = "ai.feedback_generated"
    AI_GOAL_SUGGESTED = "ai.goal_suggested"
    AI_VALIDATION_COMPLETED = "ai.validation_completed"
    AI_FIX_OFFERED = "ai.fix_offered"
    AI_FIX_APPLIED = "ai.fix_applied"
    AI_FEEDBACK_ACCEPTED = "ai.feedback_accepted"
    AI_FEEDBACK_DISMISSED = "ai.feedback_dismissed"
    SYSTEM_STARTED = "system.started"
    SYSTEM_STOPPED = "system.stopped"
    SYSTEM_DEGRADED = "system.degraded"
    SYSTEM_ERROR = "system.error"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseEvent:
    """What every event has; `payload` holds what no column of its own kind does."""

    event_id: UUID
    event_type: EventType
    user_id: UUID
    timestamp: datetime
    entity_type: EntityType
    entity_id: UUID | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    schema_version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(BaseEvent):
    """Something that happened to a user."""

    email: str | None = None
    username: str | None = None
    action: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalEvent(BaseEvent):
    """Something that happened to a goal."""

    goal_id: UUID | None = None
    title: str | None = None
    status: str | None = None
    priority: str | None = None
    course_id: UUID | None = None
    progress: float | None = None
    ai_generated: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(BaseEvent):
    """Something that happened to a task."""

    task_id: UUID | None = None
    goal_id: UUID | None = None
    title: str | None = None
    task_type: str | None = None
    status: str | None = None
    validation_score: float | None = None
    estimated_hours: float | None = None
    actual_hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEvent(BaseEvent):
    """Something that happened to a snapshot."""

    code_snapshot_id: UUID | None = None
    task_id: UUID | None = None
    file_path: str | None = None
    language: str | None = None
    lines_of_code: int | None = None
    issues_count: int | None = None
    validation_passed: bool | None = None
    validation_score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AIEvent(BaseEvent):
    """Something that the pipeline or a model did."""

    agent_node: str | None = None
    model_used: str | None = None
    feedback_type: str | None = None
    tokens_used: int | None = None
    latency_ms: float | None = None
