"""Which course files the user trusts, by path and content; kept in the user's data folder, never in a workspace."""

import json
import os
import tempfile
from pathlib import Path


class TrustFile:
    """The answers that were given; a changed course file has to be asked about anew."""

    def __init__(self, file: Path) -> None:
        """Keep the answers in `file`, which need not exist yet."""
        self._file = file

    def answer(self, course_path: str, content_hash: str) -> bool | None:
        """Return the user's answer, or None if there is none for this content."""
        kept = self._read().get(course_path)
        return bool(kept["granted"]) if kept and kept["hash"] == content_hash else None

    def keep(self, course_path: str, content_hash: str, *, granted: bool) -> None:
        """Keep an answer; a newer one replaces it."""
        answers = self._read()
        answers[course_path] = {"hash": content_hash, "granted": granted}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._file.parent, delete=False, encoding="utf-8") as written:
            json.dump(answers, written, indent=1)
        os.replace(written.name, self._file)  # noqa: PTH105 Two servers may write; one of the answers wins whole.

    def _read(self) -> dict[str, dict[str, str | bool]]:
        try:
            answers = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return answers if isinstance(answers, dict) else {}
