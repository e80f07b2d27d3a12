"""Questions that reports ask of the archive, and how little of it is read to answer them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from milepost.domain.events import EventType
from milepost.events import paths, reading
from milepost.events.archive import Archive
from milepost.events.reading import Wanted
from tests.events import samples


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


def put(archive, *events, batch=None):
    for event in events:
        path = paths.batch_path(paths.kind_of(event), event.timestamp, batch or uuid4().hex)
        assert archive.publish(archive.draft(path, [event]))


def ids(table):
    return sorted(table["event_id"].to_pylist())


def named(*events):
    return sorted(str(event.event_id) for event in events)


def test_nothing_given_means_everything(archive):
    several = [samples.event(kind, uuid4()) for kind in EventType]
    put(archive, *several)
    assert ids(reading.read(archive)) == named(*several)


def test_an_archive_that_never_was_is_empty(archive):
    assert reading.read(archive, Wanted(kinds=("task",), course=uuid4()), ["event_id"]).num_rows == 0


def test_kinds_user_and_columns(archive):
    mine, yours = uuid4(), uuid4()
    wanted = samples.event(EventType.TASK_STARTED, mine)
    put(archive, wanted, samples.event(EventType.TASK_STARTED, yours), samples.event(EventType.CODE_SUBMITTED, mine))
    table = reading.read(archive, Wanted(kinds=("task",), user=mine), ["event_id", "day"])
    assert table.to_pylist() == [{"event_id": str(wanted.event_id), "day": 5}]


def test_times_are_half_open_and_follow_the_event(archive):
    since, until = reading.month_of(2026, 3)
    moments = [since - timedelta(microseconds=1), since, until - timedelta(microseconds=1), until]
    several = [samples.event(EventType.USER_LOGIN, uuid4(), moment) for moment in moments]
    put(archive, *several)
    assert ids(reading.read(archive, Wanted(since=since, until=until))) == named(*several[1:3])
    assert ids(reading.read(archive, Wanted(since=since))) == named(*several[1:])
    assert ids(reading.read(archive, Wanted(until=until))) == named(*several[:3])
    assert ids(reading.read(archive, Wanted(since=since - timedelta(days=36500), until=until))) == named(*several[:3])


def test_a_month_ends_where_the_next_begins():
    assert reading.month_of(2026, 12)[1] == reading.month_of(2027, 1)[0]
    assert reading.month_of(2028, 2)[1] - reading.month_of(2028, 2)[0] == timedelta(days=29)


def test_a_course_is_what_is_inside_it(archive):
    user, course, goal, task, snapshot = (uuid4() for _ in range(5))
    inside = [
        samples.event(EventType.COURSE_STARTED, user, entity_id=course),
        samples.event(EventType.GOAL_CREATED, user, entity_id=goal, goal_id=goal, course_id=course),
        samples.event(EventType.TASK_CREATED, user, entity_id=task, task_id=task, goal_id=goal),
        samples.event(EventType.CODE_SUBMITTED, user, entity_id=snapshot, code_snapshot_id=snapshot, task_id=task),
        samples.event(EventType.AI_VALIDATION_COMPLETED, user, entity_id=snapshot),
        samples.event(EventType.AI_FIX_APPLIED, user, entity_id=task),
    ]
    outside = [
        samples.event(EventType.GOAL_CREATED, user, entity_id=uuid4(), goal_id=uuid4(), course_id=uuid4()),
        samples.event(EventType.CODE_SUBMITTED, user, entity_id=uuid4(), task_id=uuid4()),
        samples.event(EventType.SYSTEM_STARTED, user),
    ]
    put(archive, *inside, *outside)
    assert ids(reading.read(archive, Wanted(course=course))) == named(*inside)
    assert ids(reading.read(archive, Wanted(course=course, kinds=("code",)))) == named(inside[3])
    assert ids(reading.read(archive, Wanted(task=task))) == named(*inside[2:])
    later = samples.NOON + timedelta(days=1)
    assert reading.read(archive, Wanted(course=course, since=later)).num_rows == 0
