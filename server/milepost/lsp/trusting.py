"""Asking the user whether programs of a course may run."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from milepost.lsp import messages
from milepost.lsp.editor import Editor
from milepost.lsp.opened import OpenDocument
from milepost.lsp.tasks import Tasks

if TYPE_CHECKING:
    # The workspace brings everything that the server runs on; it is loaded when the first document needs it.
    from milepost.agents.workspace import Claim, Workspace

_RUNNING = frozenset({"examples", "tests", "stdio", "command"})


class Trust:
    """Asks once per course file in one content; nothing waits for the answer."""

    def __init__(self, editor: Editor, tasks: Tasks, settled: Callable[[Claim, bool], None]) -> None:
        self._editor = editor
        self._tasks = tasks
        self._settled = settled
        self._asked: set[tuple[str, str]] = set()

    def ask(self, workspace: Workspace, claim: Claim, language: str) -> None:
        """Ask about a course, unless it was asked about or has nothing to run."""
        key = (claim.course.path, claim.course.content_hash)
        if key in self._asked or not runs_something(claim):
            return
        self._asked.add(key)
        self._tasks.start("asking for trust", self.settle(workspace, claim, language))

    async def settle(self, workspace: Workspace, claim: Claim, language: str, *, granted: bool | None = None) -> None:
        """Keep the answer in the place of any earlier one; ask for it if it is not given."""
        if granted is None:
            granted = await self._answer(claim, language)
        if granted is None:
            return
        await workspace.trust(claim, granted=granted)
        self._settled(claim, granted)

    async def _answer(self, claim: Claim, language: str) -> bool | None:
        course = claim.course.title or claim.goal.title
        question = messages.TRUST_QUESTION.say(language, course=course.pick(language), path=claim.course.path)
        choices = [messages.TRUST_YES.pick(language), messages.TRUST_NO.pick(language)]
        folder = Path(claim.course.path).parent
        otherwise = messages.TRUST_IN_TERMINAL.say(language, folder=shlex.quote(str(folder)))
        chosen = await self._editor.choose(question, choices, otherwise)
        return None if chosen is None else chosen == 0


def is_wanted(document: OpenDocument) -> bool:
    """Tell whether something of a document's task does not run for want of trust."""
    return document.claim is not None and not document.trusted and runs_something(document.claim)


def runs_something(claim: Claim) -> bool:
    """Tell whether checking a task executes anything."""
    contract = claim.task.contract
    return bool(contract.preamble) or any(criterion.kind in _RUNNING for criterion in contract.criteria)
