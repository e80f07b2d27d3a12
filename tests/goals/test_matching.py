import pytest

from milepost.goals import course_file, matching

COURSE = """\
course: {title: C, language: python}
goals:
  - title: First
    tasks:
      - {title: One, files: [one.py], criteria: [{rubric: x}]}
      - {title: Program, files: [main.py, parts/data.py], criteria: [{rubric: x}], starter: start/main.py}
      - {title: Each, files: ["each/**/*.py"], criteria: [{tests: each/test_it.py}], starter: each/start.py,
         solutions: [each/solved.py]}
  - title: Second
    tasks:
      - {title: Mixed, files: ["mixed/*.py", mixed/main.py], criteria: [{rubric: x}]}
"""


@pytest.fixture
def draft(folder):
    folder.write("milepost.yaml", COURSE)
    for name in ("start/main.py", "each/test_it.py", "each/start.py", "each/solved.py"):
        folder.write(name, "")
    return course_file.load(folder.file)


def find(draft, folder, name):
    return matching.match(draft, str(folder.root / name))


def test_a_file_named_as_such(draft, folder):
    found = find(draft, folder, "one.py")
    assert (found.key, found.position, found.count) == ("first / one", 1, 3)
    assert (found.relative, found.single) == ("one.py", False)


def test_files_of_one_program(draft, folder):
    found = find(draft, folder, "parts/data.py")
    assert (found.key, found.position, found.single) == ("first / program", 2, False)
    assert matching.program_files(found) == ("main.py", "parts/data.py")


def test_each_match_of_a_wildcard_is_a_submission_of_its_own(draft, folder):
    found = find(draft, folder, "each/ada/deep/x.py")
    assert (found.key, found.single, found.relative) == ("first / each", True, "each/ada/deep/x.py")
    assert matching.program_files(found) == ("each/ada/deep/x.py",)


def test_a_name_wins_over_a_wildcard(draft, folder):
    assert not find(draft, folder, "mixed/main.py").single
    assert find(draft, folder, "mixed/other.py").single


@pytest.mark.parametrize("name", ["each/start.py", "each/test_it.py"])
def test_what_the_course_brings_is_no_submission(draft, folder, name):
    assert find(draft, folder, name) is None


def test_a_solution_can_be_checked_where_a_wildcard_means_it(draft, folder):
    assert find(draft, folder, "each/solved.py").key == "first / each"


@pytest.mark.parametrize("name", ["two.py", "deep/one.py", "../one.py", "milepost.yaml", "each/.x.py", "."])
def test_what_nobody_claims(draft, folder, name):
    assert find(draft, folder, name) is None
    assert course_file.claims(draft, folder.root / name) is None


def test_the_same_folder_by_another_way(draft, folder, tmp_path):
    (tmp_path / "link").symlink_to(folder.root)
    assert matching.match(draft, str(tmp_path / "link/one.py")).relative == "one.py"
    assert course_file.claims(draft, tmp_path / "link/sub/../one.py").title.en == "One"
    by_link = course_file.load(tmp_path / "link")
    assert matching.match(by_link, str(folder.root / "one.py")).relative == "one.py"


def test_a_link_that_leads_out_is_nobodys(draft, folder, tmp_path):
    (tmp_path / "elsewhere.py").write_text("")
    (folder.root / "one.py").symlink_to(tmp_path / "elsewhere.py")
    assert find(draft, folder, "one.py") is None


def test_strange_paths_are_nobodys(draft):
    assert matching.match(draft, "\0") is None
    assert matching.match(draft, "") is None
