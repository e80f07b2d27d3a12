"""What lies beside a program: what its task names, and what it imports of its own."""

import os

import pytest

from milepost.domain.entities import Solution
from milepost.goals import course_file, matching, siblings

COURSE = """\
course: {title: C, language: python}
goals:
  - title: First
    tasks:
      - {title: One, files: [one.py], criteria: [{rubric: x}], solutions: [solutions/one.py], starter: start/one.py}
      - {title: Program, files: [src/main.py, src/parts/data.py, src/words.txt], criteria: [{rubric: x}],
         solutions: ["solutions/*/main.py", "solutions/*/parts/data.py", solutions/alone.py]}
      - {title: Each, files: ["each/*.py", "every/*/main.py"], criteria: [{tests: each/test_it.py}]}
"""
FILES = (
    "solutions/one.py", "start/one.py", "each/test_it.py", "solutions/a/main.py", "solutions/a/parts/data.py",
    "solutions/b/main.py", "solutions/alone.py",
)  # fmt: skip


@pytest.fixture
def draft(folder):
    folder.write("milepost.yaml", COURSE)
    for name in FILES:
        folder.write(name, f"# {name}\n")
    return course_file.load(folder.file)


def beside(draft, folder, name, text, opened=None):
    path = str(folder.root / name)
    texts = {str(folder.root / one): content for one, content in (opened or {}).items()}
    return siblings.gather(draft, matching.match(draft, path), path, text, texts)


def names(draft, folder, name, text, opened=None):
    return sorted(beside(draft, folder, name, text, opened).files)


def test_a_module_of_the_learner_and_what_it_imports(draft, folder):
    folder.write("helpers.py", "from tools import deep\nimport missing\n")
    folder.write("tools/__init__.py", "from .deep import x\n")
    folder.write("tools/deep.py", "from .. import helpers\n")
    folder.write("unused.py", "")
    text = "import os, sys\nfrom helpers import (\n    total,\n    mean as m,\n)\n"
    assert names(draft, folder, "one.py", text) == ["helpers.py", "tools/__init__.py", "tools/deep.py"]
    assert names(draft, folder, "one.py", "x = 1\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "import helpers",
        "import json, helpers as h",
        "def f():\n    from helpers import total\n",
        "from helpers import *",
        "if x:\n\timport helpers; helpers.run()",
        "import helpers.total",
    ],
)
def test_ways_to_write_an_import(draft, folder, text):
    folder.write("helpers.py", "")
    assert names(draft, folder, "one.py", text) == ["helpers.py"]


def test_an_open_text_comes_before_the_one_on_disk(draft, folder):
    folder.write("helpers.py", "old")
    found = beside(draft, folder, "one.py", "import helpers, fresh", {"helpers.py": "new", "fresh.py": "", "x.py": ""})
    assert found.files == {"helpers.py": "new", "fresh.py": ""}


def test_all_files_of_a_program_whatever_it_imports(draft, folder):
    folder.write("src/main.py", "main")
    folder.write("src/parts/data.py", "data")
    folder.write("src/words.txt", "words")
    main = beside(draft, folder, "src/main.py", "")
    assert (main.place, main.entry, main.folder) == ("src/main.py", "", "src")
    assert main.files == {"src/parts/data.py": "data", "src/words.txt": "words"}
    data = beside(draft, folder, "src/parts/data.py", "")
    assert (data.place, data.entry) == ("src/parts/data.py", "src/main.py")
    assert data.files == {"src/main.py": "main", "src/words.txt": "words"}


def test_modules_of_a_package_from_its_folder_and_from_the_top(draft, folder):
    for name in ("src/__init__.py", "src/near.py", "src/far.py", "src/parts/deep.py", "top.py"):
        folder.write(name, "")
    text = "import near, top\nfrom src.far import x\nfrom .parts import deep\nfrom ..outside import y\n"
    found = names(draft, folder, "src/main.py", text)
    assert found == ["src/__init__.py", "src/far.py", "src/near.py", "src/parts/deep.py", "top.py"]


def test_without_its_first_file_another_one_is_run_by_itself(draft, folder):
    folder.write("src/parts/data.py", "data")
    assert beside(draft, folder, "src/parts/data.py", "data").entry == ""


def test_nothing_of_the_course_and_of_no_other_submission(draft, folder):
    for name in ("each/ana.py", "each/bob.py", "every/ana/main.py", "every/bob/main.py", "every/ana/own.py"):
        folder.write(name, "")
    text = "import solutions.one, start.one, each.ana, each.test_it, every.ana.main, every.ana.own"
    assert names(draft, folder, "one.py", text) == ["every/ana/own.py"]
    assert names(draft, folder, "each/bob.py", "import ana, test_it") == []
    assert names(draft, folder, "every/bob/main.py", "import main, own, ana.own") == []
    assert names(draft, folder, "every/ana/main.py", "import own") == ["own.py"]


@pytest.mark.parametrize("name", ["random", "json", "sitecustomize", "usercustomize", "conftest", "types"])
def test_names_that_mean_something_else_are_left_out(draft, folder, name):
    folder.write(f"{name}.py", "")
    assert names(draft, folder, "one.py", f"import {name}") == []


def test_no_way_out_of_the_folder(draft, folder, tmp_path_factory):
    """SBX-03: hidden files, links, pipes and names that climb are none of the program's."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.py").write_text("canary")
    folder.write(".hidden.py", "canary")
    folder.write("parts/ok.py", "fine")
    (folder.root / "linked.py").symlink_to(outside / "secret.py")
    (folder.root / "away").symlink_to(outside)
    (folder.root / "inner.py").symlink_to(folder.root / "parts/ok.py")
    os.mkfifo(folder.root / "pipe.py")
    (folder.root / "folder.py").mkdir()
    folder.write("binary.py", "a\0b")
    text = (
        "import linked, away.secret, inner, pipe, folder, binary, parts.ok\n"
        "from .. import secret\nfrom ...outside import secret\nfrom . import hidden\n"
    )
    assert beside(draft, folder, "one.py", text).files == {"parts/ok.py": "fine"}


def test_a_program_has_only_so_much_beside_it(draft, folder):
    for number in range(siblings.MOST_FILES + 5):
        folder.write(f"m{number}.py", "")
    text = "".join(f"import m{number}\n" for number in range(siblings.MOST_FILES + 5))
    assert len(names(draft, folder, "one.py", text)) == siblings.MOST_FILES
    folder.write("big.py", "#" * (siblings.MOST_BYTES + 1))
    assert names(draft, folder, "one.py", "import big") == []


def test_a_file_under_another_name_than_the_task_s_stands_alone(draft, folder, tmp_path):
    (tmp_path / "bob.py").write_text("")
    found = matching.match(draft, str(folder.root / "one.py"))
    assert siblings.gather(draft, found, str(tmp_path / "ana.py"), "import bob", {}).files == {}


def test_solutions_of_several_files(draft):
    task = draft.goals[0].tasks[1]
    assert [one.path for one in task.solutions] == ["solutions/a/main.py", "solutions/b/main.py", "solutions/alone.py"]
    assert task.solutions[0] == Solution(
        "solutions/a/main.py",
        "# solutions/a/main.py\n",
        {"src/parts/data.py": "# solutions/a/parts/data.py\n"},
        ("solutions/a/parts/data.py",),
    )
    assert task.solutions[1].beside == {}
    assert siblings.of_solution(task, task.solutions[0]).files == {"src/parts/data.py": "# solutions/a/parts/data.py\n"}
    assert course_file.load(draft.path) == draft


@pytest.mark.parametrize(
    "line", ["from a import (", "from " + "." * 500_000, "from a" + " " * 500_000, "import " + "a," * 250_000]
)
def test_reading_the_imports_of_a_hostile_text_ends_soon(draft, folder, line):
    """A search that grows with the square of the text would take hours."""
    assert names(draft, folder, "one.py", f"{line}\n" * (1 + 500_000 // len(line))) == []
