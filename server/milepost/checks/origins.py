"""Where a program comes from: its language, its file's name, what runs before it and what lies beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Self

from milepost.domain.criteria import ALONE, Contract, Siblings
from milepost.sandbox.runs import Call, CallRun


@dataclass(frozen=True, slots=True)
class Origin:
    """What the programs of one task have in common; `file_name` has no folder."""

    language: str
    file_name: str
    preamble: str = ""
    siblings: Siblings = ALONE

    @classmethod
    def of(cls, contract: Contract, path: str, language: str | None = None) -> Self:
        """Return the origin of programs under a contract."""
        name = PurePath(path).name or "program"
        return cls(language or contract.language, name, contract.preamble, contract.siblings)

    @property
    def place(self) -> str:
        """Return where the judged file lies."""
        return self.siblings.place or self.file_name

    def files(self, text: str) -> dict[str, str]:
        """Return every file of the program by path."""
        return {**self.siblings.files, self.place: text}

    def command_files(self, text: str, course: Mapping[str, str]) -> dict[str, str]:
        """Return what a command finds in the course's folder; only the judged file takes the place of the course's."""
        return {**self.siblings.files, **course, self.place: text}

    def started(self, text: str) -> tuple[str, str, dict[str, str], str]:
        """Return the text that is run, its file's name, the files beside it, and which of these the judged one is."""
        entry = self.siblings.entry
        if not entry:
            return text, self.file_name, self.siblings.files, ""
        beside = {name: content for name, content in self.files(text).items() if name != entry}
        return self.siblings.files[entry], PurePath(entry).name, beside, self.place

    def calls(
        self, text: str, calls: Sequence[Call], *, trace: bool = False, stop_after_failures: int | None = None
    ) -> CallRun:
        """Return the run of calls on a program."""
        source, name, files, watched = self.started(text.removeprefix("\ufeff"))
        folder = self.siblings.folder
        return CallRun(source, name, tuple(calls), self.preamble, trace, stop_after_failures, files, watched, folder)
