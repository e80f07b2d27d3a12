"""Asking the user whether programs of a course may run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from milepost.lsp import messages
from milepost.lsp.editor import Editor
from milepost.lsp.tasks import Tasks

if TYPE_CHECKING:
    # The workspace brings everything that the server runs on; it is loaded when the first document needs it.
    from milepost.agents.workspace import Claim, Workspace

_RUNNING = frozenset({"examples", "tests", "stdio", "command"})


class Trust:
    """Asks once per course file in one content; nothing waits for the answer."""

    def __init__(self, editor: Editor, tasks: Tasks, granted: Callable[[Claim], None]) -> None:
        self._editor = editor
        self._tasks = tasks
        self._granted = granted
        self._asked: set[tuple[str, str]] = set()

    def ask(self, workspace: Workspace, claim: Claim, language: str) -> None:
        """Ask about a course, unless it was asked about or has nothing to run."""
        key = (claim.course.path, claim.course.content_hash)
        if key in self._asked or not runs_something(claim):
            return
        self._asked.add(key)
        self._tasks.start("asking for trust", self._ask(workspace, claim, language))

    async def _ask(self, workspace: Workspace, claim: Claim, language: str) -> None:
        course = claim.course.title or claim.goal.title
        question = messages.TRUST_QUESTION.say(language, course=course.pick(language), path=claim.course.path)
        choices = [messages.TRUST_YES.pick(language), messages.TRUST_NO.pick(language)]
        chosen = await self._editor.choose(question, choices)
        if chosen is None:
            return
        granted = chosen == 0
        await workspace.trust(claim, granted=granted)
        if granted:
            self._granted(claim)


def runs_something(claim: Claim) -> bool:
    """Tell whether checking a task executes anything."""
    contract = claim.task.contract
    return bool(contract.preamble) or any(criterion.kind in _RUNNING for criterion in contract.criteria)
