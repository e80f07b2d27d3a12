"""Where the archive lies: a local folder, or any place that `pyarrow.fs` reaches by a URI.

A place writes files so that each appears whole or not at all: locally by a hidden file, fsync and rename,
elsewhere by one upload that shows nothing before its end.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow as pa
from pyarrow import fs

from milepost.events import messages
from milepost.events.errors import ArchiveError
from milepost.events.steps import Reached, Step, nothing

TEMPORARY = ".partial"
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_SYNCED_FOLDERS = os.name == "posix"
_SECRET_OPTIONS = ("secret", "password", "token", "key")
_LEAST_SECRET = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it was listed; `path` is relative to the archive, `changed` in nanoseconds since 1970."""

    path: str
    size: int
    changed: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that no reader sees yet: written and synced beside its place, or held in memory for an upload."""

    path: str
    temporary: Path | None = None
    content: pa.Buffer | None = None


class Place(Protocol):
    """What the archive needs of wherever it lies; paths are relative to it. Everything raises OSError."""

    @property
    def filesystem(self) -> Any:
        """Return the file system whose root is the archive's folder."""

    @property
    def label(self) -> str:
        """Return the address for people, without credentials."""

    def prepare(self, folder: str) -> None:
        """Make the folder and remove what writers that died left behind."""

    def draft(self, path: str, content: pa.Buffer) -> Draft:
        """Write what readers pass over until it is published."""

    def publish(self, draft: Draft) -> bool:
        """Let readers see the file, in place of an older one; False if somebody took the draft for a leftover."""

    def discard(self, draft: Draft) -> None:
        """Forget a file that was not published."""

    def move(self, path: str, new_path: str) -> None:
        """Give a file another name, in place of what has it; nothing happens when there is no such file."""

    def delete(self, path: str) -> None:
        """Delete a file; nothing happens when there is none."""

    def settle(self, folder: str) -> None:
        """Make sure that what was deleted stays so after a loss of power."""

    def hide(self, text: str) -> str:
        """Return the text without the place's credentials."""


def open_place(address: Path | str, reached: Reached = nothing) -> Place:
    """Return the place of a folder or a URI. Raises ArchiveError for one that names no place."""
    if isinstance(address, Path) or "://" not in address:
        return LocalPlace(Path(address), reached)
    try:
        filesystem, root = fs.FileSystem.from_uri(address)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ArchiveError(messages.BAD_ADDRESS, address=label_of(address), reason=type(error).__name__) from None
    if isinstance(filesystem, fs.LocalFileSystem):
        return LocalPlace(Path(root), reached)
    return RemotePlace(filesystem, root, address, reached)


def label_of(address: str) -> str:
    """Return a URI without credentials and options."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def list_entries(place: Place, folder: str) -> list[Entry]:
    """Return every file below a folder of the archive; none when there is no such folder."""
    found = place.filesystem.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True))
    return [
        Entry(info.path, info.size or 0, info.mtime_ns or 0)
        for info in sorted(found, key=lambda info: info.path)
        if info.type == fs.FileType.File
    ]


def read_file(place: Place, path: str) -> pa.Buffer:
    """Return what a file holds. Raises FileNotFoundError."""
    with place.filesystem.open_input_file(path) as file:
        return file.read_buffer()


class LocalPlace:
    """A folder of this machine."""

    def __init__(self, folder: Path, reached: Reached = nothing) -> None:
        self.folder = folder
        self._reached = reached

    @property
    def filesystem(self) -> Any:
        """Return the folder as a file system."""
        return fs.SubTreeFileSystem(str(self.folder.absolute()), fs.LocalFileSystem())

    @property
    def label(self) -> str:
        """Return the folder."""
        return str(self.folder)

    def prepare(self, folder: str) -> None:
        """Make the folder and remove drafts; a living writer whose draft goes writes it again."""
        (self.folder / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        for temporary in (self.folder / folder).rglob(f".*{TEMPORARY}"):
            temporary.unlink(missing_ok=True)

    def draft(self, path: str, content: pa.Buffer) -> Draft:
        """Write and sync a hidden file beside the final one."""
        final = self.folder / path
        name = final.name if final.name.startswith(".") else f".{final.name}"
        draft = Draft(path, final.with_name(f"{name}.{secrets.token_hex(8)}{TEMPORARY}"))
        try:
            self._make_folders(final.parent)
            self._write(draft.temporary, content)
        except OSError:
            self.discard(draft)
            raise
        return draft

    def publish(self, draft: Draft) -> bool:
        """Rename the hidden file, for good."""
        assert draft.temporary
        final = self.folder / draft.path
        try:
            draft.temporary.replace(final)
        except FileNotFoundError:
            return False
        self._reached(Step.RENAMED)
        _sync_folder(final.parent)
        self._reached(Step.FOLDER_SYNCED)
        return True

    def discard(self, draft: Draft) -> None:
        """Delete the hidden file if it is still there."""
        with suppress(OSError):
            assert draft.temporary
            draft.temporary.unlink()

    def move(self, path: str, new_path: str) -> None:
        """Rename a file, for good."""
        with suppress(FileNotFoundError):
            (self.folder / path).replace(self.folder / new_path)
            _sync_folder((self.folder / new_path).parent)

    def delete(self, path: str) -> None:
        """Delete a file."""
        (self.folder / path).unlink(missing_ok=True)

    def settle(self, folder: str) -> None:
        """Sync the folder."""
        _sync_folder(self.folder / folder)

    def hide(self, text: str) -> str:
        """Return the text: a folder holds no secret."""
        return text

    def _make_folders(self, folder: Path) -> None:
        missing = [part for part in (folder, *folder.parents) if not part.is_dir()]
        for part in reversed(missing):
            part.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(part.parent)

    def _write(self, temporary: Path | None, content: pa.Buffer) -> None:
        assert temporary
        with os.fdopen(os.open(temporary, _NEW_FILE, 0o600), "wb") as file:
            self._reached(Step.CREATED)
            file.write(content)
            file.flush()
            self._reached(Step.WRITTEN)
            os.fsync(file.fileno())
        self._reached(Step.SYNCED)


class RemotePlace:
    """Object storage: a file is there when its upload has ended, and is never renamed."""

    def __init__(self, filesystem: Any, root: str, address: str, reached: Reached = nothing) -> None:
        self._filesystem = fs.SubTreeFileSystem(root, filesystem)
        self._address = address
        self._secrets = _secrets_of(address)
        self._reached = reached

    @property
    def filesystem(self) -> Any:
        """Return the part of the storage that is the archive."""
        return self._filesystem

    @property
    def label(self) -> str:
        """Return the address without credentials and options."""
        return label_of(self._address)

    def prepare(self, folder: str) -> None:
        """Look whether the storage answers; an upload that was cut off left nothing."""
        self._filesystem.get_file_info(fs.FileSelector(folder, allow_not_found=True))

    def draft(self, path: str, content: pa.Buffer) -> Draft:
        """Hold the content until it is published."""
        self._reached(Step.SYNCED)
        return Draft(path, content=content)

    def publish(self, draft: Draft) -> bool:
        """Upload the file."""
        with self._filesystem.open_output_stream(draft.path) as stream:
            stream.write(draft.content)
        self._reached(Step.RENAMED)
        return True

    def discard(self, draft: Draft) -> None:
        """Do nothing: there is nothing but memory."""

    def move(self, path: str, new_path: str) -> None:
        """Copy the file; the old name is deleted afterwards."""
        try:
            self._filesystem.copy_file(path, new_path)
        except OSError:
            if self._filesystem.get_file_info(path).type == fs.FileType.NotFound:
                return
            raise
        self.delete(path)

    def delete(self, path: str) -> None:
        """Delete a file."""
        with suppress(FileNotFoundError):
            self._filesystem.delete_file(path)

    def settle(self, folder: str) -> None:
        """Do nothing: what was answered is durable."""

    def hide(self, text: str) -> str:
        """Return the text without user, password and secret options of the address."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _secrets_of(address: str) -> tuple[str, ...]:
    parts = urlsplit(address)
    found = {parts.username or "", parts.password or ""}
    found |= {value for name, value in parse_qsl(parts.query) if any(word in name for word in _SECRET_OPTIONS)}
    found |= {unquote(secret) for secret in found}
    return tuple(sorted((secret for secret in found if len(secret) >= _LEAST_SECRET), key=len, reverse=True))


def _sync_folder(folder: Path) -> None:
    if not _SYNCED_FOLDERS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
