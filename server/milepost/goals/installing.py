"""A course file's draft brought into the database; the same draft a second time changes nothing.

What was stored is found again by its key (the course file's path and the titles), a renamed task by its files.
What is no longer in the file is skipped or cancelled, never deleted: its history stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from milepost.domain.entities import (
    Course,
    CourseDraft,
    Goal,
    GoalDraft,
    GoalStatus,
    Task,
    TaskDraft,
    TaskStatus,
)
from milepost.domain.text import Localized
from milepost.goals import changing, courses, goals, keys, progress, tasks, wording
from milepost.goals.embedding import Embed
from milepost.goals.sessions import DatabaseSession
from milepost.storage import courses as stored_courses
from milepost.storage import goals as stored_goals
from milepost.storage import retention
from milepost.storage import tasks as stored_tasks
from milepost.storage import users as stored_users

_FILE = "course_file"
_OURS = frozenset({"key", _FILE, "language", "content_hash", "es", progress.REMOVED, retention.KEY})


@dataclass(frozen=True, slots=True)
class Installed:
    """What is stored of a course file; `tasks` by their keys inside it (`matching.Match.key`)."""

    course: Course | None
    goals: tuple[Goal, ...]
    tasks: Mapping[str, Task]


@dataclass(slots=True)
class _Stored:
    """What the database holds of a course file before it is read again."""

    course: Course | None
    goals: list[Goal]
    tasks: dict[UUID, list[Task]] = field(default_factory=dict)

    def take_goal(self, draft: GoalDraft) -> Goal | None:
        """Return, and no longer hold, the goal of this title, else one that holds a task with the same files."""
        files = {task.files for task in draft.tasks}
        found = next((goal for goal in self.goals if _key(goal) == keys.goal_key(draft)), None)
        found = found or next(
            (goal for goal in self.goals if files & {task.files for task in self.tasks[goal.id]}), None
        )
        if found is not None:
            self.goals.remove(found)
        return found

    def take_task(self, key: str, draft: TaskDraft) -> Task | None:
        """Return, and no longer hold, the task of this key, else one with the same files."""
        held = [task for each in self.tasks.values() for task in each]
        found = next((task for task in held if _key(task) == key), None)
        found = found or next((task for task in held if task.files == draft.files), None)
        if found is not None:
            self.tasks[found.goal_id].remove(found)
        return found


@dataclass(slots=True)
class _Installation:
    """One run; `touched` are the goals whose tasks changed in number."""

    session: DatabaseSession
    user_id: UUID
    embed: Embed
    draft: CourseDraft
    stored: _Stored
    tasks: dict[str, Task] = field(default_factory=dict)
    touched: dict[UUID, bool] = field(default_factory=dict)

    async def run(self) -> Installed:
        """Bring everything in."""
        course = await self._course()
        found = [await self._goal(goal, course) for goal in self.draft.goals]
        await self._remove_rest()
        for goal_id, grown in self.touched.items():
            await progress.refresh(self.session, goal_id, reopen=grown)
        if not self.touched:
            return Installed(course, tuple(found), self.tasks)
        current = [await stored_goals.get(self.session, goal.id) for goal in found]
        if course is not None:
            course = await stored_courses.get(self.session, course.id)
        return Installed(course, tuple(goal for goal in current if goal is not None), self.tasks)

    async def _course(self) -> Course | None:
        draft, course = self.draft, self.stored.course
        if draft.title is None:
            return None
        fields: dict[str, Any] = {
            "title": draft.title.en,
            "description": draft.description.en,
            "share_solutions": draft.share_solutions,
            "metadata": {
                "key": draft.path,
                "language": draft.language,
                "content_hash": draft.content_hash,
                **({retention.KEY: draft.retention} if draft.retention is not None else {}),
                **wording.spanish_texts(draft.title, draft.description),
            },
        }
        if course is None:
            return await courses.create(self.session, self.user_id, self.embed, **fields)
        fields["metadata"] = _merged(course.metadata, fields["metadata"])
        return await courses.update(self.session, course.id, self.embed, **fields)

    async def _goal(self, draft: GoalDraft, course: Course | None) -> Goal:
        goal = self.stored.take_goal(draft)
        fields: dict[str, Any] = {
            "title": draft.title.en,
            "description": draft.description.en,
            "course_id": course.id if course is not None else None,
            "metadata": self._metadata(keys.goal_key(draft), draft.title, draft.description),
        }
        if goal is None:
            goal = await goals.create(self.session, self.user_id, self.embed, **fields)
        else:
            goal = await self._kept_goal(goal, fields)
        for position, task in enumerate(draft.tasks):
            key = keys.task_key(draft, task)
            self.tasks[key] = await self._task(goal, key, task, position)
        return goal

    async def _kept_goal(self, goal: Goal, fields: dict[str, Any]) -> Goal:
        fields["metadata"] = _merged(goal.metadata, fields["metadata"])
        if not changing.differing(goal, fields):
            return goal
        returned = bool(goal.metadata.get(progress.REMOVED))
        updated = await goals.update(self.session, goal.id, self.embed, **fields)
        assert updated is not None
        if returned:
            self._touch(updated.id, grown=True)
            if updated.status is GoalStatus.CANCELLED:
                updated = await goals.change_status(self.session, updated, GoalStatus.PENDING)
        return updated

    async def _task(self, goal: Goal, key: str, draft: TaskDraft, position: int) -> Task:
        task = self.stored.take_task(key, draft)
        fields: dict[str, Any] = {
            "title": draft.title.en,
            "description": draft.statement.en,
            "task_type": draft.task_type,
            "position": position,
            "files": draft.files,
            "contract": draft.contract,
            "metadata": self._metadata(key, draft.title, draft.statement),
        }
        if task is None:
            self._touch(goal.id, grown=True)
            return await tasks.create(self.session, goal, self.embed, **fields)
        return await self._kept_task(task, goal, fields)

    async def _kept_task(self, task: Task, goal: Goal, fields: dict[str, Any]) -> Task:
        fields |= {"goal_id": goal.id, "metadata": _merged(task.metadata, fields["metadata"])}
        if not changing.differing(task, fields):
            return task
        returned = bool(task.metadata.get(progress.REMOVED))
        if task.goal_id != goal.id:
            self._touch(task.goal_id, grown=False)
            self._touch(goal.id, grown=True)
        updated = await tasks.update(self.session, task.id, self.embed, **fields)
        assert updated is not None
        if returned:
            self._touch(goal.id, grown=True)
            if updated.status is TaskStatus.SKIPPED:
                updated = await tasks.change_status(self.session, updated, TaskStatus.TODO)
        return updated

    async def _remove_rest(self) -> None:
        for task in [task for each in self.stored.tasks.values() for task in each]:
            await self._remove_task(task)
        for goal in self.stored.goals:
            await self._remove_goal(goal)

    async def _remove_task(self, task: Task) -> None:
        if task.metadata.get(progress.REMOVED):
            return
        self._touch(task.goal_id, grown=False)
        metadata = {**task.metadata, progress.REMOVED: True}
        updated = await tasks.update(self.session, task.id, self.embed, metadata=metadata)
        assert updated is not None
        if updated.status not in {TaskStatus.COMPLETED, TaskStatus.SKIPPED}:
            await tasks.change_status(self.session, updated, TaskStatus.SKIPPED)

    async def _remove_goal(self, goal: Goal) -> None:
        if goal.metadata.get(progress.REMOVED):
            return
        self._touch(goal.id, grown=False)
        metadata = {**goal.metadata, progress.REMOVED: True}
        updated = await goals.update(self.session, goal.id, self.embed, metadata=metadata)
        assert updated is not None
        if updated.status not in {GoalStatus.COMPLETED, GoalStatus.CANCELLED}:
            await goals.change_status(self.session, updated, GoalStatus.CANCELLED)

    def _metadata(self, key: str, title: Localized, description: Localized) -> dict[str, Any]:
        stored_key = keys.stored_key(self.draft.path, key)
        return {"key": stored_key, _FILE: self.draft.path, **wording.spanish_texts(title, description)}

    def _touch(self, goal_id: UUID, *, grown: bool) -> None:
        self.touched[goal_id] = grown or self.touched.get(goal_id, False)


async def install(session: DatabaseSession, user_id: UUID, draft: CourseDraft, embed: Embed) -> Installed:
    """Store the draft for the user; what is stored already and did not change is left alone, without an event."""
    path = await _stored_path(session, user_id, draft)
    await _lock(session, user_id, path)
    stored = await _read(session, user_id, path)
    return await _Installation(session, user_id, embed, draft, stored).run()


async def find_course(session: DatabaseSession, user_id: UUID, course_path: str) -> Course | None:
    """Return what is stored of a course file's course."""
    return await stored_courses.by_key(session, user_id, course_path)


async def find_task(session: DatabaseSession, user_id: UUID, course_path: str, key: str) -> Task | None:
    """Return what is stored of a task by its key inside its course file (`matching.Match.key`)."""
    return await stored_tasks.by_key(session, user_id, keys.stored_key(course_path, key))


async def _stored_path(session: DatabaseSession, user_id: UUID, draft: CourseDraft) -> str:
    """Return the path under which the course is stored: another one when its folder was moved."""
    if draft.title is None or await find_course(session, user_id, draft.path) is not None:
        return draft.path
    for course in await stored_courses.list_of_user(session, user_id):
        path = course.metadata.get("key")
        same = keys.title_key(wording.title_of(course)) == keys.title_key(draft.title)
        if same and isinstance(path, str) and _is_gone(path):
            return path
    return draft.path


def _is_gone(path: str) -> bool:
    return not Path(path).exists()


async def _lock(session: DatabaseSession, user_id: UUID, path: str) -> None:
    """Hold what is topmost of a course file, so that of two imports at once the second finds what the first stored.

    Before there is anything it is the user's row: changed to what it is, which hinders nobody who only refers to it.
    """
    course = await find_course(session, user_id, path)
    if course is not None:
        await stored_courses.get(session, course.id, lock=True)
        return
    found = await _goals_of(session, user_id, path)
    if found:
        await stored_goals.get(session, found[0].id, lock=True)
        return
    user = await stored_users.get(session, user_id)
    if user is not None:
        await stored_users.update_fields(session, user_id, full_name=user.full_name)


async def _read(session: DatabaseSession, user_id: UUID, path: str) -> _Stored:
    found = await _goals_of(session, user_id, path)
    listed = {goal.id: await stored_tasks.list_of_goal(session, goal.id) for goal in found}
    ours = {goal_id: [task for task in each if task.metadata.get(_FILE) == path] for goal_id, each in listed.items()}
    return _Stored(await find_course(session, user_id, path), found, ours)


async def _goals_of(session: DatabaseSession, user_id: UUID, path: str) -> list[Goal]:
    return [goal for goal in await stored_goals.list_of_user(session, user_id) if goal.metadata.get(_FILE) == path]


def _key(entity: Goal | Task) -> str:
    path, key = str(entity.metadata.get(_FILE, "")), str(entity.metadata.get("key", ""))
    return key.removeprefix(keys.stored_key(path, ""))


def _merged(stored: Mapping[str, Any], drafted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the drafted metadata beside those of others."""
    return {name: value for name, value in stored.items() if name not in _OURS} | dict(drafted)
