"""Course files that are wrong: each problem at its place, in the words of somebody who writes courses."""

import os
import time

import pytest

from milepost.goals import course_file
from milepost.goals import folder as folders
from milepost.goals.problems import CourseError


def problems_of(folder):
    with pytest.raises(CourseError) as caught:
        course_file.load(folder.file)
    return caught.value.problems


def places(folder):
    """Return line and column (from 1) and the English message of every problem."""
    return [(problem.line + 1, problem.column + 1, problem.message.en) for problem in problems_of(folder)]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", (1, 1), "the course file is empty"),
        ("# only a remark\n", (1, 1), "the course file is empty"),
        ("just words", (1, 1), "this must hold keys and values"),
        ("[]", (1, 1), "this must hold keys and values"),
        ("{}", (1, 1), "`goals` is missing"),
        ("goals: 5", (1, 8), "this must be a list"),
        ("goals:\n  - 5", (2, 5), "this must hold keys and values"),
        ("goals: [{tasks: []}]", (1, 9), "`title` is missing"),
        ("goals: [{title: [a]}]", (1, 17), "this must hold keys and values"),
        ("goals: [{title: ''}]", (1, 17), "this must not be empty"),
        ("goals: [{title: null}]", (1, 17), "this must hold keys and values"),
        ("goals: [{title: {fr: x, en: y}}]", (1, 18), "unknown key `fr`"),
        ("goals: [{title: {}}]", (1, 17), "give a text in `en`, in `es` or in both"),
        ('goals: [{title: "a\\eb"}]', (1, 17), "the character U+001B is not allowed"),
        ("course: {title: x}\n", (1, 9), "`language` is missing"),
        ("course: {language: python}\n", (1, 9), "`title` is missing"),
        ("course: {title: x, language: cobol}\n", (1, 30), "this must be one of python, javascript"),
        (
            "course: {title: x, language: python, reveal: all}",
            (1, 46),
            "this must be one of `location`, `message`, `fix`",
        ),
        ("course: {title: x, language: python, share_solutions: maybe}", (1, 55), "this must be `true` or `false`"),
        ("course: {title: x, language: python}\ncourses: []", (2, 1), "unknown key `courses`, did you mean `course`?"),
        ("goals: [{title: A}, {title: ' a '}]", (1, 29), '" a " is on line 1 already'),
        ("goals: []\ngoals: []", (2, 1), "the key `goals` appears twice; it stands on line 1 already"),
    ],
)
def test_the_frame(folder, text, place, message):
    folder.write("milepost.yaml", text)
    found = places(folder)
    assert (place, True) in [((line, column), said.startswith(message)) for line, column, said in found], found


TASKS = [
    ("files: [a.py]", (5, 9), "`criteria` is missing here"),
    ("criteria: [{rubric: x}]", (5, 9), "`files` is missing here"),
    ("files: a.py\ncriteria: [{rubric: x}]", (6, 16), "this must be a list"),
    ("files: []\ncriteria: [{rubric: x}]", (6, 16), "this must not be empty"),
    ("files: [a.py]\ncriteria: []", (7, 19), "this must not be empty"),
    ("files: [a.py]\ncriteria: none", (7, 19), "this must be a list"),
    (
        "files: [a.py]\ncriteria: [{rubric: x}]\nstatment: Hello",
        (8, 9),
        "unknown key `statment`, did you mean `statement`?",
    ),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nxyz: Hello", (8, 9), "unknown key `xyz`"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\ntype: CODING", (8, 15), "this must be one of `CODE`"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\npreamble: 'def f(:'", (8, 19), "this is not Python: "),
    ("files: [a.py]\ncriteria: [{rubric: x}]\ninputs: 'x = 1'", (8, 17), "`inputs` must define a function that yields"),
    (
        "files: [a.py]\ncriteria: [{rubric: x}]\ninputs: 'def f(): yield 1'\nassume: [x]",
        (5, 9),
        "`inputs` takes the place",
    ),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nassume: ['x <']", (8, 18), "this is not a Python expression"),
    (
        "files: [a.py]\ncriteria: [{rubric: x}]\ntitle: again",
        (8, 9),
        "the key `title` appears twice; it stands on line 5",
    ),
    (
        "files: [/etc/passwd]\ncriteria: [{rubric: x}]",
        (6, 17),
        "`/etc/passwd` must be a path inside the course's folder",
    ),
    ("files: [C:/a.py]\ncriteria: [{rubric: x}]", (6, 17), "`C:/a.py` must be a path inside"),
    ("files: ['a\\b.py']\ncriteria: [{rubric: x}]", (6, 17), "`a\\b.py` must be a path inside"),
    ("files: ['~/a.py']\ncriteria: [{rubric: x}]", (6, 17), "`~/a.py` must be a path inside"),
    ("files: ['']\ncriteria: [{rubric: x}]", (6, 17), "`` must be a path inside"),
    ("files: [.]\ncriteria: [{rubric: x}]", (6, 17), "`.` is not a file"),
    ("files: [a/../../b.py]\ncriteria: [{rubric: x}]", (6, 17), "`a/../../b.py` leads out of the course's folder"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nstarter: ../b.py", (8, 18), "`../b.py` leads out of the course's folder"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nstarter: none.py", (8, 18), "there is no file `none.py`"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nstarter: a_folder", (8, 18), "`a_folder` is not a file"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nstarter: a_pipe", (8, 18), "`a_pipe` is not a file"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nstarter: big.py", (8, 18), "`big.py` is larger than 1 MB"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nstarter: latin.py", (8, 18), "`latin.py` is not UTF-8 text"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nstarter: binary.py", (8, 18), "`binary.py` is not a text file"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nstarter: out.py", (8, 18), "`out.py` leads out of the course's folder"),
    (
        "files: [a.py]\ncriteria: [{rubric: x}]\nstarter: out/x.py",
        (8, 18),
        "`out/x.py` leads out of the course's folder",
    ),
    ("files: [out.py]\ncriteria: [{rubric: x}]", (6, 17), "`out.py` leads out of the course's folder"),
    (
        "files: [a.py]\ncriteria: [{rubric: x}]\nsolutions: [out/*.py]",
        (8, 21),
        "`out` leads out of the course's folder",
    ),
    (
        "files: [a.py]\ncriteria: [{rubric: x}]\nsolutions: [o*.py]",
        (8, 21),
        "`out.py` leads out of the course's folder",
    ),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nsolutions: [s/*.py]", (8, 21), "no file matches `s/*.py`"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nsolutions: s/a.py", (8, 20), "this must be a list"),
    ("files: [a.py]\ncriteria: [{rubric: x}]\nstarter: a.py", (8, 18), "`a.py` is what the learner writes"),
    (
        "files: [there.py]\ncriteria: [{rubric: x}]\nsolutions: ['*.py']",
        (8, 21),
        "`there.py` is what the learner writes",
    ),
    ("files: [a.py]\ncriteria: [{tests: tests/none.py}]", (7, 28), "there is no file `tests/none.py`"),
    ("files: [a.py]\ncriteria: [{command: cat binary.py}]", (7, 30), "`binary.py` is not a text file"),
]


@pytest.mark.parametrize(("lines", "place", "message"), TASKS)
def test_a_task(folder, tmp_path, lines, place, message):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.py").write_text("secret")
    folder.write("there.py", "")
    folder.write("big.py", "#" * (folders.FILE_LIMIT + 1))
    folder.write("latin.py", b"# \xe9")
    folder.write("binary.py", b"a\0b")
    (folder.root / "a_folder").mkdir()
    os.mkfifo(folder.root / "a_pipe")
    (folder.root / "out").symlink_to(tmp_path / "outside")
    (folder.root / "out.py").symlink_to(tmp_path / "outside/x.py")
    folder.task(lines)
    found = places(folder)
    assert (place, True) in [((line, column), said.startswith(message)) for line, column, said in found], found


CRITERIA = [
    ("exampels: []", (8, 13), "unknown key `exampels`, did you mean `examples`?"),
    ("weight: 3", (8, 13), "a criterion is one of `examples`, `tests`"),
    ("just words", (8, 13), "a criterion is one of `examples`, `tests`"),
    ("rubric: x\nlint: [E]", (9, 13), "`rubric` and `lint` are two criteria"),
    ("rubric: x\nwieght: 3", (9, 13), "unknown key `wieght`, did you mean `weight`?"),
    ("rubric: x\nweight: heavy", (9, 21), "this must be a number"),
    ("rubric: x\nweight: 0", (9, 21), "this must be greater than 0"),
    ("rubric: x\nweight: -1", (9, 21), "this must be greater than 0"),
    ("rubric: x\nweight: .inf", (9, 21), "this must be a number"),
    ("rubric: x\nweight: 1001", (9, 21), "this must be at most 1,000"),
    ("rubric: ' '", (8, 21), "this must not be empty"),
    ("examples: []", (8, 23), "this must not be empty"),
    ("examples: {call: f(), expect: 1}", (8, 23), "this must be a list"),
    ("examples: [f()]", (8, 24), "this must hold keys and values"),
    ("examples: [{expect: 1}]", (8, 24), "`call` is missing here"),
    ("examples: [{call: f()}]", (8, 24), "an example needs exactly one of"),
    ("examples: [{call: f(), expect: 1, prints: x}]", (8, 24), "an example needs exactly one of"),
    ("examples: [{call: f(), prints: x, approx: 1}]", (8, 24), "`approx` goes with `expect` only"),
    ("examples: [{call: f(), raises: ValueError, unordered: true}]", (8, 24), "`unordered` goes with `expect` only"),
    ("examples: [{call: x = 1, expect: 1}]", (8, 31), "this is not a Python expression"),
    ("examples: [{call: 'f(', expect: 1}]", (8, 31), "this is not a Python expression: '(' was never closed"),
    ("examples: [{call: f(), expect: '1 +'}]", (8, 44), "this is not a Python expression"),
    ("examples: [{call: f(), expect: ''}]", (8, 44), "this is empty; the empty text is written \"''\""),
    ("examples: [{call: f(), expect: hello}]", (8, 44), "`hello` would be a variable, and there is none"),
    ("examples: [{call: f(), expect: true}]", (8, 44), "`true` is not Python; write `True`"),
    ("examples: [{call: f(), expect: null}]", (8, 44), "`null` is not Python; write `None`"),
    ("examples: [{call: f(), raises: a b}]", (8, 44), "`a b` is not the name of an exception"),
    ("examples: [{call: f(), expect: 1, timeout: 0}]", (8, 56), "this must be greater than 0"),
    ("examples: [{call: f(), expect: 1, timeout: 61}]", (8, 56), "this must be at most 60"),
    ("examples: [{call: f(), expect: 1, approx: -1}]", (8, 55), "this must be at least 0"),
    ("examples: [{call: f(), expect: 1, setup: 'x ='}]", (8, 54), "this is not Python"),
    ("examples: [{call: f(1, 2), expect: 1}]", (8, 36), "`2)` looks like part of a text that was cut at a comma"),
    ("examples:\n  - call: f()\n    expect:\n      - 1", (11, 19), "this must be a text"),
    ("tests: [a.py]", (8, 20), "this must be a text"),
    ("tests: {file: a.py}", (8, 21), "unknown key `file`, did you mean `files`?"),
    ("stdio: [{input: x}]", (8, 21), "`output` is missing here"),
    ("defines: [f g(x)]", (8, 23), "`f g(x)` is not a signature"),
    ("defines: ['f(x']", (8, 23), "`f(x` is not a signature"),
    ("defines: ['f" + " " * 600 + "x']", (8, 23), "`f  "),
    ("requires: [for]", (8, 24), "this must hold keys and values"),
    ("requires: [{construct: for, call: f}]", (8, 24), "a construct needs exactly one of"),
    ("forbids: [{}]", (8, 23), "a construct needs exactly one of"),
    ("lint: {select: []}", (8, 28), "this must not be empty"),
    ("lint: {select: [e501]}", (8, 29), "`e501` is not a Ruff rule or group of rules"),
    ("lint: {select: [E, 501]}", (8, 32), "`501` is not a Ruff rule or group of rules"),
    ("complexity: {max: many}", (8, 31), "this must be a whole number"),
    ("complexity: {max: 2.5}", (8, 31), "this must be a whole number"),
    ("complexity: 0", (8, 25), "this must be at least 1"),
    ("command: {junit: report.xml}", (8, 22), "`run` is missing here"),
    ("command: {run: make, junit: ../report.xml}", (8, 41), "`../report.xml` leads out of the course's folder"),
]


@pytest.mark.parametrize(("text", "place", "message"), CRITERIA)
def test_a_criterion(folder, text, place, message):
    folder.criterion(text)
    found = places(folder)
    assert (place, True) in [((line, column), said.startswith(message)) for line, column, said in found], found


@pytest.mark.parametrize("text", ["examples: [{call: f(), expect: 1}]", "tests: t.py", "lint: [E]", "complexity: 3"])
def test_what_works_for_python_only_is_refused_elsewhere(folder, text):
    folder.write("t.py", "")
    folder.criterion(text, language="rust")
    kind = text.partition(":")[0]
    assert f"`{kind}` works for Python only; this course is in Rust" in [said for _, _, said in places(folder)]


def test_a_preamble_and_setup_define_names_for_expected_values(folder):
    folder.task(
        "files: [a.py]\npreamble: 'from shop import EMPTY as NOTHING'\n"
        "criteria:\n- examples:\n  - {call: f(), expect: NOTHING}\n  - {call: f(), expect: x, setup: x = 1}\n"
        "  - {call: f(), expect: ValueError}\n  - {call: f(), expect: Nothing}"
    )
    assert [said[:9] for _, _, said in places(folder)] == ["`Nothing`"]


def test_all_problems_are_told_at_once(folder):
    folder.write(
        "milepost.yaml",
        "course: {title: x, language: python, titel: y}\n"
        "goals:\n  - taskz: []\n  - title: G\n    tasks:\n      - title: T\n"
        "        files: [../a.py]\n        criteria: [{complexity: x}, {rubrik: y}]\n"
        "      - title: t\n        files: [b.py]\n        criteria: [{examples: [{call: f(, expect: z}]}]\n",
    )
    assert [place[0] for place in places(folder)] == [1, 3, 3, 7, 8, 8, 9, 11, 11]


class TestTwoTasksAndOneFile:
    def two(self, folder, first, second):
        folder.write(
            "milepost.yaml",
            "goals:\n- title: G\n  tasks:\n"
            f"  - {{title: One, files: [{first}], criteria: [{{rubric: x}}]}}\n"
            f"  - {{title: Two, files: [{second}], criteria: [{{rubric: x}}]}}\n",
        )

    @pytest.mark.parametrize("second", ["a.py", "./a.py", "x.py, a.py", ".//a.py"])
    def test_the_same_name(self, folder, second):
        self.two(folder, "a.py", second)
        ((line, _, said),) = places(folder)
        assert (line, said) == (5, '`a.py` belongs to the task "One" already (line 4)')

    def test_the_same_pattern(self, folder):
        self.two(folder, "'*.py'", "'*.py'")
        ((line, _, said),) = places(folder)
        assert (line, said) == (5, '`*.py` belongs to the task "One" already (line 4)')

    @pytest.mark.parametrize("order", [1, -1])
    def test_a_name_and_a_pattern_that_matches_it(self, folder, order):
        self.two(folder, *["a.py", "'[ab].py'"][::order])
        ((_, _, said),) = places(folder)
        assert said.startswith("`a.py` belongs to the task")

    def test_two_patterns_with_a_file_that_both_match(self, folder):
        folder.write("ab.py", "")
        self.two(folder, "'a*.py'", "'*b.py'")
        ((line, _, said),) = places(folder)
        assert (line, said) == (5, '`*b.py` and `a*.py` of the task "One" (line 4) both claim `ab.py`')

    def test_two_patterns_without_such_a_file(self, folder):
        folder.write("a.py", "")
        self.two(folder, "'a*.py'", "'*b.py'")
        assert course_file.load(folder.file).goals

    def test_one_task_may_name_a_file_twice(self, folder):
        self.two(folder, "a.py, './a.py', 'a*.py'", "b.py")
        assert course_file.load(folder.file).goals[0].tasks[0].files == ("a.py", "a*.py")


class TestBadYaml:
    @pytest.mark.parametrize(
        ("text", "place", "message"),
        [
            ("goals: [", (1, 9), "this is not valid YAML: "),
            ("goals: 'x", (1, 10), "this is not valid YAML: "),
            ("goals: a: b", (1, 9), "this is not valid YAML: "),
            ("goals:\n\t- title: x", (2, 1), "a tab stands where YAML wants spaces"),
            ("goals: []\n---\ngoals: []", (2, 1), "a course file holds one document"),
            ("goals: *nobody", (1, 8), "nothing is called `&nobody` here"),
            ("goals: &me [*me]", (1, 13), "`*me` contains itself"),
            (
                "goals: !!python/object:os.system x",
                (1, 8),
                "YAML tags such as `tag:yaml.org,2002:python/object:os.system`",
            ),
            ("? [goals]\n: []", (1, 3), "a key must be a plain word"),
            ("goals:\f []", (1, 7), "the character U+000C is not allowed"),
            ("goals: \0", (1, 8), "the character U+0000 is not allowed"),
            ('goals: [{title: "a\\0b"}]', (1, 17), "the character U+0000 is not allowed"),
            ("a: \ufeffb", (1, 4), "the character U+FEFF is not allowed"),
        ],
    )
    def test_each_is_told_at_its_place(self, folder, text, place, message):
        folder.write("milepost.yaml", text)
        line, column, said = places(folder)[0]
        assert ((line, column), said[: len(message)]) == (place, message)

    def test_places_count_characters_and_the_lines_of_editors(self, folder):
        folder.write("milepost.yaml", "# 👩‍🏫\u2028\x85\r\ncourse: {title: '👩‍🏫\u2028', language: ada}\rx: 1\n")
        assert [(line, column) for line, column, _ in places(folder)] == [(2, 35), (3, 1)]

    def test_no_utf8(self, folder):
        folder.write("milepost.yaml", b"goals: \xff")
        assert places(folder) == [(1, 1, "`milepost.yaml` is not UTF-8 text")]

    def test_lone_surrogates_of_an_editor(self, folder):
        (problem,) = course_file.validate_text(folder.file, "goals: \ud800")
        assert problem.message.en == "the character U+D800 is not allowed in a course file"

    def test_no_file(self, folder):
        folder.file.unlink()
        assert places(folder) == [(1, 1, "there is no file `milepost.yaml`")]

    def test_too_large(self, folder):
        folder.write("milepost.yaml", "# " + "x" * folders.FILE_LIMIT)
        assert places(folder) == [(1, 1, "`milepost.yaml` is larger than 1 MB")]
        (problem,) = course_file.validate_text(folder.file, "# " + "x" * folders.FILE_LIMIT)
        assert problem.message.en.startswith("the course file is larger than 1 MB")


def laughs(levels=9, width=10):
    lines = ["a: &a [" + ",".join(["ha"] * width) + "]"]
    for number in range(levels):
        name, before = chr(ord("b") + number), chr(ord("a") + number)
        lines.append(f"{name}: &{name} [" + ",".join([f"*{before}"] * width) + "]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (laughs(), "this is too much for a course file: more than 50,000 values, counting what aliases repeat"),
        ("a: &a [1]\nb: [" + "*a," * 60_000 + "]", "this is too much for a course file"),
        ("- x\n" * 150_000, "this is too much for a course file"),
        ("[" * 500_000, "this is nested too deeply (more than 30 levels)"),
        ("{a: " * 100_000, "this is nested too deeply"),
        ("- " * 300_000, "this is nested too deeply"),
        ("? " * 300_000, "this is nested too deeply"),
        ("a: &a {b: &b {c: *a}}", "`*a` contains itself"),
    ],
    ids=["laughs", "aliases", "values", "brackets", "braces", "dashes", "questions", "cycle"],
)
def test_a_bomb_is_refused_at_once(folder, text, message):
    folder.write("milepost.yaml", text)
    before = time.process_time()
    (problem,) = problems_of(folder)
    assert problem.message.en.startswith(message)
    # An expanded bomb takes minutes and gigabytes.
    assert time.process_time() - before < 20


@pytest.mark.parametrize(
    "code", ["(" * 5000, "-" * 9000 + "1", "a." * 4000 + "a", "1" * 9000, "[" * 150 + "]" * 150, "x\0"]
)
def test_hostile_code_is_only_refused(folder, code):
    folder.write("milepost.yaml", folder.criterion("examples: [{call: CODE, expect: 1}]").replace("CODE", repr(code)))
    assert all(problem.line == 7 for problem in course_file.validate_text(folder.file, folder.file.read_text()))


def test_code_that_warns_says_nothing(folder, recwarn):
    folder.criterion("examples: [{call: 'f(\"\\d\")', expect: '1 is 1'}]")
    assert course_file.load(folder.file).goals
    assert not recwarn.list


@pytest.mark.parametrize("name", [b"s/\xff.py", b"s/a\nb.py", b"s/a\\b.py"])
def test_a_match_with_a_name_that_cannot_be_written_is_named(folder, name):
    folder.write("s/a.py", "")
    (folder.root / os.fsdecode(name)).write_text("")
    folder.task("files: [a.py]\ncriteria: [{rubric: x}]\nsolutions: ['s/*.py']")
    ((line, column, said),) = places(folder)
    assert (line, column) == (8, 21)
    assert said.endswith("must be a path inside the course's folder, written with `/`")
    said.encode()


def test_a_search_through_too_many_files_is_refused(folder, monkeypatch):
    monkeypatch.setattr(folders, "VISIT_LIMIT", 20)
    for number in range(30):
        folder.write(f"many/{number}.py", "")
    folder.task("files: [a.py]\ncriteria: [{rubric: x}]\nsolutions: ['**/*.py']")
    assert next(said for _, _, said in places(folder)).startswith("`**/*.py` searches through too many files")


def test_a_course_may_not_name_too_much(folder, monkeypatch):
    monkeypatch.setattr(folders, "TOTAL_LIMIT", 100)
    for number in range(30):
        folder.write(f"many/{number}.py", "#" * 10)
    folder.task("files: [a.py]\ncriteria: [{rubric: x}]\nsolutions: ['many/*.py']")
    assert next(said for _, _, said in places(folder)).startswith("the files that this course names are too many")


def test_an_error_shows_file_line_and_column_in_both_languages(folder):
    folder.criterion("exampels: []")
    with pytest.raises(CourseError) as caught:
        course_file.load(folder.file)
    assert str(caught.value) == f"{folder.file}:8:13: unknown key `exampels`, did you mean `examples`?"
    assert caught.value.say("es") == f"{folder.file}:8:13: clave desconocida `exampels`, ¿querías decir `examples`?"
