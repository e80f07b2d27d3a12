"""Course files that are right: every kind of criterion, every default, every short form."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from milepost.domain.criteria import (
    Command,
    Complexity,
    Construct,
    Defines,
    Dialogue,
    Example,
    Examples,
    Forbids,
    Lint,
    Requires,
    Reveal,
    Rubric,
    Stdio,
    Tests,
)
from milepost.domain.entities import TaskType
from milepost.domain.text import Localized
from milepost.goals import course_file, rendering
from milepost.goals.problems import CourseError

COMPLETE = """\
course:
  title: {en: First steps, es: Primeros pasos}
  language: Python
  description: For beginners.
  reveal: message
  share_solutions: true
goals:
  - title: Search
    description: {es: Buscar cosas}
    tasks:
      - title: Sequential search
        type: testing
        files: [search.py, ./more/./helper.py]
        statement: |
          Return the index at which x would be inserted
          to keep seq sorted.
        starter: starter/search.py
        solutions: [solutions/*.py, extra.py, solutions/b.py]
        preamble: |
          import math
        criteria:
          - examples: [{call: "mean([1, 2])", expect: "1.5", approx: 1e-9}, {call: "mean([])", raises: ValueError}]
            weight: 3
          - examples:
              - {call: "show()", prints: "hi\\n", setup: "x = 1", timeout: 0.5}
              - {call: 'pairs()', expect: '[(1, 2)]', unordered: true, setup: ["x = 1", "y = 2"]}
          - tests: tests/test_search.py
          - tests: {path: tests/test_more.py, timeout: 20, files: ["tests/data/*.txt"]}
          - stdio: [{input: "3\\n4\\n", output: "7\\n"}, {output: "", timeout: 1}]
          - defines: ["search(x, seq)", "Box.put(self, thing)", class Box, helper]
          - requires: [{construct: for}, {import: re}]
          - forbids: [{call: sorted}, {query: "(while_statement) @w"}]
          - lint: {select: [E, F401, ALL]}
          - complexity: {max: 8}
          - command: {run: "python tests/run.py", junit: report.xml, timeout: 5}
          - rubric: "Names say what the values mean."
        assume: ["list(seq) == sorted(seq)"]
  - title: Nothing yet
"""


@pytest.fixture
def complete(folder):
    folder.write("milepost.yaml", COMPLETE)
    folder.write("starter/search.py", "def search(x, seq): ...\n")
    for name in ("solutions/b.py", "solutions/a.py", "extra.py", "solutions/.hidden.py", "solutions/note.txt"):
        folder.write(name, f"# {name}\n")
    for name in ("tests/test_search.py", "tests/test_more.py", "tests/run.py", "tests/data/one.txt"):
        folder.write(name, f"# {name}\n")
    return course_file.load(folder.file)


def task_of(folder):
    return course_file.load(folder.file).goals[0].tasks[0]


def criterion_of(folder, text, **options):
    folder.criterion(text, **options)
    return task_of(folder).contract.criteria[0]


def test_the_course(complete, folder):
    assert complete.path == str(folder.file)
    assert complete.title == Localized("First steps", "Primeros pasos")
    assert complete.description == Localized("For beginners.", "For beginners.")
    assert complete.language == "python"
    assert complete.share_solutions
    assert [goal.title.en for goal in complete.goals] == ["Search", "Nothing yet"]
    assert complete.goals[0].description == Localized("Buscar cosas", "Buscar cosas")
    assert complete.goals[1].tasks == ()


def test_the_task(complete):
    task = complete.goals[0].tasks[0]
    assert task.title.en == "Sequential search"
    assert task.task_type is TaskType.TESTING
    assert task.files == ("search.py", "more/helper.py")
    assert task.statement.es == "Return the index at which x would be inserted\nto keep seq sorted.\n"
    assert (task.starter, task.starter_text) == ("starter/search.py", "def search(x, seq): ...\n")
    assert [solution.path for solution in task.solutions] == ["solutions/a.py", "solutions/b.py", "extra.py"]
    assert task.solutions[0].code == "# solutions/a.py\n"
    assert COMPLETE.split("\n")[task.line].strip() == "- title: Sequential search"


def test_the_contract(complete):
    contract = complete.goals[0].tasks[0].contract
    assert (contract.language, contract.reveal, contract.preamble) == ("python", Reveal.MESSAGE, "import math\n")
    assert contract.assume == ("list(seq) == sorted(seq)",)
    assert contract.inputs is None
    assert contract.files == {
        name: f"# {name}\n"
        for name in ("tests/data/one.txt", "tests/run.py", "tests/test_more.py", "tests/test_search.py")
    }


def test_every_kind_of_criterion(complete):
    assert complete.goals[0].tasks[0].contract.criteria == (
        Examples((Example("mean([1, 2])", "1.5", approx=1e-9), Example("mean([])", raises="ValueError")), weight=3),
        Examples(
            (
                Example("show()", prints="hi\n", setup="x = 1", timeout=0.5),
                Example("pairs()", "[(1, 2)]", unordered=True, setup="x = 1\ny = 2"),
            )
        ),
        Tests("tests/test_search.py"),
        Tests("tests/test_more.py", timeout=20),
        Stdio((Dialogue("3\n4\n", "7\n"), Dialogue("", "", timeout=1))),
        Defines(("search(x, seq)", "Box.put(self, thing)", "class Box", "helper")),
        Requires((Construct(construct="for"), Construct(import_="re"))),
        Forbids((Construct(call="sorted"), Construct(query="(while_statement) @w"))),
        Lint(("E", "F401", "ALL")),
        Complexity(8),
        Command("python tests/run.py", "report.xml", timeout=5),
        Rubric("Names say what the values mean."),
    )


def test_the_sources_are_the_files_that_were_read(complete, folder):
    assert complete.sources[0] == str(folder.file)
    names = {str(Path(source).relative_to(folder.root)) for source in complete.sources[1:]}
    assert "tests/data/one.txt" in names
    assert "solutions/a.py" in names
    assert "solutions/.hidden.py" not in names


def test_defaults(folder):
    draft = course_file.load(folder.file)
    task = draft.goals[0].tasks[0]
    assert not draft.share_solutions
    assert task.contract.reveal is Reveal.FIX
    assert task.contract.criteria[0].weight == 1
    assert (task.starter, task.starter_text, task.solutions) == (None, "", ())
    assert (task.task_type, task.contract.preamble) == (TaskType.CODE, "")
    assert task.statement == Localized("", "")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("6", "6"),
        ("'6'", "6"),
        ("-1.50", "-1.50"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1e-3", "1e-3"),
        ("True", "True"),
        ("None", "None"),
        ("[1, 2]", "[1, 2]"),
        ("[1, [2, 'a']]", "[1, [2, 'a']]"),
        ("{1: 2}", "{1: 2}"),
        ("[]", "[]"),
        ("\"'text'\"", "'text'"),
        ("12:30", None),
    ],
)
def test_an_expected_value_is_taken_as_it_is_written(folder, written, expected):
    text = f"examples:\n  - call: f()\n    expect: {written}"
    if expected is None:
        folder.criterion(text)
        with pytest.raises(CourseError, match="not a Python expression"):
            task_of(folder)
    else:
        assert criterion_of(folder, text).examples[0].expect == expected


@pytest.mark.parametrize("name", ["call", "expect"])
def test_code_over_several_lines_stays_as_it_is_written(folder, name):
    other = "expect" if name == "call" else "call"
    text = f"examples:\n  - {other}: f()\n    {name}: [1,\n      2]  # two"
    assert getattr(criterion_of(folder, text).examples[0], name).split() == ["[1,", "2]"]


def test_input_and_output_may_be_plain_numbers(folder):
    found = criterion_of(folder, "stdio: [{input: 3, output: 007}, {input: true, output: null}]")
    assert [(one.input, one.output) for one in found.dialogues] == [("3", "007"), ("true", "null")]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("complexity: 8", "complexity: {max: 8}"),
        ("lint: [E, F]", "lint: {select: [E, F]}"),
        ("command: make", "command: {run: make}"),
        ("rubric: Good names.", "rubric: {text: Good names.}"),
        ("tests: tests/test_a.py", "tests: {path: tests/test_a.py}"),
    ],
)
def test_short_forms(folder, short, long):
    folder.write("tests/test_a.py", "")
    assert criterion_of(folder, short) == criterion_of(folder, long)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("f", "f"),
        ("f()", "f()"),
        ("def f(x, *rest, y=1):", "f(x, *rest, y=1)"),
        ("def f(x: dict[str, int]) -> list[int]:", "f(x: dict[str, int])"),
        ("f(x, y=(1, 2)) -> None", "f(x, y=(1, 2))"),
        ("class Stack", "class Stack"),
        ("class Stack(Base):", "class Stack(Base)"),
        ("Stack.push(self, thing)", "Stack.push(self, thing)"),
        ("Stack::push(thing)", "Stack::push(thing)"),
        ("größe(ñ)", "größe(ñ)"),
    ],
)
def test_signatures(folder, written, expected):
    assert criterion_of(folder, f"defines: ['{written}']").signatures == (expected,)


def test_goals_may_stand_without_a_course(folder):
    folder.write(
        "milepost.yaml", "goals:\n- title: G\n  tasks:\n  - {title: T, files: [a.go], criteria: [{command: make}]}\n"
    )
    draft = course_file.load(folder.file)
    assert draft.title is None
    assert draft.language == "go"


def test_a_course_may_still_be_without_goals(folder):
    folder.write("milepost.yaml", "course: {title: Soon, language: rust}\n")
    assert course_file.load(folder.file).goals == ()


def test_a_course_in_another_language(folder):
    folder.write("tests/a.test.js", "// test")
    found = criterion_of(folder, "command: {run: node --test tests/a.test.js}", language="javascript")
    assert found == Command("node --test tests/a.test.js")
    assert task_of(folder).contract.files == {"tests/a.test.js": "// test"}


def test_the_learners_file_in_a_command_is_not_the_courses(folder):
    folder.write("a.py", "print(1)")
    before = criterion_of(folder, "command: python a.py")
    assert before.run == "python a.py"
    assert task_of(folder).contract.files == {}


def test_text_in_one_language_stands_in_for_the_other(folder):
    folder.task("files: [a.py]\ncriteria: [{rubric: x}]\nstatement: {es: Hola}")
    assert task_of(folder).statement == Localized("Hola", "Hola")


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_other_line_ends(folder, ending):
    wanted = course_file.load(folder.file)
    folder.write("milepost.yaml", folder.file.read_text().replace("\n", ending))
    found = course_file.load(folder.file)
    assert found.goals == wanted.goals


def test_a_byte_order_mark_is_no_part_of_the_text(folder):
    wanted = course_file.load(folder.file)
    folder.write("milepost.yaml", b"\xef\xbb\xbf" + folder.file.read_bytes())
    assert course_file.load(folder.file).goals == wanted.goals


def test_line_separators_inside_a_text_are_characters(folder):
    found = criterion_of(folder, "rubric: 'a\u2028b\u2029c\x85d 👩‍🏫 e\u0301'")
    assert found.text == "a\u2028b\u2029c\x85d 👩‍🏫 e\u0301"
    folder.criterion("rubric: 'a\u2028b'\n  weight: x")
    with pytest.raises(CourseError):
        task_of(folder)


def test_an_alias_repeats_a_value(folder):
    folder.task("files: [a.py]\nstatement: &words\n  en: Hello\ncriteria: [{rubric: x}]")
    text = folder.file.read_text().replace("title: T", "title: *words").replace("      - title: *words\n", "")
    folder.write("milepost.yaml", text.replace("        files", "      - files") + "        title: *words\n")
    assert task_of(folder).title.en == "Hello"


def test_a_folder_stands_for_its_course_file(folder):
    assert course_file.load(folder.root) == course_file.load(str(folder.file))


class TestContentHash:
    def test_it_is_the_same_for_the_same_files(self, complete, folder):
        assert course_file.load(folder.file).content_hash == complete.content_hash

    @pytest.mark.parametrize("name", ["milepost.yaml", "solutions/a.py", "starter/search.py", "tests/run.py"])
    def test_it_changes_with_every_file_that_is_named(self, complete, folder, name):
        folder.write(name, (folder.root / name).read_text() + "\n")
        assert course_file.load(folder.file).content_hash != complete.content_hash

    def test_it_changes_with_a_new_match_of_a_pattern(self, complete, folder):
        folder.write("solutions/c.py", "")
        assert course_file.load(folder.file).content_hash != complete.content_hash

    def test_it_does_not_change_with_other_files(self, complete, folder):
        folder.write("search.py", "def search(x, seq): return 0\n")
        assert course_file.load(folder.file).content_hash == complete.content_hash


class TestFindUpwards:
    def test_it_finds_the_nearest(self, folder):
        folder.write("deep/milepost.yaml", "")
        folder.write("deep/er/a.py", "")
        assert course_file.find_upwards(folder.root / "deep/er/a.py") == str(folder.root / "deep/milepost.yaml")
        assert course_file.find_upwards(folder.root / "b.py") == str(folder.file)

    def test_the_document_need_not_exist(self, folder):
        assert course_file.find_upwards(folder.root / "no/such/a.py") == str(folder.file)

    def test_it_stops_where_it_is_told(self, folder):
        assert course_file.find_upwards(folder.root / "deep/a.py", stop=folder.root / "deep") is None
        assert course_file.find_upwards(folder.root / "deep/a.py", stop=folder.root) == str(folder.file)

    def test_it_finds_nothing_where_there_is_nothing(self, tmp_path):
        assert course_file.find_upwards(tmp_path / "a.py", stop=tmp_path) is None

    def test_a_folder_of_that_name_is_no_course_file(self, tmp_path):
        (tmp_path / "milepost.yaml").mkdir()
        assert course_file.find_upwards(tmp_path / "a.py", stop=tmp_path) is None

    def test_a_relative_path(self, folder, monkeypatch):
        monkeypatch.chdir(folder.root)
        assert course_file.find_upwards("a.py") == os.path.realpath(folder.file)


class TestDump:
    def test_what_is_written_is_read_again(self, complete, folder):
        folder.write("milepost.yaml", course_file.dump(complete))
        again = course_file.load(folder.file)
        assert without_places(again) == without_places(complete)

    def test_every_file_can_be_written_elsewhere(self, complete, tmp_path):
        for name, text in rendering.files_of(complete).items():
            (tmp_path / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "copy" / name).write_text(text)
        again = course_file.load(tmp_path / "copy")
        assert without_places(again).goals == without_places(complete).goals

    def test_goals_without_a_course(self, folder):
        folder.write("milepost.yaml", "goals: [{title: G}]")
        draft = course_file.load(folder.file)
        assert course_file.dump(draft) == "goals:\n  - {title: G}\n"


def without_places(draft):
    goals = tuple(replace(goal, tasks=tuple(replace(task, line=0) for task in goal.tasks)) for goal in draft.goals)
    return replace(draft, goals=goals, content_hash="", sources=())


def test_the_text_of_a_document_is_judged_without_saving_it(folder):
    assert course_file.validate_text(folder.file, folder.file.read_text()) == []
    (problem,) = course_file.validate_text(folder.file, folder.file.read_text().replace("criteria", "criterias"))[1:]
    assert problem.message.en == "unknown key `criterias`, did you mean `criteria`?"
    assert problem.message.es == "clave desconocida `criterias`, ¿querías decir `criteria`?"
    assert (problem.line, problem.column, problem.end_column) == (6, 8, 17)
