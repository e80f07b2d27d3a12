"""What a report is about, and how its heading says so."""

from dataclasses import dataclass
from datetime import date

from milepost.cli import report_words as words
from milepost.domain.text import Localized
from milepost.events.figures import Report


@dataclass(frozen=True, slots=True)
class Scope:
    """The user, course and days that were asked for; None is all."""

    user: str | None = None
    course: str | None = None
    since: date | None = None
    until: date | None = None


def heading(report: Report, scope: Scope, language: str) -> str:
    """Return who and what and which days the report is about."""
    parts = [_who(report, scope, language), *([words.name(scope.course)] if scope.course else [])]
    first, last = scope.since or report.totals.first, scope.until or report.totals.last
    days = " – ".join(dict.fromkeys(words.day(day) for day in (first, last) if day))
    return " · ".join([*parts, *([days] if days else [])])


def nothing(scope: Scope) -> Localized:
    """Return what to say when there is nothing to report."""
    return words.NOTHING_SELECTED if scope != Scope() else words.NOTHING


def help_kind(kind: str, language: str) -> str:
    """Return what a kind of help is called."""
    known = words.HELP_KINDS.get(kind)
    return known.pick(language) if known else words.name(kind, 20)


def _who(report: Report, scope: Scope, language: str) -> str:
    if scope.user:
        return words.name(scope.user)
    return words.name(report.learners[0].name) if len(report.learners) == 1 else words.EVERYONE.pick(language)
