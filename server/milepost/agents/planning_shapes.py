"""The shape in which a model drafts a goal, and what becomes of it as a draft of a course file."""

import re
import unicodedata
from collections.abc import Sequence

from pydantic import BaseModel, Field

from milepost.agents import reviewing_words
from milepost.domain.criteria import (
    Construct,
    Contract,
    Criterion,
    Defines,
    Example,
    Examples,
    Forbids,
    Requires,
    Rubric,
)
from milepost.domain.entities import CourseDraft, GoalDraft, Solution, TaskDraft
from milepost.domain.text import Localized

MOST_TASKS = 12


class SaidExample(BaseModel):
    """One call and the expression that it must give."""

    call: str
    expect: str


class SaidTask(BaseModel):
    """One task of a drafted goal."""

    title: str
    statement: str
    file: str = Field(description="one Python file in the learner's folder, such as parse_csv.py")
    starter: str = Field(description="what stands in the file at the beginning, or empty")
    defines: list[str] = Field(description="signatures such as area(width, height)")
    examples: list[SaidExample]
    requires: list[str] = Field(description="names of functions that have to be called, usually none")
    forbids: list[str] = Field(description="names of functions that must not be called, usually none")
    rubric: str | None = Field(description="a requirement in words, or null")
    solution: str = Field(description="a complete program that meets every criterion")


class SaidGoal(BaseModel):
    """A goal with its tasks in the order in which they are learnt."""

    title: str
    description: str
    tasks: list[SaidTask]


def course_of(said: SaidGoal) -> CourseDraft:
    """Return the drafted goal as a course file without a course; nothing in it was checked yet."""
    tasks = tuple(_task(number, task) for number, task in enumerate(said.tasks[:MOST_TASKS], 1))
    goal = GoalDraft(_words(said.title), tasks, _words(said.description))
    return CourseDraft("", None, "python", (goal,), "")


def slug(text: str, otherwise: str = "goal") -> str:
    """Return a text as the name of a file: small letters, digits and underlines."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or otherwise


def _task(number: int, said: SaidTask) -> TaskDraft:
    name = f"{number:02d}_{slug(said.title, 'task')}.py"
    return TaskDraft(
        title=_words(said.title),
        files=(said.file,),
        contract=Contract("python", tuple(_criteria(said))),
        statement=_words(said.statement),
        starter=f"starter/{name}" if said.starter.strip() else None,
        starter_text=said.starter,
        solutions=(Solution(f"solutions/{name}", said.solution),) if said.solution.strip() else (),
    )


def _criteria(said: SaidTask) -> Sequence[Criterion]:
    criteria: list[Criterion] = []
    if said.defines:
        criteria.append(Defines(tuple(said.defines)))
    if said.examples:
        criteria.append(Examples(tuple(Example(one.call, one.expect) for one in said.examples)))
    if said.requires:
        criteria.append(Requires(tuple(Construct(call=name) for name in said.requires)))
    if said.forbids:
        criteria.append(Forbids(tuple(Construct(call=name) for name in said.forbids)))
    if said.rubric:
        criteria.append(Rubric(reviewing_words.without_links(said.rubric)))
    return criteria


def _words(text: str) -> Localized:
    plain = reviewing_words.without_links(text)
    return Localized(plain, plain)
