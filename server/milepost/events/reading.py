"""What reports ask of the archive: only the folders, files and row groups are read that may hold the answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from milepost.events import paths
from milepost.events.archive import Archive
from milepost.events.listing import Stored

# Months whose folders are listed one by one; beyond that one look at everything is cheaper.
FEW_MONTHS = 36
# The kind of events that name a snapshot and not its task.
_BY_SNAPSHOT = "ai"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: nothing given means all. Times as [since, until), kinds as in the files' names.

    An event belongs to a task or a course if it is about it or about anything inside it.
    """

    kinds: tuple[str, ...] = ()
    user: UUID | None = None
    task: UUID | None = None
    course: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def month_of(year: int, month: int) -> tuple[datetime, datetime]:
    """Return the first moment of a month and that of the next, in UTC."""
    first = datetime(year, month, 1, tzinfo=UTC)
    return first, (first + 31 * _DAY).replace(day=1)


def read(archive: Archive, wanted: Wanted | None = None, columns: Sequence[str] | None = None) -> pa.Table:
    """Return the wanted events as an Arrow table, in no order; without `columns` all of them, with year, month, day.

    Raises ArchiveError.
    """
    wanted = wanted or Wanted()
    condition = _condition(archive, wanted)

    def scan(stored: list[Stored]) -> pa.Table:
        return archive.table_of([file for file in stored if _may_hold(file.name, wanted)], columns, condition)

    return archive.read_stable(_folders(wanted), scan)


def _folders(wanted: Wanted) -> list[str]:
    """Return the folders to list."""
    if wanted.since is None or wanted.until is None:
        return [paths.ROOT]
    first, last = _utc_day(wanted.since), _utc_day(wanted.until)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months > FEW_MONTHS:
        return [paths.ROOT]
    numbers = (first.year * 12 + first.month - 1 + step for step in range(months))
    return [paths.month_folder(number // 12, number % 12 + 1) for number in numbers]


def _may_hold(name: str, wanted: Wanted) -> bool:
    day = paths.day_of(name)
    if wanted.since is not None and day < _utc_day(wanted.since):
        return False
    if wanted.until is not None and datetime(day.year, day.month, day.day, tzinfo=UTC) >= wanted.until:
        return False
    return not wanted.kinds or paths.kind_in(name) in {paths.part(kind) for kind in wanted.kinds}


def _utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _condition(archive: Archive, wanted: Wanted) -> Any:
    conditions = list(_conditions(archive, wanted))
    if not conditions:
        return None
    total = conditions[0]
    for condition in conditions[1:]:
        total &= condition
    return total


def _conditions(archive: Archive, wanted: Wanted) -> Iterator[Any]:
    if wanted.user is not None:
        yield pc.field("user_id") == str(wanted.user)
    if wanted.since is not None:
        yield pc.field("timestamp") >= pa.scalar(wanted.since, pa.timestamp("us", "UTC"))
    if wanted.until is not None:
        yield pc.field("timestamp") < pa.scalar(wanted.until, pa.timestamp("us", "UTC"))
    if wanted.task is not None:
        everywhere = replace(wanted, task=None, course=None, since=None, until=None)
        yield _inside_tasks(archive, everywhere, [str(wanted.task)])
    if wanted.course is not None:
        yield _inside_course(archive, replace(wanted, task=None, course=None, since=None, until=None), wanted.course)


def _about(ids: Sequence[str], *columns: str) -> Any:
    """Return the condition that an event names one of the ids."""
    known = pa.array(ids, pa.string())
    condition = pc.field("entity_id").isin(known)
    for column in columns:
        condition |= pc.field(column).isin(known)
    return condition


def _inside_course(archive: Archive, wanted: Wanted, course: UUID) -> Any:
    """Return the condition that an event is about a course, its goals or their tasks, as the archive knows them."""
    goals = _named(archive, replace(wanted, kinds=("goal",)), "goal_id", pc.field("course_id") == str(course))
    inside = _about(goals, "goal_id")
    tasks = _named(archive, replace(wanted, kinds=("task",)), "task_id", inside) if goals else []
    return _about([str(course)], "course_id") | inside | _inside_tasks(archive, wanted, tasks)


def _inside_tasks(archive: Archive, wanted: Wanted, tasks: Sequence[str]) -> Any:
    """Return the condition that an event is about tasks or their snapshots."""
    inside = _about(tasks, "task_id")
    if wanted.kinds and _BY_SNAPSHOT not in wanted.kinds:
        return inside
    return inside | _about(_named(archive, replace(wanted, kinds=("code",)), "code_snapshot_id", inside))


def _named(archive: Archive, wanted: Wanted, column: str, condition: Any) -> list[str]:
    own = _condition(archive, wanted)
    condition = condition if own is None else condition & own

    def scan(stored: list[Stored]) -> pa.Table:
        return archive.table_of([file for file in stored if _may_hold(file.name, wanted)], [column], condition)

    found = archive.read_stable(_folders(wanted), scan)[column].unique().to_pylist()
    return [value for value in found if value is not None]
