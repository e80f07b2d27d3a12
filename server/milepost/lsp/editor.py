"""The editor at the other end: everything that the server says to it or asks of it."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from uuid import uuid4

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from milepost.domain.text import Range
from milepost.lsp import convert
from milepost.lsp.abilities import Abilities
from milepost.lsp.options import SECTION
from milepost.lsp.protocol import MilepostProtocol
from milepost.lsp.tasks import answer
from milepost.syntax.documents import TextDocument

logger = logging.getLogger("milepost.lsp")

WATCHED = ("**/milepost.yaml",)
STORED = "milepost/stored"


class Editor:
    """One editor; what it cannot do is left out or done another way here, so that nobody else needs to ask."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self.abilities = Abilities()
        self._noted: set[str] = set()
        self._shown_note = False
        self._refreshing: Future[Any] | None = None

    @property
    def _protocol(self) -> MilepostProtocol:
        protocol = self._server.protocol
        assert isinstance(protocol, MilepostProtocol)
        return protocol

    def publish(self, uri: str, version: int | None, diagnostics: Sequence[types.Diagnostic]) -> None:
        """Show these findings, and no others, at a document."""
        params = types.PublishDiagnosticsParams(uri, list(diagnostics), version)
        self._server.text_document_publish_diagnostics(params)

    def note(self, text: str, *, quiet: bool = False) -> None:
        """Say calmly that something is missing: each remark once, and only the first one in sight."""
        if text not in self._noted:
            self._noted.add(text)
            self.log(text)
        if not self._shown_note and not quiet:
            self._shown_note = True
            self.say(text)

    def log(self, text: str) -> None:
        """Write a line into the editor's log of the server."""
        self._server.window_log_message(types.LogMessageParams(types.MessageType.Info, text))

    def say(self, text: str) -> None:
        """Show an answer to something that the user asked for."""
        self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))

    async def choose(self, question: str, choices: Sequence[str], otherwise: str = "") -> int | None:
        """Ask the user; return the index of the choice, None for no answer; where it cannot be asked, `otherwise` is said."""
        actions = [types.MessageActionItem(choice) for choice in choices]
        params = types.ShowMessageRequestParams(types.MessageType.Info, question, actions)
        try:
            chosen = await answer(self._protocol.send_request(types.WINDOW_SHOW_MESSAGE_REQUEST, params))
        except Exception:  # noqa: BLE001 # A client without this request answers with an error: no answer either.
            if otherwise:
                self.say(otherwise)
            return None
        title = getattr(chosen, "title", None)
        return choices.index(title) if title in choices else None

    async def show_place(self, document: TextDocument, place: Range) -> bool:
        """Bring a range of a document into sight; tell whether the editor did."""
        return await self._show(types.ShowDocumentParams(document.uri, None, True, convert.range_to(document, place)))  # noqa: FBT003

    async def show_file(self, path: str | Path) -> bool:
        """Open a file; tell whether the editor did."""
        return await self._show(types.ShowDocumentParams(convert.uri_of(path), None, True))  # noqa: FBT003

    async def _show(self, params: types.ShowDocumentParams) -> bool:
        if not self.abilities.show_document:
            return False
        try:
            result = await answer(self._protocol.send_request(types.WINDOW_SHOW_DOCUMENT, params))
        except Exception:  # noqa: BLE001 # The text is shown another way then.
            return False
        return bool(getattr(result, "success", False))

    async def apply(self, label: str, edit: types.WorkspaceEdit) -> bool:
        """Have the editor change its documents; tell whether it did."""
        if not self.abilities.apply_edit:
            return False
        params = types.ApplyWorkspaceEditParams(edit, label)
        try:
            result = await answer(self._protocol.send_request(types.WORKSPACE_APPLY_EDIT, params))
        except Exception:  # noqa: BLE001 # Refusing an edit is the editor's right.
            return False
        return bool(getattr(result, "applied", False))

    async def settings(self) -> object:
        """Return the editor's settings for Milepost, None where it has no way to tell them."""
        if not self.abilities.configuration:
            return None
        params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        try:
            answers = await answer(self._protocol.send_request(types.WORKSPACE_CONFIGURATION, params))
        except Exception:  # noqa: BLE001 # Without an answer the defaults hold.
            return None
        return answers[0] if isinstance(answers, (list, tuple)) and answers else None

    def register(self) -> None:
        """Ask to be told of changed settings and course files, as far as the editor offers that."""
        registrations = []
        if self.abilities.configuration_registration:
            method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
            options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
            registrations.append(types.Registration(str(uuid4()), method, options))
        if self.abilities.watched_files:
            watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
            watching = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registrations.append(types.Registration(str(uuid4()), types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watching))
        if registrations:
            params = types.RegistrationParams(registrations)
            self._protocol.send_request(types.CLIENT_REGISTER_CAPABILITY, params)

    def refresh_lenses(self) -> None:
        """Ask the editor to fetch its code lenses again, unless it is about to."""
        if not self.abilities.lens_refresh or (self._refreshing is not None and not self._refreshing.done()):
            return
        self._refreshing = self._protocol.send_request(types.WORKSPACE_CODE_LENS_REFRESH)

    def tell_stored(self) -> None:
        """Tell an editor that wants to know that the stored state of tasks and goals has changed."""
        if self.abilities.stored:
            self._protocol.notify(STORED, {})

    def begin_progress(self, title: str, begun: Callable[[str], None]) -> None:
        """Ask for a progress display that can be cancelled; `begun` gets its token once it is there."""
        token = str(uuid4())

        def created(future: "Future[Any]") -> None:
            if not future.cancelled() and future.exception() is None:
                value = types.WorkDoneProgressBegin(title, cancellable=True)
                self._progress(token, value)
                begun(token)

        request = types.WorkDoneProgressCreateParams(token)
        self._protocol.send_request(types.WINDOW_WORK_DONE_PROGRESS_CREATE, request).add_done_callback(created)

    def report_progress(self, token: str, message: str) -> None:
        """Say how far a run has come."""
        self._progress(token, types.WorkDoneProgressReport(message=message))

    def end_progress(self, token: str) -> None:
        """Take the progress display away."""
        self._progress(token, types.WorkDoneProgressEnd())

    def _progress(self, token: str, value: object) -> None:
        self._server.protocol.notify(types.PROGRESS, types.ProgressParams(token, value))
