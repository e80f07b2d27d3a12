"""`milepost report` for other programs: JSON with every figure, CSV with a line for each learner and task."""

import csv
import io
import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from milepost.events.figures import Report, WorkFigures

COLUMNS = (
    "user", "name", "course", "goal", "task", "started", "completed", "attempts", "minutes", "first_score",
    "best_score", "hints", "fixes", "model", "model_calls", "tokens_sent", "tokens_received", "model_latency_ms",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def json_text(report: Report) -> str:
    """Return every figure; times are in UTC, shares and scores 0 to 1."""
    return json.dumps(_plain(asdict(report)), indent=1, default=_moment)


def csv_text(report: Report) -> str:
    """Return one line for each learner and task, for a spreadsheet."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(work) for work in report.work)
    return sink.getvalue()


def _cells(work: WorkFigures) -> list[object]:
    asked = work.model
    values = asdict(work) | {
        "task": work.task.title,
        "course": work.task.course,
        "goal": work.task.goal,
        "model": asked.model if asked else None,
        "model_calls": asked.calls if asked else 0,
        "tokens_sent": asked.sent if asked else 0,
        "tokens_received": asked.received if asked else 0,
        "model_latency_ms": asked.latency_ms if asked else None,
    }
    return [_cell(values[column]) for column in COLUMNS]


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, str):
        # Lone surrogates have no UTF-8.
        text = value.encode("utf-8", "backslashreplace").decode("utf-8")
        return "'" + text if text.startswith(_FORMULA) else text
    return value


def _plain(value: Any) -> Any:
    """Return the value with named tuples as objects, which `asdict` leaves as tuples."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    assert isinstance(value, date)
    return value.isoformat()
