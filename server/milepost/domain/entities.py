"""Users, courses, goals and tasks, as stored, and the drafts they are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from milepost.domain.criteria import Contract
from milepost.domain.text import Localized


class CourseStatus(StrEnum):
    """The states of a course."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    ARCHIVED = "ARCHIVED"


class GoalStatus(StrEnum):
    """The states of a goal."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    BLOCKED = "BLOCKED"
    CANCELLED = "CANCELLED"


class Priority(StrEnum):
    """How urgent a goal is."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    URGENT = "URGENT"


class TaskType(StrEnum):
    """What a task asks for."""

    CODE = "CODE"
    DOCUMENTATION = "DOCUMENTATION"
    TESTING = "TESTING"
    RESEARCH = "RESEARCH"
    REVIEW = "REVIEW"
    DEPLOYMENT = "DEPLOYMENT"
    OTHER = "OTHER"


class TaskStatus(StrEnum):
    """The states of a task."""

    TODO = "TODO"
    IN_PROGRESS = "IN_PROGRESS"
    IN_REVIEW = "IN_REVIEW"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class EntityType(StrEnum):
    """What an embedding or an event is about."""

    USER = "user"
    COURSE = "course"
    GOAL = "goal"
    TASK = "task"
    CODE_SNAPSHOT = "code_snapshot"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who learns or teaches; the local user of the embedded default has no password."""

    id: UUID
    email: str
    username: str
    full_name: str = ""
    hashed_password: str | None = None
    is_active: bool = True
    is_superuser: bool = False
    last_login_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """A stored course; `progress_percentage` (0 to 100) is derived from its goals."""

    id: UUID
    user_id: UUID
    title: str
    description: str = ""
    status: CourseStatus = CourseStatus.DRAFT
    progress_percentage: float = 0.0
    share_solutions: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Goal:
    """A stored goal; it may stand without a course."""

    id: UUID
    user_id: UUID
    title: str
    course_id: UUID | None = None
    description: str = ""
    status: GoalStatus = GoalStatus.PENDING
    priority: Priority = Priority.MEDIUM
    ai_generated: bool = False
    validation_criteria: Mapping[str, Any] = field(default_factory=dict)
    progress_percentage: float = 0.0
    due_date: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """A stored task with its contract."""

    id: UUID
    user_id: UUID
    goal_id: UUID
    title: str
    contract: Contract
    files: tuple[str, ...] = ()
    description: str = ""
    task_type: TaskType = TaskType.CODE
    status: TaskStatus = TaskStatus.TODO
    position: int = 0
    validation_result: Mapping[str, Any] | None = None
    ai_feedback: str = ""
    estimated_hours: float | None = None
    actual_hours: float | None = None
    completed_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Solution:
    """A program that a course ships; the first of a task is its reference. `path` is relative to the course.

    `beside` holds the texts of its other files by their names in the task, `sources` the paths of these.
    """

    path: str
    code: str
    beside: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


NOTHING = Localized("", "")


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A task as its course file says it; `starter` is a path relative to the course, `line` its line in the file."""

    title: Localized
    files: tuple[str, ...]
    contract: Contract
    statement: Localized = NOTHING
    starter: str | None = None
    starter_text: str = ""
    solutions: tuple[Solution, ...] = ()
    task_type: TaskType = TaskType.CODE
    line: int = 0


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """A goal as its course file says it."""

    title: Localized
    tasks: tuple[TaskDraft, ...]
    description: Localized = NOTHING


@dataclass(frozen=True, slots=True)
class CourseDraft:
    """A whole course file; `title` is None for goals without a course, `sources` are the files read (absolute paths).

    `retention` is the number of days for which the course's events are kept, None for ever.
    `content_hash` changes whenever the course file or a file that it names changes.
    """

    path: str
    title: Localized | None
    language: str
    goals: tuple[GoalDraft, ...]
    content_hash: str
    share_solutions: bool = False
    description: Localized = NOTHING
    sources: tuple[str, ...] = ()
    retention: int | None = None
