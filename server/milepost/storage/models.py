"""The seven tables; rows of these classes never leave this room."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    SmallInteger,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Uuid

from milepost.domain.entities import CourseStatus, EntityType, GoalStatus, Priority, TaskStatus, TaskType
from milepost.domain.events import EventType
from milepost.storage import escaping

UUID_V7_SINCE = 18
STRUCTURAL_MODEL = "milepost-structural-1"
STRUCTURAL_WIDTH = 384
# Both stemmers over one text, of which only the beginning counts: a search vector has a limit of 1 MB.
SEARCHED_TEXT = "to_tsvector('english', left(content, 50000)) || to_tsvector('spanish', left(content, 50000))"


class NewId(GenericFunction[UUID]):
    """A new id made by the server: time-ordered (v7) where it can, random otherwise."""

    type = Uuid()
    inherit_cache = True


@compiles(NewId)
def _compile_new_id(_element: NewId, compiler: SQLCompiler, **_options: Any) -> str:
    version = getattr(compiler.dialect, "server_version_info", None) or (0,)
    return "uuidv7()" if version[0] >= UUID_V7_SINCE else "gen_random_uuid()"


class Base(DeclarativeBase):
    """What all tables share: the naming of constraints and the types of columns."""

    metadata = MetaData(
        naming_convention={
            "ix": "idx_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        str: escaping.SafeText(),
        float: DOUBLE_PRECISION(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
        list[str]: ARRAY(Text),
    }


def _enum(kind: type[StrEnum], name: str) -> Enum:
    return Enum(kind, name=name, values_callable=lambda members: [member.value for member in members])


ENTITY_TYPE = _enum(EntityType, "entity_type")


def _owner() -> Mapped[UUID]:
    return mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


def _metadata() -> Mapped[dict[str, Any]]:
    return mapped_column("metadata", server_default=text("'{}'::jsonb"))


def _percentage() -> Mapped[float]:
    return mapped_column(server_default=text("0"))


class Identified:
    """A table whose ids the server makes."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=NewId(), sort_order=-1)


class Timestamped(Identified):
    """A table whose rows change."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now(), sort_order=2)


class UserRow(Timestamped, Base):
    """Somebody who learns or teaches."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(index=True, unique=True)
    username: Mapped[str] = mapped_column(index=True, unique=True)
    hashed_password: Mapped[str | None]
    full_name: Mapped[str] = mapped_column(server_default="")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    is_superuser: Mapped[bool] = mapped_column(server_default=text("false"))
    last_login_at: Mapped[datetime | None]
    extra: Mapped[dict[str, Any]] = _metadata()

    courses: Mapped[list["CourseRow"]] = relationship(back_populates="user", passive_deletes=True)
    goals: Mapped[list["GoalRow"]] = relationship(back_populates="user", passive_deletes=True)
    tasks: Mapped[list["TaskRow"]] = relationship(back_populates="user", passive_deletes=True)
    events: Mapped[list["EventRow"]] = relationship(back_populates="user", passive_deletes=True)
    embeddings: Mapped[list["EmbeddingRow"]] = relationship(back_populates="user", passive_deletes=True)
    code_snapshots: Mapped[list["CodeSnapshotRow"]] = relationship(back_populates="user", passive_deletes=True)


class CourseRow(Timestamped, Base):
    """A course; deleting it deletes its goals."""

    __tablename__ = "courses"
    __table_args__ = (CheckConstraint("progress_percentage BETWEEN 0 AND 100", name="progress_percentage"),)

    user_id: Mapped[UUID] = _owner()
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    status: Mapped[CourseStatus] = mapped_column(_enum(CourseStatus, "course_status"), server_default="DRAFT")
    progress_percentage: Mapped[float] = _percentage()
    share_solutions: Mapped[bool] = mapped_column(server_default=text("false"))
    extra: Mapped[dict[str, Any]] = _metadata()

    user: Mapped[UserRow] = relationship(back_populates="courses")
    goals: Mapped[list["GoalRow"]] = relationship(back_populates="course", passive_deletes=True)


class GoalRow(Timestamped, Base):
    """A goal, of a course or alone; deleting it deletes its tasks."""

    __tablename__ = "goals"
    __table_args__ = (CheckConstraint("progress_percentage BETWEEN 0 AND 100", name="progress_percentage"),)

    user_id: Mapped[UUID] = _owner()
    course_id: Mapped[UUID | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    status: Mapped[GoalStatus] = mapped_column(_enum(GoalStatus, "goal_status"), server_default="PENDING")
    priority: Mapped[Priority] = mapped_column(_enum(Priority, "priority"), server_default="MEDIUM")
    ai_generated: Mapped[bool] = mapped_column(server_default=text("false"))
    validation_criteria: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    progress_percentage: Mapped[float] = _percentage()
    due_date: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    extra: Mapped[dict[str, Any]] = _metadata()

    user: Mapped[UserRow] = relationship(back_populates="goals")
    course: Mapped[CourseRow | None] = relationship(back_populates="goals")
    tasks: Mapped[list["TaskRow"]] = relationship(back_populates="goal", passive_deletes=True)


class TaskRow(Timestamped, Base):
    """A task of a goal with its contract; its snapshots outlive it."""

    __tablename__ = "tasks"

    user_id: Mapped[UUID] = _owner()
    goal_id: Mapped[UUID] = mapped_column(ForeignKey("goals.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    task_type: Mapped[TaskType] = mapped_column(_enum(TaskType, "task_type"), server_default="CODE")
    status: Mapped[TaskStatus] = mapped_column(_enum(TaskStatus, "task_status"), server_default="TODO")
    position: Mapped[int] = mapped_column(server_default=text("0"))
    files: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    contract: Mapped[dict[str, Any]]
    validation_result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    ai_feedback: Mapped[str] = mapped_column(server_default="")
    estimated_hours: Mapped[float | None]
    actual_hours: Mapped[float | None]
    completed_at: Mapped[datetime | None]
    extra: Mapped[dict[str, Any]] = _metadata()

    user: Mapped[UserRow] = relationship(back_populates="tasks")
    goal: Mapped[GoalRow] = relationship(back_populates="tasks")
    code_snapshots: Mapped[list["CodeSnapshotRow"]] = relationship(back_populates="task", passive_deletes=True)


class EventRow(Identified, Base):
    """A fact; only `published_at` and `parquet_path` are ever set later. Its row is the outbox."""

    __tablename__ = "events"
    __table_args__ = (
        Index("idx_events_user_id_created_at", "user_id", "created_at"),
        Index("idx_events_entity_type_entity_id_created_at", "entity_type", "entity_id", "created_at"),
        Index("idx_events_event_type_created_at", "event_type", "created_at"),
        Index("idx_events_created_at", "created_at", postgresql_where=text("published_at IS NULL")),
        Index("idx_events_parquet_path", "parquet_path"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    event_type: Mapped[EventType] = mapped_column(_enum(EventType, "event_type"))
    entity_type: Mapped[EntityType] = mapped_column(ENTITY_TYPE)
    # No foreign key: a fact about an entity stays true when the entity is gone.
    entity_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    extra: Mapped[dict[str, Any]] = _metadata()
    schema_version: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    parquet_path: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_at: Mapped[datetime | None]

    user: Mapped[UserRow] = relationship(back_populates="events")


class EmbeddingRow(Timestamped, Base):
    """One vector of one model for one entity; deleted with the entity by a trigger (see triggers.py).

    The column is an untyped `vector`; each model has a partial index of its own over the cast to its width.
    """

    __tablename__ = "embeddings"
    __table_args__ = (
        CheckConstraint("entity_type IN ('goal', 'task', 'course', 'code_snapshot')", name="entity_type"),
        Index("idx_embeddings_entity_type_entity_id_model", "entity_type", "entity_id", "model", unique=True),
        Index(
            "idx_embeddings_content",
            text(f"({SEARCHED_TEXT})"),
            postgresql_using="gin",
            postgresql_where=text("entity_type <> 'code_snapshot'"),
        ),
        Index(
            "idx_embeddings_embedding_milepost_structural_1",
            text(f"(embedding::vector({STRUCTURAL_WIDTH})) vector_cosine_ops"),
            postgresql_using="hnsw",
            postgresql_where=text(f"model = '{STRUCTURAL_MODEL}'"),
        ),
    )

    user_id: Mapped[UUID] = _owner()
    entity_type: Mapped[EntityType] = mapped_column(ENTITY_TYPE)
    entity_id: Mapped[UUID]
    content: Mapped[str]
    content_hash: Mapped[str]
    model: Mapped[str]
    embedding: Mapped[Any] = mapped_column(Vector(), nullable=False)
    extra: Mapped[dict[str, Any]] = _metadata()

    user: Mapped[UserRow] = relationship(back_populates="embeddings")


class CodeSnapshotRow(Identified, Base):
    """One saved version of a document; only its result and `trusted` are ever set later."""

    __tablename__ = "code_snapshots"
    __table_args__ = (
        CheckConstraint("validation_score BETWEEN 0 AND 1", name="validation_score"),
        Index("idx_code_snapshots_user_id_language_created_at", "user_id", "language", "created_at"),
        # By its hash: a path may be longer than an entry of an index.
        Index("idx_code_snapshots_user_id_file_path_created_at", "user_id", text("md5(file_path)"), "created_at"),
        Index("idx_code_snapshots_task_id_content_hash", "task_id", "content_hash"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # History outlives the task it belonged to.
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"))
    file_path: Mapped[str]
    language: Mapped[str]
    code_content: Mapped[str]
    content_hash: Mapped[str]
    lines_of_code: Mapped[int]
    validation_passed: Mapped[bool | None]
    validation_score: Mapped[float | None]
    validation_feedback: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    issues_found: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    trusted: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    user: Mapped[UserRow] = relationship(back_populates="code_snapshots")
    task: Mapped[TaskRow | None] = relationship(back_populates="code_snapshots")


class UnwrittenFileRow(Base):
    """A file of the archive that events were given to and that may not be there yet."""

    __tablename__ = "unwritten_files"

    path: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CheckpointRow(Timestamped, Base):
    """Where a graph stands that waits for its user."""

    __tablename__ = "checkpoints"
    __table_args__ = (
        # By its hash: a path may be longer than an entry of an index.
        Index("idx_checkpoints_user_id_thread_namespace", "user_id", text("md5(thread)"), "namespace", unique=True),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    thread: Mapped[str]
    namespace: Mapped[str]
    checkpoint: Mapped[str]
    content: Mapped[bytes]
    writes: Mapped[bytes | None]
