"""From the checked entries of a course file to the course's draft."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from milepost.domain import criteria
from milepost.domain.entities import GoalDraft, Solution, TaskDraft
from milepost.domain.text import Localized
from milepost.goals import fields, folder, schema, siblings

_NOTHING = Localized("", "")


@dataclass(frozen=True, slots=True)
class Drafting:
    """Makes drafts; `line` gives the line of a goal's task by their numbers."""

    folder: folder.Folder
    language: str
    reveal: criteria.Reveal
    line: Callable[[int, int], int]

    def goals(self, entries: tuple[schema.GoalEntry, ...]) -> tuple[GoalDraft, ...]:
        """Return the goals with their tasks."""
        return tuple(
            GoalDraft(
                title=entry.title.localized(),
                tasks=tuple(self._task(task, self.line(number, place)) for place, task in enumerate(entry.tasks)),
                description=words(entry.description),
            )
            for number, entry in enumerate(entries)
        )

    def _task(self, entry: schema.TaskEntry, line: int) -> TaskDraft:
        return TaskDraft(
            title=entry.title.localized(),
            files=tuple(dict.fromkeys(entry.files)),
            contract=self._contract(entry),
            statement=words(entry.statement),
            starter=entry.starter,
            starter_text=self.folder.text(entry.starter) if entry.starter is not None else "",
            solutions=tuple(self._solutions(entry)),
            task_type=entry.type,
            line=line,
        )

    def _contract(self, entry: schema.TaskEntry) -> criteria.Contract:
        return criteria.Contract(
            language=self.language,
            criteria=tuple(criterion_of(one) for one in entry.criteria),
            preamble=entry.preamble or "",
            assume=entry.assume,
            inputs=entry.inputs,
            reveal=self.reveal,
            files={name: self.folder.text(name) for name in sorted(set(self._needed(entry)))},
        )

    def _solutions(self, entry: schema.TaskEntry) -> Iterator[Solution]:
        paths = dict.fromkeys(path for pattern in entry.solutions for path in self.folder.matching(pattern))
        for path, beside in siblings.companions(entry.files, list(paths)).items():
            texts = {name: self.folder.text(other) for name, other in beside.items()}
            yield Solution(path, self.folder.text(path), texts, tuple(beside.values()))

    def _needed(self, entry: schema.TaskEntry) -> Iterator[str]:
        """Yield the files that the criteria of a task need to run."""
        for one in entry.criteria:
            if isinstance(one, schema.TestsEntry):
                yield one.tests.path
                yield from self._matching(one.tests.files)
            elif isinstance(one, schema.CommandEntry):
                yield from self._matching(one.command.files)
                yield from self.folder.command_files(one.command.run, entry.files)

    def _matching(self, named: tuple[str, ...]) -> Iterator[str]:
        return (path for pattern in named for path in self.folder.matching(pattern))


def words(entry: fields.Wording | None) -> Localized:
    """Return a text in both languages, empty where there is none."""
    return entry.localized() if entry is not None else _NOTHING


def criterion_of(entry: schema.CriterionEntry) -> criteria.Criterion:
    """Return the criterion of a checked entry."""
    match entry:
        case schema.ExamplesEntry():
            return criteria.Examples(tuple(_example(one) for one in entry.examples), entry.weight)
        case schema.TestsEntry():
            return criteria.Tests(entry.tests.path, entry.weight, entry.tests.timeout)
        case schema.StdioEntry():
            dialogues = tuple(criteria.Dialogue(one.input, one.output, one.timeout) for one in entry.stdio)
            return criteria.Stdio(dialogues, entry.weight)
        case schema.CommandEntry():
            command = entry.command
            return criteria.Command(command.run, command.junit, entry.weight, command.timeout)
        case _:
            return _static_criterion(entry)


def _static_criterion(entry: schema.CriterionEntry) -> criteria.Criterion:
    match entry:
        case schema.DefinesEntry():
            return criteria.Defines(entry.defines, entry.weight)
        case schema.RequiresEntry():
            return criteria.Requires(tuple(_construct(one) for one in entry.requires), entry.weight)
        case schema.ForbidsEntry():
            return criteria.Forbids(tuple(_construct(one) for one in entry.forbids), entry.weight)
        case schema.LintEntry():
            return criteria.Lint(entry.lint.select, entry.weight)
        case schema.ComplexityEntry():
            return criteria.Complexity(entry.complexity.max, entry.weight)
        case schema.RubricEntry():
            return criteria.Rubric(entry.rubric.text, entry.weight)
        case _:
            raise TypeError(type(entry).__name__)


def _example(entry: schema.ExampleEntry) -> criteria.Example:
    return criteria.Example(
        call=entry.call,
        expect=entry.expect,
        approx=entry.approx,
        unordered=entry.unordered,
        raises=entry.raises,
        prints=entry.prints,
        setup=entry.setup,
        timeout=entry.timeout,
    )


def _construct(entry: schema.ConstructEntry) -> criteria.Construct:
    return criteria.Construct(entry.call, entry.construct_, entry.import_, entry.query)
