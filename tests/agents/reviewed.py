"""Programs judged for real, ready to be reviewed."""

from dataclasses import dataclass, replace
from pathlib import Path

from milepost.agents.preparing import PreparedTask, prepare
from milepost.agents.reviewing import Subject
from milepost.checks import checking
from milepost.domain.entities import TaskDraft
from milepost.domain.validations import Snapshot, Stage, Validation
from milepost.goals import course_file

COURSE = """
course: {{title: Sums, language: python, reveal: {reveal}, share_solutions: true}}
goals:
  - title: Adding
    tasks:
      - title: Sum up
        files: [sums.py]
        statement: Return the total of the numbers.
        solutions: [one.py, two.py]
        criteria:
          - defines: ["total(numbers)"]
          - examples:
              - {{call: "total([1, 2])", expect: "3"}}
              - {{call: "total([])", expect: "0"}}
              - {{call: "total([5, -1, 7])", expect: "11"}}
{more}
"""
ONE = "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result\n"
TWO = "def total(numbers):\n    return sum(numbers)\n"
WRONG = "def total(numbers):\n    amount = 1\n    for one in numbers:\n        amount += one\n    return amount\n"
RUBRIC = '          - rubric: "Names say what the values mean."'


@dataclass(frozen=True)
class Judged:
    """A task with its proven solutions, and how to make subjects of it."""

    task: TaskDraft
    prepared: PreparedTask
    sandbox: object

    async def subject(self, text: str, language: str = "en", **more) -> Subject:
        snapshot = Snapshot("file:///w/sums.py", 1, more.pop("path", "/w/sums.py"), "python", text)
        report = await checking.check(self.task.contract, snapshot, self.sandbox, language)
        validation = Validation(snapshot, Stage.COMPLETE, report.passed, report.score, report.results, report.findings)
        return Subject(validation, self.task, "adding / sum up", language, self.prepared, self.sandbox, **more)


async def judged(folder: Path, sandbox, reveal: str = "fix", more: str = "") -> Judged:
    """Write the course, load it and prove its solutions."""
    for name, text in (("one.py", ONE), ("two.py", TWO), ("milepost.yaml", COURSE.format(reveal=reveal, more=more))):
        (folder / name).write_text(text)
    task = course_file.load(str(folder / "milepost.yaml")).goals[0].tasks[0]
    prepared = await prepare(task, sandbox)
    assert prepared.cases
    return Judged(task, prepared, sandbox)


def with_findings(subject: Subject, *findings) -> Subject:
    return replace(subject, validation=replace(subject.validation, findings=findings))
