"""From what learners did to what they and their teacher want to know; plain counting, without Arrow."""

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from milepost.events import model_figures
from milepost.events.history import Deed, Fact, History, ModelCall, TaskName
from milepost.events.model_figures import ModelFigures

# A longer silence is a pause: it is not counted as work on a task.
PAUSE = timedelta(minutes=30)
# Saves after which a task that is not done yet is one that somebody sticks on.
STUCK_AFTER = 4
_DAYS, _WEEKS = 31, 53 * 7

Span = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole in numbers; `completed` counts tasks once for each learner who completed them."""

    learners: int
    tasks: int
    completed: int
    saves: int
    hints: int
    fixes: int
    active_days: int
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The saves of a day, week or month from `start` on; shares and scores are 0 to 1."""

    start: date
    saves: int
    learners: int
    score: float | None
    passed: float


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """One task over all learners; medians are of those who completed it, minutes without pauses."""

    task: TaskName
    learners: int
    completed: int
    attempts: float | None
    minutes: float | None
    hours_until_done: float | None
    first_score: float | None
    helped: float


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """How often a criterion of a task failed; `number` counts from 1, `learners` are those who met the failure."""

    task: TaskName
    number: int
    kind: str
    judged: int
    failed: int
    learners: int

    @property
    def share(self) -> float:
        """Return the share of saves that failed."""
        return self.failed / self.judged


@dataclass(frozen=True, slots=True)
class HelpFigures:
    """What followed on a kind of help: failing saves with a next one, and how often that one was better or passed.

    `kind` is "hint1", "hint2", "hint3", "fix", or "none" for the saves between which no help was taken.
    """

    kind: str
    taken: int
    followed: int
    improved: int
    passed: int
    gain: float | None


@dataclass(frozen=True, slots=True)
class WorkFigures:
    """One learner on one task; `attempts` are saves up to the first that passed, or all of them.

    `model` tells what a model was asked about it, None if nothing.
    """

    user: str
    name: str
    task: TaskName
    started: datetime
    completed: datetime | None
    attempts: int
    minutes: float
    first_score: float | None
    best_score: float | None
    hints: int
    fixes: int
    last: datetime
    model: ModelFigures | None = None


@dataclass(frozen=True, slots=True)
class LearnerFigures:
    """One learner over all tasks; streaks are days in a row with a save, the current one ends today or yesterday."""

    user: str
    name: str
    tasks: int
    completed: int
    saves: int
    score: float | None
    minutes: float
    hints: int
    fixes: int
    active_days: int
    streak: int
    longest_streak: int
    last: date


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that `milepost report` tells; lists are sorted by what matters most."""

    totals: Totals
    span: Span = "week"
    periods: Sequence[Period] = ()
    tasks: Sequence[TaskFigures] = ()
    criteria: Sequence[CriterionFigures] = ()
    help: Sequence[HelpFigures] = ()
    learners: Sequence[LearnerFigures] = ()
    stuck: Sequence[WorkFigures] = ()
    work: Sequence[WorkFigures] = ()
    models: Sequence[ModelFigures] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to report."""
        return not self.learners and not self.models


@dataclass(slots=True)
class _Work:
    """What one learner did on one task, as the facts go by."""

    user: str
    task: TaskName
    started: datetime
    last: datetime
    completed: datetime | None = None
    saves: int = 0
    attempts: int = 0
    worked: timedelta = timedelta()
    scores: list[float] = field(default_factory=list)
    hints: int = 0
    fixes: int = 0
    failing: float | None = None
    between: set[str] = field(default_factory=set)
    calls: list[ModelCall] = field(default_factory=list)


@dataclass(slots=True)
class _Help:
    taken: int = 0
    passed: int = 0
    gains: list[float] = field(default_factory=list)


@dataclass(slots=True)
class _Criterion:
    kind: str = ""
    judged: int = 0
    failed: int = 0
    learners: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Period:
    saves: int = 0
    passed: int = 0
    scores: list[float] = field(default_factory=list)
    learners: set[str] = field(default_factory=set)


def report(history: History, today: date, zone: tzinfo | None = None) -> Report:
    """Return the figures; days are those of the time zone, this machine's if None is given."""
    counting = _Counting(zone)
    for fact in history.facts:
        counting.count(fact)
    for call in history.calls:
        counting.count_call(call)
    return counting.report(history, today)


class _Counting:
    """One pass over the facts in their order."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone
        self._work: dict[tuple[str, TaskName], _Work] = {}
        self._help: dict[str, _Help] = defaultdict(_Help)
        self._criteria: dict[tuple[TaskName, int], _Criterion] = defaultdict(_Criterion)
        self._days: dict[date, _Period] = defaultdict(_Period)
        self._days_of: dict[str, set[date]] = defaultdict(set)

    def count(self, fact: Fact) -> None:
        """Take the next fact."""
        work = self._work.setdefault((fact.user, fact.task), _Work(fact.user, fact.task, fact.at, fact.at))
        if work.completed is None and fact.at - work.last <= PAUSE:
            work.worked += fact.at - work.last
        work.last = fact.at
        if fact.deed is Deed.SAVED:
            self._saved(fact, work)
        elif fact.deed is Deed.COMPLETED:
            work.completed = work.completed or fact.at
        elif fact.deed in {Deed.HINT, Deed.FIX}:
            self._helped(fact, work)

    def count_call(self, call: ModelCall) -> None:
        """Take the next use of a model, after the facts."""
        work = self._work.get((call.user, call.task)) if call.task else None
        if work is not None:
            work.calls.append(call)

    def _saved(self, fact: Fact, work: _Work) -> None:
        work.saves += 1
        work.attempts += work.completed is None
        if fact.score is not None:
            work.scores.append(fact.score)
        self._follow_help(fact, work)
        self._judge(fact)
        day = fact.at.astimezone(self._zone).date()
        self._days_of[fact.user].add(day)
        period = self._days[day]
        period.saves += 1
        period.passed += fact.passed is True
        period.learners.add(fact.user)
        if fact.score is not None:
            period.scores.append(fact.score)
        if fact.passed:
            work.completed = work.completed or fact.at

    def _follow_help(self, fact: Fact, work: _Work) -> None:
        """Note what came of the help between a failing save and this one, or of none."""
        score = fact.score if fact.score is not None else 0.0
        if work.failing is not None:
            for kind in work.between or {"none"}:
                self._help[kind].gains.append(score - work.failing)
                self._help[kind].passed += fact.passed is True
        work.failing = None if fact.passed else score
        work.between = set()

    def _judge(self, fact: Fact) -> None:
        for number, (kind, passed) in enumerate(fact.criteria, 1):
            if passed is None:
                continue
            criterion = self._criteria[fact.task, number]
            criterion.kind = kind
            criterion.judged += 1
            if not passed:
                criterion.failed += 1
                criterion.learners.add(fact.user)

    def _helped(self, fact: Fact, work: _Work) -> None:
        kind = "fix" if fact.deed is Deed.FIX else f"hint{fact.step or 1}"
        self._help[kind].taken += 1
        work.between.add(kind)
        work.hints += fact.deed is Deed.HINT
        work.fixes += fact.deed is Deed.FIX

    def report(self, history: History, today: date) -> Report:
        """Return the figures of all facts so far."""
        models = model_figures.of_each(history.calls)
        if not self._work:
            return Report(Totals(0, 0, 0, 0, 0, 0, 0), models=models)
        work = [self._work_figures(one, history) for one in self._work.values()]
        span, periods = self._periods()
        stuck = [one for one in work if one.completed is None and one.attempts >= STUCK_AFTER]
        return Report(
            totals=self._totals(work),
            span=span,
            periods=periods,
            tasks=self._tasks(work),
            criteria=self._failing(),
            help=self._help_figures(),
            learners=self._learners(work, today),
            stuck=sorted(stuck, key=lambda one: one.last, reverse=True),
            work=sorted(work, key=lambda one: (one.name.casefold(), one.started)),
            models=models,
        )

    def _work_figures(self, work: _Work, history: History) -> WorkFigures:
        return WorkFigures(
            user=work.user,
            name=history.names.get(work.user, work.user[:8]),
            task=work.task,
            started=work.started,
            completed=work.completed,
            attempts=work.attempts,
            minutes=_rounded(work.worked / timedelta(minutes=1)),
            first_score=work.scores[0] if work.scores else None,
            best_score=max(work.scores, default=None),
            hints=work.hints,
            fixes=work.fixes,
            last=work.last,
            model=model_figures.of(work.calls) if work.calls else None,
        )

    def _totals(self, work: Sequence[WorkFigures]) -> Totals:
        return Totals(
            learners=len({one.user for one in work}),
            tasks=len({one.task for one in work}),
            completed=sum(one.completed is not None for one in work),
            saves=sum(one.saves for one in self._work.values()),
            hints=sum(one.hints for one in work),
            fixes=sum(one.fixes for one in work),
            active_days=len(self._days),
            first=min(self._days, default=None),
            last=max(self._days, default=None),
        )

    def _periods(self) -> tuple[Span, list[Period]]:
        if not self._days:
            return "day", []
        first, last = min(self._days), max(self._days)
        days = (last - first).days + 1
        span: Span = "day" if days <= _DAYS else "week" if days <= 2 * _WEEKS else "month"
        gathered: dict[date, _Period] = {start: _Period() for start in _starts(first, last, span)}
        for day, period in self._days.items():
            whole = gathered[_start(day, span)]
            whole.saves += period.saves
            whole.passed += period.passed
            whole.scores += period.scores
            whole.learners |= period.learners
        return span, [
            Period(start, one.saves, len(one.learners), _mean(one.scores), _share(one.passed, one.saves))
            for start, one in gathered.items()
        ]

    def _tasks(self, work: Sequence[WorkFigures]) -> list[TaskFigures]:
        gathered: dict[TaskName, list[WorkFigures]] = defaultdict(list)
        for one in work:
            gathered[one.task].append(one)
        figures = [_task_figures(task, many) for task, many in gathered.items()]
        # First what costs the most: the tasks that a teacher looks at.
        return sorted(figures, key=lambda one: (-(one.attempts or math.inf), one.task))

    def _failing(self) -> list[CriterionFigures]:
        figures = [
            CriterionFigures(task, number, one.kind, one.judged, one.failed, len(one.learners))
            for (task, number), one in self._criteria.items()
            if one.failed
        ]
        return sorted(figures, key=lambda one: (-one.failed, one.task, one.number))

    def _help_figures(self) -> list[HelpFigures]:
        return [
            HelpFigures(
                kind=kind,
                taken=one.taken,
                followed=len(one.gains),
                improved=sum(gain > 0 for gain in one.gains),
                passed=one.passed,
                gain=_mean(one.gains),
            )
            for kind, one in sorted(self._help.items(), key=lambda item: (item[0] != "none", item[0] == "fix", item[0]))
        ]

    def _learners(self, work: Sequence[WorkFigures], today: date) -> list[LearnerFigures]:
        gathered: dict[str, list[WorkFigures]] = defaultdict(list)
        for one in work:
            gathered[one.user].append(one)
        figures = [self._learner(user, many, today) for user, many in gathered.items()]
        return sorted(figures, key=lambda one: one.name.casefold())

    def _learner(self, user: str, work: Sequence[WorkFigures], today: date) -> LearnerFigures:
        days = self._days_of[user]
        current, longest = streaks(days, today)
        own = [self._work[user, one.task] for one in work]
        return LearnerFigures(
            user=user,
            name=work[0].name,
            tasks=len(work),
            completed=sum(one.completed is not None for one in work),
            saves=sum(one.saves for one in own),
            score=_mean([one.best_score for one in work if one.best_score is not None]),
            minutes=_rounded(sum(one.minutes for one in work)),
            hints=sum(one.hints for one in work),
            fixes=sum(one.fixes for one in work),
            active_days=len(days),
            streak=current,
            longest_streak=longest,
            last=max(one.last for one in work).astimezone(self._zone).date(),
        )


def streaks(days: Iterable[date], today: date) -> tuple[int, int]:
    """Return the current and the longest number of days in a row; yesterday's streak is not lost before midnight."""
    longest = run = current = 0
    before: date | None = None
    for day in sorted(days):
        run = run + 1 if before is not None and (day - before).days == 1 else 1
        longest, before = max(longest, run), day
        if (today - day).days in {0, 1}:
            current = run
    return current, longest


def _task_figures(task: TaskName, work: Sequence[WorkFigures]) -> TaskFigures:
    done = [one for one in work if one.completed is not None]
    return TaskFigures(
        task=task,
        learners=len(work),
        completed=len(done),
        attempts=_median(done, lambda one: one.attempts),
        minutes=_median(done, lambda one: one.minutes),
        hours_until_done=_median(done, _hours_until_done),
        first_score=_mean([one.first_score for one in work if one.first_score is not None]),
        helped=_share(sum(bool(one.hints or one.fixes) for one in work), len(work)),
    )


def _hours_until_done(work: WorkFigures) -> float:
    assert work.completed
    return (work.completed - work.started) / timedelta(hours=1)


def _start(day: date, span: Span) -> date:
    if span == "day":
        return day
    return day - timedelta(days=day.weekday()) if span == "week" else day.replace(day=1)


def _starts(first: date, last: date, span: Span) -> list[date]:
    """Return every period's first day, those without a save too: a gap must look like one."""
    starts, start = [], _start(first, span)
    while start <= last:
        starts.append(start)
        start = _start(start + timedelta(days={"day": 1, "week": 7, "month": 32}[span]), span)
    return starts


def _median(work: Sequence[WorkFigures], value: Callable[[WorkFigures], float]) -> float | None:
    return _rounded(statistics.median(map(value, work))) if work else None


def _mean(values: Sequence[float]) -> float | None:
    return round(statistics.fmean(values), 4) if values else None


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _rounded(value: float) -> float:
    return round(float(value), 2)
