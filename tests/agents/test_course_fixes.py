"""Every wrong program of the bundled course gets a verified fix, and a small one where there is one.

The suite takes a few programs of each task, `make soak` all of them.
"""

import os
from pathlib import Path

import pytest

from milepost.agents import fixing, preparing
from milepost.checks import checking
from milepost.goals import course_file
from milepost.syntax import edits

FOLDER = Path(__file__).parents[2] / "courses" / "first-steps"
WRONG = FOLDER / "wrong"
TASKS = sorted(folder.name for folder in WRONG.iterdir() if folder.is_dir())
# Far more than the default budget: a loaded machine is no reason to find less.
SECONDS = 30.0
# What these do has to be done in another way altogether.
ANOTHER_WAY = {
    "largest/uses_max.py",
    "leap_year/only_four.py",
    "position/uses_index.py",
    "sorting/uses_sorted.py",
    "times_table/written_out.py",
}
# Wrong in a way that only a test file, a forbidden call, a signature or a lint rule shows, and one of every task.
TELLING = {
    "account/last_coin.py",
    "account/no_self.py",
    "account/shared_list.py",
    "adding/first_one_lost.py",
    "average/no_colon.py",
    "binary_search/float_index.py",
    "collatz/recursive.py",
    "duration/swapped.py",
    "expenses/bare_except.py",
    "greeting/name_in_quotes.py",
    "grouping/overwrites.py",
    "in_common/repeats.py",
    "largest/uses_max.py",
    "leap_year/only_four.py",
    "palindrome/bad_indent.py",
    "position/uses_index.py",
    "sorting/downwards.py",
    "sorting/sorts_the_argument.py",
    "sorting/uses_sorted.py",
    "staircase/one_line.py",
    "temperature/open_parenthesis.py",
    "times_table/no_f.py",
    "unique/changes_the_list.py",
    "word_count/open_bracket.py",
}


def programs(name: str) -> list[str]:
    found = sorted(path.relative_to(WRONG).as_posix() for path in (WRONG / name).glob("*.py"))
    return found if os.environ.get("MILEPOST_SOAK") else [path for path in found if path in TELLING]


@pytest.fixture(scope="module")
def tasks():
    course = course_file.load(FOLDER / "milepost.yaml")
    return {task.files[0].removesuffix(".py"): task for goal in course.goals for task in goal.tasks}


@pytest.mark.parametrize("name", TASKS)
async def test_every_wrong_program_gets_a_verified_fix(name, tasks, sandbox):
    task = tasks[name]
    prepared = await preparing.prepare(task, sandbox)
    donors = tuple(solution.code for solution in prepared.solutions)
    chosen = programs(name)
    assert chosen
    for path in chosen:
        text = (WRONG / path).read_text("utf-8")
        request = fixing.FixRequest(
            task.contract, f"/course/{task.files[0]}", text, donors, prepared.reference, prepared.cases, SECONDS, "en"
        )
        fixes = await fixing.find_fixes(request, sandbox)
        assert fixes, path
        assert fixes[0].verified, path
        assert fixes[0].rewrite == (path in ANOTHER_WAY), path
        repaired = edits.apply_edits(text, fixes[0].edits)
        assert await checking.prove(task.contract, [repaired], task.files[0], sandbox) == [True], path


async def test_a_learners_own_words_stay_when_they_do_not_matter(tasks, sandbox):
    task = tasks["account"]
    prepared = await preparing.prepare(task, sandbox)
    donors = tuple(solution.code for solution in prepared.solutions)
    text = (WRONG / "account/last_coin.py").read_text("utf-8")
    request = fixing.FixRequest(
        task.contract, "/course/account.py", text, donors, prepared.reference, prepared.cases, SECONDS, "es"
    )
    fix = (await fixing.find_fixes(request, sandbox))[0]
    assert edits.apply_edits(text, fix.edits) == text.replace(">=", ">")
    assert fix.title == "Cambia `>=` por `>` en la línea 9"
