"""Where a batch of events lies in the archive; whatever a value holds, its file stays inside."""

import hashlib
import re
from calendar import monthrange
from datetime import UTC, date, datetime
from pathlib import PurePosixPath

from milepost.domain.events import BaseEvent, EventType

ROOT = "events"
# The folder of a day, as PostgreSQL's `to_char` writes it; `day_folder` says the same.
DAY_FORMAT = f'"{ROOT}/year="YYYY"/month="MM"/day="DD'
MAX_PART = 80
MAX_NAME = 2 * MAX_PART + len("_events-.parquet")
_HASHED = "x-"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PATH = re.compile(
    rf"{ROOT}/year=\d{{4}}/month=(0[1-9]|1[0-2])/day=(0[1-9]|[12]\d|3[01])/[a-z0-9][a-z0-9_-]*_events[a-z0-9_-]*\.parquet"
)
_MERGED = re.compile(rf"{ROOT}/.*/[a-z0-9][a-z0-9_-]*_events(-merged-(\d+))?\.parquet")
_PLACE = re.compile(rf"{ROOT}/year=(\d+)/month=(\d+)/day=(\d+)/(.+?)_events[a-z0-9_-]*\.parquet")
_NOTE = ".moved"
_CONTENT = ".merged"
_HIDDEN = re.compile(rf"/\.[^/]+({_CONTENT}(\.[0-9a-f]+\.partial)?|{_NOTE}\.[0-9a-f]+\.partial)$")
# Windows keeps these names for devices, with any extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)")

KINDS = tuple(dict.fromkeys(kind.value.partition(".")[0] for kind in EventType))


def kind_of(event: BaseEvent) -> str:
    """Return the kind of file that an event is archived in: what its type says before the dot."""
    return event.event_type.value.partition(".")[0]


def batch_path(kind: str, moment: datetime, batch: str) -> str:
    """Return the path, relative to the archive, of the file for one kind and one day of a batch."""
    return f"{day_folder(moment.astimezone(UTC).date())}/{part(kind)}_events-{part(batch)}.parquet"


def merged_path(kind: str, day: date, generation: int = 1) -> str:
    """Return the path of the one file for a kind and a day; another generation has another name.

    An outside reader that listed the folder before must not find events of its other files under a name it knows.
    """
    suffix = "" if generation == 1 else f"-merged-{generation}"
    return f"{day_folder(day)}/{part(kind)}_events{suffix}.parquet"


def generation_of(path: str) -> int:
    """Return the generation of a merged file, 0 for the file of a batch."""
    found = _MERGED.fullmatch(path)
    return int(found[2] or 1) if found else 0


def month_folder(year: int, month: int) -> str:
    """Return the folder of a month, relative to the archive."""
    return f"{ROOT}/year={year:04d}/month={month:02d}"


def day_folder(day: date) -> str:
    """Return the folder of a day, relative to the archive."""
    return f"{month_folder(day.year, day.month)}/day={day.day:02d}"


def day_of(path: str) -> date:
    """Return the day whose folder the file lies in; the last of its month for one that no month has."""
    found = _PLACE.fullmatch(path)
    assert found
    year, month, day = (int(found[number]) for number in (1, 2, 3))
    return date(max(year, 1), month, min(day, monthrange(max(year, 1), month)[1]))


def kind_in(path: str) -> str:
    """Return the piece of a file's name that stands for the kind of its events."""
    found = _PLACE.fullmatch(path)
    assert found
    return found[4]


def content_path(path: str, mark: str) -> str:
    """Return the hidden name of what is about to be called `path`."""
    final = PurePosixPath(path)
    return str(final.with_name(f".{final.name}.{mark}{_CONTENT}"))


def note_path(path: str) -> str:
    """Return the hidden name of the note about what is about to be called `path`."""
    final = PurePosixPath(path)
    return str(final.with_name(f".{final.name}{_NOTE}"))


def is_note_path(path: str) -> bool:
    """Tell whether a listed file is such a note."""
    return PurePosixPath(path).name.startswith(".") and path.endswith(_NOTE)


def is_content_path(path: str) -> bool:
    """Tell whether a listed file is such a hidden one, or the draft of one or of a note."""
    return _HIDDEN.search(path) is not None


def part(value: str | None) -> str:
    """Return a piece of a file name for a value: itself if it is plain, else its letters and a hash.

    Different values give different pieces, also where the file system ignores case.
    """
    text = value or ""
    plain = len(text) <= MAX_PART and _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text)
    if plain and not text.startswith(_HASHED):
        return text
    letters = re.sub(r"[^a-z0-9]+", "-", text.lower())[:24].strip("-")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f"{_HASHED}{letters}-{digest}" if letters else f"{_HASHED}{digest}"


def is_archive_path(path: str) -> bool:
    """Tell whether a stored path is one that `batch_path` could have made."""
    return _PATH.fullmatch(path) is not None and len(PurePosixPath(path).name) <= MAX_NAME
