"""Which files of the archive hold its events at this moment, also while many of them are becoming one.

A note (see `Note`) says that a hidden file has taken the place of others. From the moment it is there readers take
the hidden file and pass over the others, so the note's appearance is the one step that changes what the archive is.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from milepost.events import messages, paths, places
from milepost.events.errors import ArchiveError
from milepost.events.places import Entry, Place

# Looks at an archive that changes under the reader's eyes; each follows a change that has ended.
LOOKS = 100
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Note:
    """The files `sources` are replaced by the hidden file `content`, which is about to be called `target`."""

    target: str
    content: str
    sources: tuple[str, ...]

    @property
    def path(self) -> str:
        """Return where the note lies: one for each target."""
        return paths.note_path(self.target)

    def encoded(self) -> bytes:
        """Return the note as it is written."""
        return json.dumps({"target": self.target, "content": self.content, "sources": list(self.sources)}).encode()

    @classmethod
    def decoded(cls, text: bytes) -> "Note":
        """Return the note that was written."""
        found = json.loads(text)
        return cls(found["target"], found["content"], tuple(found["sources"]))


@dataclass(frozen=True, slots=True)
class Stored:
    """One file that counts: `path` is where it lies, `name` is what event rows call it (or one of `others`)."""

    path: str
    name: str
    size: int
    changed: int
    others: tuple[str, ...] = ()


def list_stored(place: Place, folder: str = paths.ROOT) -> list[Stored]:
    """Return every file that counts, by name. Raises OSError, FileNotFoundError when it changed meanwhile."""
    entries = {entry.path: entry for entry in places.list_entries(place, folder)}
    notes = read_notes(place, entries)
    replaced = {path for note in notes for path in (*note.sources, note.target)}
    plain = [
        Stored(entry.path, entry.path, entry.size, entry.changed)
        for entry in entries.values()
        if paths.is_archive_path(entry.path) and entry.path not in replaced
    ]
    return sorted([*plain, *_replacing(notes, entries)], key=lambda stored: stored.name)


def read_notes(place: Place, listed: Iterable[str]) -> list[Note]:
    """Return the notes among the listed files."""
    found = [path for path in listed if paths.is_note_path(path)]
    return [Note.decoded(places.read_file(place, path).to_pybytes()) for path in found]


def is_moving(place: Place, path: str) -> bool:
    """Tell whether there is a note about the file that is about to have this name."""
    return bool(place.filesystem.get_file_info(paths.note_path(path)).is_file)


def read_stable(place: Place, folders: Sequence[str], work: Callable[[list[Stored]], _Result]) -> _Result:
    """Return what `work` makes of the files that count, made again until none of them changed meanwhile.

    Raises ArchiveError.
    """
    for _ in range(LOOKS):
        try:
            before = [stored for folder in folders for stored in list_stored(place, folder)]
            result = work(before)
            after = {stored for folder in folders for stored in list_stored(place, folder)}
        except FileNotFoundError:
            continue
        # A batch that came meanwhile holds events that are new; a merged file came in the place of others.
        if after.issuperset(before) and not any(paths.generation_of(new.name) for new in after.difference(before)):
            return result
    raise ArchiveError(messages.RESTLESS)


def _replacing(notes: Sequence[Note], entries: dict[str, Entry]) -> list[Stored]:
    found = []
    for note in notes:
        # Hidden until it gets its name, which it may have got already.
        entry = entries.get(note.content) or entries.get(note.target)
        if entry is None:
            raise FileNotFoundError(note.content)
        found.append(Stored(entry.path, note.target, entry.size, entry.changed, note.sources))
    return found
