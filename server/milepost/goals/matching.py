"""Which task a file belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from milepost.domain.entities import CourseDraft, GoalDraft, TaskDraft
from milepost.goals import folder, keys, patterns


@dataclass(frozen=True, slots=True)
class Match:
    """The task that a file belongs to.

    `position` counts from 1 among the `count` tasks of the goal, `relative` is the file as seen from the course,
    `single` tells that it matched a wildcard and is a submission of its own, not a part of one program.
    """

    goal: GoalDraft
    task: TaskDraft
    position: int
    count: int
    relative: str
    pattern: str
    single: bool

    @property
    def key(self) -> str:
        """Return the identity of the task inside its course file."""
        return keys.task_key(self.goal, self.task)


def match(draft: CourseDraft, path: str) -> Match | None:
    """Return the task that claims the file, None if no task does; a file named as such wins over a wildcard."""
    relative = folder.relative_to(str(Path(draft.path).parent), path)
    if relative is None:
        return None
    found = [one for one in _matches(draft, relative) if not one.single or relative not in _furniture(draft)]
    return min(found, key=lambda one: one.single, default=None)


def program_files(found: Match) -> tuple[str, ...]:
    """Return the files of the program that the file is part of, seen from the course; a wildcard's match is alone."""
    if found.single:
        return (found.relative,)
    return tuple(name for name in found.task.files if not patterns.is_wildcard(name))


def _matches(draft: CourseDraft, relative: str) -> Iterator[Match]:
    for goal in draft.goals:
        for position, task in enumerate(goal.tasks, start=1):
            for pattern in task.files:
                if patterns.matches(pattern, relative):
                    single = patterns.is_wildcard(pattern)
                    yield Match(goal, task, position, len(goal.tasks), relative, pattern, single)


def _furniture(draft: CourseDraft) -> set[str]:
    """Return the files that the course brings for its tasks; a wildcard does not mean them."""
    tasks = [task for goal in draft.goals for task in goal.tasks]
    return {name for task in tasks for name in (*task.contract.files, *([task.starter] if task.starter else ()))}
