"""The bundled course: its solutions pass, its wrong programs fail for the reason they were written for."""

from pathlib import Path

import pytest
import yaml

from milepost.checks import checking
from milepost.domain.criteria import Rubric
from milepost.domain.entities import CourseDraft, TaskDraft
from milepost.domain.validations import Severity, Snapshot
from milepost.goals import course_file

FOLDER = Path(__file__).parents[2] / "courses" / "first-steps"
WRONG = FOLDER / "wrong"
EXPECTED = yaml.safe_load((WRONG / "expected.yaml").read_text("utf-8"))
TASKS = sorted(folder.name for folder in WRONG.iterdir() if folder.is_dir())
ALL_KINDS = ["examples", "tests", "stdio", "defines", "requires", "forbids", "lint", "complexity", "command", "rubric"]


@pytest.fixture(scope="module")
def course() -> CourseDraft:
    return course_file.load(FOLDER / "milepost.yaml")


def tasks(course: CourseDraft) -> dict[str, TaskDraft]:
    return {task.files[0].removesuffix(".py"): task for goal in course.goals for task in goal.tasks}


def snapshot(task: TaskDraft, text: str) -> Snapshot:
    return Snapshot(f"file:///course/{task.files[0]}", 1, f"/course/{task.files[0]}", "python", text)


def wrong_programs(name: str) -> list[str]:
    return sorted(path.relative_to(WRONG).as_posix() for path in (WRONG / name).glob("*.py"))


def test_the_course_is_as_large_as_it_promises(course):
    assert course.title.pick("en") != course.title.pick("es")
    assert len(course.goals) == 5
    found = tasks(course)
    assert len(found) >= 15
    assert sorted(found) == TASKS
    for name, task in found.items():
        assert len(task.solutions) >= 3, name
        assert len(wrong_programs(name)) >= 4, name
        assert task.starter_text.strip(), name


def test_every_text_is_in_both_languages(course):
    texts = [text for goal in course.goals for text in (goal.title, goal.description)]
    texts += [text for task in tasks(course).values() for text in (task.title, task.statement)]
    assert all(text.en.strip() and text.es.strip() and text.en != text.es for text in texts)


def test_every_kind_of_criterion_appears(course):
    found = {criterion.kind for task in tasks(course).values() for criterion in task.contract.criteria}
    assert found == set(ALL_KINDS)


def test_every_wrong_program_says_for_what_it_must_fail(course):
    assert set(EXPECTED) == {path for name in TASKS for path in wrong_programs(name)}
    for path, expected in EXPECTED.items():
        criteria = tasks(course)[path.split("/")[0]].contract.criteria
        if expected["criterion"] is not None:
            assert criteria[expected["criterion"]].kind == expected["kind"], path
        else:
            assert expected["kind"] == "syntax", path


def test_no_two_programs_of_a_task_are_the_same(course):
    for name, task in tasks(course).items():
        texts = [solution.code for solution in task.solutions]
        texts += [(WRONG / path).read_text("utf-8") for path in wrong_programs(name)]
        assert len(set(texts)) == len(texts), name


@pytest.mark.parametrize("name", TASKS)
async def test_every_solution_passes(name, course, sandbox):
    task = tasks(course)[name]
    for solution in task.solutions:
        report = await checking.check(task.contract, snapshot(task, solution.code), sandbox)
        failed = [result for result in report.results if result.passed is False]
        assert not failed, (solution.path, failed)
        assert report.passed is True, solution.path
        assert report.score == 1.0, solution.path
        assessed = zip(report.results, task.contract.criteria, strict=True)
        assert all(result.passed for result, criterion in assessed if not isinstance(criterion, Rubric)), solution.path


@pytest.mark.parametrize("name", TASKS)
async def test_every_wrong_program_fails_for_the_stated_criterion(name, course, sandbox):
    task = tasks(course)[name]
    for path in wrong_programs(name):
        expected = EXPECTED[path]
        report = await checking.check(task.contract, snapshot(task, (WRONG / path).read_text("utf-8")), sandbox)
        assert report.passed is False, path
        errors = [finding for finding in report.findings if finding.severity is not Severity.INFORMATION]
        if expected["criterion"] is None:
            assert any(finding.rule.startswith("syntax") for finding in errors), path
            continue
        result = report.results[expected["criterion"]]
        assert (result.kind, result.passed) == (expected["kind"], False), path
        assert any(finding.criterion == expected["criterion"] for finding in errors), path


@pytest.mark.parametrize("name", TASKS)
async def test_a_starter_parses_and_is_not_finished(name, course, sandbox):
    task = tasks(course)[name]
    report = await checking.check(task.contract, snapshot(task, task.starter_text), sandbox)
    assert report.passed is False
    assert not any(finding.rule.startswith("syntax") for finding in report.findings)
