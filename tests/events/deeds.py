"""A small year of learners, made by hand, for tests of what is counted."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from milepost.domain.entities import EntityType
from milepost.domain.events import AIEvent, BaseEvent, EventType, GoalEvent, TaskEvent, UserEvent
from milepost.events import paths
from milepost.events.archive import Archive

SAVED, STARTED, COMPLETED = EventType.TASK_VALIDATED, EventType.TASK_STARTED, EventType.TASK_COMPLETED
HINT, FIX, DISMISSED = EventType.AI_FEEDBACK_ACCEPTED, EventType.AI_FIX_APPLIED, EventType.AI_FEEDBACK_DISMISSED


def moment(text: str) -> datetime:
    """Return a time of 2026 such as "03-01 10:05"."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


class Learner:
    """Somebody whose events are written down; each learner has rows of their own for the same course."""

    def __init__(self, name: str, course: str = "Basics", goal: str = "Loops") -> None:
        self.id, self.name = uuid4(), name
        self._course, self._goal = uuid4(), uuid4()
        self._tasks: dict[str, UUID] = {}
        born = {"user_id": self.id, "timestamp": moment("01-01 00:00")}
        self.events: list[BaseEvent] = [
            UserEvent(event_id=uuid4(), event_type=EventType.USER_CREATED, entity_type=EntityType.USER,
                      entity_id=self.id, username=name, email=f"{self.id}@example.org", **born),
            BaseEvent(event_id=uuid4(), event_type=EventType.COURSE_CREATED, entity_type=EntityType.COURSE,
                      entity_id=self._course, payload={"title": course}, **born),
            GoalEvent(event_id=uuid4(), event_type=EventType.GOAL_CREATED, entity_type=EntityType.GOAL,
                      entity_id=self._goal, goal_id=self._goal, title=goal, course_id=self._course, **born),
        ]  # fmt: skip

    def about(self, task: str, kind: EventType, at: str, *, score: float | None = None, **payload) -> None:
        """Write down what happened to a task."""
        task_id = self._tasks.setdefault(task, uuid4())
        self.events.append(
            TaskEvent(
                event_id=uuid4(), event_type=kind, user_id=self.id, timestamp=moment(at), entity_type=EntityType.TASK,
                entity_id=task_id, task_id=task_id, goal_id=self._goal, title=task, validation_score=score,
                payload=payload,
            )
        )  # fmt: skip

    def saves(self, task: str, at: str, *criteria: bool | None) -> None:
        """Write down a save that met these criteria and not those; the first is a shape, the others are examples."""
        kinds = ["defines", *["examples"] * len(criteria)]
        told = [[kind, passed] for kind, passed in zip(kinds, criteria, strict=False)]
        passed = all(criteria)
        score = sum(map(bool, criteria)) / len(criteria)
        self.about(task, SAVED, at, score=score, passed=passed, path="x.py", criteria=told)
        if passed:
            self.about(task, COMPLETED, at)

    def takes(self, task: str, kind: EventType, at: str, **payload) -> None:
        """Write down a step of help."""
        task_id = self._tasks.setdefault(task, uuid4())
        self.events.append(
            AIEvent(
                event_id=uuid4(), event_type=kind, user_id=self.id, timestamp=moment(at), entity_type=EntityType.TASK,
                entity_id=task_id, payload=payload,
            )
        )  # fmt: skip

    def asks(self, task: str | None, at: str, model: str | None = "tiny", **more) -> None:
        """Write down that a model was asked for a review of a task, or for a goal where there is no task."""
        kind = EventType.AI_FEEDBACK_GENERATED if task else EventType.AI_GOAL_SUGGESTED
        about = {"task_id": str(self._tasks[task])} if task in self._tasks else {}
        columns = {name: more.pop(name) for name in ("tokens_used", "latency_ms") if name in more}
        self.events.append(
            AIEvent(
                event_id=uuid4(), event_type=kind, user_id=self.id, timestamp=moment(at),
                entity_type=EntityType.CODE_SNAPSHOT, entity_id=uuid4(), model_used=model, payload={**about, **more},
                **columns,
            )
        )  # fmt: skip


def write(folder, *learners: Learner) -> Archive:
    """Return an archive with the events of these learners, in the reverse of their order."""
    archive = Archive(folder)
    archive.prepare()
    for learner in learners:
        for event in reversed(learner.events):
            path = paths.batch_path(paths.kind_of(event), event.timestamp, event.event_id.hex)
            assert archive.publish(archive.draft(path, [event]))
    return archive


def two_learners() -> list[Learner]:
    """Return Ada, who needs three saves and help for her task, and Bo, who gives one task up."""
    ada, bo = Learner("ada"), Learner("bo")
    ada.about("Sum", STARTED, "03-01 10:00")
    ada.saves("Sum", "03-01 10:10", True, False)
    ada.takes("Sum", HINT, "03-01 10:12", feedback_type="hint", step=1)
    ada.saves("Sum", "03-01 10:20", True, False)
    # A pause of two hours is no work.
    ada.takes("Sum", FIX, "03-01 12:20", source="mutation")
    ada.saves("Sum", "03-01 12:25", True, True)
    ada.saves("Sum", "03-02 09:00", True, True)
    ada.saves("Mean", "03-03 09:00", True, True)
    bo.about("Sum", STARTED, "03-09 08:00")
    bo.saves("Sum", "03-09 08:04", True, True)
    for minute in ("05", "10", "15", "20"):
        bo.saves("Mean", f"03-09 09:{minute}", False, None)
    return [ada, bo]
