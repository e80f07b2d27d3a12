"""A goal from installed courses, for those who have no model: the one nearest to what was asked for."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from milepost.domain.entities import CourseDraft, GoalDraft
from milepost.goals import rendering
from milepost.providers import lexical


def nearest(wish: str, courses: Iterable[CourseDraft]) -> tuple[CourseDraft, GoalDraft] | None:
    """Return the goal that says most nearly what the wish says, with its course; None without any course."""
    wanted = lexical.vector(wish)
    found = [(_likeness(wanted, goal), course, goal) for course in courses for goal in course.goals]
    best = max(found, key=lambda one: one[0], default=None)
    return best[1:] if best else None


def files_of(course: CourseDraft, goal: GoalDraft) -> dict[str, str]:
    """Return the files of a course file that holds just this goal of a course."""
    files = rendering.files_of(replace(course, goals=(goal,)))
    folder = Path(course.path).parent
    for solution in (solution for task in goal.tasks for solution in task.solutions):
        files.setdefault(solution.path, (folder / solution.path).read_text("utf-8"))
    return files


def _likeness(wanted: list[float], goal: GoalDraft) -> float:
    titles = [
        text for task in goal.tasks for text in (task.title.en, task.title.es, task.statement.en, task.statement.es)
    ]
    said = " ".join([goal.title.en, goal.title.es, goal.description.en, goal.description.es, *titles])
    return sum(one * other for one, other in zip(wanted, lexical.vector(said), strict=True))
