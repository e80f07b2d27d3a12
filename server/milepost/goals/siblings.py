"""The other files of a program: those that its task names, and the modules of the learner's own that it imports."""

import os
import posixpath
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePosixPath

from milepost.domain.criteria import Siblings
from milepost.domain.entities import CourseDraft, Solution, TaskDraft
from milepost.goals import matching, patterns

MOST_FILES = 50
MOST_BYTES = 1 << 20
MOST_IMPORTS = 500
# Tools run these unasked, or instead of what a program means; what a task names itself is another matter.
UNWANTED = frozenset({"conftest", "sitecustomize", "usercustomize"}) | sys.stdlib_module_names
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<source>[\w.]{1,500})[ \t]+import[ \t]*(?P<names>\([^)]{0,5000}\)|[^\n#;]{0,5000})"
    r"|import[ \t]+(?P<modules>[^\n#;]{0,5000}))",
    re.MULTILINE,
)
_NAME = re.compile(r"\w+(?:\.\w+)*")


def gather(draft: CourseDraft, found: matching.Match, path: str, text: str, opened: Mapping[str, str]) -> Siblings:
    """Return what lies beside the file at `path`, whose text is given; `opened` are texts of editors, by path.

    Nothing is taken from outside the folder, from hidden files or by way of links, no file of the course itself, and no
    submission of somebody else.
    """
    layout = _layout(found.task.files, found.relative, single=found.single)
    folder = _folder(path, layout.place)
    if folder is None:
        return layout
    source = _Source(folder, opened)
    for name in matching.program_files(found):
        if name != found.relative:
            source.take(name)
    if draft.language == "python":
        _follow(source, layout, text, _Refusals(draft, found))
    files = {name: content for name, content in source.files.items() if name != layout.place}
    return replace(layout, files=files, entry=layout.entry if layout.entry in files else "")


def of_solution(task: TaskDraft, solution: Solution) -> Siblings:
    """Return what lies beside a reference solution, which is one for the task's first file."""
    layout = _layout(task.files, task.files[0], single=patterns.is_wildcard(task.files[0]))
    return replace(layout, files=dict(solution.beside))


def companions(files: tuple[str, ...], paths: list[str]) -> dict[str, dict[str, str]]:
    """Return the solutions among some paths, and for each the paths of its other files by their names in the task.

    A path that ends like a later one of the task's files belongs to the solutions in the same folder.
    """
    plain = [name for name in files if not patterns.is_wildcard(name)]
    folder = _common(plain) if plain else ""
    others = {name: posixpath.relpath(name, folder or ".") for name in plain if name != files[0]}
    folders: dict[str, dict[str, str]] = {}
    for path in paths:
        for name, ending in others.items():
            if f"/{path}".endswith(f"/{ending}"):
                folders.setdefault(path.removesuffix(ending), {})[name] = path
                break
    beside = {path for found in folders.values() for path in found.values()}
    return {path: _nearest(path, folders) for path in paths if path not in beside}


def _nearest(path: str, folders: Mapping[str, dict[str, str]]) -> dict[str, str]:
    above = [f"{parent}/" if str(parent) != "." else "" for parent in PurePosixPath(path).parents]
    return next((folders[folder] for folder in above if folder in folders), {})


def _layout(files: tuple[str, ...], relative: str, *, single: bool) -> Siblings:
    """Return where the judged file stands in its program, as yet without the others."""
    if single:
        return Siblings(place=posixpath.basename(relative))
    names = [name for name in files if not patterns.is_wildcard(name)]
    return Siblings(place=relative, entry="" if names[0] == relative else names[0], folder=_common(names))


def _common(names: list[str]) -> str:
    return posixpath.commonpath([posixpath.dirname(name) for name in names])


def _folder(path: str, place: str) -> Path | None:
    """Return the folder from which the place is seen; None for a file that does not stand where its task says."""
    parts = Path(path).parts
    wanted = PurePosixPath(place).parts
    return Path(*parts[: -len(wanted)]) if parts[-len(wanted) :] == wanted else None


class _Refusals:
    """Tells which files are not the learner's own: the course's, and the submissions of others."""

    def __init__(self, draft: CourseDraft, found: matching.Match) -> None:
        root = Path(draft.path).parent
        self._folder = posixpath.dirname(found.relative) if found.single else ""
        self._course = {Path(source).relative_to(root).as_posix() for source in draft.sources}
        tasks = (task for goal in draft.goals for task in goal.tasks)
        self._wildcards = {name for task in tasks for name in task.files if patterns.is_wildcard(name)}

    def __contains__(self, name: str) -> bool:
        path = posixpath.join(self._folder, name)
        return path in self._course or any(patterns.matches(pattern, path) for pattern in self._wildcards)


def _follow(source: "_Source", layout: Siblings, text: str, refused: _Refusals) -> None:
    """Take what the program imports, and what that imports."""
    waiting = [(layout.place, text), *source.files.items()]
    asked: set[str] = set()
    while waiting and not source.is_full:
        importer, content = waiting.pop()
        if not importer.endswith(".py"):
            continue
        for name in _candidates(importer, content, layout.folder):
            if name not in asked and name not in refused:
                asked.add(name)
                if name not in source.files and (taken := source.take(name)) is not None:
                    waiting.append((name, taken))


def _candidates(importer: str, text: str, folder: str) -> Iterator[str]:
    """Yield the files that an import may mean: from the program's folder, else from the top."""
    for module in _modules(importer, text):
        parts = module.split(".")
        if parts[0] in UNWANTED:
            continue
        for end in range(1, len(parts) + 1):
            stem = "/".join(parts[:end])
            for start in dict.fromkeys((folder, "")):
                yield posixpath.join(start, f"{stem}.py")
                yield posixpath.join(start, stem, "__init__.py")


def _modules(importer: str, text: str) -> Iterator[str]:
    for one in islice(_IMPORT.finditer(text), MOST_IMPORTS):
        if one["modules"] is not None:
            yield from (part.split()[0] for part in one["modules"].split(",") if _NAME.match(part.strip()))
            continue
        source = _absolute(one["source"], importer)
        if source is not None:
            yield from [source] if source else []
            names = (part.split()[0] for part in one["names"].strip("()").split(",") if part.split())
            yield from (f"{source}.{name}".lstrip(".") for name in names if _NAME.fullmatch(name))


def _absolute(module: str, importer: str) -> str | None:
    """Return a module's whole name; None where the dots lead out of the program's folder."""
    name = module.lstrip(".")
    dots = len(module) - len(name)
    if not dots:
        return name
    package = importer.split("/")[:-1]
    if dots - 1 > len(package):
        return None
    return ".".join([*package[: len(package) - dots + 1], *([name] if name else [])])


class _Source:
    """Reads texts below one folder: an editor's before the disk's, few and small ones only, and never through a link."""

    def __init__(self, folder: Path, opened: Mapping[str, str]) -> None:
        self.files: dict[str, str] = {}
        self._folder = folder
        self._opened = opened
        self._size = 0

    @property
    def is_full(self) -> bool:
        return len(self.files) >= MOST_FILES or self._size >= MOST_BYTES

    def take(self, name: str) -> str | None:
        """Return a text that now belongs to the program, None where there is none to be had."""
        if self.is_full or any(part.startswith(".") for part in name.split("/")):
            return None
        text = self._opened.get(str(self._folder / name))
        if text is None:
            text = self._read(name)
        if text is None or self._size + len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            return None
        self._size += len(text.encode("utf-8", "surrogatepass"))
        self.files[name] = text
        return text

    def _read(self, name: str) -> str | None:
        try:
            content = _bytes_below(self._folder, name)
            return None if b"\0" in content or len(content) > MOST_BYTES else content.decode("utf-8-sig")
        except (OSError, ValueError):
            return None


def _bytes_below(folder: Path, name: str) -> bytes:
    """Return what a regular file holds that is reached from the folder without following a link."""
    if os.open not in os.supports_dir_fd:
        return _bytes_plainly(folder, name)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        *parents, last = name.split("/")
        for part in parents:
            descriptor = _step(descriptor, part, os.O_DIRECTORY)
        descriptor = _step(descriptor, last, os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(name)
        return os.read(descriptor, MOST_BYTES + 1)
    finally:
        os.close(descriptor)


def _step(folder: int, part: str, flags: int) -> int:
    following = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)
    os.close(folder)
    return following


def _bytes_plainly(folder: Path, name: str) -> bytes:
    path = Path(os.path.realpath(folder)) / name
    if Path(os.path.realpath(path)) != path or not path.is_file():
        raise OSError(name)
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)
