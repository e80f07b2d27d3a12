"""The progress of runs: shown only for those that last, and cancelled from there."""

import asyncio
from collections.abc import Callable

from milepost.lsp.editor import Editor


class Progress:
    """The progress display of one run; it appears when the run is not over after a while."""

    def __init__(self, editor: Editor, title: str, after: float, running: "dict[str, Callable[[], object]]") -> None:
        self._editor = editor
        self._title = title
        self._token: str | None = None
        self._ended = False
        self._running = running
        self._cancel: Callable[[], object] = lambda: None
        self._timer = asyncio.get_running_loop().call_later(after, self._appear)

    def on_cancel(self, cancel: Callable[[], object]) -> None:
        """Set what the user's wish to cancel does."""
        self._cancel = cancel

    def report(self, message: str) -> None:
        """Say how far the run has come."""
        if self._token is not None:
            self._editor.report_progress(self._token, message)

    def end(self) -> None:
        """Take the display away, or never show it."""
        self._ended = True
        self._timer.cancel()
        if self._token is not None:
            self._running.pop(self._token, None)
            self._editor.end_progress(self._token)
            self._token = None

    def _appear(self) -> None:
        if self._editor.abilities.progress:
            self._editor.begin_progress(self._title, self._begun)

    def _begun(self, token: str) -> None:
        if self._ended:
            self._editor.end_progress(token)
            return
        self._token = token
        self._running[token] = self._cancel
