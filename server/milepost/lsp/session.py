"""One editor's session: its documents, its settings, its folders."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from milepost.checks import wording
from milepost.domain.text import Range
from milepost.lsp import abilities, actions, convert, lenses, messages, options
from milepost.lsp.editor import Editor
from milepost.lsp.gate import COURSE_FILE, Gate
from milepost.lsp.opened import OpenDocument
from milepost.lsp.options import EditorOptions, ServerSettings
from milepost.lsp.tasks import Tasks
from milepost.lsp.trusting import Trust
from milepost.lsp.validating import Validator
from milepost.syntax.documents import TextDocument

if TYPE_CHECKING:
    # The workspace brings everything that the server runs on; it is loaded when the first document needs it.
    from milepost.agents.workspace import Claim, Workspace

logger = logging.getLogger("milepost.lsp")

CLOSING_SECONDS = 1.5
_LONGEST_MESSAGE = 4_000


class Session:
    """What one connection knows; every method that takes a message returns at once."""

    def __init__(
        self,
        server: LanguageServer,
        settings: ServerSettings,
        open_workspace: Callable[[], Awaitable[Workspace]],
        on_options: Callable[[EditorOptions], None],
    ) -> None:
        self._settings = settings
        self._on_options = on_options
        self._locale: str | None = None
        self._units = convert.encoding(None)
        self.documents: dict[str, OpenDocument] = {}
        self.recent: OpenDocument | None = None
        self.mismatches = 0
        self.options = EditorOptions()
        self.folders: list[str] = []
        self.editor = Editor(server)
        self.gate = Gate(self._opening(open_workspace))
        self.tasks = Tasks()
        self.validator = Validator(self.editor, self.gate, self.tasks, settings)
        self.trust = Trust(self.editor, self.tasks, self._settled)
        self.validator.ask_trust = lambda workspace, claim: self.trust.ask(workspace, claim, self.language)
        self.validator.course_changed = lambda document: self.look_again(except_for=document)
        self.validator.documents = lambda: list(self.documents.values())

    @property
    def language(self) -> str:
        """Return the user's language."""
        return options.language_of(self.options, self._locale, self._settings)

    def initialize(self, params: types.InitializeParams, units: types.PositionEncodingKind | str | None) -> None:
        """Take what the editor says about itself."""
        self._locale = params.locale
        self._units = convert.encoding(units)
        self.editor.abilities = abilities.read(params.capabilities)
        roots = [folder.uri for folder in params.workspace_folders or ()]
        roots = roots or [uri for uri in (params.root_uri,) if uri]
        self.folders = [path for uri in roots if (path := convert.path_of(uri))]
        self.configure(params.initialization_options)

    def initialized(self) -> None:
        """Ask the editor for its settings, and to be told of changes."""
        self.editor.register()
        self.tasks.start("asking for settings", self._fetch_settings())

    def configure(self, value: object) -> None:
        """Take settings, as an editor pushes them or answers with them; a section around them is taken off."""
        if isinstance(value, dict) and isinstance(value.get(options.SECTION), dict):
            value = value[options.SECTION]
        before = self.options
        self.options, refused = options.read(value, before)
        self.validator.language = self.language
        if refused:
            self.editor.note(messages.OPTION_REFUSED.say(self.language, names=", ".join(refused)))
        if self.options != before:
            self._on_options(self.options)
            self.editor.refresh_lenses()

    def settings_changed(self, value: object) -> None:
        """Take new settings from the notification, or ask for them where the notification is empty."""
        if self.editor.abilities.configuration:
            self.tasks.start("asking for settings", self._fetch_settings())
        else:
            self.configure(value)

    async def _fetch_settings(self) -> None:
        self.configure(await self.editor.settings())

    def open(self, item: types.TextDocumentItem) -> None:
        """Take a document; one that is open already stays as it is."""
        if item.uri in self.documents:
            logger.warning("a document was opened twice")
            return
        text = convert.document(item, self._units)
        document = self.documents[item.uri] = OpenDocument(text, convert.path_of(item.uri))
        self.recent = document
        self.validator.opened(document)

    def change(self, uri: str, version: int, events: list[types.TextDocumentContentChangeEvent]) -> None:
        """Take edits; those that cannot be right are left out, all of one message together."""
        document = self.documents.get(uri)
        if document is None:
            logger.warning("an edit came for a document that is not open")
            return
        before = document.text.text
        if not document.text.apply(convert.changes(events), version):
            logger.warning("an edit was refused, version %s after %s", version, document.text.version)
            return
        self.recent = document
        if document.text.text != before:
            self.validator.changed(document, before)

    def save(self, uri: str, text: str | None) -> None:
        """Take a save; where the editor's text differs from ours, the editor is right."""
        document = self.documents.get(uri)
        if document is None:
            logger.warning("a document was saved that is not open")
            return
        if text is not None and (saved := convert.clean(text)) not in same_when_saved(document.text.text):
            self._adopt(document, saved)
        self.recent = document
        self.validator.saved(document)

    def _adopt(self, document: OpenDocument, saved: str) -> None:
        self.mismatches += 1
        before = document.text
        digests = [sha256(text.encode()).hexdigest()[:12] for text in (before.text, saved)]
        logger.warning("a saved text differs from the edits received: %s, saved %s", *digests)
        self.editor.log(messages.TEXT_DIFFERED.say(self.language, name=document.name))
        document.text = TextDocument(before.uri, before.language, before.version, saved, self._units)
        document.edited(before.text)

    def close(self, uri: str) -> None:
        """Forget a document."""
        document = self.documents.pop(uri, None)
        if document is None:
            return
        if self.recent is document:
            self.recent = next((other for other in reversed(self.documents.values()) if other.claim), None)
        self.validator.closed(document)

    def look_again(self, except_for: OpenDocument | None = None) -> None:
        """Look at all documents again, because a course file may have changed."""
        for document in list(self.documents.values()):
            if document is not except_for:
                self.validator.reconsider(document)

    def files_changed(self, uris: list[str]) -> None:
        """Take word of changed files; only course files matter."""
        if any(uri.rsplit("/", 1)[-1] == COURSE_FILE for uri in uris):
            self.look_again()

    def folders_changed(self, added: list[str], removed: list[str]) -> None:
        """Take word of folders that come and go."""
        gone = {convert.path_of(uri) for uri in removed}
        self.folders = [folder for folder in self.folders if folder not in gone]
        self.folders += [path for uri in added if (path := convert.path_of(uri)) and path not in self.folders]

    def cancel_run(self, token: object) -> None:
        """Cancel the run whose progress the user took away."""
        if cancel := self.validator.running.get(str(token)):
            cancel()

    def hover(self, uri: str, place: types.Position) -> types.Hover | None:
        """Return the explanations of the findings at a place."""
        document = self.documents.get(uri)
        if document is None:
            return None
        position = convert.position_from(document.text, place)
        touched = [finding for _, finding in document.findings() if finding.range.touches(Range(position, position))]
        if not touched:
            return None
        # A message quotes the program, which must not become links, pictures or HTML in the hover.
        said = (finding.explanation or wording.prose(finding.message, _LONGEST_MESSAGE) for finding in touched)
        text = "\n\n---\n\n".join(said)
        area = convert.range_to(document.text, touched[0].range)
        return types.Hover(convert.markup(text, self.editor.abilities), area)

    def lenses(self, uri: str) -> list[types.CodeLens]:
        """Return the line above a document that says how far its task is."""
        document = self.documents.get(uri)
        if document is None or self.options.code_lens is False:
            return []
        return lenses.above(document, self.language)

    def actions(self, params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        """Return what can be done at a range."""
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return []
        self.recent = document
        asked = actions.Asked(
            convert.range_from(document.text, params.range),
            tuple(str(getattr(kind, "value", kind)) for kind in params.context.only or ()),
            actions.asked_ids(params.context.diagnostics),
        )
        return actions.offered(document, asked, self.editor.abilities, self.language)

    def _settled(self, claim: Claim, granted: bool) -> None:  # noqa: FBT001 A callback.
        """Follow the user's answer: run what may run now, say what no longer does."""
        for document in list(self.documents.values()):
            if document.claim is not None and document.claim.course.path == claim.course.path:
                document.trusted = granted
                if granted:
                    self.validator.again(document)
        self.editor.refresh_lenses()

    def _opening(self, open_workspace: Callable[[], Awaitable[Workspace]]) -> Callable[[], Awaitable[Workspace]]:
        async def opened() -> Workspace:
            workspace = await open_workspace()
            workspace.listen(self.editor.tell_stored)
            return workspace

        return opened

    async def end(self) -> None:
        """Store what is waiting and close the workspace, within a time that an editor will wait for."""
        for document in list(self.documents.values()):
            document.closed = True
            document.generation += 1
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CLOSING_SECONDS
        await self.tasks.close(CLOSING_SECONDS / 2)
        try:
            await asyncio.wait_for(self.gate.close(), max(deadline - loop.time(), 0))
        except TimeoutError:
            logger.info("closing took too long; what is left goes on by itself or is done at the next start")


def same_when_saved(text: str) -> tuple[str, str]:
    """Return the texts that say, with a save, that nothing but the known edits happened.

    ALE for Vim joins the lines of a saved text with a backslash and an n.
    """
    return text, text.replace("\n", "\\n")
