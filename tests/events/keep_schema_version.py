"""Write the files that tests/events/test_schema_versions.py reads, once for each version of the schemas.

Run it from the root of the repository before a column is added: `python -m tests.events.keep_schema_version`.
A file that is there is never written again.
"""

import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from milepost.domain.entities import EntityType
from milepost.domain.events import AIEvent, BaseEvent, CodeEvent, EventType, GoalEvent, TaskEvent, UserEvent
from milepost.events import paths, schemas
from milepost.events.archive import encoded
from tests.events.samples import NOON

FOLDER = Path(__file__).parents[1] / "cases" / "archive"
USER = UUID(int=1)


def events() -> list[BaseEvent]:
    """Return one event of each dataclass of version 1, every field filled."""
    common = {"user_id": USER, "entity_id": UUID(int=2), "payload": {"n": [1, "ñ"]}, "metadata": {"from": "here"}}
    task, goal = UUID(int=3), UUID(int=4)
    made: list[tuple[type[BaseEvent], EventType, EntityType, dict]] = [
        (BaseEvent, EventType.COURSE_STARTED, EntityType.COURSE, {}),
        (UserEvent, EventType.USER_LOGIN, EntityType.USER, {
            "email": "a@example.org", "username": "a", "action": "login", "ip_address": "::1", "user_agent": "editor",
        }),
        (GoalEvent, EventType.GOAL_COMPLETED, EntityType.GOAL, {
            "goal_id": goal, "title": "Search", "status": "COMPLETED", "priority": "HIGH", "course_id": UUID(int=5),
            "progress": 100.0, "ai_generated": True,
        }),
        (TaskEvent, EventType.TASK_VALIDATED, EntityType.TASK, {
            "task_id": task, "goal_id": goal, "title": "Búsqueda", "task_type": "CODE", "status": "IN_REVIEW",
            "validation_score": 0.75, "estimated_hours": 2.0, "actual_hours": 1.5,
        }),
        (CodeEvent, EventType.CODE_VALIDATED, EntityType.CODE_SNAPSHOT, {
            "code_snapshot_id": UUID(int=6), "task_id": task, "file_path": "año/search.py", "language": "python",
            "lines_of_code": 12, "issues_count": 2, "validation_passed": False, "validation_score": 0.5,
        }),
        (AIEvent, EventType.AI_FIX_OFFERED, EntityType.CODE_SNAPSHOT, {
            "agent_node": "propose_fixes", "model_used": "none", "feedback_type": "fix", "tokens_used": 7,
            "latency_ms": 12.5,
        }),
    ]  # fmt: skip
    return [
        kind(
            event_id=UUID(int=100 + number),
            event_type=event_type,
            entity_type=entity,
            timestamp=NOON + timedelta(minutes=number),
            **common,
            **own,
        )
        for number, (kind, event_type, entity, own) in enumerate(made)
    ]


def main() -> None:
    """Write a batch file and a merged file of the current version."""
    folder = FOLDER / f"version-{schemas.SCHEMA_VERSION}"
    for path in (paths.batch_path("task", NOON, "batch"), paths.merged_path("code", NOON.date())):
        file = folder / path
        if file.exists():
            sys.exit(f"{file} is there already: files of an earlier version stay as they were written")
        file.parent.mkdir(parents=True, exist_ok=True)
        # Which event is in which file does not matter here.
        chosen = [event for event in events() if (event.event_type.value < "d") == ("code_events" in path)]
        file.write_bytes(encoded(path, schemas.to_table(chosen)))


if __name__ == "__main__":
    main()
