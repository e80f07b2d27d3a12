"""Whatever a course file holds, loading it gives a course or a CourseError."""

import os
from contextlib import nullcontext

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from milepost.goals import course_file, schema
from milepost.goals.problems import CourseError

WORDS = [
    "course", "title", "language", "reveal", "share_solutions", "goals", "tasks", "files", "statement", "starter",
    "solutions", "preamble", "criteria", "assume", "inputs", "type", "weight", "call", "expect", "approx", "raises",
    "prints", "setup", "timeout", "input", "output", "select", "max", "run", "junit", "construct", "import", "query",
    "path", "text", "en", "es", *schema.KINDS,
]  # fmt: skip
PIECES = [
    *WORDS,
    ": ",
    "\n",
    "  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "'",
    '"',
    "|",
    ">",
    "#",
    "!",
    "\t",
    "~",
    "\\",
    "é",
]
KEYS = st.sampled_from(WORDS) | st.text(max_size=5)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["a.py", "../a", "*.py", "f()"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=25
)
CRITERIA = st.lists(st.dictionaries(st.sampled_from(schema.KINDS), VALUES, min_size=1, max_size=2), max_size=4)
TASKS = st.fixed_dictionaries(
    {"title": VALUES, "files": st.just(["a.py"]) | VALUES, "criteria": CRITERIA | VALUES},
    optional=dict.fromkeys(("statement", "starter", "solutions", "preamble", "assume", "inputs", "type"), VALUES),
)
COURSES = st.fixed_dictionaries(
    {"goals": st.lists(st.fixed_dictionaries({"title": VALUES, "tasks": st.lists(TASKS, max_size=3)}), max_size=3)},
    optional={
        "course": st.fixed_dictionaries({"title": SCALARS, "language": st.sampled_from(["python", "go"]) | VALUES})
    },
)
# A long run is asked for by an environment variable.
EXAMPLES = 2000 if os.environ.get("MILEPOST_SOAK") else 50
quickly = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def judge(folder, text):
    """Read the text, saved and not; every problem stands inside it and is told in both languages."""
    problems = course_file.validate_text(folder.file, text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in problems:
        assert 0 <= problem.line < len(lines)
        assert problem.line == problem.end_line
        assert 0 <= problem.column <= problem.end_column <= len(lines[problem.line])
        assert problem.message.en
        assert problem.message.es
    folder.file.write_text(text, "utf-8", "surrogatepass", newline="")
    with pytest.raises(CourseError) if problems else nullcontext():
        course_file.load(folder.file)


@quickly
@given(st.text(max_size=200))
@example("\ufeff")
@example("\ufeff\ufeff")
@example("%YAML 1.1\n---\n")
@example("%TAG ! x\n---\n")
@example("<<: {goals: []}")
@example("=: 1")
def test_any_text(folder, text):
    judge(folder, text)


@quickly
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_anything_like_yaml(folder, text):
    judge(folder, text)


@quickly
@given(COURSES)
def test_anything_like_a_course(folder, data):
    judge(folder, yaml.safe_dump(data, allow_unicode=True, sort_keys=False))


@quickly
@given(st.binary(max_size=200))
def test_any_bytes(folder, content):
    folder.file.write_bytes(content)
    with pytest.raises(CourseError):
        course_file.load(folder.file)


@quickly
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40))
def test_every_text_survives_being_written(folder, text):
    """What `dump` writes of a rubric, a learner's input and an expected text is read again as it was."""
    if not text.strip() or any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in text):
        text = "x" + repr(text)
    criteria = [
        {"rubric": text},
        {"stdio": [{"input": text, "output": text}]},
        {"examples": [{"call": "f()", "prints": text}]},
    ]
    task = {"title": "T", "files": ["a.py"], "criteria": criteria}
    folder.file.write_text(yaml.safe_dump({"goals": [{"title": "G", "tasks": [task]}]}), "utf-8")
    draft = course_file.load(folder.file)
    rubric, stdio, examples = draft.goals[0].tasks[0].contract.criteria
    assert (rubric.text, stdio.dialogues[0].input, examples.examples[0].prints) == (text, text, text)
    folder.file.write_text(course_file.dump(draft), "utf-8")
    assert course_file.load(folder.file).goals[0].tasks[0].contract == draft.goals[0].tasks[0].contract
