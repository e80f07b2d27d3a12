"""Course files: finding, reading, judging and writing a `milepost.yaml`."""

import os
from pathlib import Path

from milepost.domain.entities import CourseDraft, TaskDraft
from milepost.goals import folder, matching, reading, rendering
from milepost.goals.problems import CourseError, Problem, RefusedError

FILE_NAME = "milepost.yaml"


def load(path: str | os.PathLike[str]) -> CourseDraft:
    """Return the course of a course file (or of the folder that holds one); raises CourseError with all problems."""
    full = _full_path(path)
    try:
        content = folder.read_bytes(Path(full), FILE_NAME)
        text = folder.decode(content, FILE_NAME)
    except RefusedError as refusal:
        raise CourseError(full, [Problem(0, 0, refusal.message, 0, 0)]) from None
    return reading.Reader(full, text).draft(content)


def validate_text(path: str | os.PathLike[str], text: str) -> list[Problem]:
    """Return everything that is wrong with a text that is to be saved as this course file."""
    full = _full_path(path)
    try:
        reading.Reader(full, text).draft(text.encode(errors="surrogatepass"))
    except CourseError as error:
        return error.problems
    return []


def find_upwards(path: str | os.PathLike[str], stop: str | os.PathLike[str] | None = None) -> str | None:
    """Return the nearest course file in the folder of the document or above it, up to the folder `stop`."""
    document = folder.absolute(path)
    last = folder.absolute(stop) if stop is not None else None
    for above in (document, *document.parents):
        candidate = above / FILE_NAME
        if candidate.is_file():
            return str(candidate)
        if above == last:
            return None
    return None


def claims(draft: CourseDraft, document_path: str | os.PathLike[str]) -> TaskDraft | None:
    """Return the task that claims the document, None if no task does; `matching.match` tells more."""
    found = matching.match(draft, os.fspath(document_path))
    return found.task if found is not None else None


def dump(draft: CourseDraft) -> str:
    """Return the text of the draft's course file."""
    return rendering.render(draft)


def _full_path(path: str | os.PathLike[str]) -> str:
    full = folder.absolute(path)
    return str(full / FILE_NAME if full.is_dir() else full)
