"""Goals that somebody wishes for: drafted, shown as a document, approved, and only then stored."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from milepost.agents import planning_checks, saves
from milepost.agents.journal import Journal
from milepost.agents.library import Library
from milepost.agents.messages import DRAFT_HEAD, NO_WISH, NOTHING_DRAFTED, NOTHING_WAITS
from milepost.agents.planning_shapes import slug
from milepost.domain.entities import CourseDraft, User
from milepost.domain.text import Localized
from milepost.goals import course_file
from milepost.goals.folder import absolute
from milepost.goals.problems import CourseError, Problem
from milepost.goals.sessions import DatabaseSession
from milepost.providers.chat import ChatModel
from milepost.sandbox.boxes import Sandbox
from milepost.storage import goals as stored_goals

if TYPE_CHECKING:
    from milepost.agents.planning_graph import PlanGraph, PlanState

DRAFT_NAME = "milepost.draft.yaml"
MOST_SIMILAR = 5


class PlanError(Exception):
    """Something about a plan that its user has to know; `say` gives it in their language."""

    def __init__(self, message: Localized, **values: object) -> None:
        self.message = message
        self.values = values
        super().__init__(self.say("en"))

    def say(self, language: str) -> str:
        """Return the message in the user's language."""
        return self.message.say(language, **self.values)


@dataclass(frozen=True, slots=True)
class Plan:
    """A draft that waits for approval: its document, and where it came from if not from a model."""

    path: str
    note: str


class Planner:
    """Drafts and stores goals; the draft waits in the database and in a document beside the learner's files."""

    def __init__(
        self,
        library: Library,
        journal: Journal,
        chat: ChatModel | None,
        courses: Callable[[], Awaitable[Sequence[CourseDraft]]],
        open_sandbox: Callable[[str], Awaitable[Sandbox | None]],
    ) -> None:
        """Take what to draft with; `courses` gives those that a draft may be taken from."""
        self._library = library
        self._journal = journal
        self._chat = chat
        self._courses = courses
        self._open_sandbox = open_sandbox

    async def draft(self, wish: str, folder: str, language: str) -> Plan:
        """Draft a goal and write its document into the folder; raises PlanError, and StorageError without a database."""
        if not wish.strip():
            raise PlanError(NO_WISH)
        path = absolute(folder) / DRAFT_NAME
        graph = await self._graph(path)
        state = await graph.begin(wish, language)
        text = state.get("files", {}).get(course_file.FILE_NAME)
        if text is None:
            raise PlanError(NOTHING_DRAFTED, reason=state.get("note", ""))
        self._journal.put(_suggestion(state))
        note = state.get("note", "") if state.get("source") != "model" else ""
        head = DRAFT_HEAD.say(language, wish=" ".join(wish.split())[:200], note=f"\n# {note}" if note else "")
        await asyncio.to_thread(_write, path, head + text)
        return Plan(str(path), note)

    async def approve(self, path: str, text: str) -> list[str]:
        """Store the goal as the user approved it; returns the course file and the files to begin with.

        Raises PlanError where no draft waits, and CourseError for what is wrong with the text.
        """
        draft = absolute(path)
        graph = await self._graph(draft)
        waiting = await graph.waiting()
        if waiting is None:
            raise PlanError(NOTHING_WAITS, path=draft)
        files = {**waiting["files"], course_file.FILE_NAME: text}
        refused = planning_checks.forbidden(files)
        if refused:
            raise CourseError(str(draft), [Problem(0, 0, Localized(one, one), 0, 0) for one in refused])
        # What is wrong is said before anything goes on; the draft keeps waiting.
        try:
            course = await asyncio.to_thread(planning_checks.load, files)
        except CourseError as error:
            # The user knows the draft, not the folder in which it was tried.
            raise CourseError(str(draft), error.problems) from None
        named = {Path(source).relative_to(Path(course.path).parent).as_posix() for source in course.sources}
        kept = {name: content for name, content in files.items() if name in {*named, course_file.FILE_NAME}}
        state = await graph.approve(kept)
        await asyncio.to_thread(draft.unlink, missing_ok=True)
        return state["written"]

    async def _graph(self, path: Path) -> "PlanGraph":
        # LangGraph takes over a second to import.
        graphs = await asyncio.to_thread(_planning_graph)
        means = graphs.PlanMeans(
            chat=self._chat,
            similar=self._similar,
            courses=self._courses,
            open_sandbox=lambda: self._open_sandbox(str(path.parent)),
            write=lambda files, source: self._stored(path.parent, files, source),
            transaction=self._library.transact,
        )
        graph: PlanGraph = graphs.PlanGraph(means, str(path))
        return graph

    async def _similar(self, wish: str) -> list[str]:
        found = await self._library.similar_texts(wish, MOST_SIMILAR)
        return [one.content[:500] for one in found]

    async def _stored(self, folder: Path, files: Mapping[str, str], source: str) -> list[str]:
        """Write the files of an approved goal, import its course file, and mark its goals if a model drafted them."""
        written = await asyncio.to_thread(_write_course, folder, files)
        course = await asyncio.to_thread(course_file.load, written[0])
        await self._library.install(course)
        if source != "model":
            return written

        async def mark(session: DatabaseSession, user: User) -> None:
            titles = {goal.title.en for goal in course.goals}
            for goal in await stored_goals.list_of_user(session, user.id):
                if goal.title in titles and str(goal.metadata.get("key", "")).startswith(course.path):
                    await stored_goals.update_fields(session, goal.id, ai_generated=True)

        await self._library.transact(mark)
        return written


def _planning_graph() -> Any:
    from milepost.agents import tracing  # noqa: PLC0415

    tracing.turn_off()
    from milepost.agents import planning_graph  # noqa: PLC0415

    return planning_graph


def _suggestion(state: "PlanState") -> saves.Suggested:
    return saves.Suggested(
        source=state.get("source", ""),
        tries=state.get("tries", 0),
        model=state.get("model"),
        tokens=state.get("tokens"),
        latency_ms=state.get("latency_ms"),
        at=datetime.now(UTC),
        tokens_in=state.get("tokens_in", 0),
        calls=state.get("calls", 0),
        useless=state.get("calls", 0) - (state.get("source") == "model"),
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        # Writing through a link would write somewhere else.
        path.unlink()
    path.write_text(text, "utf-8")


def _write_course(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Write a course into a folder, or into one of its own where there is a course already; nothing is overwritten."""
    draft = planning_checks.load(files)
    target = folder
    if (folder / course_file.FILE_NAME).exists():
        target = _free(folder / slug(draft.goals[0].title.en))
    for name, text in files.items():
        if name != course_file.FILE_NAME and not (target / name).exists():
            _write(target / name, text)
    _write(target / course_file.FILE_NAME, files[course_file.FILE_NAME])
    begun = []
    for task in (task for goal in draft.goals for task in goal.tasks):
        first = target / task.files[0]
        if "*" not in task.files[0] and not first.exists():
            _write(first, task.starter_text)
        begun.append(str(first))
    return [str(target / course_file.FILE_NAME), *begun]


def _free(folder: Path) -> Path:
    """Return the folder, with a number behind its name where something is there already."""
    number, found = 1, folder
    while found.exists():
        number += 1
        found = folder.with_name(f"{folder.name}_{number}")
    return found
