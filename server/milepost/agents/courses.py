"""Course files as they are on disk now, and the courses that come with Milepost."""

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from milepost.domain.entities import CourseDraft
from milepost.domain.text import Position, Range
from milepost.domain.validations import Finding, Severity
from milepost.goals import course_file, matching
from milepost.goals.problems import CourseError, Problem


@dataclass(frozen=True, slots=True)
class _Loaded:
    stamps: tuple[tuple[str, int, int], ...]
    draft: CourseDraft


class Courses:
    """Reads a course file once for each state of it and of the files that it names."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._loaded: dict[str, _Loaded] = {}

    def load(self, course_path: str) -> CourseDraft:
        """Return the course of a course file; raises CourseError."""
        known = self._loaded.get(course_path)
        if known and known.stamps == _stamps(known.draft):
            return known.draft
        draft = course_file.load(course_path)
        self._loaded[course_path] = _Loaded(_stamps(draft), draft)
        return draft

    def last_good(self, course_path: str) -> CourseDraft:
        """Return the course as it is on disk, else as it was when it could last be read; raises CourseError."""
        try:
            return self.load(course_path)
        except CourseError:
            if course_path not in self._loaded:
                raise
            return self._loaded[course_path].draft

    def match(self, path: str, course: str | None = None) -> tuple[CourseDraft, matching.Match] | None:
        """Return the course and the task that claim the file; `course` names a course folder. Raises CourseError."""
        if course is not None:
            draft = self.load(str(Path(course).absolute() / course_file.FILE_NAME))
            found = elsewhere(draft, path)
        else:
            course_path = course_file.find_upwards(path)
            if course_path is None:
                return None
            draft = self.load(course_path)
            found = matching.match(draft, path)
        return (draft, found) if found else None


def elsewhere(draft: CourseDraft, path: str) -> matching.Match | None:
    """Return the task for a file that may lie outside the course: by its name, else the only task there is."""
    inside = Path(draft.path).parent / Path(path).name
    found = matching.match(draft, path) or matching.match(draft, str(inside))
    if found is not None or len(draft.goals) != 1 or len(draft.goals[0].tasks) != 1:
        return found
    goal = draft.goals[0]
    return matching.match(draft, str(Path(draft.path).parent / goal.tasks[0].files[0]))


def findings(path: str, text: str, language: str) -> list[Finding]:
    """Return what is wrong with the text of a course file, at its places."""
    return [_finding(problem, language) for problem in course_file.validate_text(path, text)]


def problem_findings(error: CourseError, language: str) -> list[Finding]:
    """Return the problems of a course file as findings."""
    return [_finding(problem, language) for problem in error.problems]


@cache
def bundled_folder() -> Path:
    """Return the folder of the courses: inside the installed package, else beside the sources."""
    room = Path(__file__).resolve().parent
    installed = room.parent / "courses"
    return installed if installed.is_dir() else room.parents[2] / "courses"


def bundled() -> list[CourseDraft]:
    """Return the courses that come with Milepost."""
    return [course_file.load(file) for file in sorted(bundled_folder().glob(f"*/{course_file.FILE_NAME}"))]


def readable(paths: Iterable[str]) -> list[CourseDraft]:
    """Return the courses of those course files that can be read."""
    found = []
    for path in paths:
        with contextlib.suppress(CourseError):
            found.append(course_file.load(path))
    return found


def start(source: str, folder: Path) -> list[Path]:
    """Copy a course (the title of a bundled one, or a folder) and its starters; returns the learner's files.

    A file that is there already is left as it is. Raises CourseError, or FileNotFoundError for an unknown course.
    """
    draft = _find(source)
    origin = Path(draft.path).parent
    folder.mkdir(parents=True, exist_ok=True)
    for name in (course_file.FILE_NAME, *_named_files(draft)):
        _copy(origin / name, folder / name)
    return [_begin(origin, folder, starter, target) for starter, target in _starters(draft)]


def _find(source: str) -> CourseDraft:
    if source and Path(source).exists():
        return course_file.load(source)
    wanted = source.casefold()
    for draft in bundled():
        titles = (draft.title.en.casefold(), draft.title.es.casefold()) if draft.title else ()
        if not wanted or wanted in titles or wanted == Path(draft.path).parent.name:
            return draft
    raise FileNotFoundError(source)


def _named_files(draft: CourseDraft) -> list[str]:
    origin = Path(draft.path).parent
    return [str(Path(source).relative_to(origin)) for source in draft.sources if source != draft.path]


def _starters(draft: CourseDraft) -> list[tuple[str, str]]:
    tasks = [task for goal in draft.goals for task in goal.tasks]
    return [(task.starter, task.files[0]) for task in tasks if task.starter and "*" not in task.files[0]]


def _begin(origin: Path, folder: Path, starter: str, target: str) -> Path:
    _copy(origin / starter, folder / target)
    return folder / target


def _copy(origin: Path, target: Path) -> None:
    # A link that leads nowhere yet is there already; writing through it would write somewhere else.
    if not target.exists() and not target.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, target)


def _stamps(draft: CourseDraft) -> tuple[tuple[str, int, int], ...]:
    return tuple(_stamp(source) for source in {draft.path, *draft.sources})


def _stamp(source: str) -> tuple[str, int, int]:
    try:
        status = Path(source).stat()
    except OSError:
        return (source, 0, 0)
    return (source, status.st_mtime_ns, status.st_size)


def _finding(problem: Problem, language: str) -> Finding:
    place = Range(
        Position(problem.line, problem.column), Position(problem.end_line, max(problem.end_column, problem.column))
    )
    return Finding("course", Severity.ERROR, problem.message.pick(language), place)
