"""What has to fit together in a course file as a whole; looks at whatever is readable in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from milepost.domain.text import Localized
from milepost.goals import expressions, folder, messages, patterns
from milepost.goals.problems import RefusedError

Location = tuple[int | str, ...]
Found = tuple[Location, Localized]
_PAIR_LIMIT = 250_000


@dataclass(frozen=True, slots=True)
class _Claim:
    """One entry under the `files` of a task."""

    pattern: str
    location: Location
    task: Location
    title: str


@dataclass(frozen=True, slots=True)
class Examination:
    """The data of a course file, its folder and a function that gives the line (from 1) of a location."""

    data: Any
    folder: folder.Folder
    line: Callable[[Location], int]

    def run(self, *, python: bool) -> Iterator[Found]:
        """Yield everything that does not fit together."""
        yield from self._same_titles()
        yield from self._shared_files()
        yield from self._learners_files()
        yield from self._command_files()
        if python:
            yield from self._bare_names()

    def _same_titles(self) -> Iterator[Found]:
        goals = items(self.data, "goals", ())
        yield from self._repeated(goals)
        for location, goal in goals:
            yield from self._repeated(items(goal, "tasks", location))

    def _repeated(self, entries: list[tuple[Location, Any]]) -> Iterator[Found]:
        seen: dict[str, Location] = {}
        for location, entry in entries:
            title = _title(entry)
            key = " ".join(title.casefold().split())
            if key in seen:
                message = messages.fill(messages.SAME_TITLE, title=title, line=self.line(seen[key]))
                yield (*location, "title"), message
            elif key:
                seen[key] = location

    def _shared_files(self) -> Iterator[Found]:
        claims = list(self._claims())
        owners: dict[str, _Claim] = {}
        for claim in claims:
            owner = owners.setdefault(claim.pattern, claim)
            if owner.task != claim.task:
                yield claim.location, self._same_file(claim.pattern, owner)
        wildcards = [claim for claim in claims if patterns.is_wildcard(claim.pattern)]
        literals = [claim for claim in claims if not patterns.is_wildcard(claim.pattern)]
        if len(wildcards) * len(literals) <= _PAIR_LIMIT:
            yield from self._literals_under_wildcards(literals, wildcards)
        yield from self._files_under_two_wildcards(wildcards)

    def _literals_under_wildcards(self, literals: list[_Claim], wildcards: list[_Claim]) -> Iterator[Found]:
        for literal in literals:
            for wildcard in wildcards:
                if literal.task != wildcard.task and patterns.matches(wildcard.pattern, literal.pattern):
                    yield wildcard.location, self._same_file(literal.pattern, literal)

    def _files_under_two_wildcards(self, wildcards: list[_Claim]) -> Iterator[Found]:
        if len({claim.task for claim in wildcards}) < 2:  # noqa: PLR2004 - two it takes.
            return
        named = {name for _, task in self._tasks() for _, name in self._named(task)}
        first: dict[str, _Claim] = {}
        for claim in wildcards:
            first.setdefault(claim.pattern, claim)
        owners: dict[str, _Claim] = {}
        for claim in first.values():
            for path in self._existing(claim.pattern):
                owner = owners.setdefault(path, claim)
                if owner.task != claim.task and path not in named:
                    yield claim.location, self._both_match(path, claim, owner)
                    break

    def _same_file(self, path: str, owner: _Claim) -> Localized:
        line = self.line(owner.location)
        return messages.fill(messages.SAME_FILE, path=path, title=owner.title, line=line)

    def _both_match(self, path: str, claim: _Claim, owner: _Claim) -> Localized:
        values = {"pattern": claim.pattern, "other": owner.pattern, "title": owner.title, "path": path}
        return messages.fill(messages.BOTH_MATCH, **values, line=self.line(owner.location))

    def _learners_files(self) -> Iterator[Found]:
        written = {claim.pattern for claim in self._claims() if not patterns.is_wildcard(claim.pattern)}
        for location, task in self._tasks():
            for inside, name in self._named(task):
                if name in written:
                    yield (*location, *inside), messages.fill(messages.LEARNERS_FILE, path=name)

    def _command_files(self) -> Iterator[Found]:
        for location, task in self._tasks():
            learners = [name for _, name in items(task, "files", ()) if isinstance(name, str)]
            for place, criterion in items(task, "criteria", location):
                try:
                    for name in self.folder.command_files(_command(criterion), learners):
                        self.folder.text(name)
                except RefusedError as refusal:
                    yield (*place, "command", "run"), refusal.message

    def _bare_names(self) -> Iterator[Found]:
        for location, task in self._tasks():
            preamble = task.get("preamble") or ""
            for inside, example in _examples(task):
                try:
                    expressions.refuse_bare_name(example["expect"].strip(), preamble, example.get("setup") or "")
                except RefusedError as refusal:
                    yield (*location, *inside, "expect"), refusal.message
                except (SyntaxError, TypeError):
                    continue

    def _tasks(self) -> Iterator[tuple[Location, Mapping[str, Any]]]:
        for location, goal in items(self.data, "goals", ()):
            yield from ((place, task) for place, task in items(goal, "tasks", location) if isinstance(task, dict))

    def _claims(self) -> Iterator[_Claim]:
        for location, task in self._tasks():
            for place, name in items(task, "files", location):
                pattern = _normal(name)
                if pattern is not None:
                    yield _Claim(pattern, place, location, _title(task))

    def _named(self, task: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
        """Yield the files that the course brings for a task, and where they are named inside it."""
        if (starter := _normal(task.get("starter"))) is not None:
            yield ("starter",), starter
        for place, pattern in items(task, "solutions", ()):
            yield from ((place, name) for name in self._existing(pattern))
        for place, criterion in items(task, "criteria", ()):
            tests = criterion.get("tests") if isinstance(criterion, dict) else None
            path = _normal(tests.get("path") if isinstance(tests, dict) else tests)
            if path is not None:
                yield (*place, "tests"), path

    def _existing(self, pattern: Any) -> list[str]:
        try:
            return self.folder.matching(pattern) if isinstance(pattern, str) else []
        except RefusedError:
            return []


def items(holder: Any, key: str, location: Location) -> list[tuple[Location, Any]]:
    """Return the entries of a list under a key with their locations; nothing where there is no such list."""
    listed = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(listed, list):
        return []
    return [((*location, key, number), entry) for number, entry in enumerate(listed)]


def _examples(task: Mapping[str, Any]) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    for location, criterion in items(task, "criteria", ()):
        for place, example in items(criterion, "examples", location):
            if isinstance(example, dict) and isinstance(example.get("expect"), str):
                yield place, example


def _command(criterion: Any) -> str:
    command = criterion.get("command") if isinstance(criterion, dict) else None
    run = command.get("run") if isinstance(command, dict) else command
    return run if isinstance(run, str) else ""


def _title(entry: Any) -> str:
    title = entry.get("title") if isinstance(entry, dict) else None
    if isinstance(title, dict):
        title = title.get("en") or title.get("es")
    return title if isinstance(title, str) else ""


def _normal(path: Any) -> str | None:
    try:
        return folder.normalise(path) if isinstance(path, str) else None
    except RefusedError:
        return None
