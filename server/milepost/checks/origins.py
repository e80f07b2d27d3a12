"""Where a program comes from: its language, its file's name and what runs before it."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Self

from milepost.domain.criteria import Contract


@dataclass(frozen=True, slots=True)
class Origin:
    """What the programs of one task have in common; `file_name` has no folder."""

    language: str
    file_name: str
    preamble: str = ""

    @classmethod
    def of(cls, contract: Contract, path: str, language: str | None = None) -> Self:
        """Return the origin of programs under a contract."""
        return cls(language or contract.language, PurePath(path).name or "program", contract.preamble)
