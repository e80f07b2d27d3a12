"""The files of a course: only such as lie in its folder, and only as much as a course needs."""

import hashlib
import os
import posixpath
import re
import shlex
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from milepost.goals import messages, patterns
from milepost.goals.problems import RefusedError

FILE_LIMIT = 1 << 20
TOTAL_LIMIT = 32 << 20
COUNT_LIMIT = 2_000
VISIT_LIMIT = 50_000
_LIMIT_TEXT = "1 MB"
_NEVER_SEARCHED = frozenset({"__pycache__", "node_modules", "venv"})
_DRIVE = re.compile(r"^[A-Za-z]:")
# Lone surrogates stand for bytes of a file's name that are no UTF-8.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def normalise(path: str) -> str:
    """Return a relative path in its one spelling; raises RefusedError for one that is not relative or leads out."""
    if not path or path.startswith(("/", "~")) or "\\" in path or _DRIVE.match(path) or _CONTROL.search(path):
        raise RefusedError(messages.fill(messages.NOT_RELATIVE, path=_printable(path)))
    if ".." in path.split("/"):
        raise RefusedError(messages.fill(messages.LEAVES_FOLDER, path=path))
    plain = posixpath.normpath(path)
    if plain == ".":
        raise RefusedError(messages.fill(messages.NOT_A_FILE, path=path))
    return plain


def absolute(path: str | os.PathLike[str]) -> Path:
    """Return the path from the root, without `..` and with its symbolic links as they are."""
    return Path(os.path.normpath(Path(path).absolute()))


def relative_to(root: str, path: str) -> str | None:
    """Return the path as seen from the folder, with `/`; None when it lies outside, also by way of symbolic links."""
    try:
        real_root, real = Path(os.path.realpath(root)), Path(os.path.realpath(path))
    except (ValueError, OSError):
        return None
    if not real.is_relative_to(real_root):
        return None
    lexical = absolute(path)
    if lexical.is_relative_to(absolute(root)):
        return lexical.relative_to(absolute(root)).as_posix()
    return real.relative_to(real_root).as_posix()


class Folder:
    """Reads the files that a course names, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real_root = os.path.realpath(root)
        self._texts: dict[str, str] = {}
        self._size = 0

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the absolute paths of the files read so far, sorted."""
        return tuple(str(self.root / name) for name in sorted(self._texts))

    def text(self, path: str) -> str:
        """Return the text of a file; raises RefusedError where there is none that may be read."""
        name = normalise(path)
        if name not in self._texts:
            self._texts[name] = self._read(name)
        return self._texts[name]

    def is_file(self, path: str) -> bool:
        """Tell whether there is such a file; a path that leads out has none."""
        try:
            name = normalise(path)
            self.contain(name)
        except RefusedError:
            return False
        return (self.root / name).is_file()

    def contain(self, path: str) -> None:
        """Raise RefusedError when symbolic links lead the path out of the folder."""
        if not Path(os.path.realpath(self.root / path)).is_relative_to(self._real_root):
            raise RefusedError(messages.fill(messages.LEAVES_FOLDER, path=path))

    def matching(self, pattern: str) -> list[str]:
        """Return the files that the pattern matches, sorted; a name without wildcard stands for itself."""
        wanted = normalise(pattern)
        if not patterns.is_wildcard(wanted):
            return [wanted] if self.is_file(wanted) else []
        fixed = patterns.fixed_folder(wanted)
        if fixed:
            self.contain(fixed)
        depth = None if "**" in wanted.split("/") else wanted.count("/")
        return sorted(name for name in self._walk(fixed, depth, wanted) if patterns.matches(wanted, name))

    def command_files(self, command: str, learners: Iterable[str]) -> Iterator[str]:
        """Yield the files that a command line names, without those that match the patterns of the learner's own."""
        try:
            words = shlex.split(command)
        except ValueError:
            return
        for name in (normalise(word) for word in words if self.is_file(word)):
            if not any(patterns.matches(pattern, name) for pattern in learners):
                yield name

    def fingerprint(self, course_file: bytes) -> str:
        """Return a hash over the course file and every file read."""
        digest = hashlib.sha256(course_file)
        for name in sorted(self._texts):
            content = self._texts[name].encode()
            digest.update(f"\0{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def _read(self, name: str) -> str:
        self.contain(name)
        content = read_bytes(self.root / name, name)
        self._size += len(content)
        if self._size > TOTAL_LIMIT or len(self._texts) >= COUNT_LIMIT:
            limits = {"files": f"{COUNT_LIMIT:,}", "limit": f"{TOTAL_LIMIT >> 20} MB"}
            raise RefusedError(messages.fill(messages.FOLDER_TOO_BIG, **limits))
        if b"\0" in content:
            raise RefusedError(messages.fill(messages.NOT_TEXT_FILE, path=name))
        return decode(content, name)

    def _walk(self, start: str, depth: int | None, pattern: str) -> Iterator[str]:
        visited = 0
        for folder, folders, files in os.walk(self.root / start):
            here = Path(folder).relative_to(self.root).as_posix()
            level = 0 if here == "." else here.count("/") + 1
            enter = depth is None or level < depth
            folders[:] = sorted(name for name in folders if enter and _is_searched(name))
            visited += len(files) + len(folders)
            if visited > VISIT_LIMIT:
                raise RefusedError(messages.fill(messages.SEARCH_TOO_LONG, path=pattern))
            yield from (name if level == 0 else f"{here}/{name}" for name in files)


def read_bytes(path: Path, name: str) -> bytes:
    """Return what a regular file of a bearable size holds; raises RefusedError for anything else, calling it `name`."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise RefusedError(messages.fill(messages.NOT_A_FILE, path=name))
        if status.st_size > FILE_LIMIT:
            raise RefusedError(messages.fill(messages.FILE_TOO_BIG, path=name, limit=_LIMIT_TEXT))
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise RefusedError(messages.fill(messages.NO_FILE, path=name)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RefusedError(messages.fill(messages.UNREADABLE, path=name, problem=reason)) from None
    if len(content) > FILE_LIMIT:
        raise RefusedError(messages.fill(messages.FILE_TOO_BIG, path=name, limit=_LIMIT_TEXT))
    return content


def decode(content: bytes, name: str) -> str:
    """Return UTF-8 text without its byte order mark; raises RefusedError for anything else."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusedError(messages.fill(messages.NOT_UTF8, path=name)) from None


def _is_searched(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _NEVER_SEARCHED


def _printable(path: str) -> str:
    return path.encode("unicode_escape").decode() if _CONTROL.search(path) else path
