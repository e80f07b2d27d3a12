"""`milepost report` on a terminal: tables and block bars, no wider than the screen."""

import math
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from milepost.cli import report_scope
from milepost.cli import report_words as words
from milepost.cli.report_scope import Scope
from milepost.domain.text import Localized
from milepost.events.figures import LearnerFigures, Period, Report

ROWS = 10
CHART_HEIGHT = 6
WIDE, BAR, SHORT_BAR = 100, 16, 8
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_PARTS = " ▏▎▍▌▋▊▉█"
_GOOD, _FAIR = 0.8, 0.5


def view(report: Report, scope: Scope, language: str, width: int) -> RenderableType:
    """Return the report for a screen of so many characters; a kind sentence where there is nothing."""
    if report.is_empty:
        return report_scope.nothing(scope).pick(language)
    heading = report_scope.heading(report, scope, language)
    return Group(*_Screen(report, language, BAR if width >= WIDE else SHORT_BAR).parts(heading))


class _Screen:
    def __init__(self, report: Report, language: str, bar: int) -> None:
        self._report = report
        self._language = language
        titles = [one.task.title for one in report.tasks]
        self._courses = len(set(titles)) < len(titles)
        self._bar = bar
        self._alone = len(report.learners) == 1

    def parts(self, heading: str) -> Iterator[RenderableType]:
        """Yield the report piece by piece."""
        yield Text.assemble((f"{self._say(words.TITLE)}: ", "bold"), heading)
        if self._report.learners:
            yield from self._learning()
        if self._report.models:
            yield self._title(words.MODEL_TITLE, words.MODEL_NOTE)
            yield self._models()

    def _learning(self) -> Iterator[RenderableType]:
        yield self._totals()
        if self._report.periods:
            yield self._title(words.SCORES_OVER_TIME, words.SCORES_NOTE[self._report.span])
            yield _chart(self._report.periods, self._language)
        yield self._title(words.TASKS_TITLE, words.TASKS_NOTE)
        yield self._tasks()
        if self._report.criteria:
            yield self._title(words.CRITERIA_TITLE, words.CRITERIA_NOTE)
            yield self._criteria()
        if any(one.taken for one in self._report.help):
            yield self._title(words.HELP_TITLE, words.HELP_NOTE)
            yield self._help()
        if self._report.stuck:
            yield self._title(words.STUCK_TITLE, words.STUCK_NOTE)
            yield self._stuck()
        yield self._title(words.STREAK_TITLE if self._alone else words.LEARNERS_TITLE)
        yield self._streak(self._report.learners[0]) if self._alone else self._learners()

    def _say(self, text: Localized) -> str:
        return text.pick(self._language)

    def _title(self, title: Localized, note: Localized | None = None) -> RenderableType:
        text = Text.assemble("\n", (self._say(title), "bold"))
        return text if note is None else Group(text, Text(self._say(note), "dim"))

    def _totals(self) -> RenderableType:
        shown = words.totals(self._report)
        return Text(" · ".join(f"{self._say(word)} {count}" for count, word in shown))

    def _tasks(self) -> RenderableType:
        columns = (words.TASK, words.DONE, None, words.ATTEMPTS, words.TIME, words.FIRST_SCORE, words.TOOK_HELP)
        rows = [
            (
                words.task_name(one.task, course=self._courses),
                _bar(self._bar, one.completed / one.learners),
                f"{one.completed}/{one.learners}",
                words.attempts(one.attempts, self._language),
                words.duration(one.minutes),
                words.decimal(one.first_score, self._language),
                words.percent(one.helped),
            )
            for one in self._report.tasks
        ]
        return self._table(columns, rows)

    def _criteria(self) -> RenderableType:
        columns = (words.TASK, words.CRITERION, words.FAILED, None, words.LEARNERS)
        rows = [
            (
                words.task_name(one.task, course=self._courses),
                f"{one.number}: {words.name(one.kind, 20)}",
                _bar(self._bar, one.share, bad=True),
                f"{words.percent(one.share)} ({one.failed}/{one.judged})",
                str(one.learners),
            )
            for one in self._report.criteria
        ]
        return self._table(columns, rows)

    def _help(self) -> RenderableType:
        columns = (words.HELP, words.TAKEN, words.IMPROVED, None, words.PASSED, words.GAIN)
        rows = [
            (
                report_scope.help_kind(one.kind, self._language),
                str(one.taken or "–"),
                _bar(self._bar, one.improved / one.followed if one.followed else 0),
                words.percent(one.improved / one.followed) if one.followed else "–",
                words.percent(one.passed / one.followed) if one.followed else "–",
                words.signed(one.gain, self._language),
            )
            for one in self._report.help
        ]
        return self._table(columns, rows)

    def _stuck(self) -> RenderableType:
        columns = (words.LEARNER, words.TASK, words.ATTEMPTS, words.BEST_SCORE, words.LAST)
        rows = [
            (
                words.name(one.name),
                words.task_name(one.task, course=self._courses),
                str(one.attempts),
                words.decimal(one.best_score, self._language),
                words.day(one.last.astimezone().date()),
            )
            for one in self._report.stuck
        ]
        return self._table(columns, rows)

    def _learners(self) -> RenderableType:
        columns = (
            words.LEARNER, words.COMPLETED, words.SAVES, words.TIME, words.SCORE, words.STREAK, words.LONGEST, words.LAST,
        )  # fmt: skip
        rows = [
            (
                words.name(one.name),
                f"{one.completed}/{one.tasks}",
                str(one.saves),
                words.duration(one.minutes),
                words.decimal(one.score, self._language),
                str(one.streak),
                str(one.longest_streak),
                words.day(one.last),
            )
            for one in self._report.learners
        ]
        return self._table(columns, rows)

    def _models(self) -> RenderableType:
        return self._table(*words.models(self._report, self._language))

    def _streak(self, learner: LearnerFigures) -> RenderableType:
        numbers = {"current": learner.streak, "longest": learner.longest_streak, "active": learner.active_days}
        return Text(words.STREAK_LINE.say(self._language, **numbers))

    def _table(self, columns: Sequence[Localized | None], rows: Sequence[Sequence[str | Text]]) -> RenderableType:
        table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
        for number, column in enumerate(columns):
            numeric = number > 0 and all(words.is_number(row[number]) for row in rows)
            # Names give way before numbers do.
            table.add_column(
                self._say(column) if column else "", justify="right" if numeric else "left", no_wrap=number > 0,
                overflow="ellipsis", min_width=10 if number == 0 else None,
            )  # fmt: skip
        for row in rows[:ROWS]:
            table.add_row(*row)
        if len(rows) <= ROWS:
            return table
        more = words.MORE.say(self._language, count=len(rows) - ROWS)
        return Group(table, Padding(Text(more, "dim"), (0, 0, 0, 2)))


def _bar(width: int, share: float, *, bad: bool = False) -> Text:
    """Return a share (0 to 1) as a bar on a track."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    text = "█" * full + (_PARTS[rest] if rest else "")
    return Text.assemble((text, "red" if bad else "green"), ("·" * (width - len(text)), "dim"))


def _chart(periods: Sequence[Period], language: str) -> RenderableType:
    """Return mean scores as columns of blocks, one or more characters wide, with the first and the last day below."""
    width = max(1, min(4, 64 // len(periods)))
    lines = [_line(periods, level, width, language) for level in range(CHART_HEIGHT - 1, -1, -1)]
    first, last = words.day(periods[0].start), words.day(periods[-1].start)
    room = max(1, len(periods) * width - len(first) - len(last))
    return Group(*lines, Text(" " * 5 + first + " " * room + last if len(periods) > 1 else " " * 5 + first, "dim"))


def _line(periods: Sequence[Period], level: int, width: int, language: str) -> Text:
    mark = (
        words.decimal((level + 1) / CHART_HEIGHT, language, 1)
        if level in {CHART_HEIGHT - 1, CHART_HEIGHT // 2 - 1}
        else ""
    )
    line = Text(f"{mark:>3} ", "dim")
    line.append("│", "dim")
    for block, colour in _blocks(periods, level, width):
        line.append(block, colour)
    return line


def _blocks(periods: Iterable[Period], level: int, width: int) -> Iterator[tuple[str, str]]:
    for period in periods:
        score = period.score or 0.0
        filled = min(max(math.ceil(score * CHART_HEIGHT * 8) - level * 8, 0), 8)
        colour = "green" if score >= _GOOD else "yellow" if score >= _FAIR else "red"
        yield _EIGHTHS[filled] * (width - (width > 1)) + " " * (width > 1), colour
