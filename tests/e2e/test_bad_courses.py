"""Course files that are wrong: every mistake at its line, nothing goes down, and a corrected file brings all back."""

import os
import subprocess
import sys

import pytest
import pytest_asyncio

from tests.e2e.serving import (
    COURSE,
    PATIENCE,
    RIGHT,
    WRONG,
    answers_hover,
    environment,
    history,
    lens,
    opened_and_saved,
    served,
    write_course,
)
from tests.lsp.client import rules

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("bad-courses")]

TASK = "      - title: Add up\n"
SECOND = """\
      - title: Again
        files: [extra/one.py]
        criteria: [{defines: [other]}]
      - title: And again
        files: ["extra/one.py"]
        criteria: [{defines: [other]}]
"""
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{chr(ord(name) - 1)}'] * 9)}]\n" for name in "bcdefghi"
)
# Each: the text of a wrong course file, the line of the mistake as an editor counts from 0, words of its message.
WRONG_COURSES = {
    "a wrong type": (COURSE.replace('["work/*.py"]', "7"), 5, "must be a list"),
    "goals that are no list": ("course: {title: Sums, language: python}\ngoals: none\n", 1, "list"),
    "an unknown key": (COURSE.replace(TASK, TASK + "        colour: red\n"), 5, "colour"),
    "a key twice": (COURSE.replace(TASK, TASK + "        title: Other\n"), 5, "title"),
    "one file for two tasks": (COURSE + SECOND, 17, "extra/one.py"),
    "a path upwards": (COURSE.replace("[solutions/add.py]", "[../../add.py]"), 6, "../../add.py"),
    "an absolute path": (COURSE.replace("[solutions/add.py]", "[/etc/passwd]"), 6, "/etc/passwd"),
    "a link to elsewhere": (COURSE.replace("[solutions/add.py]", "[solutions/link.py]"), 6, "link.py"),
    "a missing file": (COURSE.replace("solutions/add.py", "solutions/nothing.py"), 6, "nothing.py"),
    "an example that is not Python": (COURSE.replace('"add(1, 2)"', '"add(1, "'), 10, "not a Python expression"),
    "a YAML bomb": (BOMB + COURSE, None, ""),
    "deep nesting": ("[" * 5_000, None, ""),
    "a tag of Python": ("!!python/object/apply:os.system ['touch canary']\n", 0, ""),
    "no YAML": ("goals: [\n", None, ""),
    "nothing": ("", 0, ""),
    "a binary file": ("\x00\x01\ufffd\x7f", 0, ""),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory, module_database_url):
    root = tmp_path_factory.mktemp("bad-courses")
    return root, environment(root / "data", module_database_url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(place):
    root, variables = place
    async with served(root, variables) as client:
        yield client


@pytest.mark.parametrize("mistake", WRONG_COURSES)
async def test_a_wrong_course_file_says_where_and_a_right_one_brings_all_back(editor, place, mistake):
    broken, line, words = WRONG_COURSES[mistake]
    work = write_course(place[0] / mistake.replace(" ", "_"))
    course = work.parent / "milepost.yaml"
    (work.parent / "solutions/link.py").symlink_to("/etc/passwd")
    uri = await opened_and_saved(editor, work / "mine.py", WRONG)
    await editor.published(uri, lambda found: rules(found) == ["examples"])

    course.write_text(broken)
    yaml = editor.open(course, broken, "yaml")
    shown = (await editor.published(yaml, bool))["diagnostics"]
    assert {one["code"] for one in shown} == {"course"}
    if line is not None:
        about = [one["message"] for one in shown if one["range"]["start"]["line"] == line]
        assert any(words in message for message in about), shown
    editor.save(yaml)
    await editor.published(uri, lambda found: not found)
    editor.save(uri)
    await answers_hover(editor, uri)
    assert not (work.parent / "canary").exists()

    course.write_text(COURSE)
    editor.replace(yaml, COURSE)
    editor.save(yaml)
    await editor.published(yaml, lambda found: not found)
    editor.replace(uri, RIGHT)
    editor.save(uri)
    await lens(editor, uri, "score 1.00")
    assert [entry["text"] for entry in await history(editor, uri, 2)] == [RIGHT, WRONG]


async def test_a_learner_is_told_once_that_the_course_cannot_be_used(place):
    work = write_course(place[0] / "learner", COURSE.replace("goals:", "goal:"))
    async with served(work.parent, {**place[1], "MILEPOST_LANGUAGE": "es"}) as client:
        uri = await opened_and_saved(client, work / "mine.py", WRONG)
        said = await client.message("window/showMessage")
        assert "no se puede usar" in said["message"]
        assert "milepost.yaml" in said["message"]
        client.save(uri)
        await answers_hover(client, uri)
        assert len([one for one in client.all("window/showMessage") if "milepost.yaml" in one["message"]]) == 1


@pytest.mark.parametrize("mistake", ["an unknown key", "a YAML bomb", "a link to elsewhere", "a binary file"])
async def test_the_command_line_names_file_line_and_mistake(place, mistake):
    broken, line, words = WRONG_COURSES[mistake]
    work = write_course(place[0] / f"command_{mistake.replace(' ', '_')}", broken)
    (work.parent / "solutions/link.py").symlink_to("/etc/passwd")
    (work / "mine.py").write_text(RIGHT)
    command = [sys.executable, "-m", "milepost", "check", os.fspath(work / "mine.py")]
    # A blocking call: the servers of the other tests have nothing to say meanwhile.
    done = subprocess.run(command, env=place[1], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert f"milepost.yaml:{'' if line is None else line + 1}" in done.stderr
    assert words in done.stderr
