"""Whether a drafted goal can be worked with: held against the rules of course files, and its solutions run."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from milepost.agents.preparing import prepare
from milepost.domain.criteria import Command, Rubric
from milepost.domain.entities import CourseDraft, TaskDraft
from milepost.goals import course_file
from milepost.goals.problems import CourseError
from milepost.sandbox.boxes import Sandbox

MOST_REASONS, LONGEST_FILE, MOST_FILES = 10, 100_000, 60
# Files that tools run by themselves.
_RESERVED = frozenset({"conftest.py", "sitecustomize.py", "usercustomize.py", "setup.py"})
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}")


def forbidden(files: Mapping[str, str]) -> list[str]:
    """Return why some files must not be written at all; checked before anything touches the disk."""
    reasons = [f"{name[:80]!r}: this path is not allowed" for name in files if not _is_plain(name)]
    reasons += [f"{name!r} is too long" for name, text in files.items() if len(text) > LONGEST_FILE]
    return reasons if len(files) <= MOST_FILES else [*reasons, "too many files"]


def load(files: Mapping[str, str]) -> CourseDraft:
    """Return the course of files that lie nowhere yet; raises CourseError with everything that is wrong."""
    with tempfile.TemporaryDirectory(prefix="milepost-draft-") as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return course_file.load(folder)


async def reasons(files: Mapping[str, str], sandbox: Sandbox | None) -> list[str]:
    """Return why a drafted goal cannot be used, in English, for whoever drafts it again."""
    found = forbidden(files)
    if found:
        return found[:MOST_REASONS]
    try:
        course = load(files)
    except CourseError as error:
        return [f"line {one.line + 1}: {one.message.en}" for one in error.problems][:MOST_REASONS]
    except (OSError, UnicodeError) as error:
        return [f"the files cannot be written: {type(error).__name__}"]
    tasks = [task for goal in course.goals for task in goal.tasks]
    found += [] if tasks else ["the goal has no tasks"]
    for task in tasks:
        found += _of_task(task)
        found += await _of_solutions(task, sandbox)
    return found[:MOST_REASONS]


def _of_task(task: TaskDraft) -> list[str]:
    found = []
    if all(isinstance(criterion, Rubric) for criterion in task.contract.criteria):
        found.append(f"task {task.title.en!r}: at least one criterion has to be checked by machine")
    if any(isinstance(criterion, Command) for criterion in task.contract.criteria):
        found.append(f"task {task.title.en!r}: commands are not allowed")
    refused = [name for name in task.files if not _is_plain(name) or not name.endswith(".py") or name in _RESERVED]
    found += [f"task {task.title.en!r}: the file {name[:80]!r} is not allowed" for name in refused]
    return found


async def _of_solutions(task: TaskDraft, sandbox: Sandbox | None) -> list[str]:
    """Run the proposed solutions against their own criteria; where nothing can run they are not judged."""
    if sandbox is None or not task.solutions:
        return []
    prepared = await prepare(task, sandbox)
    return [f"task {task.title.en!r}: {warning.en}" for warning in prepared.warnings]


def _is_plain(name: str) -> bool:
    """Tell whether a path stays in its folder, shows itself, and is no course file of its own elsewhere."""
    path = PurePosixPath(name)
    return bool(path.parts) and len(path.parts) <= 4 and all(_PART.fullmatch(part) for part in name.split("/"))  # noqa: PLR2004
