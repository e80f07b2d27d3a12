"""Where a search looks: first whose and which entities, then by nearness."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true

from milepost.domain.entities import EntityType
from milepost.storage.models import CodeSnapshotRow, CourseRow, EmbeddingRow, GoalRow, TaskRow

TEXTS = (EntityType.GOAL, EntityType.TASK, EntityType.COURSE)


@dataclass(frozen=True, slots=True)
class Scope:
    """What `user_id` may find; a field that is None or empty restricts nothing.

    Texts are found by their owner. Snapshots are found when they are the user's own, when their course shares
    solutions, or when they belong to the course's own author (the solutions it came with); `task_ids`, `goal_id`,
    `course_id`, `language` and `trusted` speak of snapshots. `exclude` names entities that are not to be found.
    """

    user_id: UUID
    entity_types: tuple[EntityType, ...] = (EntityType.CODE_SNAPSHOT,)
    task_ids: tuple[UUID, ...] = ()
    goal_id: UUID | None = None
    course_id: UUID | None = None
    language: str | None = None
    trusted: bool = True
    shared: bool = True
    exclude: tuple[UUID, ...] = ()


def condition(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on rows of `embeddings`."""
    texts = [kind for kind in scope.entity_types if kind in TEXTS]
    kinds = []
    if texts:
        kinds.append(and_(EmbeddingRow.entity_type.in_(texts), EmbeddingRow.user_id == scope.user_id))
    if EntityType.CODE_SNAPSHOT in scope.entity_types:
        kinds.append(and_(EmbeddingRow.entity_type == EntityType.CODE_SNAPSHOT, _snapshot_exists(scope)))
    allowed = or_(*kinds)
    return and_(allowed, EmbeddingRow.entity_id.not_in(scope.exclude)) if scope.exclude else allowed


def _snapshot_exists(scope: Scope) -> ColumnElement[bool]:
    query = (
        select(true())
        .select_from(CodeSnapshotRow)
        .outerjoin(TaskRow, TaskRow.id == CodeSnapshotRow.task_id)
        .outerjoin(GoalRow, GoalRow.id == TaskRow.goal_id)
        .outerjoin(CourseRow, CourseRow.id == GoalRow.course_id)
        .where(CodeSnapshotRow.id == EmbeddingRow.entity_id, _visible(scope))
    )
    if scope.trusted:
        query = query.where(CodeSnapshotRow.trusted)
    if scope.task_ids:
        query = query.where(CodeSnapshotRow.task_id.in_(scope.task_ids))
    if scope.goal_id is not None:
        query = query.where(TaskRow.goal_id == scope.goal_id)
    if scope.course_id is not None:
        query = query.where(GoalRow.course_id == scope.course_id)
    if scope.language is not None:
        query = query.where(CodeSnapshotRow.language == scope.language)
    return query.exists()


def _visible(scope: Scope) -> ColumnElement[bool]:
    own = CodeSnapshotRow.user_id == scope.user_id
    if not scope.shared:
        return own
    return or_(own, CourseRow.share_solutions, CodeSnapshotRow.user_id == CourseRow.user_id)
