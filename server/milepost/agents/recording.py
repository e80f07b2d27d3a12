"""Entries of the journal as rows: each function is part of one transaction that its caller owns."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from milepost.agents import saves
from milepost.agents.saves import Help, Outcome, Reviewed, Submission, Suggested, SystemFact
from milepost.domain.entities import EntityType, Solution, User
from milepost.domain.validations import Snapshot
from milepost.goals import keys, progress
from milepost.goals.sessions import DatabaseSession
from milepost.retrieval import structural
from milepost.storage import embeddings, events, snapshots, tasks
from milepost.storage.snapshots import StoredSnapshot

LATEST_TO_SEARCH = 20


async def record(
    session: DatabaseSession, user: User, entry: Submission | Outcome | Reviewed | Suggested | Help | SystemFact
) -> progress.Recorded | None:
    """Store one entry; the result of a task's validation is told."""
    if isinstance(entry, Submission):
        await _submission(session, user, entry)
    elif isinstance(entry, Outcome):
        return await _outcome(session, user, entry)
    elif isinstance(entry, Reviewed):
        stored = await _snapshot_of(session, user, entry)
        if stored is not None:
            for event in saves.reviewed_events(entry, user.id, stored.id, stored.task_id):
                await events.add(session, event)
    elif isinstance(entry, Suggested):
        await events.add(session, saves.suggested_event(entry, user.id))
    elif isinstance(entry, Help):
        task_id = await _task_id(session, user, entry.course_path, entry.task_key)
        await events.add(session, saves.help_event(entry, user.id, task_id))
    else:
        await events.add(session, saves.system_event(entry, user.id))
    return None


async def store_solutions(
    session: DatabaseSession, user: User, task_id: UUID, language: str, solutions: Sequence[Solution]
) -> None:
    """Store proven solutions as trusted snapshots with their embeddings; those stored before stay as they are."""
    known = {one.text for one in await snapshots.trusted_for_task(session, task_id, limit=100_000)}
    for solution in solutions:
        if solution.code in known:
            continue
        known.add(solution.code)
        snapshot = Snapshot(solution.path, None, solution.path, language, solution.code)
        snapshot_id = await snapshots.add(session, user.id, task_id, snapshot)
        if snapshot_id is not None:
            await snapshots.set_result(
                session, snapshot_id, passed=True, score=1.0, feedback={}, issues=[], trusted=True
            )
            await _embed(session, user.id, snapshot_id, solution.code, language)


async def _submission(session: DatabaseSession, user: User, entry: Submission) -> None:
    task_id = await _task_id(session, user, entry.course_path, entry.task_key)
    snapshot = Snapshot(entry.path, None, entry.path, entry.language, entry.text)
    snapshot_id = await snapshots.add(session, user.id, task_id, snapshot)
    if snapshot_id is not None:
        await events.add(session, saves.submitted_event(entry, user.id, snapshot_id, task_id))
    if task_id is not None:
        await progress.start_task(session, task_id)


async def _outcome(session: DatabaseSession, user: User, entry: Outcome) -> progress.Recorded | None:
    stored = await _snapshot_of(session, user, entry)
    if stored is None:
        return None
    await snapshots.set_result(
        session,
        stored.id,
        passed=entry.passed,
        score=entry.score,
        feedback=entry.feedback,
        issues=entry.issues,
        trusted=entry.trusted,
    )
    await _embed(session, user.id, stored.id, entry.text, entry.language)
    for event in saves.validated_events(entry, user.id, stored.id, stored.task_id):
        await events.add(session, event)
    if stored.task_id is None:
        return None
    criteria = [[result["kind"], result["passed"]] for result in entry.feedback.get("results", ())]
    return await progress.record_validation(
        session,
        stored.task_id,
        passed=entry.passed,
        score=entry.score,
        path=entry.path,
        summary={"criteria": criteria},
    )


async def _snapshot_of(session: DatabaseSession, user: User, entry: Outcome | Reviewed) -> StoredSnapshot | None:
    latest = await snapshots.history(session, user.id, entry.path, LATEST_TO_SEARCH)
    return next((one for one in latest if one.text == entry.text), None)


async def _task_id(session: DatabaseSession, user: User, course_path: str, task_key: str) -> UUID | None:
    task = await tasks.by_key(session, user.id, keys.stored_key(course_path, task_key))
    return task.id if task else None


async def _embed(session: DatabaseSession, user_id: UUID, snapshot_id: UUID, code: str, language: str) -> None:
    vector = await asyncio.to_thread(structural.embed, code, language)
    await embeddings.put(
        session, user_id, EntityType.CODE_SNAPSHOT, snapshot_id, code, structural.MODEL, vector, {"language": language}
    )
