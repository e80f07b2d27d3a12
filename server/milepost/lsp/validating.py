"""From an opened, edited or saved document to what its editor shows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from milepost.domain.validations import Finding, Snapshot, Stage, Validation
from milepost.lsp import actions, convert, messages
from milepost.lsp.editor import Editor
from milepost.lsp.gate import COURSE_FILE, Gate, course_above
from milepost.lsp.opened import OpenDocument, applies
from milepost.lsp.options import ServerSettings
from milepost.lsp.progress import Progress
from milepost.lsp.protocol import report
from milepost.lsp.tasks import Tasks

if TYPE_CHECKING:
    # The workspace brings everything that the server runs on; it is loaded when the first document needs it.
    from milepost.agents.workspace import Claim, Workspace

logger = logging.getLogger("milepost.lsp")

RULES_PAGE = (Path(__file__).parent / "rules.md").as_uri()
_UNWINDING_SECONDS = 2.0
_LONGEST_BURST = 8


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the first look at a document gives: the task that claims it, and what can be said without running it."""

    snapshot: Snapshot
    claim: Claim
    trusted: bool
    asked: bool
    fast: Validation | None


class Validator:
    """Keeps what is shown at each document true, and never waits for anything while a message is taken.

    `ask_trust` is called for a claim whose course the user has not been asked about.
    """

    def __init__(self, editor: Editor, gate: Gate, tasks: Tasks, settings: ServerSettings) -> None:
        self._editor = editor
        self._gate = gate
        self._tasks = tasks
        self._settings = settings
        self._courses: dict[str, str] = {}
        self.running: dict[str, Callable[[], object]] = {}
        self.language = "en"
        self.ask_trust: Callable[[Workspace, Claim], None] = lambda _workspace, _claim: None
        self.course_changed: Callable[[OpenDocument], None] = lambda _document: None
        self.documents: Callable[[], list[OpenDocument]] = list

    def opened(self, document: OpenDocument) -> None:
        """Look at a document that was opened, or whose course changed."""
        document.course_path = course_above(document.path) if document.path else None
        unfinished = is_unfinished(document)
        document.generation += 1
        self._cancel(document)
        document.claim = document.report = document.settled = None
        document.live = document.kept = ()
        if is_course(document):
            self._follow(document)
        elif document.course_path and unfinished:
            self._save_now(document)
        elif document.course_path:
            self._tasks.start("opening a document", self._open(document, document.generation, snapshot_of(document)))
        elif document.published:
            self.publish(document)

    def reconsider(self, document: OpenDocument) -> None:
        """Look at a document again if it belongs to another course, or another content of it, than before."""
        if is_course(document):
            self._follow(document)
        elif document.path is not None:
            self._tasks.start("reconsidering a document", self._reconsider(document, document.path))

    def changed(self, document: OpenDocument, before: str) -> None:
        """Look at a document after an edit."""
        if not document.claim and not is_course(document):
            return
        document.edited(before)
        self._follow(document)

    def saved(self, document: OpenDocument) -> None:
        """Look at a document that was saved: what was shown before is replaced as the answers come."""
        if document.path is None:
            return
        document.course_path = course_above(document.path)
        document.generation += 1
        if is_course(document):
            self._tasks.start("saving a course", self._store_course(document), lasting=True)
        elif document.course_path:
            self._save_now(document)
            self._tasks.start("looking at the rest of a program", self._look_beside(document))

    def again(self, document: OpenDocument) -> None:
        """Validate the last saved text again, because the user now trusts its course."""
        if document.claim and document.saved and document.saved.text == document.text.text and not document.closed:
            document.generation += 1
            self._save_now(document)

    def closed(self, document: OpenDocument) -> None:
        """Forget a document; what was shown at it is taken away."""
        document.closed = True
        document.generation += 1
        self._cancel(document)
        if document.published:
            self._editor.publish(document.uri, document.text.version, [])

    def publish(self, document: OpenDocument) -> None:
        """Show the document's findings if they are not what is shown already."""
        if document.closed:
            return
        fixes = actions.revealed(document)
        diagnostics = [
            convert.diagnostic(
                document.text,
                finding,
                {"id": key, "fixes": sum(applies(fix, finding) for fix in fixes)},
                self._editor.abilities,
                RULES_PAGE,
            )
            for key, finding in document.findings()
        ]
        if diagnostics != document.published:
            document.published = diagnostics
            self._editor.publish(document.uri, document.text.version, diagnostics)

    def _save_now(self, document: OpenDocument) -> None:
        """Take the text as it is at this moment, before any other message can change it."""
        document.saved = snapshot_of(document)
        self._cancel(document)
        work = self._save(document, document.generation, document.saved)
        self._tasks.start("saving a document", work, lasting=True)

    def _texts(self) -> dict[str, str]:
        """Return what is open in the editor, by path; a program's other files are taken from there first."""
        return {document.path: document.text.text for document in self.documents() if document.path}

    async def _look_beside(self, document: OpenDocument) -> None:
        """Validate again what is open and stands on the document that was saved; a report is one of all its texts."""
        async with document.turn:
            # What was saved itself comes first.
            workspace = self._gate.present
        for other in self.documents():
            before, saved = other.claim, other.saved
            if workspace is None or other is document or before is None or saved is None or other.path is None:
                continue
            is_alone = "import" not in saved.text and len(before.task.files) == 1
            if is_alone or other.course_path != document.course_path:
                continue
            claim = await self._tasks.in_thread(workspace.claim, other.path, None, saved.text, self._texts())
            if claim and claim.task.contract.siblings != before.task.contract.siblings and other.saved is saved:
                self.again(other)

    def _cancel(self, document: OpenDocument) -> None:
        if document.run is not None:
            document.run.cancel()

    async def _workspace(self) -> Workspace | None:
        try:
            return await self._gate.workspace()
        except Exception as error:  # noqa: BLE001 # Whatever is missing, syntax is still checked.
            report("opening the workspace", error)
            self._editor.note(messages.UNAVAILABLE.say(self.language))
            return None

    async def _open(self, document: OpenDocument, generation: int, snapshot: Snapshot) -> None:
        workspace = await self._workspace()
        judgement = await self._judge(workspace, document, generation, snapshot)
        if judgement is None or workspace is None or document.generation != generation:
            return
        self._notice_course(document, judgement.claim)
        self._present(document, judgement.fast)
        self._catch_up(document, snapshot)
        try:
            last = await workspace.last(snapshot.path, snapshot.text, judgement.claim, self.language)
        except Exception as error:  # noqa: BLE001 # Without the last report the document is shown as a new one.
            report("reading the last report", error)
            return
        if last is not None and document.generation == generation:
            document.saved = snapshot
            self._present(document, last)

    async def _reconsider(self, document: OpenDocument, path: str) -> None:
        generation, claim = document.generation, None
        if course_above(path) and (workspace := await self._workspace()):
            with suppress(Exception):  # What is wrong with the course is said when the document is looked at.
                claim = await self._tasks.in_thread(workspace.claim, path)
        if document.generation != generation or (claim and _identity(claim) == _identity(document.claim)):
            return
        self.opened(document)

    async def _save(self, document: OpenDocument, generation: int, snapshot: Snapshot) -> None:
        """Hand a saved text over, whatever comes after it, and validate it unless a newer one is there."""
        async with document.turn:
            workspace = await self._workspace()
            judgement = await self._judge(workspace, document, generation, snapshot)
            if judgement is None or workspace is None:
                return
            storing = workspace.submit(judgement.snapshot, judgement.claim)
            self._tasks.start("storing a snapshot", storing, lasting=True)
        if document.generation != generation:
            return
        self._present(document, judgement.fast)
        self._catch_up(document, snapshot)
        if not judgement.asked:
            self.ask_trust(workspace, judgement.claim)
        self._notice_course(document, judgement.claim)
        self._cancel(document)
        run = self._validate(workspace, document, judgement, document.run)
        document.run = self._tasks.start("a validation", run)

    async def _judge(
        self, workspace: Workspace | None, document: OpenDocument, generation: int, snapshot: Snapshot
    ) -> Judgement | None:
        """Take the first look at a document; None, and nothing to see, when no task claims it."""
        judgement = None
        try:
            if workspace is not None:
                judgement = await self._tasks.in_thread(judge, workspace, snapshot, self._texts(), self.language)
        except Exception as error:  # noqa: BLE001 # A course file that is wrong is said, not thrown.
            report("reading the course", error)
            self._editor.note(messages.COURSE_BROKEN.say(self.language, path=document.course_path))
        if document.generation == generation:
            document.claim = judgement.claim if judgement else None
            document.trusted = judgement is None or judgement.trusted
            if judgement is None:
                document.live = document.kept = ()
                document.report = None
                self.publish(document)
        return judgement

    async def _validate(
        self, workspace: Workspace, document: OpenDocument, judgement: Judgement, older: asyncio.Task[None] | None
    ) -> None:
        generation, snapshot, claim = document.generation, judgement.snapshot, judgement.claim
        if older is not None and not older.done():
            await asyncio.wait([older], timeout=_UNWINDING_SECONDS)
        progress = self._progress(document)
        try:
            async with aclosing(workspace.validate(snapshot, claim, self.language)) as stages:
                async for validation in stages:
                    if document.generation != generation:
                        return
                    self._present(document, validation, trusted=judgement.trusted)
                    if validation.stage is Stage.CHECKED:
                        progress.report(messages.STAGE_CHECKED.say(self.language))
                    elif validation.stage is Stage.COMPLETE:
                        # A review may take long and adds to what is there; nobody waits for it.
                        progress.end()
        except Exception as error:  # noqa: BLE001 # What was found so far stays in sight, and the user is told.
            report("a validation", error)
            self._editor.note(messages.RUN_FAILED.say(self.language, name=document.name))
        finally:
            progress.end()

    def _catch_up(self, document: OpenDocument, snapshot: Snapshot) -> None:
        """Follow the edits that came before the document was known to belong to a task."""
        if document.text.text != snapshot.text:
            self._follow(document)

    def _progress(self, document: OpenDocument) -> Progress:
        title = messages.CHECKING.say(self.language, name=document.name)
        progress = Progress(self._editor, title, self._settings.slow_after, self.running)
        progress.on_cancel(lambda: self._cancel(document))
        return progress

    def _present(self, document: OpenDocument, validation: Validation | None, *, trusted: bool = True) -> None:
        if validation is None:
            return
        document.take_report(validation)
        self.publish(document)
        for note in validation.notes:
            # Whoever does not trust a course yet is being asked about it; that is enough in sight.
            self._editor.note(note, quiet=not trusted)
        if validation.stage.is_whole:
            self._editor.refresh_lenses()

    def _follow(self, document: OpenDocument) -> None:
        """Look at the text as it is, in the background; edits that come meanwhile are looked at together."""
        document.live_wanted = True
        if document.live_task is None or document.live_task.done():
            document.live_task = self._tasks.start("following edits", self._follow_edits(document))

    async def _follow_edits(self, document: OpenDocument) -> None:
        while document.live_wanted and not document.closed:
            await self._pause(document)
            document.live_wanted = False
            await self._follow_once(document)

    async def _pause(self, document: OpenDocument) -> None:
        """Wait until the user pauses; reading a text keeps other answers waiting, so not every key is worth it."""
        for _ in range(_LONGEST_BURST):
            version = document.text.version
            await asyncio.sleep(self._settings.pause)
            if document.text.version == version:
                return

    async def _follow_once(self, document: OpenDocument) -> None:
        text = document.text.text
        if is_course(document):
            findings = await self._course_findings(document, text)
        else:
            language = document.claim.task.contract.language if document.claim else document.text.language
            findings = await self._tasks.in_thread(syntax_findings, text, language, self.language)
        if document.text.text == text:
            document.take_live(findings)
            self.publish(document)

    async def _course_findings(self, document: OpenDocument, text: str) -> list[Finding]:
        workspace = await self._workspace()
        if workspace is None or document.path is None:
            return []
        return await self._tasks.in_thread(workspace.course_findings, document.path, text, self.language)

    async def _store_course(self, document: OpenDocument) -> None:
        await self._follow_once(document)
        workspace = self._gate.present
        if workspace is not None and document.path is not None and not document.live:
            await workspace.store_goal(document.path)
        self.course_changed(document)

    def _notice_course(self, document: OpenDocument, claim: Claim) -> None:
        """Look at the other documents again when the course changed and no file watcher said so."""
        known = self._courses.get(claim.course.path)
        self._courses[claim.course.path] = claim.course.content_hash
        if known is not None and known != claim.course.content_hash:
            self.course_changed(document)


def _identity(claim: Claim | None) -> tuple[str, str, int] | None:
    return None if claim is None else (claim.course.path, claim.course.content_hash, claim.task.line)


def is_course(document: OpenDocument) -> bool:
    """Tell whether a document is a course file."""
    return document.path is not None and document.name == COURSE_FILE


def is_unfinished(document: OpenDocument) -> bool:
    """Tell whether the text was saved and has no whole report: its course was unusable, or changed meanwhile."""
    saved, report = document.saved, document.report
    same = saved is not None and saved.text == document.text.text
    return same and (report is None or not report.stage.is_whole)


def snapshot_of(document: OpenDocument) -> Snapshot:
    """Return the text of a document as it is now."""
    text = document.text
    return Snapshot(document.uri, text.version, document.path or "", text.language, text.text)


def judge(workspace: Workspace, snapshot: Snapshot, texts: Mapping[str, str], language: str) -> Judgement | None:
    """Return the first look at a snapshot beside the texts of open documents; runs in the thread for parsing."""
    claim = workspace.claim(snapshot.path, text=snapshot.text, opened=texts)
    if claim is None:
        return None
    snapshot = replace(snapshot, language=claim.task.contract.language)
    fast = None
    try:
        fast = workspace.fast(snapshot, claim, language)
    except Exception as error:  # noqa: BLE001 # A text that breaks the first look is stored and judged all the same.
        report("the first look", error)
    return Judgement(snapshot, claim, workspace.is_trusted(claim), workspace.was_asked(claim), fast)


def syntax_findings(text: str, programming_language: str, language: str) -> list[Finding]:
    """Return what keeps a text from being parsed; runs in the thread for parsing."""
    from milepost.syntax import parsing  # noqa: PLC0415 # Grammars are loaded when the first text is parsed.

    if programming_language not in parsing.languages():
        return []
    return parsing.syntax_errors(parsing.parse(text, programming_language), language)
