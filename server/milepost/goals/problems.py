"""What is wrong with a course file, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.domain.text import Localized, Position, Range


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, from (`line`, `column`) to the end; all zero-based. Show `message` with `pick`."""

    line: int
    column: int
    message: Localized
    end_line: int
    end_column: int

    @property
    def range(self) -> Range:
        """Return the place as a range."""
        return Range(Position(self.line, self.column), Position(self.end_line, self.end_column))


class CourseError(Exception):
    """A course file that cannot be used; `problems` holds everything that is wrong with it, in the file's order."""

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        super().__init__(path, problems)
        self.path = path
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.column))

    def say(self, language: str) -> str:
        """Return one line for each problem: file, line and column (counted from 1) and message."""
        return "\n".join(
            f"{self.path}:{problem.line + 1}:{problem.column + 1}: {problem.message.pick(language)}"
            for problem in self.problems
        )

    def __str__(self) -> str:
        """Return everything in English."""
        return self.say("en")


class RefusedError(ValueError):
    """A value of a course file that cannot be used."""

    def __init__(self, message: Localized) -> None:
        super().__init__(message.en)
        self.message = message


class RuleError(Exception):
    """Something that the rules about users, courses, goals and tasks do not allow."""

    def __init__(self, message: Localized) -> None:
        super().__init__(message.en)
        self.message = message

    def say(self, language: str) -> str:
        """Return the message in the user's language."""
        return self.message.pick(language)


class TransitionError(RuleError):
    """A change of state that is not in the table."""
