"""The shape of a course file: which keys there are, what they may hold, and what is assumed where they are absent."""

from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from milepost.domain.criteria import Reveal
from milepost.domain.entities import TaskType
from milepost.domain.text import Localized
from milepost.goals import expressions, fields, messages
from milepost.goals.problems import RefusedError
from milepost.goals.tree import Entries


class ExampleEntry(fields.Strict):
    """One call and what it must give."""

    call: fields.Expression
    expect: fields.Expression | None = None
    approx: fields.Tolerance | None = None
    unordered: bool = False
    raises: Annotated[str, AfterValidator(expressions.exception_name)] | None = None
    prints: str | None = None
    setup: fields.Code = ""
    timeout: fields.Timeout = 2.0

    @model_validator(mode="after")
    def _has_one_outcome(self) -> Self:
        if sum(outcome is not None for outcome in (self.expect, self.raises, self.prints)) != 1:
            raise RefusedError(messages.ONE_OUTCOME)
        for key, given in (("approx", self.approx is not None), ("unordered", self.unordered)):
            if given and self.expect is None:
                raise RefusedError(messages.fill(messages.ONLY_WITH_EXPECT, key=key))
        return self


class DialogueEntry(fields.Strict):
    """One run of a whole program."""

    input: str = ""
    output: str
    timeout: fields.Timeout = 2.0


class ConstructEntry(fields.Strict):
    """One thing that is used or not."""

    call: fields.Said | None = None
    construct_: Annotated[fields.Said | None, Field(alias="construct")] = None
    import_: Annotated[fields.Said | None, Field(alias="import")] = None
    query: fields.Said | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(given is not None for given in (self.call, self.construct_, self.import_, self.query)) != 1:
            raise RefusedError(messages.ONE_CONSTRUCT)
        return self


class TestsBody(fields.Strict):
    """A file of tests; `files` are what it needs beside itself."""

    path: fields.ExistingFile
    files: tuple[fields.ExistingFiles, ...] = ()
    timeout: fields.LongTimeout = 10.0


class LintBody(fields.Strict):
    """Rules of Ruff."""

    select: Annotated[tuple[Annotated[str, AfterValidator(expressions.selector)], ...], Field(min_length=1)]


class ComplexityBody(fields.Strict):
    """The largest cyclomatic complexity that a function may have."""

    max: Annotated[int, Field(ge=1, le=1000)]


class CommandBody(fields.Strict):
    """A command; `files` are what it needs beside the learner's, `junit` is what it writes."""

    run: fields.Said
    junit: fields.LearnerFile | None = None
    files: tuple[fields.ExistingFiles, ...] = ()
    timeout: fields.LongTimeout = 30.0


class RubricBody(fields.Strict):
    """A requirement in words."""

    text: fields.Said


class CriterionEntry(fields.Strict):
    """What stands beside every kind."""

    weight: fields.Weight = 1.0

    @classmethod
    def _unknown(cls, key: str, known: set[str], entries: Entries) -> Localized:
        if key in KINDS:
            return messages.fill(messages.TWO_KINDS, first=_kind(entries), second=key)
        return super()._unknown(key, known, entries)


class ExamplesEntry(CriterionEntry):
    """Examples of calls."""

    examples: Annotated[tuple[ExampleEntry, ...], Field(min_length=1), fields.python_only("examples")]


class TestsEntry(CriterionEntry):
    """A file of tests."""

    tests: Annotated[TestsBody, BeforeValidator(fields.under("path")), fields.python_only("tests")]


class StdioEntry(CriterionEntry):
    """Runs of the program."""

    stdio: Annotated[tuple[DialogueEntry, ...], Field(min_length=1)]


class DefinesEntry(CriterionEntry):
    """Signatures."""

    defines: Annotated[tuple[Annotated[str, AfterValidator(expressions.signature)], ...], Field(min_length=1)]


class RequiresEntry(CriterionEntry):
    """What must be used."""

    requires: Annotated[tuple[ConstructEntry, ...], Field(min_length=1)]


class ForbidsEntry(CriterionEntry):
    """What must not be used."""

    forbids: Annotated[tuple[ConstructEntry, ...], Field(min_length=1)]


class LintEntry(CriterionEntry):
    """Rules of Ruff."""

    lint: Annotated[LintBody, BeforeValidator(fields.under("select")), fields.python_only("lint")]


class ComplexityEntry(CriterionEntry):
    """A limit of complexity."""

    complexity: Annotated[ComplexityBody, BeforeValidator(fields.under("max")), fields.python_only("complexity")]


class CommandEntry(CriterionEntry):
    """A command."""

    command: Annotated[CommandBody, BeforeValidator(fields.under("run"))]


class RubricEntry(CriterionEntry):
    """A requirement in words."""

    rubric: Annotated[RubricBody, BeforeValidator(fields.under("text"))]


KINDS = (
    "examples", "tests", "stdio", "defines", "requires", "forbids", "lint", "complexity", "command", "rubric",
)  # fmt: skip


def _kind(value: Any) -> str | None:
    return next((key for key in value if key in KINDS), None) if isinstance(value, dict) else None


AnyCriterion = Annotated[
    Annotated[ExamplesEntry, Tag("examples")]
    | Annotated[TestsEntry, Tag("tests")]
    | Annotated[StdioEntry, Tag("stdio")]
    | Annotated[DefinesEntry, Tag("defines")]
    | Annotated[RequiresEntry, Tag("requires")]
    | Annotated[ForbidsEntry, Tag("forbids")]
    | Annotated[LintEntry, Tag("lint")]
    | Annotated[ComplexityEntry, Tag("complexity")]
    | Annotated[CommandEntry, Tag("command")]
    | Annotated[RubricEntry, Tag("rubric")],
    Discriminator(_kind),
]


class TaskEntry(fields.Strict):
    """A task."""

    title: fields.Title
    files: Annotated[tuple[fields.LearnerFile, ...], Field(min_length=1)]
    criteria: Annotated[tuple[AnyCriterion, ...], Field(min_length=1)]
    statement: fields.Words | None = None
    starter: fields.ExistingFile | None = None
    solutions: tuple[fields.ExistingFiles, ...] = ()
    preamble: Annotated[str, AfterValidator(fields.preamble_code)] | None = None
    assume: Annotated[tuple[fields.Expression, ...], fields.python_only("assume")] = ()
    inputs: Annotated[str, AfterValidator(expressions.generator), fields.python_only("inputs")] | None = None
    type: Annotated[TaskType, BeforeValidator(fields.upper)] = TaskType.CODE

    @model_validator(mode="after")
    def _has_one_source_of_inputs(self) -> Self:
        if self.inputs is not None and self.assume:
            raise RefusedError(messages.EITHER_INPUTS)
        return self


class GoalEntry(fields.Strict):
    """A goal."""

    title: fields.Title
    tasks: tuple[TaskEntry, ...] = ()
    description: fields.Words | None = None


class CourseEntry(fields.Strict):
    """What is true of the whole course."""

    title: fields.Title
    language: Annotated[str, AfterValidator(fields.known_language)]
    description: fields.Words | None = None
    reveal: Annotated[Reveal, BeforeValidator(fields.lower)] = Reveal.FIX
    share_solutions: bool = False
    retention: Annotated[int, Field(ge=1, le=36500)] | None = None


class CourseFile(fields.Strict):
    """The whole file; without a course it holds goals that stand alone."""

    course: CourseEntry | None = None
    goals: tuple[GoalEntry, ...] = ()

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.course is None and not self.goals:
            raise RefusedError(messages.fill(messages.MISSING, key="goals"))
        return self
