"""What an edge (language server or command line) can ask of Milepost, over one database and one sandbox."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from milepost.agents import courses, reading, saves
from milepost.agents.journal import Entry, Journal
from milepost.agents.library import Library, TaskIds
from milepost.agents.messages import GOAL_TEMPLATE, NOT_STORED, STILL_COMPLETED, UNPROTECTED, UNTRUSTED
from milepost.agents.planning import Planner
from milepost.agents.preparing import PreparedTask
from milepost.agents.reviewing import Reviewer, Subject
from milepost.agents.reviewing_saves import SaveReviews
from milepost.agents.trust import TrustFile
from milepost.agents.validation import FindFixes, Run, ValidationGraph
from milepost.checks import checking
from milepost.domain.criteria import Reveal
from milepost.domain.entities import CourseDraft, GoalDraft, TaskDraft
from milepost.domain.events import EventType
from milepost.domain.validations import Evidence, Finding, Fix, Snapshot, Stage, Validation
from milepost.goals import course_file, progress, siblings
from milepost.goals.keys import stored_key, task_key
from milepost.goals.sessions import DatabaseSession
from milepost.providers.chat import ChatModel, Sent
from milepost.sandbox.boxes import Sandbox

logger = logging.getLogger(__name__)
REMEMBERED_VALIDATIONS = 200
Stages = AsyncGenerator[tuple[Validation, bool]]


@dataclass(frozen=True, slots=True)
class Claim:
    """The task that claims a document; `position` counts from 1 among the `count` tasks of its goal."""

    course: CourseDraft
    goal: GoalDraft
    task: TaskDraft
    position: int
    count: int

    @property
    def key(self) -> str:
        """Return the identity of the task inside its course file, stable while titles stay."""
        return task_key(self.goal, self.task)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One earlier snapshot of a document; `score` is None when its run was cancelled."""

    snapshot_id: str
    created_at: datetime
    passed: bool | None
    score: float | None
    text: str


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """A task as its user sees it: `status` is a TaskStatus value, `score` the best so far."""

    title: str
    status: str
    score: float | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskState:
    """How one task stands: `status` is a TaskStatus value, `score` the best so far, help is counted in steps."""

    status: str
    score: float | None
    hints: int
    fixes: int


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """A goal with its tasks; `percentage` is 0 to 100."""

    title: str
    status: str
    percentage: float
    tasks: tuple[TaskProgress, ...]


@dataclass(frozen=True, slots=True)
class Means:
    """What a workspace works with; whoever makes it owns their lifetimes and ends them in `close`.

    `open_sandbox` gives the sandbox for a course folder, None where no protection works; `reviewer` and `chat`
    are None where the user has set no model.
    """

    library: Library
    open_sandbox: Callable[[str], Awaitable[Sandbox | None]]
    find_fixes: FindFixes
    repair_seconds: Callable[[], float]
    data_dir: Path
    close: Callable[[], Awaitable[None]]
    on_stored: Callable[[], None] = field(default=lambda: None)
    reviewer: Reviewer | None = None
    chat: ChatModel | None = None


class Workspace:
    """The use cases of Milepost; the database may be away, and then only what needs it is missing."""

    # Hears when what is stored of tasks and goals has changed.
    _listener: Callable[[], None] | None = None

    def __init__(self, means: Means) -> None:
        """Take what to work with; needs a running event loop."""
        self._means = means
        self._courses = means.library.courses
        self._trust = TrustFile(means.data_dir / "trust.json")
        self._graph: ValidationGraph | None = None
        self._compiling = asyncio.Lock()
        self._warming: set[asyncio.Task[None]] = set()
        self._journal = Journal(self._record, means.data_dir, means.on_stored)
        self._reviews = SaveReviews(means.reviewer, means.library, self._journal)
        self.planner = Planner(means.library, self._journal, means.chat, self.known_courses, means.open_sandbox)
        self._remembered: OrderedDict[tuple[str, str, str], Validation] = OrderedDict()
        self._announced = False

    def listen(self, listener: Callable[[], None]) -> None:
        """Have somebody told whenever the stored state of tasks and goals has changed."""
        self._listener = listener

    def announce(self) -> None:
        """Record that a server started, and later that it stopped."""
        self._announced = True
        self._journal.put(saves.SystemFact(EventType.SYSTEM_STARTED, datetime.now(UTC)))

    def claim(
        self, path: str, course: str | None = None, text: str | None = None, opened: Mapping[str, str] | None = None
    ) -> Claim | None:
        """Return the task that claims the file, or None; cheap. Raises CourseError for a bad course file.

        `course` names a course folder; without it the course file is found upwards of the file. With the `text` of the
        file the claim is one for judging it, with the other files of its program: as in `opened`, by path, else as on disk.
        """
        matched = self._courses.match(path, course)
        if matched is None:
            return None
        draft, found = matched
        task = found.task
        if text is not None:
            beside = siblings.gather(draft, found, path, text, opened or {})
            task = replace(task, contract=replace(task.contract, siblings=beside))
        return Claim(draft, found.goal, task, found.position, found.count)

    def is_trusted(self, claim: Claim) -> bool:
        """Tell whether the user trusts this course file in its present content."""
        return self._trust.answer(claim.course.path, claim.course.content_hash) is True

    def was_asked(self, claim: Claim) -> bool:
        """Tell whether the user has answered for this course file in its present content, yes or no."""
        return self._trust.answer(claim.course.path, claim.course.content_hash) is not None

    async def trust(self, claim: Claim, *, granted: bool) -> None:
        """Keep the user's answer for the course file in its present content."""
        self._trust.keep(claim.course.path, claim.course.content_hash, granted=granted)

    def fast(self, snapshot: Snapshot, claim: Claim, language: str) -> Validation:
        """Return what can be said without running anything: syntax and structure, in milliseconds."""
        report = checking.check_fast(claim.task.contract, snapshot, language)
        return Validation(snapshot, Stage.FAST, report.passed, report.score, report.results, report.findings)

    async def validate(self, snapshot: Snapshot, claim: Claim, language: str) -> AsyncGenerator[Validation]:
        """Yield the later stages up to COMPLETE; storing happens on the side. Close or cancel to abandon."""
        sandbox, notes = await self._sandbox(claim, language)
        run = self._run(snapshot, claim, language, sandbox)
        graph = await self._compiled()
        noted: Validation | None = None
        async with aclosing(self._reported(graph.stream(run))) as stages:
            async for validation, trusted in stages:
                noted = replace(
                    validation, notes=(*validation.notes, *notes, *self._asides(validation, claim, language))
                )
                if noted.stage is Stage.COMPLETE:
                    self._finished(noted, _edition(claim, language), trusted=trusted)
                yield noted
        if noted is not None and (reviewed := await self._reviewed(noted, claim, language, sandbox)):
            yield reviewed

    async def _reviewed(
        self, validation: Validation, claim: Claim, language: str, sandbox: Sandbox | None
    ) -> Validation | None:
        """Return the stage that a model adds, where there is one and the folder is trusted."""
        if not self._reviews.is_on or not self.is_trusted(claim):
            return None
        library, key = self._means.library, claim.key
        prepared = await library.prepared(claim.course, key, sandbox) if sandbox else PreparedTask()
        dismissed = await self._reviews.dismissed()
        subject = Subject(validation, claim.task, key, language, prepared, sandbox, dismissed)
        reviewed = await self._reviews.of(subject)
        if reviewed is not None:
            self._remember(reviewed, _edition(claim, language))
        return reviewed

    def sent_requests(self) -> list[Sent]:
        """Return the latest requests to a model exactly as they left the machine, oldest first."""
        return self._reviews.sent

    async def submit(self, snapshot: Snapshot, claim: Claim) -> None:
        """Store the snapshot and its event in the background; never fails, keeps it while the database is away."""
        self._journal.put(saves.submission_of(snapshot, claim.course.path, claim.key))

    async def last(self, path: str, text: str, claim: Claim, language: str) -> Validation | None:
        """Return the stored validation of exactly this text, if there is one; makes ready for the save to come."""
        self._warm(claim)
        edition = _edition(claim, language)
        remembered = self._remembered.get((path, text, edition))
        if remembered is not None:
            return remembered
        snapshot = Snapshot(Path(path).as_uri(), None, path, claim.task.contract.language, text)
        return await self._means.library.read(lambda session, user: reading.last(session, user, snapshot, edition))

    async def fix_applied(self, claim: Claim, path: str, fix: Fix) -> None:
        """Record that the user took a fix."""
        details = {"title": fix.title, "source": fix.source.value, "size": fix.size}
        self._help(EventType.AI_FIX_APPLIED, claim, path, details)

    async def hint_taken(self, claim: Claim, path: str, finding: Finding, step: int) -> None:
        """Record that the user took the next step of help."""
        details = {"feedback_type": "hint", "rule": finding.rule, "step": step}
        self._help(EventType.AI_FEEDBACK_ACCEPTED, claim, path, details)

    async def dismiss(self, claim: Claim, path: str, finding: Finding, reason: str) -> None:
        """Record that the user does not want this finding; the same rule at the same text stays away."""
        details = {"feedback_type": "finding", "rule": finding.rule, "reason": reason}
        details |= self._reviews.dismiss(claim.key, finding)
        self._help(EventType.AI_FEEDBACK_DISMISSED, claim, path, details)

    async def progress(self, path: str | None = None) -> list[GoalProgress]:
        """Return the goals of the course that owns the file, or all goals."""
        course_path = course_file.find_upwards(path) if path else None
        draft = self._courses.load(course_path) if course_path else None
        goals = await self._means.library.read(lambda session, user: reading.progress(session, user, draft))
        return [GoalProgress(*goal[:3], tuple(TaskProgress(*task) for task in goal[3])) for goal in goals or ()]

    async def task_state(self, claim: Claim) -> TaskState | None:
        """Return how the task stands; None while it is not stored, or the database is away."""
        key = stored_key(claim.course.path, claim.key)
        found = await self._means.library.read(lambda session, user: reading.task(session, user, key))
        return TaskState(*found) if found else None

    async def history(self, path: str, limit: int = 20) -> list[HistoryEntry]:
        """Return the snapshots of a file, newest first."""
        rows = await self._means.library.read(lambda session, user: reading.history(session, user, path, limit))
        return [HistoryEntry(str(row.id), row.created_at, row.passed, row.score, row.text) for row in rows or ()]

    async def similar(self, snapshot: Snapshot, claim: Claim, limit: int = 5) -> list[Evidence]:
        """Return validated programs like this one, nearest first, as far as the task reveals them."""
        if claim.task.contract.reveal is not Reveal.FIX:
            return []
        sandbox, _ = await self._sandbox(claim, "en")
        if sandbox is not None:
            await self._means.library.prepared(claim.course, claim.key, sandbox)
        return list(await self._means.library.evidence(snapshot, claim.course, claim.key, limit))

    def courses(self) -> Sequence[CourseDraft]:
        """Return the bundled courses."""
        return courses.bundled()

    async def start_course(self, source: str, folder: str) -> list[str]:
        """Copy a course (bundled title or folder) into `folder`, import it and return its starter files' paths."""
        started = await asyncio.to_thread(courses.start, source, Path(folder))
        await self.store_goal(str(Path(folder) / course_file.FILE_NAME))
        return [str(path) for path in started]

    async def select_task(self, claim: Claim) -> None:
        """Start the task: its state becomes IN_PROGRESS."""

        async def start(session: DatabaseSession, ids: TaskIds) -> None:
            await progress.start_task(session, ids[claim.key])

        await self._means.library.change(claim.course, start)
        self._tell()

    def goal_template(self, language: str) -> str:
        """Return the text of a template document for a new goal (a `milepost.yaml` to fill in)."""
        return GOAL_TEMPLATE.say(language, title="My goal" if language != "es" else "Mi objetivo")

    async def store_goal(self, course_path: str) -> None:
        """Import the saved course file, so that its goals and tasks exist."""
        await self._means.library.install(self._courses.load(course_path))
        self._tell()

    def course_findings(self, path: str, text: str, language: str) -> list[Finding]:
        """Return what is wrong with a course file, at its places in the YAML."""
        return courses.findings(path, text, language)

    async def prepare(self, course: CourseDraft, goal: GoalDraft, task: TaskDraft, sandbox: Sandbox) -> PreparedTask:
        """Return a task's proven solutions and generated cases, made now if need be."""
        return await self._means.library.prepared(course, task_key(goal, task), sandbox)

    async def known_courses(self) -> list[CourseDraft]:
        """Return the bundled courses and those that were imported and are still in their folders."""
        paths = await self._means.library.read(reading.course_paths) or []
        return [*courses.bundled(), *courses.readable(path for path in paths)]

    async def check(self, snapshot: Snapshot, claim: Claim, language: str, sandbox: Sandbox | None) -> Validation:
        """Return the complete validation and store nothing of it."""
        graph = await self._compiled()
        run = replace(self._run(snapshot, claim, language, sandbox), is_patient=True)
        async with aclosing(graph.stream(run)) as stages:
            return [validation async for validation, _ in stages][-1]

    async def open_sandbox(self, folder: str) -> Sandbox | None:
        """Return the sandbox for a course folder whose owner asked for it; None where no protection works."""
        return await self._means.open_sandbox(folder)

    async def flushed(self, seconds: float = 30.0) -> bool:
        """Wait until everything is stored; tell whether it is."""
        return await self._journal.flushed(seconds)

    async def close(self) -> None:
        """Store what is waiting, then end."""
        if self._announced:
            self._journal.put(saves.SystemFact(EventType.SYSTEM_STOPPED, datetime.now(UTC)))
        warming = list(self._warming)
        for task in warming:
            task.cancel()
        await asyncio.gather(*warming, return_exceptions=True)
        await self._means.library.close()
        await self._journal.close()
        await self._means.close()

    async def _record(self, entry: Entry) -> None:
        await self._means.library.record(entry)
        if not isinstance(entry, saves.SystemFact):
            self._tell()

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener()

    async def _reported(self, stages: Stages) -> Stages:
        """Pass the stages on; an error of the pipeline itself becomes a fact before it goes to the edge."""
        try:
            async with aclosing(stages):
                async for stage in stages:
                    yield stage
        except Exception as error:
            details = {"part": "validation", "error": type(error).__name__}
            self._journal.put(saves.SystemFact(EventType.SYSTEM_ERROR, datetime.now(UTC), details))
            raise

    def _warm(self, claim: Claim) -> None:
        """Start in the background what the first save of a trusted task would wait for."""
        if self.is_trusted(claim):
            task = asyncio.create_task(self._made_ready(claim))
            self._warming.add(task)
            task.add_done_callback(self._warming.discard)

    async def _made_ready(self, claim: Claim) -> None:
        try:
            await self._compiled()
            sandbox, _ = await self._sandbox(claim, "en")
            if sandbox is not None:
                await self._means.library.prepared(claim.course, claim.key, sandbox)
        except Exception:
            # The save itself will say what is wrong.
            logger.debug("could not make ready for a save", exc_info=True)

    async def _compiled(self) -> ValidationGraph:
        async with self._compiling:
            if self._graph is None:
                # Compiling imports LangGraph, which takes about a second; the loop goes on answering meanwhile.
                self._graph = await asyncio.to_thread(ValidationGraph)
            return self._graph

    def _run(self, snapshot: Snapshot, claim: Claim, language: str, sandbox: Sandbox | None) -> Run:
        library, course, key = self._means.library, claim.course, claim.key

        async def prepare() -> PreparedTask:
            return await library.prepared(course, key, sandbox) if sandbox else PreparedTask()

        async def retrieve(wanted: Snapshot) -> Sequence[Evidence]:
            await prepare()
            if claim.task.contract.siblings.entry:
                # What is stored of a task are its first files; they say nothing about another one.
                return ()
            return await library.evidence(wanted, course, key)

        return Run(
            snapshot=snapshot,
            contract=claim.task.contract,
            language=language,
            sandbox=sandbox,
            prepare=prepare,
            retrieve=retrieve,
            find_fixes=self._means.find_fixes,
            repair_seconds=self._means.repair_seconds(),
        )

    async def _sandbox(self, claim: Claim, language: str) -> tuple[Sandbox | None, tuple[str, ...]]:
        if not self.is_trusted(claim):
            return None, (UNTRUSTED.pick(language),)
        sandbox = await self._means.open_sandbox(str(Path(claim.course.path).parent))
        return sandbox, () if sandbox else (UNPROTECTED.pick(language),)

    def _asides(self, validation: Validation, claim: Claim, language: str) -> list[str]:
        problem = self._journal.problem
        said = [NOT_STORED.say(language, reason=problem.say(language))] if problem else []
        if validation.passed is False and self._means.library.is_completed(claim.course, claim.key):
            said.append(STILL_COMPLETED.pick(language))
        return said

    def _finished(self, validation: Validation, edition: str, *, trusted: bool) -> None:
        self._remember(validation, edition)
        self._journal.put(saves.outcome_of(validation, edition, trusted=trusted))

    def _remember(self, validation: Validation, edition: str) -> None:
        snapshot = validation.snapshot
        self._remembered[snapshot.path, snapshot.text, edition] = replace(validation, notes=())
        if len(self._remembered) > REMEMBERED_VALIDATIONS:
            self._remembered.popitem(last=False)

    def _help(self, event_type: EventType, claim: Claim, path: str, details: dict[str, Any]) -> None:
        self._journal.put(saves.Help(event_type, claim.course.path, claim.key, path, details, datetime.now(UTC)))


def _edition(claim: Claim, language: str) -> str:
    """Return what a report depends on besides the text: the language of its messages, its course, its other files."""
    files = claim.task.contract.siblings.files
    beside = f" {sha256(repr(sorted(files.items())).encode()).hexdigest()}" if files else ""
    return f"{language} {claim.course.content_hash}{beside}"
