"""A year of 200 students as the archive would hold it: `python benchmarks/simulated_year.py FOLDER`, then a report.

Students differ in talent, in diligence and in when they give up; tasks differ in difficulty. Everything follows from
the seed. The events are made by the same dataclasses and written by the same archive as those of real learners.
"""

import argparse
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from milepost.agents import saves
from milepost.agents.saves import Help, Outcome, Submission
from milepost.domain.entities import EntityType, TaskType
from milepost.domain.events import BaseEvent, EventType, GoalEvent, TaskEvent, UserEvent
from milepost.events import paths
from milepost.events.archive import Archive

COURSES = {
    "First steps in Python": ("First functions", "Loops", "Text", "Lists", "Dictionaries", "Files"),
    "Algorithms": ("Search", "Sorting", "Recursion", "Graphs"),
}
TASKS_OF_A_GOAL = 6
KINDS = ("defines", "examples", "examples", "tests", "forbids", "complexity")
FIRST_NAMES = (
    "Ada",
    "Alan",
    "Barbara",
    "Carmen",
    "Diego",
    "Edsger",
    "Frances",
    "Grace",
    "Hedy",
    "Iñaki",
    "José",
    "Lucía",
)
LAST_NAMES = ("Alonso", "Becker", "Castro", "Díaz", "Evans", "Ferrer", "García", "Hopper", "Ibarra", "Jones")


@dataclass(frozen=True)
class Task:
    course: str
    goal: str
    title: str
    difficulty: float
    kinds: tuple[str, ...]


@dataclass
class Student:
    id: UUID
    name: str
    talent: float
    diligence: float
    asks: float
    begin: date
    end: date


def tasks(chance: random.Random) -> list[Task]:
    """Return the tasks of all courses in their order; later goals are harder."""
    made = []
    for course, goals in COURSES.items():
        for level, goal in enumerate(goals):
            for number in range(1, TASKS_OF_A_GOAL + 1):
                difficulty = min(0.9, 0.15 + 0.09 * level + chance.gauss(0, 0.12))
                kinds = tuple(KINDS[: chance.randint(2, 5)])
                made.append(Task(course, goal, f"{goal} {number}", max(0.05, difficulty), kinds))
    return made


def students(count: int, year: date, chance: random.Random) -> list[Student]:
    """Return students of whom some begin late and some give up."""
    made = []
    for number in range(count):
        begin = year + timedelta(days=int(abs(chance.gauss(0, 40))))
        stays = chance.random() < 0.6
        end = year + timedelta(days=364) if stays else begin + timedelta(days=chance.randint(10, 250))
        name = f"{chance.choice(FIRST_NAMES)}.{chance.choice(LAST_NAMES)}.{number:03}".lower()
        talent, diligence = chance.betavariate(4, 3), chance.betavariate(3, 4)
        made.append(Student(new_id(chance), name, talent, diligence, chance.random(), begin, end))
    return made


def new_id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


class Life:
    """One student's year, event by event."""

    def __init__(self, student: Student, tasks: Sequence[Task], chance: random.Random) -> None:
        self.student, self.tasks, self.chance = student, tasks, chance
        self.courses: dict[str, UUID] = {}
        self.goals: dict[tuple[str, str], UUID] = {}
        self.now = datetime.combine(student.begin, datetime.min.time(), UTC) + timedelta(hours=chance.randint(8, 18))

    def events(self) -> Iterator[BaseEvent]:
        """Yield everything that happens, in its order."""
        name = self.student.name
        yield self.event(UserEvent, EventType.USER_CREATED, EntityType.USER, self.student.id, username=name,
                         email=f"{name}@example.org", action="created")  # fmt: skip
        for task in self.tasks:
            yield from self.ancestors(task)
            yield from self.task(task)
            self.rest()
            if self.now.date() > self.student.end:
                return

    def event(self, kind, event_type, entity_type, entity_id, **own) -> BaseEvent:
        return kind(
            event_id=new_id(self.chance), event_type=event_type, user_id=self.student.id, timestamp=self.now,
            entity_type=entity_type, entity_id=entity_id, **own,
        )  # fmt: skip

    def ancestors(self, task: Task) -> Iterator[BaseEvent]:
        """Yield the creation of the task's course and goal where they are new."""
        if task.course not in self.courses:
            course = self.courses[task.course] = new_id(self.chance)
            told = {"title": task.course, "status": "ACTIVE", "progress": 0.0}
            yield self.event(BaseEvent, EventType.COURSE_CREATED, EntityType.COURSE, course, payload=told)
        if (task.course, task.goal) not in self.goals:
            goal = self.goals[task.course, task.goal] = new_id(self.chance)
            yield self.event(GoalEvent, EventType.GOAL_CREATED, EntityType.GOAL, goal, goal_id=goal, title=task.goal,
                             course_id=self.courses[task.course], status="IN_PROGRESS")  # fmt: skip

    def task(self, task: Task) -> Iterator[BaseEvent]:
        """Yield one task from its start until it is done or given up."""
        task_id, chance = new_id(self.chance), self.chance
        yield self.about(task, task_id, EventType.TASK_STARTED, "IN_PROGRESS")
        failing = {number for number in range(len(task.kinds)) if chance.random() < self.hardness(task) + 0.15}
        for attempt in range(25):
            self.now += timedelta(seconds=chance.expovariate(1 / 240) + 20)
            score = 1 - len(failing) / len(task.kinds)
            yield from self.save(task, task_id, failing, score)
            if not failing:
                yield self.about(task, task_id, EventType.TASK_COMPLETED, "COMPLETED")
                return
            if attempt > 4 and chance.random() < 0.12:
                return
            better = 0.0
            if chance.random() < self.student.asks * 0.5:
                better = yield from self.help(task_id, chance.choice((1, 1, 2, 3)))
            failing = {number for number in failing if chance.random() > 0.55 - self.hardness(task) / 2 + better}
            if chance.random() < 0.06:
                failing.add(chance.randrange(len(task.kinds)))
            if chance.random() < 0.1:
                self.rest()

    def hardness(self, task: Task) -> float:
        return max(0.02, min(0.9, task.difficulty + 0.5 - self.student.talent))

    def about(self, task: Task, task_id: UUID, event_type: EventType, status: str, **own) -> BaseEvent:
        return self.event(
            TaskEvent, event_type, EntityType.TASK, task_id, task_id=task_id, goal_id=self.goals[task.course, task.goal],
            title=task.title, task_type=TaskType.CODE.value, status=status, **own,
        )  # fmt: skip

    def save(self, task: Task, task_id: UUID, failing: set[int], score: float) -> Iterator[BaseEvent]:
        """Yield what a save leaves behind."""
        path, snapshot, user = f"/home/{self.student.name}/{task.title}.py", new_id(self.chance), self.student.id
        lines = "x = 1\n" * self.chance.randint(5, 40)
        submission = Submission("milepost.yaml", task.title, path, "python", lines, self.now)
        yield saves.submitted_event(submission, user, snapshot, task_id)
        self.now += timedelta(seconds=1)
        outcome = Outcome(
            path, "python", lines, not failing, score, {}, [None] * len(failing), not failing,
            int(bool(failing)), self.chance.uniform(80, 600), self.now,
        )  # fmt: skip
        yield from saves.validated_events(outcome, user, snapshot, task_id)
        criteria = [[kind, number not in failing] for number, kind in enumerate(task.kinds)]
        payload = {"passed": not failing, "path": path, "criteria": criteria}
        yield self.about(
            task, task_id, EventType.TASK_VALIDATED, "IN_PROGRESS", validation_score=score, payload=payload
        )

    def help(self, task_id: UUID, step: int) -> Iterator[BaseEvent]:
        """Yield a step of help; return how much likelier it makes a repair."""
        self.now += timedelta(seconds=30)
        fix = step == 3
        kind = EventType.AI_FIX_APPLIED if fix else EventType.AI_FEEDBACK_ACCEPTED
        details = {"title": "a fix", "source": "mutation"} if fix else {"feedback_type": "hint", "step": step}
        yield saves.help_event(Help(kind, "milepost.yaml", "", "", details, self.now), self.student.id, task_id)
        return {1: 0.05, 2: 0.15, 3: 0.4}[step]

    def rest(self) -> None:
        """Let time pass until the student comes back: rarely in August, at Christmas and on Sundays."""
        while True:
            away = self.chance.expovariate(self.student.diligence + 0.1) * 32
            self.now += timedelta(hours=away)
            day = self.now.date()
            holiday = day.month == 8 or (day.month == 12 and day.day > 20) or day.weekday() == 6
            if 8 <= self.now.hour <= 22 and not (holiday and self.chance.random() < 0.85):
                return


def write(archive: Archive, events: list[BaseEvent]) -> int:
    """Write one file for each kind and day; return how many."""
    files: dict[str, list[BaseEvent]] = defaultdict(list)
    for event in events:
        files[paths.batch_path(paths.kind_of(event), event.timestamp, "simulated")].append(event)
    for path, batch in files.items():
        archive.publish(archive.draft(path, batch))
    return len(files)


def simulate(folder: Path, count: int, year: date, seed: int) -> tuple[int, int]:
    """Write a year of so many students into the archive of a folder; return the number of events and files."""
    chance = random.Random(seed)
    every, archive = tasks(chance), Archive(folder)
    archive.prepare()
    end = datetime.combine(year, datetime.min.time(), UTC) + timedelta(days=365)
    events = [
        event
        for student in students(count, year, chance)
        for event in Life(student, every, random.Random(chance.random())).events()
        if event.timestamp < end
    ]
    return len(events), write(archive, events)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="an empty folder for the archive")
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--year", type=int, default=2025)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.folder.is_dir() and any(arguments.folder.iterdir()):
        sys.exit(f"{arguments.folder} is not empty")
    began = time.perf_counter()
    events, files = simulate(arguments.folder, arguments.students, date(arguments.year, 1, 1), arguments.seed)
    print(f"{events} events of {arguments.students} students in {files} files, {time.perf_counter() - began:.1f} s")
    for output in ([], ["--format", "json"], ["--html", str(arguments.folder / "report.html")]):
        command = [sys.executable, "-m", "milepost", "report", "--archive", str(arguments.folder), *output]
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        print(f"milepost report {' '.join(output[:2])}: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
