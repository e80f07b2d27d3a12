"""The commands: each works from an editor that knows nothing of Milepost, with or without arguments.

A command answers at once with plain data; what it has to show or to ask comes from the server afterwards, so that
an editor that waits for the answer is never kept waiting by its own user.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from milepost.domain.validations import Finding, Fix
from milepost.lsp import actions, convert, messages, pages, trusting
from milepost.lsp.gate import COURSE_FILE, DRAFT_FILE
from milepost.lsp.opened import OpenDocument, fix_id
from milepost.lsp.protocol import RefusedError, report
from milepost.lsp.session import Session
from milepost.lsp.validating import snapshot_of

if TYPE_CHECKING:
    # The workspace brings everything that the server runs on; it is loaded when the first document needs it.
    from milepost.agents.workspace import Claim, Workspace

_ARGUMENTS: dict[str, Mapping[str, type]] = {
    "milepost.validate": {"uri": str},
    "milepost.newGoal": {"folder": str, "wish": str},
    "milepost.approveGoal": {"uri": str},
    "milepost.startCourse": {"course": str, "folder": str},
    "milepost.selectTask": {"uri": str},
    "milepost.nextHint": {"uri": str, "finding": str},
    "milepost.applyFix": {"uri": str, "fix": str, "applied": bool},
    "milepost.dismiss": {"uri": str, "finding": str, "reason": str},
    "milepost.explain": {"uri": str, "finding": str},
    "milepost.task": {"uri": str, "show": bool},
    "milepost.trust": {"uri": str, "granted": bool},
    "milepost.progress": {"uri": str, "show": bool},
    "milepost.history": {"uri": str, "show": bool},
    "milepost.similar": {"uri": str, "show": bool},
    "milepost.explainRequest": {"show": bool},
}
NAMES = tuple(_ARGUMENTS)

Arguments = Mapping[str, Any]


def arguments(name: str, values: Sequence[Any]) -> Arguments:
    """Return a command's arguments by name, from one object, or from one text that stands for the first of them."""
    allowed = _ARGUMENTS[name]
    if not values or values == [None]:
        return {}
    value = {next(iter(allowed)): values[0]} if isinstance(values[0], str) else values[0]
    if len(values) > 1 or not isinstance(value, Mapping):
        raise RefusedError(f"{name} takes one object")
    for key, given in value.items():
        if key not in allowed:
            raise RefusedError(f"{name} has no argument {key}")
        if not isinstance(given, allowed[key]):
            raise RefusedError(f"{name}: {key} has the wrong type")
    return value


class Commands:
    """The commands of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pages = pages.Pages(session.editor)

    def table(self) -> dict[str, Callable[[Sequence[Any]], Awaitable[Any]]]:
        """Return the commands by name; each takes its arguments as they came."""
        return {name: self._bound(name) for name in NAMES}

    def close(self) -> None:
        """Remove the pages that were shown."""
        self._pages.close()

    def _bound(self, name: str) -> Callable[[Sequence[Any]], Awaitable[Any]]:
        method: Callable[[Arguments], Awaitable[Any]] = getattr(self, f"_{_snake(name.partition('.')[2])}")

        async def run(values: Sequence[Any]) -> Any:
            return await method(arguments(name, values))

        return run

    async def _validate(self, given: Arguments) -> None:
        self._session.validator.saved(self._document(given))

    async def _new_goal(self, given: Arguments) -> None:
        folder = Path(given.get("folder") or self._folder())
        wish = given.get("wish", "").strip()
        work = self._draft(folder, wish) if wish else self._open_template(folder / COURSE_FILE)
        self._later("a new goal", work)

    async def _draft(self, folder: Path, wish: str) -> None:
        editor, language = self._session.editor, self._session.language
        editor.say(messages.DRAFTING.pick(language))
        workspace = await self._session.gate.workspace()
        plan = await workspace.planner.draft(wish, str(folder), language)
        editor.say(" ".join([messages.DRAFTED.say(language, path=plan.path), plan.note]).strip())
        await editor.show_file(plan.path)

    async def _approve_goal(self, given: Arguments) -> None:
        document = self._document(given)
        if document.path is None or document.name != DRAFT_FILE:
            raise RefusedError(messages.NO_DRAFT.say(self._session.language, name=DRAFT_FILE))
        self._later("approving a goal", self._approve(document.path, document.text.text))

    async def _approve(self, path: str, text: str) -> None:
        editor, language = self._session.editor, self._session.language
        workspace = await self._session.gate.workspace()
        written = await workspace.planner.approve(path, text)
        editor.say(messages.GOAL_STORED.say(language, path=written[0]))
        self._session.look_again()
        for file in written[1:2]:
            await editor.show_file(file)

    async def _open_template(self, path: Path) -> None:
        editor, language = self._session.editor, self._session.language
        if await asyncio.to_thread(path.exists):
            editor.say(messages.GOAL_EXISTS.say(language, path=path))
            await editor.show_file(path)
            return
        text = (await self._session.gate.workspace()).goal_template(language)
        if editor.abilities.create_files and await editor.apply(COURSE_FILE, convert.new_file(path.as_uri(), text)):
            await editor.show_file(path)
        else:
            await self._pages.show(COURSE_FILE, text)
            editor.say(messages.SAVE_AS.say(language, path=path))

    async def _start_course(self, given: Arguments) -> None:
        folder = given.get("folder") or self._folder()
        self._later("starting a course", self._open_course(given.get("course"), folder))

    async def _open_course(self, source: str | None, folder: str) -> None:
        editor, language = self._session.editor, self._session.language
        workspace = await self._session.gate.workspace()
        if source is None:
            titles = [course.title.pick(language) for course in workspace.courses() if course.title]
            chosen = await editor.choose(messages.WHICH_COURSE.pick(language), titles) if titles else None
            if chosen is None:
                question = messages.WHICH_COURSE if titles else messages.NO_COURSES
                editor.say(" ".join([question.pick(language), ", ".join(titles)]).strip())
                return
            source = titles[chosen]
        files = await workspace.start_course(source, folder)
        editor.say(messages.COURSE_STARTED.say(language, folder=folder))
        self._session.look_again()
        if files:
            await editor.show_file(files[0])

    async def _select_task(self, given: Arguments) -> None:
        document = self._document(given)
        claim = self._claim(document)
        self._later("selecting a task", self._start_task(document, claim, choose="uri" not in given))

    async def _start_task(self, document: OpenDocument, claim: Claim, *, choose: bool) -> None:
        editor, language = self._session.editor, self._session.language
        workspace = await self._session.gate.workspace()
        if choose and (other := await self._choose_task(workspace, claim)):
            claim = other
        await workspace.select_task(claim)
        editor.say(messages.TASK_STARTED.say(language, title=claim.task.title.pick(language)))
        files = await asyncio.to_thread(existing_files, claim)
        if files and str(files[0]) != document.path:
            await editor.show_file(files[0])

    async def _choose_task(self, workspace: Workspace, claim: Claim) -> Claim | None:
        language = self._session.language
        found = {task.title.pick(language): task for task in claim.goal.tasks}
        titles = list(found)
        chosen = await self._session.editor.choose(messages.WHICH_TASK.pick(language), titles)
        if chosen is None:
            return None
        folder = Path(claim.course.path).parent
        return next(
            (other for name in found[titles[chosen]].files if (other := workspace.claim(str(folder / name)))), None
        )

    async def _next_hint(self, given: Arguments) -> int:
        document = self._document(given)
        claim = self._claim(document)
        key, finding = self._finding(document, given)
        step = document.hints.get(key, 0) + 1
        if step > actions.hint_steps(document, finding):
            raise RefusedError(messages.NO_HINT.pick(self._session.language))
        document.hints[key] = step
        self._later("a hint", self._hint(document, claim, finding, step))
        return step

    async def _hint(self, document: OpenDocument, claim: Claim, finding: Finding, step: int) -> None:
        await (await self._session.gate.workspace()).hint_taken(claim, document.path or "", finding, step)
        editor, language = self._session.editor, self._session.language
        fixes = actions.helping(document, finding)
        fix = fixes[0] if fixes else None
        line = finding.range.start.line + 1
        if step == 1:
            where = fix.where if fix and fix.where else finding.message
            editor.say(messages.HERE_IT_IS.say(language, line=line, message=where))
            await editor.show_place(document.text, finding.range)
        elif step == 2:  # noqa: PLR2004 # The steps are where, what, edit.
            editor.say(fix.what if fix and fix.what else convert.plain(finding.explanation or finding.message))
        elif fix is not None:
            await self._make(document, claim, fix)

    async def _apply_fix(self, given: Arguments) -> None:
        document = self._document(given)
        wanted, applied = given.get("fix"), given.get("applied")
        if applied:
            if (taken := document.offered.get(str(wanted))) and document.claim:
                self._later("recording a fix", self._record(document, document.claim, taken))
            return
        claim, fixes = self._claim(document), actions.revealed(document)
        fix = next((fix for fix in fixes if fix_id(fix) == wanted), None) if wanted else actions.best(document)
        if fix is None:
            raise RefusedError(messages.NO_FIX.pick(self._session.language))
        self._later("applying a fix", self._make(document, claim, fix))

    async def _make(self, document: OpenDocument, claim: Claim, fix: Fix) -> None:
        edit = convert.workspace_edit(document.text, fix.edits, self._session.editor.abilities)
        if await self._session.editor.apply(fix.title, edit):
            await self._record(document, claim, fix)

    async def _record(self, document: OpenDocument, claim: Claim, fix: Fix) -> None:
        await (await self._session.gate.workspace()).fix_applied(claim, document.path or "", fix)

    async def _dismiss(self, given: Arguments) -> None:
        document = self._document(given)
        claim = self._claim(document)
        key, finding = self._finding(document, given)
        work = self._dismissed(document, claim, (key, finding), given.get("reason"))
        self._later("dismissing a finding", work)

    async def _dismissed(
        self, document: OpenDocument, claim: Claim, found: tuple[str, Finding], reason: str | None
    ) -> None:
        language = self._session.language
        if reason is None:
            question = messages.DISMISS_QUESTION.say(language, message=found[1].message)
            titles = [text.pick(language) for text in messages.REASONS.values()]
            chosen = await self._session.editor.choose(question, titles)
            if chosen is None:
                return
            reason = list(messages.REASONS)[chosen]
        document.dismissed.add(found[0])
        self._session.validator.publish(document)
        await (await self._session.gate.workspace()).dismiss(claim, document.path or "", found[1], reason)

    async def _explain(self, given: Arguments) -> str:
        document = self._document(given)
        _, finding = self._finding(document, given)
        text = finding.explanation or finding.message
        self._show(f"{document.name}.md", f"# {finding.message}\n\n{text}\n")
        return text

    async def _task(self, given: Arguments) -> dict[str, Any]:
        document = self._document(given)
        claim, language = self._claim(document), self._session.language
        state = await (await self._session.gate.workspace()).task_state(claim)
        told = pages.task(document, claim, state, language)
        if given.get("show", True):
            self._show("task.md", pages.task_page(told, language))
        return told

    async def _trust(self, given: Arguments) -> None:
        claim = self._claim(self._document(given))
        if not trusting.runs_something(claim):
            raise RefusedError(messages.NOTHING_RUNS.pick(self._session.language))
        self._later("settling trust", self._settle(claim, given.get("granted")))

    async def _settle(self, claim: Claim, granted: bool | None) -> None:  # noqa: FBT001 As the command has it.
        workspace = await self._session.gate.workspace()
        await self._session.trust.settle(workspace, claim, self._session.language, granted=granted)

    async def _progress(self, given: Arguments) -> list[dict[str, Any]]:
        document = self._document(given) if given.get("uri") else self._session.recent
        workspace = await self._session.gate.workspace()
        goals = await workspace.progress(document.path if document else None)
        if given.get("show", True):
            self._show("progress.md", pages.progress(goals, document, self._session.language))
        return pages.plain(goals)

    async def _history(self, given: Arguments) -> list[dict[str, Any]]:
        document = self._document(given)
        workspace = await self._session.gate.workspace()
        entries = await workspace.history(document.path or "")
        if given.get("show", True):
            self._show("history.md", pages.history(entries, document, self._session.language))
        return pages.plain(entries)

    async def _similar(self, given: Arguments) -> list[dict[str, Any]]:
        document = self._document(given)
        claim = self._claim(document)
        workspace = await self._session.gate.workspace()
        snapshot = document.saved or snapshot_of(document)
        found = await workspace.similar(snapshot, claim)
        if given.get("show", True):
            self._show("similar.md", pages.similar(found, document, self._session.language))
        return pages.plain(found)

    async def _explain_request(self, given: Arguments) -> list[dict[str, Any]]:
        sent = (await self._session.gate.workspace()).sent_requests()
        if given.get("show", True):
            self._show("request.md", pages.requests(sent, self._session.language))
        return pages.plain(sent)

    def _document(self, given: Arguments) -> OpenDocument:
        uri = given.get("uri")
        document = self._session.documents.get(uri) if uri is not None else self._session.recent
        if document is None:
            raise RefusedError(messages.NO_DOCUMENT.pick(self._session.language))
        return document

    def _claim(self, document: OpenDocument) -> Claim:
        if document.claim is None:
            raise RefusedError(messages.NO_DOCUMENT.pick(self._session.language))
        return document.claim

    def _finding(self, document: OpenDocument, given: Arguments) -> tuple[str, Finding]:
        wanted = given.get("finding")
        found = next((pair for pair in document.findings() if wanted in {None, pair[0]}), None)
        if found is None:
            raise RefusedError(messages.NO_FINDING.say(self._session.language, name=document.name))
        return found

    def _folder(self) -> str:
        """Return the folder for something new: the editor's first, else that of the document in use."""
        recent = self._session.recent
        if self._session.folders:
            return self._session.folders[0]
        if recent is not None and recent.path is not None:
            return str(Path(recent.path).parent)
        raise RefusedError(messages.NO_FOLDER.pick(self._session.language))

    def _show(self, name: str, text: str) -> None:
        self._later("showing a page", self._pages.show(name, text))

    def _later(self, what: str, work: Any) -> None:
        self._session.tasks.start(what, self._told(work))

    async def _told(self, work: Awaitable[Any]) -> None:
        """Do something for the user, and say so if it did not work."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 # The user asked for it and has to know.
            report("a command", error)
            say = getattr(error, "say", None)
            reason = say(self._session.language) if say else error
            self._session.editor.say(messages.COMMAND_FAILED.say(self._session.language, reason=reason))


def existing_files(claim: Claim) -> list[Path]:
    """Return the files of a task that are there already."""
    folder = Path(claim.course.path).parent
    return [path for name in claim.task.files if (path := folder / name).exists()]


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
