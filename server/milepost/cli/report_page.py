"""`milepost report --html`: one page that asks nobody for anything, for wide and narrow screens, light and dark.

There is no script on it, and its policy allows none: titles and names of users are hostile text.
"""

import html
from collections.abc import Iterable, Iterator, Sequence

from milepost.cli import report_scope
from milepost.cli import report_words as words
from milepost.cli.report_scope import Scope
from milepost.domain.text import Localized
from milepost.events.figures import LearnerFigures, Period, Report
from milepost.events.history import TaskName

TOP = 12
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1d2330; --faint: #667085; --line: #e3e5e8; --track: #eceef1;
  --good: #1f8a5b; --bad: #c2483f; --accent: #2f6fd0; --area: #2f6fd022; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171d; --ink: #e7eaf0; --faint: #98a2b3; --line: #2b313c; --track: #262c36;
    --good: #4cc38a; --bad: #f07f75; --accent: #77a8f7; --area: #77a8f722; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.25rem 1rem 3rem; background: var(--paper); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 0; }
p { margin: .2rem 0 .8rem; color: var(--faint); font-size: .9rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: .6rem; margin-top: 1.2rem; }
.tiles div { border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .8rem; color: var(--faint);
  font-size: .85rem; }
.tiles b { display: block; font-size: 1.45rem; color: var(--ink); line-height: 1.2; font-variant-numeric: tabular-nums; }
figure { margin: .6rem 0 0; }
.plot { display: grid; grid-template-columns: 2.2rem 1fr; }
.plot svg { width: 100%; height: 9rem; display: block; overflow: visible; }
.plot svg.low { height: 3.6rem; margin-top: .5rem; }
.scale { display: flex; flex-direction: column; justify-content: space-between; color: var(--faint); font-size: .75rem;
  line-height: 1; text-align: right; padding-right: .4rem; white-space: nowrap; }
.scale.low { margin-top: .5rem; }
.days { display: flex; justify-content: space-between; grid-column: 2; color: var(--faint); font-size: .75rem; }
.line { fill: none; stroke: var(--accent); stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round;
  stroke-linecap: round; }
.area { fill: var(--area); } .saves { fill: var(--accent); opacity: .55; } .hit { fill: transparent; }
.hit:hover { fill: var(--area); }
.grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; color: var(--faint); font-weight: 500; font-size: .78rem; white-space: nowrap; }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
td:first-child { min-width: 9rem; } th:last-child, td:last-child { padding-right: 0; }
td small { display: block; color: var(--faint); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { display: flex; align-items: center; gap: .5rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar i { flex: 0 0 6rem; height: .5rem; border-radius: .25rem; background: var(--track); overflow: hidden; }
.bar i b { display: block; height: 100%; background: var(--good); } .bar i.bad b { background: var(--bad); }
details { margin-top: .4rem; } summary { cursor: pointer; color: var(--accent); font-size: .9rem; padding: .3rem 0; }
@media (max-width: 40rem) { .less { display: none; } .bar i { flex-basis: 3.2rem; } th, td { padding-right: .5rem; }
  td:first-child { min-width: 7rem; } .plot svg { height: 7rem; } }
@media print { details > * { display: block; } }
"""


def page(report: Report, scope: Scope, language: str) -> str:
    """Return the whole page."""
    title = words.TITLE.pick(language)
    if report.is_empty:
        body = f"<h1>{title}</h1>\n<p>{_safe(report_scope.nothing(scope).pick(language))}</p>"
    else:
        heading = _safe(report_scope.heading(report, scope, language))
        body = f"<h1>{title}</h1>\n<p>{heading}</p>\n" + "\n".join(_Page(report, language).parts())
    return (
        f'<!doctype html>\n<html lang="{"es" if language == "es" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Milepost · {title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


class _Page:
    def __init__(self, report: Report, language: str) -> None:
        self._report = report
        self._language = language
        self._alone = len(report.learners) == 1

    def parts(self) -> Iterator[str]:
        """Yield the page's sections."""
        if self._report.learners:
            yield from self._learning()
        if self._report.models:
            yield self._section(words.MODEL_TITLE, words.MODEL_NOTE, self._models())

    def _learning(self) -> Iterator[str]:
        yield self._tiles()
        if self._report.periods:
            yield self._section(words.SCORES_OVER_TIME, words.SCORES_NOTE[self._report.span], self._plots())
        yield self._section(words.TASKS_TITLE, words.TASKS_NOTE, self._tasks())
        if self._report.criteria:
            yield self._section(words.CRITERIA_TITLE, words.CRITERIA_NOTE, self._criteria())
        if any(one.taken for one in self._report.help):
            yield self._section(words.HELP_TITLE, words.HELP_NOTE, self._help())
        if self._report.stuck:
            yield self._section(words.STUCK_TITLE, words.STUCK_NOTE, self._stuck())
        if self._alone:
            yield self._section(words.STREAK_TITLE, None, f"<p>{self._streak(self._report.learners[0])}</p>")
        else:
            yield self._section(words.LEARNERS_TITLE, None, self._learners())

    def _say(self, text: Localized, **values: object) -> str:
        return _safe(text.say(self._language, **values))

    def _section(self, title: Localized, note: Localized | None, body: str) -> str:
        said = f"<p>{self._say(note)}</p>\n" if note else ""
        return f"<section>\n<h2>{self._say(title)}</h2>\n{said}{body}\n</section>"

    def _tiles(self) -> str:
        shown = words.totals(self._report)
        return f'<div class="tiles">{"".join(f"<div><b>{count}</b>{self._say(word)}</div>" for count, word in shown)}</div>'

    def _plots(self) -> str:
        periods = self._report.periods
        most = max(period.saves for period in periods)
        first, last = periods[0].start, periods[-1].start
        days = f"<span>{words.day(first)}</span>" + (f"<span>{words.day(last)}</span>" if last != first else "")
        saves = self._say(words.SAVES_OVER_TIME[self._report.span])
        one = words.decimal(1, self._language, 1)
        half = words.decimal(0.5, self._language, 1)
        return (
            f'<figure class="plot"><div class="scale"><span>{one}</span><span>{half}</span><span>0</span></div>'
            f"{self._score_plot(periods)}"
            f'<div class="scale low"><span>{most}</span><span>0</span></div>{self._saves_plot(periods, most)}'
            f'<div class="days">{days}</div></figure>\n<p>{saves}</p>'
        )

    def _score_plot(self, periods: Sequence[Period]) -> str:
        """Return the line of mean scores; a gap stays a gap, and every period says its figures under the mouse."""
        runs = "".join(_run(points) for points in _runs(periods))
        grid = "".join(f'<line class="grid" x1="0" x2="{len(periods)}" y1="{y}" y2="{y}"/>' for y in (0, 50, 100))
        label = self._say(words.SCORES_NOTE[self._report.span])
        return _svg(len(periods), "", label, grid + runs + self._hits(periods))

    def _saves_plot(self, periods: Sequence[Period], most: int) -> str:
        bars = "".join(
            f'<rect class="saves" x="{number + 0.12:.2f}" width="0.76" y="{100 - 100 * one.saves / most:.1f}" '
            f'height="{100 * one.saves / most:.1f}"/>'
            for number, one in enumerate(periods)
        )
        label = self._say(words.SAVES_OVER_TIME[self._report.span])
        return _svg(len(periods), "low", label, bars + self._hits(periods))

    def _hits(self, periods: Sequence[Period]) -> str:
        return "".join(
            f'<rect class="hit" x="{number}" width="1" y="0" height="100"><title>{self._told(one)}</title></rect>'
            for number, one in enumerate(periods)
        )

    def _told(self, period: Period) -> str:
        score = words.decimal(period.score, self._language)
        return (
            f"{words.day(period.start)}: {self._say(words.SCORE)} {score}, {self._say(words.SAVES)} {period.saves}, "
            f"{self._say(words.LEARNERS)} {period.learners}"
        )

    def _tasks(self) -> str:
        columns = (
            words.TASK, words.DONE, words.ATTEMPTS, words.TIME, words.UNTIL_DONE, words.FIRST_SCORE, words.TOOK_HELP,
        )  # fmt: skip
        rows = [
            (
                _task(one.task),
                _bar(one.completed / one.learners, f"{one.completed}/{one.learners}"),
                words.attempts(one.attempts, self._language),
                words.duration(one.minutes),
                words.duration(None if one.hours_until_done is None else one.hours_until_done * 60),
                words.decimal(one.first_score, self._language),
                words.percent(one.helped),
            )
            for one in self._report.tasks
        ]
        return self._table(columns, rows, less=(4, 5, 6))

    def _criteria(self) -> str:
        columns = (words.TASK, words.CRITERION, words.FAILED, words.SAVES, words.LEARNERS)
        rows = [
            (
                _task(one.task),
                f"{one.number}: {_safe(words.name(one.kind, 20))}",
                _bar(one.share, words.percent(one.share), bad=True),
                f"{one.failed}/{one.judged}",
                str(one.learners),
            )
            for one in self._report.criteria
        ]
        return self._table(columns, rows, less=(3, 4))

    def _help(self) -> str:
        columns = (words.HELP, words.TAKEN, words.IMPROVED, words.PASSED, words.GAIN)
        rows = [
            (
                _safe(report_scope.help_kind(one.kind, self._language)),
                str(one.taken or "–"),
                _bar(one.improved / one.followed, words.percent(one.improved / one.followed)) if one.followed else "–",
                _bar(one.passed / one.followed, words.percent(one.passed / one.followed)) if one.followed else "–",
                words.signed(one.gain, self._language),
            )
            for one in self._report.help
        ]
        return self._table(columns, rows, less=(3,))

    def _stuck(self) -> str:
        columns = (words.LEARNER, words.TASK, words.ATTEMPTS, words.BEST_SCORE, words.LAST)
        rows = [
            (
                _safe(words.name(one.name)),
                _task(one.task),
                str(one.attempts),
                words.decimal(one.best_score, self._language),
                words.day(one.last.astimezone().date()),
            )
            for one in self._report.stuck
        ]
        return self._table(columns, rows, less=(3, 4))

    def _learners(self) -> str:
        columns = (
            words.LEARNER, words.COMPLETED, words.SAVES, words.TIME, words.SCORE, words.HINTS, words.FIXES, words.STREAK,
            words.LONGEST, words.LAST,
        )  # fmt: skip
        rows = [
            (
                _safe(words.name(one.name)),
                _bar(one.completed / one.tasks, f"{one.completed}/{one.tasks}"),
                str(one.saves),
                words.duration(one.minutes),
                words.decimal(one.score, self._language),
                str(one.hints),
                str(one.fixes),
                str(one.streak),
                str(one.longest_streak),
                words.day(one.last),
            )
            for one in self._report.learners
        ]
        return self._table(columns, rows, less=(2, 3, 4, 5, 6, 8))

    def _models(self) -> str:
        columns, rows = words.models(self._report, self._language)
        return self._table(columns, [[_safe(cell) for cell in row] for row in rows], less=(2, 6))

    def _streak(self, learner: LearnerFigures) -> str:
        numbers = {"current": learner.streak, "longest": learner.longest_streak, "active": learner.active_days}
        return self._say(words.STREAK_LINE, **numbers)

    def _table(self, columns: Sequence[Localized], rows: Sequence[Sequence[str]], less: Sequence[int] = ()) -> str:
        """Return a table of safe cells; the columns `less` are left out where it is narrow, the rest of many rows folded."""
        numeric = [number > 0 and all(words.is_number(row[number]) for row in rows) for number in range(len(columns))]
        kinds = [
            " ".join([*(["number"] if numeric[n] else []), *(["less"] if n in less else [])])
            for n in range(len(columns))
        ]
        attributes = [f' class="{kind}"' if kind else "" for kind in kinds]
        head = "".join(f"<th{kind}>{self._say(column)}</th>" for kind, column in zip(attributes, columns, strict=True))
        lines = ["".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(attributes, row, strict=True)) for row in rows]
        table = _table(head, lines[:TOP])
        if not lines[TOP:]:
            return table
        more = self._say(words.MORE_ROWS, count=len(lines) - TOP)
        return f"{table}\n<details><summary>{more}</summary>{_table(head, lines[TOP:])}</details>"


def _safe(text: str) -> str:
    """Return text as it may stand in an element or a quoted attribute."""
    return html.escape(text, quote=True)


def _task(task: TaskName) -> str:
    above = " · ".join(words.name(part) for part in (task.course, task.goal) if part)
    return _safe(words.name(task.title)) + (f"<small>{_safe(above)}</small>" if above else "")


def _bar(share: float, label: str, *, bad: bool = False) -> str:
    kind = ' class="bad"' if bad else ""
    return f'<span class="bar"><i{kind}><b style="width:{share * 100:.0f}%"></b></i>{label}</span>'


def _table(head: str, lines: Iterable[str]) -> str:
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>'


def _svg(width: int, kind: str, label: str, body: str) -> str:
    shape = f'viewBox="0 0 {width} 100" preserveAspectRatio="none" role="img" aria-label="{label}"'
    return f'<svg class="{kind}" {shape}>{body}</svg>'


def _runs(periods: Sequence[Period]) -> Iterator[list[tuple[float, float]]]:
    """Yield the points of each stretch of periods with a score, in units of the plot."""
    points: list[tuple[float, float]] = []
    for number, period in enumerate(periods):
        if period.score is not None:
            points.append((number + 0.5, 100 - 100 * period.score))
        elif points:
            yield points
            points = []
    if points:
        yield points


def _run(points: Sequence[tuple[float, float]]) -> str:
    path = " L".join(f"{x:g} {y:.1f}" for x, y in points)
    # A single point has no length: a short line shows it.
    line = f"M{path}" if len(points) > 1 else f"M{points[0][0] - 0.2:g} {points[0][1]:.1f} h0.4"
    area = f"M{points[0][0]:g} 100 L{path} L{points[-1][0]:g} 100 Z"
    return f'<path class="area" d="{area}"/><path class="line" d="{line}"/>'
