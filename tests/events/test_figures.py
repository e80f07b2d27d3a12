"""The figures of a report, against those that were counted by hand."""

from datetime import UTC, date, timedelta, timezone

import pytest

from milepost.events import figures, history
from milepost.events.history import Question, TaskName, UnknownCourseError, UnknownUserError
from tests.events import deeds

SUM, MEAN = (TaskName("Basics", "Loops", title) for title in ("Sum", "Mean"))
TODAY = date(2026, 3, 10)


@pytest.fixture
def archive(tmp_path):
    return deeds.write(tmp_path, *deeds.two_learners())


def report(archive, zone=UTC, **question):
    return figures.report(history.read(archive, Question(**question)), TODAY, zone)


def test_totals(archive):
    totals = report(archive).totals
    assert (totals.learners, totals.tasks, totals.completed, totals.saves) == (2, 2, 3, 10)
    assert (totals.hints, totals.fixes, totals.active_days) == (1, 1, 4)
    assert (totals.first, totals.last) == (date(2026, 3, 1), date(2026, 3, 9))


def test_time_and_attempts_to_complete_a_task(archive):
    work = {(one.name, one.task): one for one in report(archive).work}
    ada = work["ada", SUM]
    # 10:00 to 10:20, and 12:20 to 12:25: the two hours between are a pause.
    assert (ada.attempts, ada.minutes, ada.hints, ada.fixes) == (3, 25.0, 1, 1)
    assert (ada.completed - ada.started) == timedelta(hours=2, minutes=25)
    assert (ada.first_score, ada.best_score) == (0.5, 1.0)
    assert (work["bo", SUM].attempts, work["bo", SUM].minutes) == (1, 4.0)
    assert (work["bo", MEAN].attempts, work["bo", MEAN].completed) == (4, None)


def test_tasks_are_one_for_all_learners_and_the_hardest_comes_first(archive):
    first, second = report(archive).tasks
    assert (first.task, first.learners, first.completed) == (SUM, 2, 2)
    assert (first.attempts, first.minutes, first.first_score, first.helped) == (2.0, 14.5, 0.75, 0.5)
    assert first.hours_until_done == pytest.approx((145 + 4) / 2 / 60, abs=0.01)
    assert (second.task, second.learners, second.completed, second.attempts) == (MEAN, 2, 1, 1.0)


def test_a_task_that_nobody_completed_comes_before_all(tmp_path):
    learner = deeds.Learner("one")
    learner.saves("Done", "03-01 10:00", False)
    learner.saves("Done", "03-01 10:01", True)
    learner.saves("Open", "03-01 10:02", False)
    assert [one.task.title for one in report(deeds.write(tmp_path, learner)).tasks] == ["Open", "Done"]


def test_criteria_that_fail_most(archive):
    failing = [
        (one.task, one.number, one.kind, one.failed, one.judged, one.learners) for one in report(archive).criteria
    ]
    # What was not assessed, Bo's examples, counts nowhere.
    assert failing == [(MEAN, 1, "defines", 4, 5, 1), (SUM, 2, "examples", 2, 5, 1)]
    assert report(archive).criteria[0].share == 0.8


def test_whether_help_helped(archive):
    told = {one.kind: one for one in report(archive).help}
    assert set(told) == {"none", "hint1", "fix"}
    hint, fix, none = told["hint1"], told["fix"], told["none"]
    assert (hint.taken, hint.followed, hint.improved, hint.passed, hint.gain) == (1, 1, 0, 0, 0.0)
    assert (fix.taken, fix.followed, fix.improved, fix.passed, fix.gain) == (1, 1, 1, 1, 0.5)
    # Bo's three saves that followed a failing one; a save after a passing one says nothing about help.
    assert (none.taken, none.followed, none.improved, none.gain) == (0, 3, 0, 0.0)


def test_scores_over_time_have_a_place_for_days_without_a_save(archive):
    found = report(archive)
    assert found.span == "day"
    assert [(one.start.day, one.saves) for one in found.periods] == [
        (1, 3), (2, 1), (3, 1), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 5),
    ]  # fmt: skip
    assert [one.score for one in found.periods][:4] == [pytest.approx(2 / 3, abs=1e-4), 1.0, 1.0, None]
    assert found.periods[-1].passed == 0.2


def test_who_is_stuck(archive):
    assert [(one.name, one.task, one.attempts) for one in report(archive).stuck] == [("bo", MEAN, 4)]


def test_learners_and_their_streaks(archive):
    ada, bo = report(archive).learners
    assert (ada.name, ada.tasks, ada.completed, ada.saves, ada.active_days) == ("ada", 2, 2, 5, 3)
    assert (ada.streak, ada.longest_streak, ada.last) == (0, 3, date(2026, 3, 3))
    assert (bo.streak, bo.longest_streak, bo.minutes) == (1, 1, 19.0)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], (0, 0)),
        ([10], (1, 1)),
        ([9], (1, 1)),
        ([8], (0, 1)),
        ([8, 9, 10], (3, 3)),
        ([1, 2, 3, 5, 9, 10], (2, 3)),
    ],
)
def test_streaks(days, expected):
    assert figures.streaks({date(2026, 3, day) for day in days}, TODAY) == expected


def test_a_day_is_that_of_the_learners_clock(tmp_path):
    late = deeds.Learner("late")
    late.saves("Sum", "03-01 23:30", True)
    archive = deeds.write(tmp_path, late)
    assert report(archive).totals.first == date(2026, 3, 1)
    assert report(archive, timezone(timedelta(hours=2))).totals.first == date(2026, 3, 2)


def test_long_histories_are_told_by_week_and_by_month(tmp_path):
    one = deeds.Learner("one")
    for at in ("01-07 10:00", "03-01 10:00", "12-20 10:00"):
        one.saves("Sum", at, True)
    found = report(deeds.write(tmp_path, one))
    assert (found.span, found.periods[0].start, len(found.periods)) == ("week", date(2026, 1, 5), 50)
    assert sum(period.saves for period in found.periods) == 3


@pytest.mark.parametrize("asked", ["ada", "ADA"])
def test_one_user(archive, asked):
    found = report(archive, user=asked)
    assert [one.name for one in found.learners] == ["ada"]
    assert found.totals.saves == 5


def test_one_user_by_address_or_id(tmp_path):
    ada, bo = deeds.two_learners()
    archive = deeds.write(tmp_path, ada, bo)
    for asked in (str(ada.id), f"{ada.id}@example.org"):
        assert [one.name for one in report(archive, user=asked).learners] == ["ada"]


def test_one_course(tmp_path):
    one, other = deeds.Learner("one", course="Basics"), deeds.Learner("other", course="More")
    one.saves("Sum", "03-01 10:00", True)
    other.saves("Sum", "03-01 10:00", True)
    archive = deeds.write(tmp_path, one, other)
    assert len(report(archive).tasks) == 2
    assert [one.name for one in report(archive, course=" basics ").learners] == ["one"]


def test_some_days(archive):
    found = report(archive, since=deeds.moment("03-02 00:00"), until=deeds.moment("03-09 09:10"))
    assert found.totals.saves == 4
    assert report(archive, since=deeds.moment("04-01 00:00")).is_empty


def test_names_that_are_not_there_are_told_with_those_that_are(archive):
    with pytest.raises(UnknownUserError) as told:
        report(archive, user="eve")
    assert told.value.known == ("ada", "bo")
    with pytest.raises(UnknownCourseError) as told:
        report(archive, course="Advanced")
    assert told.value.known == ("Basics",)


def test_an_archive_that_never_was_is_an_empty_report(tmp_path):
    assert report(history.Archive(tmp_path / "nowhere")).is_empty


def test_events_of_an_earlier_version_tell_no_criteria_and_count_all_the_same(tmp_path):
    one = deeds.Learner("one")
    one.about("Sum", deeds.SAVED, "03-01 10:00", score=0.5, passed=False, path="x.py")
    found = report(deeds.write(tmp_path, one))
    assert (found.totals.saves, list(found.criteria)) == (1, [])


def test_steps_are_told_as_they_are_done(archive):
    done = []
    history.read(archive, Question(), lambda: done.append(1))
    assert len(done) == history.STEPS


def asking(tmp_path):
    """Return what two learners asked two models, about tasks of two courses and for a goal."""
    ada, bo = deeds.two_learners()
    cy = deeds.Learner("cy", course="More")
    cy.saves("Sum", "03-01 10:00", True)
    ada.asks("Sum", "03-01 10:11", tokens_in=900, tokens_out=100, tokens_used=1000, latency_ms=2000.0)
    ada.asks("Sum", "03-01 10:21", tokens_in=500, tokens_out=60, tokens_used=560, latency_ms=4000.0, useless=1)
    ada.asks("Mean", "03-03 09:01", tokens_in=10, tokens_out=5, tokens_used=15, latency_ms=9000.0)
    bo.asks("Sum", "03-09 08:05", "other", tokens_used=30)
    cy.asks("Sum", "03-01 10:01", tokens_in=1, tokens_out=1, latency_ms=1.0)
    cy.asks(None, "03-01 10:02", calls=3, useless=2, tokens_in=60, tokens_out=30, tokens_used=90, latency_ms=3000.0)
    cy.asks(None, "03-01 10:03", None)
    return deeds.write(tmp_path, ada, bo, cy)


def shown(found):
    return [
        (one.model, one.learners, one.calls, one.useless, one.sent, one.received, one.latency_ms)
        for one in found.models
    ]


def test_what_models_were_asked(tmp_path):
    archive = asking(tmp_path)
    assert shown(report(archive)) == [
        # Of 1, 1000 (3000 for three calls), 2000, 4000 and 9000 milliseconds.
        ("tiny", 2, 7, 3, 1471, 196, 2000.0),
        # Sent and received are not told apart.
        ("other", 1, 1, 0, 30, 0, None),
    ]
    assert shown(report(archive, user="ada")) == [("tiny", 1, 3, 1, 1410, 165, 4000.0)]
    # A draft belongs to no course.
    assert shown(report(archive, course="More")) == [("tiny", 1, 1, 0, 1, 1, 1.0)]
    assert shown(report(archive, since=deeds.moment("03-09 00:00"))) == [("other", 1, 1, 0, 30, 0, None)]
    work = {(one.name, one.task.title): one.model for one in report(archive).work}
    assert (work["ada", "Sum"].calls, work["ada", "Sum"].sent, work["ada", "Sum"].latency_ms) == (2, 1400, 3000.0)
    assert work["bo", "Mean"] is None


def test_without_a_model_there_are_no_such_figures(archive):
    assert not report(archive).models


def test_whoever_only_had_a_goal_drafted_has_a_report(tmp_path):
    one = deeds.Learner("one")
    one.asks(None, "03-01 10:00", tokens_in=60, tokens_out=30)
    found = report(deeds.write(tmp_path, one))
    assert not found.is_empty
    assert shown(found) == [("tiny", 1, 1, 0, 60, 30, None)]


@pytest.mark.parametrize("bad", [-1, "7", True, None, 10**30, [1], 1.5])
def test_numbers_that_are_none_count_nothing(tmp_path, bad):
    one = deeds.Learner("one")
    told = {"calls": bad, "useless": bad, "tokens_in": bad, "tokens_out": bad}
    one.asks(None, "03-01 10:00", latency_ms=float("nan"), **told)
    one.asks(None, "03-01 10:01", latency_ms=float("-inf"), tokens_used=-5)
    assert shown(report(deeds.write(tmp_path, one))) == [("tiny", 1, 2, 0, 0, 0, None)]
