"""From the text of a course file to its draft, or to everything that is wrong with it."""

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from milepost.domain.criteria import Reveal
from milepost.domain.entities import CourseDraft
from milepost.domain.text import Localized
from milepost.goals import consistency, drafting, fields, folder, messages, schema, translation, tree
from milepost.goals.problems import CourseError, Problem, RefusedError
from milepost.syntax import grammars
from milepost.syntax.lines import LineIndex

# What YAML calls printable; anything else has to be written as an escape in double quotes.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class Reader:
    """Reads one text once; `path` is the course file's own, absolute."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text.removeprefix("\ufeff")
        self._folder = folder.Folder(Path(path).parent)
        self._lines = LineIndex(self._text)
        self._problems: list[Problem] = []

    def draft(self, content: bytes) -> CourseDraft:
        """Return the draft of the text, whose bytes are `content`; raises CourseError."""
        root = self._compose()
        data = tree.plain_data(root, self._text)
        language = _language(data)
        entry = self._validate(root, data, language)
        self._examine(root, data, language)
        self._raise_problems()
        assert entry is not None
        try:
            return self._assemble(root, entry, language, content)
        except RefusedError as refusal:
            # A file that was there a moment ago.
            self._report(root.span, refusal.message)
            raise CourseError(self._path, self._problems) from None

    def _compose(self) -> tree.Node:
        if len(self._text) > folder.FILE_LIMIT:
            self._report(tree.Span(0, 0), messages.fill(messages.TOO_BIG, limit="1 MB"))
        elif unprintable := _UNPRINTABLE.search(self._text):
            code = f"{ord(unprintable[0]):04X}"
            self._report(tree.Span(*unprintable.span()), messages.fill(messages.BAD_CHARACTER, code=code))
        self._raise_problems()
        root, slips = tree.compose(self._text)
        for slip in slips:
            self._report(slip.span, slip.message)
        if root is None:
            if not slips:
                self._report(tree.Span(0, 0), messages.EMPTY)
            raise CourseError(self._path, self._problems)
        return root

    def _validate(self, root: tree.Node, data: Any, language: str) -> schema.CourseFile | None:
        context = fields.Reading(self._folder, language)
        try:
            return schema.CourseFile.model_validate(data, context=context)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                if not translation.is_echo(one):
                    self._report(tree.place(root, translation.location(one)), translation.say(one))
        finally:
            for slip in context.slips:
                self._report(slip.span, slip.message)
        return None

    def _examine(self, root: tree.Node, data: Any, language: str) -> None:
        def line(location: consistency.Location) -> int:
            return self._lines.position(tree.place(root, location).start).line + 1

        examination = consistency.Examination(data, self._folder, line)
        for location, message in examination.run(python=language == "python"):
            self._report(tree.place(root, location), message)

    def _assemble(self, root: tree.Node, entry: schema.CourseFile, language: str, content: bytes) -> CourseDraft:
        def line(goal: int, task: int) -> int:
            return self._lines.position(tree.place(root, ("goals", goal, "tasks", task)).start).line

        course = entry.course
        reveal = course.reveal if course is not None else Reveal.FIX
        goals = drafting.Drafting(self._folder, language, reveal, line).goals(entry.goals)
        return CourseDraft(
            path=self._path,
            title=course.title.localized() if course is not None else None,
            language=language,
            goals=goals,
            content_hash=self._folder.fingerprint(content),
            share_solutions=course is not None and course.share_solutions,
            description=drafting.words(course.description if course is not None else None),
            retention=course.retention if course is not None else None,
            sources=(self._path, *self._folder.paths),
        )

    def _report(self, span: tree.Span, message: Localized) -> None:
        start, end = self._lines.position(span.start), self._lines.position(span.end)
        if end.line > start.line:
            end = self._lines.position(span.start + len(self._lines.line(start.line)) - start.character)
        problem = Problem(start.line, start.character, message, end.line, end.character)
        if problem not in self._problems:
            self._problems.append(problem)

    def _raise_problems(self) -> None:
        if self._problems:
            raise CourseError(self._path, self._problems)


def _language(data: Any) -> str:
    """Return the language that a course file names, else that of its first file, else Python."""
    course = data.get("course") if isinstance(data, dict) else None
    named = course.get("language") if isinstance(course, dict) else None
    if isinstance(named, str) and grammars.known(named):
        return grammars.grammar(named).name
    return next((found for path in _paths(data) if (found := grammars.language_of(path)) is not None), "python")


def _paths(data: Any) -> list[str]:
    tasks = [
        task
        for location, goal in consistency.items(data, "goals", ())
        for _, task in consistency.items(goal, "tasks", location)
    ]
    return [name for task in tasks for _, name in consistency.items(task, "files", ()) if isinstance(name, str)]
