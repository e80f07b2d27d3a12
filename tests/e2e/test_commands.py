"""The command line as a user calls it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from milepost.agents import courses
from milepost.agents.trust import TrustFile
from milepost.goals import course_file
from milepost.storage import migrate

WRONG = courses.bundled_folder() / "first-steps/wrong"


@pytest.fixture
def folder(tmp_path) -> Path:
    courses.start("first-steps", tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def milepost(tmp_path, database_url):
    """Give a function that calls the command line."""

    def call(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        variables = {
            **os.environ,
            "MILEPOST_DATA_DIR": str(tmp_path / "data"),
            "DATABASE_URL": database_url,
            "MILEPOST_REPAIR_SECONDS": "60",
            **environment,
        }
        command = [sys.executable, "-m", "milepost", *map(str, arguments)]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=300)

    return call


def test_check_prints_one_line_of_json_for_each_file(milepost, folder):
    (folder / "average.py").write_text((WRONG / "average/skips_first.py").read_text())
    (folder / "greeting.py").write_text("def greet(name):\n    return f'Hello, {name}!'\n")
    (folder / "notes.py").write_text("pass\n")
    names = ["average.py", "greeting.py", "notes.py"]
    done = milepost("check", "--format", "json", *[folder / name for name in names])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == names
    assert [line["passed"] for line in lines] == [False, True, None]
    assert lines[2]["task"] is None
    assert lines[0]["fixes"][0]["verified"] is True
    assert done.returncode == 1


def test_check_of_a_right_program_exits_with_zero(milepost, folder):
    (folder / "greeting.py").write_text("def greet(name):\n    return f'Hello, {name}!'\n")
    done = milepost("check", folder / "greeting.py")
    assert (done.returncode, "Say hello" in done.stdout) == (0, True), done.stderr


def test_check_fix_writes_the_preferred_fix(milepost, folder):
    file = folder / "average.py"
    file.write_text((WRONG / "average/skips_first.py").read_text())
    assert milepost("check", "--fix", file).returncode == 1
    done = milepost("check", "--format", "json", file)
    assert (done.returncode, json.loads(done.stdout)["passed"]) == (0, True)


def test_check_stores_nothing_of_the_learner(milepost, folder, tmp_path):
    (folder / "greeting.py").write_text("def greet(name):\n    return f'Hello, {name}!'\n")
    assert milepost("check", folder / "greeting.py").returncode == 0
    listed = milepost("task", "list")
    assert "COMPLETED" not in listed.stdout
    assert "Say hello" in listed.stdout


def test_a_file_that_is_not_text_is_a_finding(milepost, folder):
    (folder / "greeting.py").write_bytes(b"name = '\xff\xfe'\n")
    done = milepost("check", "--format", "json", folder / "greeting.py")
    assert (done.returncode, json.loads(done.stdout)["findings"][0]["rule"]) == (1, "encoding")


def test_a_missing_file_and_a_broken_course_are_usage_errors(milepost, folder):
    missing = milepost("check", folder / "nothing.py")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "nothing.py" in missing.stderr
    (folder / "milepost.yaml").write_text("goals: [{titel: x}]\n")
    broken = milepost("check", folder / "greeting.py", MILEPOST_LANGUAGE="es")
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "milepost.yaml:1:" in broken.stderr
    assert "titel" in broken.stderr


def test_init_writes_a_course_file_that_can_be_used(milepost, tmp_path):
    assert milepost("init", tmp_path / "new").returncode == 0
    (tmp_path / "new/first_step.py").write_text("def double(number):\n    return number * 2\n")
    done = milepost("check", tmp_path / "new/first_step.py")
    assert done.returncode == 0, done.stdout + done.stderr
    again = milepost("init", tmp_path / "new")
    assert (again.returncode, "exists" in again.stderr) == (2, True)


def test_goals_are_created_listed_changed_and_deleted(milepost):
    created = milepost("goal", "create", "title=Learn recursion", "priority=high")
    assert created.returncode == 0, created.stderr
    assert milepost("goal", "update", "Learn", "status=IN_PROGRESS").returncode == 0
    shown = milepost("goal", "show", "learn recursion").stdout
    assert "IN_PROGRESS" in shown
    assert "HIGH" in shown
    refused = milepost("goal", "update", "Learn", "status=PENDING")
    assert (refused.returncode, "IN_PROGRESS" in refused.stderr) == (2, True)
    assert milepost("goal", "update", "Learn", "colour=red").returncode == 2
    assert milepost("goal", "delete", "Learn").returncode == 0
    assert "recursion" not in milepost("goal", "list").stdout


def test_course_trust_is_an_answer_for_editors_that_cannot_ask(milepost, folder, tmp_path):
    draft = course_file.load(folder)
    kept = TrustFile(tmp_path / "data/trust.json")
    for arguments, granted in (([], True), (["--no"], False)):
        done = milepost("course", "trust", folder, *arguments)
        assert (done.returncode, str(draft.path) in done.stdout) == (0, True), done.stderr
        assert kept.answer(draft.path, draft.content_hash) is granted
    nowhere = milepost("course", "trust", tmp_path)
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "milepost.yaml" in nowhere.stderr


def test_course_start_add_list_and_export(milepost, tmp_path):
    started = milepost("course", "start", "first-steps", "--into", tmp_path / "mine")
    assert started.returncode == 0, started.stderr
    assert (tmp_path / "mine/average.py").exists()
    listed = milepost("course", "list").stdout
    assert listed.count("First steps in Python") == 2
    exported = milepost("course", "export", "First steps in Python").stdout
    assert exported.startswith("course:")
    assert milepost("course", "export", "Nothing").returncode == 2


def newest_schema() -> str:
    return max(script.name.partition("_")[0] for script in (migrate.scripts_folder() / "versions").glob("*.py"))


def test_doctor_and_status_say_what_is_there(milepost):
    status = milepost("db", "status")
    assert (status.returncode, newest_schema() in status.stdout) == (0, True)
    doctor = milepost("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "bubblewrap" in doctor.stdout


def test_report_tells_of_what_was_just_saved(milepost, folder):
    """The events wait in the database until somebody archives them; the report does."""
    nothing = milepost("report")
    assert (nothing.returncode, "nothing to report" in " ".join(nothing.stdout.split())) == (0, True), nothing.stderr
    assert milepost("course", "add", folder).returncode == 0
    assert milepost("task", "update", "The average", "status=IN_PROGRESS").returncode == 0
    told = json.loads(milepost("report", "--format", "json", "--course", "first steps in python").stdout)
    assert [(one["name"], one["task"]["title"]) for one in told["work"]] == [("local", "The average")]
