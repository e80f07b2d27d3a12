from pathlib import Path

import pytest

from milepost.agents import courses

TWO_TASKS = """
course: {title: Two, language: python}
goals:
  - title: One
    tasks:
      - {title: A, files: [a.py], criteria: [{defines: ["a()"]}]}
      - {title: B, files: ["b_*.py"], criteria: [{defines: ["b()"]}]}
"""


@pytest.fixture
def course(tmp_path) -> Path:
    (tmp_path / "milepost.yaml").write_text(TWO_TASKS)
    return tmp_path


def title(matched) -> str | None:
    return matched[1].task.title.en if matched else None


def test_a_file_is_claimed_by_the_course_above_it(course):
    shelf = courses.Courses()
    assert title(shelf.match(str(course / "a.py"))) == "A"
    assert title(shelf.match(str(course / "b_one.py"))) == "B"
    assert shelf.match(str(course / "other.py")) is None


def test_a_changed_course_file_is_read_again(course):
    shelf = courses.Courses()
    assert title(shelf.match(str(course / "a.py"))) == "A"
    (course / "milepost.yaml").write_text(TWO_TASKS.replace("title: A", "title: Changed here"))
    assert title(shelf.match(str(course / "a.py"))) == "Changed here"


def test_a_named_course_claims_files_that_lie_elsewhere(course, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shelf = courses.Courses()
    assert title(shelf.match(str(elsewhere / "b_two.py"), str(course))) == "B"
    assert shelf.match(str(elsewhere / "c.py"), str(course)) is None


def test_the_only_task_of_a_named_course_claims_every_file(course, tmp_path_factory):
    (course / "milepost.yaml").write_text(TWO_TASKS[: TWO_TASKS.index("      - {title: B")])
    found = courses.Courses().match(str(tmp_path_factory.mktemp("x") / "anything.py"), str(course))
    assert title(found) == "A"


def test_starting_a_course_keeps_what_is_there(tmp_path):
    (tmp_path / "average.py").write_text("mine")
    started = courses.start("First steps in Python", tmp_path)
    assert tmp_path / "average.py" in started
    assert (tmp_path / "average.py").read_text() == "mine"
    assert all(file.exists() for file in started)
    assert title(courses.Courses().match(str(tmp_path / "average.py"))) == "The average"


def test_an_unknown_course_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="Nothing like it"):
        courses.start("Nothing like it", tmp_path)


def test_problems_of_a_course_file_have_their_places():
    (found,) = courses.findings("/x/milepost.yaml", TWO_TASKS.replace("files: [a.py]", "file: [a.py]"), "en")[:1]
    assert found.range.start.line == 5
    assert "file" in found.message
