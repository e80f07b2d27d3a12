"""Where a batch of events lies in the archive; whatever a value holds, its file stays inside."""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import PurePosixPath

from milepost.domain.events import BaseEvent, EventType

ROOT = "events"
MAX_PART = 80
MAX_NAME = 2 * MAX_PART + len("_events-.parquet")
_HASHED = "x-"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PATH = re.compile(
    rf"{ROOT}/year=\d{{4}}/month=(0[1-9]|1[0-2])/day=(0[1-9]|[12]\d|3[01])/[a-z0-9][a-z0-9_-]*_events[a-z0-9_-]*\.parquet"
)
# Windows keeps these names for devices, with any extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)")

KINDS = tuple(dict.fromkeys(kind.value.partition(".")[0] for kind in EventType))


def kind_of(event: BaseEvent) -> str:
    """Return the kind of file that an event is archived in: what its type says before the dot."""
    return event.event_type.value.partition(".")[0]


def batch_path(kind: str, moment: datetime, batch: str) -> str:
    """Return the path, relative to the archive, of the file for one kind and one day of a batch."""
    day = moment.astimezone(UTC)
    folder = f"{ROOT}/year={day.year:04d}/month={day.month:02d}/day={day.day:02d}"
    return f"{folder}/{part(kind)}_events-{part(batch)}.parquet"


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
