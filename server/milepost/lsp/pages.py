"""Pages of Markdown that answer a command, shown as temporary files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from milepost.checks import wording
from milepost.domain.entities import TaskStatus
from milepost.domain.validations import CriterionResult, Evidence
from milepost.lsp import convert, messages
from milepost.lsp.editor import Editor
from milepost.lsp.opened import OpenDocument

if TYPE_CHECKING:
    # The workspace brings everything that the server runs on; it is loaded when the first document needs it.
    from milepost.agents.workspace import Claim, GoalProgress, HistoryEntry, TaskState
    from milepost.providers.chat import Sent

_SHOWN_CHARACTERS = 1_500
_LONGEST_MESSAGE = 4_000
_FENCES = re.compile("`+")
_MARKS = {True: "✓", False: "✗", None: "–"}


class Pages:
    """The temporary pages of one connection."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._folder: Path | None = None

    async def show(self, name: str, text: str) -> None:
        """Show a page; where the editor opens no files, its beginning as a message."""
        if self._editor.abilities.show_document:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="milepost-"))
            path = self._folder / name
            path.write_text(text, encoding="utf-8")
            if await self._editor.show_file(path):
                return
        self._editor.say(convert.plain(text)[:_SHOWN_CHARACTERS])

    def close(self) -> None:
        """Remove the pages."""
        if self._folder is not None:
            with suppress(OSError):
                rmtree(self._folder)


def progress(goals: Sequence[GoalProgress], document: OpenDocument | None, language: str) -> str:
    """Return the page of progress, with the criteria of the document in use."""
    lines = [f"# {messages.PROGRESS_TITLE.pick(language)}", ""]
    if not goals:
        lines.append(messages.NO_GOALS.pick(language))
    for goal in goals:
        lines += [f"## {wording.prose(goal.title)} · {goal.percentage:.0f} %", ""]
        for task in goal.tasks:
            score = "" if task.score is None else f" · {task.score:.2f}"
            title = wording.prose(task.title)
            lines.append(f"- {'✓' if task.status == 'COMPLETED' else '·'} {title} · {task.status}{score}")
        lines.append("")
    if document is not None and document.settled is not None:
        lines += [f"## {wording.prose(document.name)}", "", *criteria(document.settled.results, language)]
    return "\n".join(lines) + "\n"


def task(document: OpenDocument, claim: Claim, state: TaskState | None, language: str) -> dict[str, Any]:
    """Return a task as plain JSON data: what it asks, and how far the document is."""
    report = document.settled
    results = report.results if report else ()
    unchecked = messages.NOT_CHECKED.pick(language)
    known = [(result.kind, result.message, result.passed) for result in results]
    kinds = known or [(criterion.kind, unchecked, None) for criterion in claim.task.contract.criteria]
    return {
        "title": claim.task.title.pick(language),
        "statement": claim.task.statement.pick(language),
        "position": claim.position,
        "count": claim.count,
        "files": list(claim.task.files),
        "status": state.status if state else None,
        "active": state is not None and state.status == TaskStatus.IN_PROGRESS.value,
        "score": report.score if report else state.score if state else None,
        "criteria": [{"kind": kind, "message": message, "passed": passed} for kind, message, passed in kinds],
        "hints": state.hints if state else 0,
        "fixes": state.fixes if state else 0,
        "trusted": document.trusted,
    }


def task_page(told: Mapping[str, Any], language: str) -> str:
    """Return the page of a task from its data."""
    lines = [
        f"# {wording.prose(told['title'])}",
        "",
        told["statement"].strip(),
        "",
        f"## {messages.CRITERIA_TITLE.pick(language)}",
        "",
    ]
    lines += [f"- {_MARKS[one['passed']]} {one['kind']}: {_said(one['message'])}" for one in told["criteria"]]
    if told["hints"] or told["fixes"]:
        lines += ["", messages.HELP_TAKEN.say(language, hints=told["hints"], fixes=told["fixes"])]
    return "\n".join(lines) + "\n"


def criteria(results: Sequence[CriterionResult], language: str) -> list[str]:
    """Return the results of criteria, each with the cases that failed."""
    lines = []
    for result in results:
        lines.append(f"- {_MARKS[result.passed]} {result.kind}: {_said(result.message)}")
        for case in result.cases:
            if not case.passed and case.expected:
                expected, got = messages.EXPECTED.pick(language), messages.GOT.pick(language)
                call, wanted, came = (wording.code(text) for text in (case.call, case.expected, case.got))
                lines.append(f"  - {call}: {expected} {wanted}, {got} {came}")
    return lines


def _said(message: str) -> str:
    return wording.prose(message, _LONGEST_MESSAGE)


def history(entries: Sequence[HistoryEntry], document: OpenDocument, language: str) -> str:
    """Return the page with what was saved of a document."""
    lines = [f"# {messages.HISTORY_TITLE.say(language, name=wording.prose(document.name))}", ""]
    if not entries:
        lines.append(messages.NO_HISTORY.say(language, name=wording.prose(document.name)))
    for entry in entries:
        score = "" if entry.score is None else f" · {entry.score:.2f}"
        words = {True: messages.PASSED, False: messages.FAILED, None: messages.NOT_FINISHED}[entry.passed]
        lines.append(f"- {entry.created_at:%Y-%m-%d %H:%M} · {words.pick(language)}{score}")
    return "\n".join(lines) + "\n"


def similar(found: Sequence[Evidence], document: OpenDocument, language: str) -> str:
    """Return the page with validated programs like a document."""
    lines = [f"# {messages.SIMILAR_TITLE.say(language, name=wording.prose(document.name))}", ""]
    if not found:
        lines.append(messages.NO_SIMILAR.pick(language))
    for evidence in found:
        distance = messages.DISTANCE.say(language, distance=evidence.distance)
        # Somebody else wrote it: nothing in it may end the block.
        fence = "`" * max(3, 1 + max(map(len, _FENCES.findall(evidence.code)), default=0))
        lines += [f"## {distance}", "", f"{fence}{document.text.language}", evidence.code.rstrip("\n"), fence, ""]
    return "\n".join(lines) + "\n"


def requests(sent: Sequence[Sent], language: str) -> str:
    """Return the page with what left the machine for a model, newest first, exactly as it left."""
    lines = [f"# {messages.REQUESTS_TITLE.pick(language)}", ""]
    if not sent:
        lines.append(messages.NO_REQUESTS.pick(language))
    for one in reversed(sent):
        heading = messages.REQUEST.say(language, at=one.at, url=one.url, masked=one.masked)
        # Indented code: no content can end it.
        lines += [f"## {heading}", "", *(f"    {line}" for line in one.body.splitlines()), ""]
    return "\n".join(lines) + "\n"


def plain(values: Sequence[Any]) -> list[dict[str, Any]]:
    """Return values as plain JSON data."""
    return [_plain(asdict(value)) for value in values if is_dataclass(value) and not isinstance(value, type)]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
