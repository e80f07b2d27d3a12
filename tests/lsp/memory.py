"""A workspace in memory: it judges by reading the text, so that a test knows every answer beforehand.

A task asks for a function `answer` (criterion 0) that returns 42 (criterion 1) and for no `eval` (criterion 2).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from milepost.agents.planning import DRAFT_NAME, Plan
from milepost.agents.workspace import Claim, GoalProgress, HistoryEntry, TaskProgress, TaskState, Workspace
from milepost.domain.criteria import Construct, Contract, Defines, Example, Examples, Forbids, Reveal, Siblings
from milepost.domain.entities import CourseDraft, GoalDraft, TaskDraft
from milepost.domain.text import Edit, Localized, Position, Range
from milepost.domain.validations import (
    CaseResult,
    CriterionResult,
    Evidence,
    Finding,
    Fix,
    FixSource,
    Related,
    Severity,
    Snapshot,
    Stage,
    Validation,
)
from milepost.providers.chat import Sent
from milepost.syntax import parsing
from milepost.syntax.lines import LineIndex

COURSE = """\
course: {title: Answers, language: python, reveal: fix}
goals:
  - title: Numbers
    tasks:
      - {title: The answer, files: [answer.py]}
      - {title: Another answer, files: [other.py]}
"""
RIGHT = "def answer():\n    return 42\n"
WRONG = "def answer():\n    return 41\n"
SLOW = "# slow\n" + WRONG

CRITERIA = (
    Defines(("answer()",)),
    Examples((Example("answer()", "42"),)),
    Forbids((Construct(call="eval"),)),
)


class MemoryWorkspace(Workspace):
    """Keeps what it was told in `calls`; a text with "# slow" is judged when `release` is set."""

    def __init__(self, *, trusted: bool = True) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.release = asyncio.Event()
        self.trusted = trusted
        self.stored: dict[tuple[str, str], Validation] = {}
        self.failing: set[str] = set()
        self.running = 0
        self.note: str | None = None
        self.state: TaskState | None = TaskState("IN_PROGRESS", 0.5, 2, 1)
        self.planner = MemoryPlanner(self._called)

    def _called(self, name: str, *values: Any) -> None:
        self.calls.append((name, *values))
        if name in self.failing:
            raise OSError(f"{name} is broken")

    def named(self, name: str) -> list[tuple[Any, ...]]:
        return [call for call in self.calls if call[0] == name]

    def claim(
        self, path: str, _course: str | None = None, text: str | None = None, opened: Mapping[str, str] | None = None
    ) -> Claim | None:
        file = Path(path)
        course_file = next((up / "milepost.yaml" for up in file.parents if (up / "milepost.yaml").is_file()), None)
        if course_file is None:
            return None
        course = read_course(course_file)
        for goal in course.goals:
            for number, task in enumerate(goal.tasks, 1):
                if any((course_file.parent / name) == file for name in task.files):
                    beside = (opened or {}).get(str(file.with_name("other.py")))
                    if text is not None and "import other" in text and beside is not None:
                        contract = replace(task.contract, siblings=Siblings({"other.py": beside}))
                        return Claim(course, goal, replace(task, contract=contract), number, len(goal.tasks))
                    return Claim(course, goal, task, number, len(goal.tasks))
        return None

    def is_trusted(self, claim: Claim) -> bool:
        return self.trusted

    def was_asked(self, claim: Claim) -> bool:
        return self.trusted or bool(self.named("trust"))

    async def trust(self, claim: Claim, *, granted: bool) -> None:
        self._called("trust", granted)
        self.trusted = granted

    def fast(self, snapshot: Snapshot, claim: Claim, language: str) -> Validation:
        self._called("fast", snapshot.text)
        return self._validation(snapshot, Stage.FAST)

    async def validate(self, snapshot: Snapshot, claim: Claim, language: str) -> AsyncIterator[Validation]:
        self._called("validate", snapshot.text)
        self.running += 1
        try:
            if "# slow" in snapshot.text:
                await self.release.wait()
            yield self._validation(snapshot, Stage.CHECKED)
            complete = self._validation(snapshot, Stage.COMPLETE)
            self.stored[snapshot.path, snapshot.text] = complete
            yield complete
            if "# review" in snapshot.text:
                await self.release.wait()
                remark = Finding("review/naming", Severity.HINT, "a remark", Range(Position(0, 4), Position(0, 10)))
                yield replace(complete, stage=Stage.REVIEWED, findings=(*complete.findings, remark))
        finally:
            self.running -= 1

    def _validation(self, snapshot: Snapshot, stage: Stage) -> Validation:
        executed = stage is not Stage.FAST and self.trusted
        syntax = parsing.syntax_errors(parsing.parse(snapshot.text, "python"))
        findings = syntax or [*judged(snapshot.text, executed=executed)]
        failed = {finding.criterion for finding in findings}
        results = tuple(
            CriterionResult(
                criterion.kind,
                None if syntax or (number == 1 and not executed) else number not in failed,
                float(number not in failed),
                "the reason",
                cases=(CaseResult("answer()", False, "42", "41"),) if number == 1 and number in failed else (),
            )
            for number, criterion in enumerate(CRITERIA)
        )
        score = sum(result.passed is True for result in results) / len(results)
        fixes = tuple(fixes_for(snapshot.text)) if stage is Stage.COMPLETE and not syntax else ()
        notes = (self.note,) if self.note else ()
        return Validation(snapshot, stage, score == 1, score, results, tuple(findings), fixes, notes=notes)

    async def submit(self, snapshot: Snapshot, claim: Claim) -> None:
        self._called("submit", snapshot.text)

    async def last(self, path: str, text: str, claim: Claim, language: str) -> Validation | None:
        self._called("last", text)
        return self.stored.get((path, text))

    async def fix_applied(self, claim: Claim, path: str, fix: Fix) -> None:
        self._called("fix_applied", fix.title)

    async def hint_taken(self, claim: Claim, path: str, finding: Finding, step: int) -> None:
        self._called("hint_taken", finding.rule, step)

    async def dismiss(self, claim: Claim, path: str, finding: Finding, reason: str) -> None:
        self._called("dismiss", finding.rule, reason)

    async def progress(self, path: str | None = None) -> list[GoalProgress]:
        self._called("progress", path)
        return [
            GoalProgress("Numbers", "IN_PROGRESS", 50.0, (TaskProgress("The answer", "TODO", 0.5, ("answer.py",)),))
        ]

    async def task_state(self, claim: Claim) -> TaskState | None:
        self._called("task_state", claim.key)
        return self.state

    async def history(self, path: str, limit: int = 20) -> list[HistoryEntry]:
        self._called("history", path)
        return [HistoryEntry("1", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), False, 0.67, WRONG)]

    async def similar(self, snapshot: Snapshot, claim: Claim, limit: int = 5) -> list[Evidence]:
        self._called("similar", snapshot.text)
        return [Evidence("1", RIGHT, 0.25)]

    def courses(self) -> Sequence[CourseDraft]:
        return [CourseDraft("/bundled/milepost.yaml", Localized("Answers", "Respuestas"), "python", (), "1")]

    async def start_course(self, source: str, folder: str) -> list[str]:
        self._called("start_course", source)
        (Path(folder) / "milepost.yaml").write_text(COURSE, "utf-8")
        (Path(folder) / "answer.py").write_text(WRONG, "utf-8")
        return [str(Path(folder) / "answer.py")]

    async def select_task(self, claim: Claim) -> None:
        self._called("select_task", claim.task.title.en)

    def goal_template(self, language: str) -> str:
        return "# objetivo\n" if language == "es" else "# goal\n"

    async def store_goal(self, course_path: str) -> None:
        self._called("store_goal", course_path)

    def course_findings(self, path: str, text: str, language: str) -> list[Finding]:
        if "goals:" in text:
            return []
        return [Finding("course", Severity.ERROR, "goals are missing", Range(Position(0, 0), Position(0, 1)))]

    def sent_requests(self) -> list[Sent]:
        return [Sent("2026-01-02T03:04:00+00:00", "http://localhost/v1/chat/completions", '{"model": "m"}', 2)]

    async def close(self) -> None:
        self._called("close")


class MemoryPlanner:
    """Drafts the same goal for every wish."""

    def __init__(self, called) -> None:
        self._called = called

    async def draft(self, wish: str, folder: str, language: str) -> Plan:
        self._called("draft", wish)
        path = Path(folder) / DRAFT_NAME
        path.write_text(COURSE, "utf-8")
        return Plan(str(path), "No model is set.")

    async def approve(self, path: str, text: str) -> list[str]:
        self._called("approve", text)
        course = Path(path).with_name("milepost.yaml")
        course.write_text(text, "utf-8")
        (course.parent / "answer.py").write_text("", "utf-8")
        return [str(course), str(course.parent / "answer.py")]


def read_course(path: Path) -> CourseDraft:
    text = path.read_text("utf-8")
    raw = yaml.safe_load(text)
    reveal = Reveal(raw["course"].get("reveal", "fix"))
    contract = Contract("python", CRITERIA, reveal=reveal)
    goals = tuple(
        GoalDraft(
            Localized(goal["title"], goal["title"]),
            tuple(
                TaskDraft(Localized(task["title"], task["title"]), tuple(task["files"]), contract)
                for task in goal["tasks"]
            ),
        )
        for goal in raw["goals"]
    )
    title = raw["course"]["title"]
    return CourseDraft(str(path), Localized(title, title), "python", goals, str(hash(text)))


def judged(text: str, *, executed: bool) -> Iterator[Finding]:
    index = LineIndex(text)
    if "def answer(" not in text:
        place = Range(Position(0, 0), Position(0, len(index.line(0))))
        yield Finding("defines", Severity.ERROR, "answer is missing", place, 0)
    for match in re.finditer(r"\beval\b", text):
        yield Finding("forbids/call", Severity.WARNING, "eval is not allowed", index.range(*match.span()), 2)
    if executed:
        for match in wrong_numbers(text):
            message = f"answer() gave {match[1]}, expected 42"
            explanation = f"`answer()` gave **{match[1]}**, expected `42`"
            related = (Related("the first line", Range(Position(0, 0), Position(0, 3))),)
            yield Finding("examples", Severity.ERROR, message, index.range(*match.span()), 1, explanation, related)


def fixes_for(text: str) -> Iterator[Fix]:
    index = LineIndex(text)
    for match in wrong_numbers(text):
        edit = Edit(index.range(*match.span(1)), "42")
        yield Fix(
            "Return 42", FixSource.MUTATION, (edit,), verified=True, preferred=True, where="a number", what="too small"
        )
        whole = Edit(index.range(0, len(text)), RIGHT)
        yield Fix("Start over", FixSource.RETRIEVAL, (whole,), verified=True, rewrite=True)
        other = Edit(index.range(*match.span(1)), "43")
        yield Fix("Return 43", FixSource.MUTATION, (other,), verified=False, criterion=1)


def wrong_numbers(text: str) -> list[re.Match[str]]:
    return [match for match in re.finditer(r"return (\d+)", text) if match[1] != "42"]
