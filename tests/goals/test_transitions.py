"""The table of states: what is allowed, what it tells, and that nothing in it is out of reach."""

import itertools
from pathlib import Path

import pytest

from milepost import goals
from milepost.domain.entities import CourseStatus, GoalStatus, TaskStatus
from milepost.domain.events import EventType
from milepost.goals import transitions
from milepost.goals.problems import TransitionError

TABLES = [
    (CourseStatus, transitions.COURSE, transitions.course_event),
    (GoalStatus, transitions.GOAL, transitions.goal_event),
    (TaskStatus, transitions.TASK, transitions.task_event),
]
ALL = [
    pytest.param(table, event_of, before, after, id=f"{before}-{after}")
    for states, table, event_of in TABLES
    for before, after in itertools.product([None, *states], states)
]
# Signing in and out comes with accounts.
WAITING_FOR_ACCOUNTS = {EventType.USER_LOGIN, EventType.USER_LOGOUT}


@pytest.mark.parametrize(("table", "event_of", "before", "after"), ALL)
def test_what_is_in_the_table_is_allowed_and_nothing_else(table, event_of, before, after):
    if (before, after) in table:
        assert event_of(before, after) is table[before, after]
    else:
        with pytest.raises(TransitionError) as caught:
            event_of(before, after)
        allowed = ", ".join(to for since, to in table if since == before)
        assert caught.value.say("en").endswith(f"is {before} and cannot become {after}; it can become {allowed}")
        assert caught.value.say("es").endswith(f"en {before} y no puede pasar a {after}; puede pasar a {allowed}")


@pytest.mark.parametrize(("states", "table", "_event_of"), TABLES)
def test_every_state_can_be_reached(states, table, _event_of):
    reached = {None}
    while more := {after for before, after in table if before in reached} - reached:
        reached |= more
    assert reached == {None, *states}


@pytest.mark.parametrize(("states", "table", "_event_of"), TABLES)
def test_no_state_is_a_dead_end_but_none_leads_back_before_the_first(states, table, _event_of):
    assert {before for before, _ in table} >= set(states)
    assert len([after for before, after in table if before is None]) == 1


def test_every_event_about_users_courses_goals_and_tasks_is_told_by_something():
    """The other types are about code, the pipeline and the system: not of this room."""
    ours = {one for one in EventType if one.value.partition(".")[0] in {"user", "course", "goal", "task"}}
    by_table = {told for _, table, _ in TABLES for told in table.values()}
    room = Path(goals.__file__).parent
    source = "".join(path.read_text() for path in room.glob("*.py") if path.name != "transitions.py")
    by_function = {one for one in ours if f"EventType.{one.name}" in source}
    assert by_table <= ours
    assert ours - by_table - by_function == WAITING_FOR_ACCOUNTS
    assert EventType.TASK_VALIDATED in by_function
