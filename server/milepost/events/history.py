"""What learners did, read from the archive: names of tasks, saves with their results, help that was taken.

The archive and not the database: it holds every event that ever was, whatever the database still keeps, it is read
without holding up those who learn, and a copied folder is enough.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from milepost.domain.events import EventType
from milepost.events import reading
from milepost.events.archive import Archive
from milepost.events.reading import Wanted


class Deed(StrEnum):
    """What a learner did about a task."""

    STARTED = "started"
    SAVED = "saved"
    COMPLETED = "completed"
    HINT = "hint"
    FIX = "fix"
    DISMISSED = "dismissed"


class TaskName(NamedTuple):
    """A task by its titles: every learner has rows of their own, and they are one task to a teacher."""

    course: str
    goal: str
    title: str


class Fact(NamedTuple):
    """One thing that a learner did; `score` (0 to 1), `passed` and `criteria` (kind, passed) belong to a save."""

    at: datetime
    user: str
    task: TaskName
    deed: Deed
    score: float | None = None
    passed: bool | None = None
    criteria: Sequence[tuple[str, bool | None]] = ()
    step: int = 0


class ModelCall(NamedTuple):
    """One use of a model: `calls` requests with tokens sent and received, `useless` of them for nothing.

    `latency_ms` is that of one of them; `task` is None where it was about none, or about one without a save.
    """

    at: datetime
    user: str
    model: str
    task: TaskName | None = None
    calls: int = 1
    useless: int = 0
    sent: int = 0
    received: int = 0
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for: a user (name, address or id), a course (title), times as [since, until); None is all."""

    user: str | None = None
    course: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The facts and uses of models in the order in which they happened, and what the users are called."""

    facts: Sequence[Fact] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    calls: Sequence[ModelCall] = ()


class UnknownNameError(LookupError):
    """Nobody, or no course, has this name; `known` are some that there are."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(known)


class UnknownUserError(UnknownNameError):
    """No user of the archive has this name."""


class UnknownCourseError(UnknownNameError):
    """No course of the archive has this title."""


@dataclass(slots=True)
class _Titles:
    """Users, courses, goals and tasks by their ids."""

    users: dict[str, tuple[str, str]] = field(default_factory=dict)
    courses: dict[str, str] = field(default_factory=dict)
    goals: dict[str, tuple[str, str]] = field(default_factory=dict)
    tasks: dict[str, TaskName] = field(default_factory=dict)

    def task(self, title: str, goal_id: str) -> TaskName:
        goal, course_id = self.goals.get(goal_id, ("", ""))
        return TaskName(self.courses.get(course_id, ""), goal, title)


STEPS = 6
# More than any endpoint gives; a larger number in an event is none.
_MOST_TOKENS = 10**12
_EVERYTHING = Question()
_DEEDS = {
    EventType.TASK_STARTED.value: Deed.STARTED,
    EventType.TASK_VALIDATED.value: Deed.SAVED,
    EventType.TASK_COMPLETED.value: Deed.COMPLETED,
}
_HELP = {
    EventType.AI_FIX_APPLIED.value: Deed.FIX,
    EventType.AI_FEEDBACK_ACCEPTED.value: Deed.HINT,
    EventType.AI_FEEDBACK_DISMISSED.value: Deed.DISMISSED,
}
_MODEL = (EventType.AI_FEEDBACK_GENERATED.value, EventType.AI_GOAL_SUGGESTED.value)
_ORDER = {deed: number for number, deed in enumerate((*_HELP.values(), *_DEEDS.values()))}
_TASK_COLUMNS = ("timestamp", "user_id", "event_type", "task_id", "goal_id", "title", "validation_score", "payload")
_HELP_COLUMNS = ("timestamp", "user_id", "event_type", "entity_id", "payload")
_MODEL_COLUMNS = ("timestamp", "user_id", "model_used", "tokens_used", "latency_ms", "payload")


def read(archive: Archive, question: Question, advanced: Callable[[], None] = lambda: None) -> History:
    """Return what the archive knows; `advanced` is called STEPS times on the way.

    Raises ArchiveError, UnknownUserError and UnknownCourseError.
    """
    titles = _titles(archive)
    advanced()
    user = _user(titles, question.user)
    _require_course(titles, question.course)
    tasks = _scan(archive, tuple(_DEEDS), _TASK_COLUMNS, question, user)
    advanced()
    facts = list(_task_facts(tasks, titles))
    advanced()
    helped = _scan(archive, tuple(_HELP), _HELP_COLUMNS, question, user)
    facts += _help_facts(helped, titles)
    advanced()
    calls = list(_model_calls(_scan(archive, _MODEL, _MODEL_COLUMNS, question, user), titles))
    advanced()
    if question.course is not None:
        wanted = _folded(question.course)
        facts = [fact for fact in facts if _folded(fact.task.course) == wanted]
        calls = [call for call in calls if call.task and _folded(call.task.course) == wanted]
    # A save and what follows from it may bear the same time.
    facts.sort(key=lambda fact: (fact.at, _ORDER[fact.deed]))
    advanced()
    present = {fact.user for fact in facts}
    return History(facts, {user: titles.users.get(user, (user[:8], ""))[0] for user in present}, calls)


def _scan(
    archive: Archive,
    types: Sequence[str],
    columns: Sequence[str],
    question: Question = _EVERYTHING,
    user: str | None = None,
) -> pa.Table:
    """Return the wanted events of some types of one kind, oldest first."""
    kind = types[0].partition(".")[0]
    wanted = Wanted((kind,), user=UUID(user) if user else None, since=question.since, until=question.until)
    table = reading.read(archive, wanted, [*columns, *({"event_type"} - set(columns))])
    return table.filter(pc.field("event_type").isin(types)).sort_by("timestamp")


def _rows(table: pa.Table, *columns: str) -> Iterator[tuple[Any, ...]]:
    # Column by column: a dictionary for each of many rows would cost most of the time.
    return zip(*(table[column].to_pylist() for column in columns), strict=True)


def _titles(archive: Archive) -> _Titles:
    """Return what everything is called, by its newest event; asked of all time, names are older than what they name."""
    titles = _Titles()
    users = _scan(archive, _named("user"), ("timestamp", "user_id", "username", "email"))
    for user, name, email in _rows(users, "user_id", "username", "email"):
        titles.users[user] = (name or user[:8], email or "")
    courses = _scan(archive, _named("course"), ("timestamp", "entity_id", "payload"))
    for course, payload in _rows(courses, "entity_id", "payload"):
        titles.courses[course] = _text(_loaded(payload), "title")
    goals = _scan(archive, _named("goal"), ("timestamp", "goal_id", "title", "course_id"))
    for goal, title, course in _rows(goals, "goal_id", "title", "course_id"):
        titles.goals[goal] = (title or "", course or "")
    return titles


def _named(kind: str) -> tuple[str, ...]:
    return tuple(one.value for one in EventType if one.value.partition(".")[0] == kind)


def _user(titles: _Titles, wanted: str | None) -> str | None:
    """Return the id of the user who is asked for."""
    if wanted is None:
        return None
    folded = wanted.casefold()
    for user, (name, email) in titles.users.items():
        if folded in {user.casefold(), name.casefold(), email.casefold()}:
            return user
    raise UnknownUserError(wanted, sorted(name for name, _ in titles.users.values()))


def _require_course(titles: _Titles, wanted: str | None) -> None:
    known = sorted(set(titles.courses.values()))
    if wanted is not None and _folded(wanted) not in map(_folded, known):
        raise UnknownCourseError(wanted, known)


def _task_facts(table: pa.Table, titles: _Titles) -> Iterator[Fact]:
    """Return the facts of the task events, and learn what the tasks are called."""
    for at, user, kind, task, goal, title, score, payload in _rows(table, *_TASK_COLUMNS):
        name = titles.tasks[task] = titles.task(title or "", goal or "")
        deed = _DEEDS[kind]
        if deed is Deed.SAVED:
            told = _loaded(payload)
            yield Fact(at, user, name, deed, score, _truth(told.get("passed")), tuple(_criteria(told)))
        else:
            yield Fact(at, user, name, deed)


def _help_facts(table: pa.Table, titles: _Titles) -> Iterator[Fact]:
    for at, user, kind, task, payload in _rows(table, *_HELP_COLUMNS):
        name = titles.tasks.get(task)
        # Without any save of its task in the period there is nothing to say of a step of help.
        if name is not None:
            step = _loaded(payload).get("step")
            yield Fact(at, user, name, _HELP[kind], step=step if isinstance(step, int) else 0)


def _model_calls(table: pa.Table, titles: _Titles) -> Iterator[ModelCall]:
    for at, user, model, tokens, latency, payload in _rows(table, *_MODEL_COLUMNS):
        if model is None:
            # A goal that was taken from a course without asking anybody.
            continue
        told = _loaded(payload)
        calls, received = max(_count(told.get("calls", 1)), 1), _count(told.get("tokens_out"))
        # Where an event does not tell them apart, most tokens are those that were sent.
        sent = _count(told.get("tokens_in", max((tokens or 0) - received, 0)))
        yield ModelCall(
            at, user, model, titles.tasks.get(_text(told, "task_id")), calls, min(_count(told.get("useless")), calls),
            sent, received, latency / calls if latency is not None and 0 <= latency < math.inf else None,
        )  # fmt: skip


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS else 0


def _criteria(told: Mapping[str, Any]) -> Iterator[tuple[str, bool | None]]:
    """Return kind and outcome of each criterion; events of earlier versions do not tell them."""
    listed = told.get("criteria")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, list) and len(one) == 2:  # noqa: PLR2004 Kind and outcome.
            yield str(one[0]), _truth(one[1])


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _loaded(payload: str | None) -> dict[str, Any]:
    found = json.loads(payload) if payload else {}
    return found if isinstance(found, dict) else {}


def _text(told: Mapping[str, Any], key: str) -> str:
    return str(told.get(key) or "")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
