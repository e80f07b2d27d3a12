"""A course's draft as the text of a `milepost.yaml`."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from milepost.domain import criteria
from milepost.domain.entities import CourseDraft, GoalDraft, TaskDraft, TaskType
from milepost.domain.text import Localized

_LINE_WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and never an alias."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Write everything out."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Indent lists below their key."""
        super().increase_indent(flow, False)  # noqa: FBT003


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def render(draft: CourseDraft) -> str:
    """Return the course file of a draft."""
    data: dict[str, Any] = {}
    if draft.title is not None:
        data["course"] = _course(draft, draft.title)
    data["goals"] = [_goal(goal) for goal in draft.goals]
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=_LINE_WIDTH
    )


def files_of(draft: CourseDraft) -> dict[str, str]:
    """Return every file that the draft brings, the course file first; paths are relative to its folder."""
    files = {"milepost.yaml": render(draft)}
    for task in (task for goal in draft.goals for task in goal.tasks):
        files |= task.contract.files
        for solution in task.solutions:
            files |= {
                solution.path: solution.code,
                **dict(zip(solution.sources, solution.beside.values(), strict=True)),
            }
        if task.starter is not None:
            files[task.starter] = task.starter_text
    return files


def _course(draft: CourseDraft, title: Localized) -> dict[str, Any]:
    reveals = [task.contract.reveal for goal in draft.goals for task in goal.tasks]
    reveal = reveals[0] if reveals else criteria.Reveal.FIX
    return _present(
        {
            "title": _wording(title),
            "language": draft.language,
            "description": _wording(draft.description),
            "reveal": reveal.value if reveal is not criteria.Reveal.FIX else None,
            "share_solutions": draft.share_solutions or None,
            "retention": draft.retention,
        }
    )


def _goal(goal: GoalDraft) -> dict[str, Any]:
    tasks = [_task(task) for task in goal.tasks]
    return _present({"title": _wording(goal.title), "description": _wording(goal.description), "tasks": tasks or None})


def _task(task: TaskDraft) -> dict[str, Any]:
    contract = task.contract
    return _present(
        {
            "title": _wording(task.title),
            "type": task.task_type.value if task.task_type is not TaskType.CODE else None,
            "files": list(task.files),
            "statement": _wording(task.statement),
            "starter": task.starter,
            "solutions": _solutions(task) or None,
            "preamble": contract.preamble or None,
            "criteria": list(_criteria(contract)),
            "assume": list(contract.assume) or None,
            "inputs": contract.inputs,
        }
    )


def _solutions(task: TaskDraft) -> list[str]:
    return list(dict.fromkeys(path for one in task.solutions for path in (one.path, *one.sources)))


def _criteria(contract: criteria.Contract) -> Iterator[dict[str, Any]]:
    paths = {one.path for one in contract.criteria if isinstance(one, criteria.Tests)}
    beside = sorted(contract.files.keys() - paths)
    for one in contract.criteria:
        weight = {"weight": one.weight} if one.weight != 1 else {}
        files: list[str] = []
        if isinstance(one, criteria.Tests | criteria.Command):
            files, beside = beside, []
        yield {one.kind: _body(one, files), **weight}


def _body(one: criteria.Criterion, files: list[str]) -> Any:
    match one:
        case criteria.Tests():
            body = _changed(one, criteria.Tests("", weight=one.weight)) | ({"files": files} if files else {})
            return one.path if set(body) == {"path"} else body
        case criteria.Command():
            body = _changed(one, criteria.Command("", weight=one.weight))
            return body | ({"files": files} if files else {})
        case criteria.Lint():
            return {"select": list(one.select)}
        case criteria.Complexity():
            return {"max": one.max}
        case criteria.Rubric():
            return one.text
        case _:
            return _listed(one)


def _listed(
    one: criteria.Examples | criteria.Stdio | criteria.Defines | criteria.Requires | criteria.Forbids,
) -> list[Any]:
    match one:
        case criteria.Examples():
            return [_changed(example, criteria.Example(call="")) for example in one.examples]
        case criteria.Stdio():
            return [_changed(dialogue, criteria.Dialogue("\0", "\0")) for dialogue in one.dialogues]
        case criteria.Defines():
            return list(one.signatures)
        case criteria.Requires() | criteria.Forbids():
            return [_construct(construct) for construct in one.constructs]


def _construct(construct: criteria.Construct) -> dict[str, Any]:
    shown = _changed(construct, criteria.Construct())
    return {"import" if name == "import_" else name: value for name, value in shown.items()}


def _changed(value: Any, default: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that differ from those of a default one."""
    names = type(value).__dataclass_fields__
    return {name: getattr(value, name) for name in names if getattr(value, name) != getattr(default, name)}


def _wording(text: Localized) -> Any:
    if text.en == text.es:
        return text.en or None
    return {"en": text.en, "es": text.es}


def _present(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value is not None}
