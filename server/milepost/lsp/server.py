"""The language server of one connection: which message goes where."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from milepost.lsp import actions, parents
from milepost.lsp.commands import Commands
from milepost.lsp.options import EditorOptions, ServerSettings
from milepost.lsp.protocol import MilepostProtocol, report
from milepost.lsp.session import Session

if TYPE_CHECKING:
    # The workspace brings everything that the server runs on; it is loaded when the first document needs it.
    from milepost.agents.workspace import Workspace

NAME = "milepost"


class MilepostServer(LanguageServer):
    """A language server with the session it serves."""

    def __init__(
        self,
        settings: ServerSettings,
        open_workspace: Callable[[], Awaitable[Workspace]],
        on_options: Callable[[EditorOptions], None],
    ) -> None:
        super().__init__(NAME, settings.version, protocol_cls=MilepostProtocol)
        self.session = Session(self, settings, open_workspace, on_options)
        self.commands = Commands(self.session)
        self._ending: asyncio.Future[None] | None = None

    @property
    def messages(self) -> MilepostProtocol:
        """Return the message loop."""
        assert isinstance(self.protocol, MilepostProtocol)
        return self.protocol

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what pygls would show as a popup."""
        report(getattr(source, "__name__", "the server"), error)

    async def end(self) -> None:
        """Store what is waiting and let go of everything; asked again, wait for the same end."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._end())
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        await self.session.end()
        self.commands.close()


def create_server(
    settings: ServerSettings,
    open_workspace: Callable[[], Awaitable[Workspace]],
    on_options: Callable[[EditorOptions], None] = lambda _options: None,
) -> MilepostServer:
    """Return the server for one connection.

    `open_workspace` is called when the first document under a course file is opened, and again when that failed;
    `on_options` whenever the editor's settings change.
    """
    for name in ("pygls", "pygls.server", "pygls.protocol", "pygls.feature_manager"):
        logging.getLogger(name).setLevel(logging.WARNING)
    server = MilepostServer(settings, open_workspace, on_options)
    _register_life(server)
    _register_documents(server)
    _register_answers(server)
    for name, command in server.commands.table().items():
        server.command(name)(command)
    return server


def _register_life(server: MilepostServer) -> None:
    session = server.session

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        session.initialize(params, server.workspace.position_encoding)

    @server.feature(types.INITIALIZED)
    def initialized(_params: Any) -> None:
        session.initialized()
        session.tasks.start("watching the editor", parents.watch(server.process_id, lambda: server.messages.exited(1)))

    @server.feature(types.SHUTDOWN)
    async def shutdown(_params: Any) -> None:
        await server.end()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configure(params: types.DidChangeConfigurationParams) -> None:
        session.settings_changed(params.settings)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        session.files_changed([change.uri for change in params.changes])

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        added, removed = params.event.added, params.event.removed
        session.folders_changed([folder.uri for folder in added], [folder.uri for folder in removed])

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancel_run(params: types.WorkDoneProgressCancelParams) -> None:
        session.cancel_run(params.token)


def _register_documents(server: MilepostServer) -> None:
    session = server.session

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        session.open(params.text_document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        session.change(document.uri, document.version, list(params.content_changes))

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE, types.SaveOptions(include_text=True))
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        session.save(params.text_document.uri, params.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        session.close(params.text_document.uri)


def _register_answers(server: MilepostServer) -> None:
    session = server.session

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return session.hover(params.text_document.uri, params.position)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions())
    def lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        return session.lenses(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=list(actions.KINDS)))
    def action(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        return session.actions(params)
