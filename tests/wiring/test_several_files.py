"""A program of several files, through the use cases."""

from pathlib import Path

import pytest

from milepost.domain.validations import FixSource, Snapshot
from milepost.syntax.edits import apply_edits
from tests.wiring.test_workspace import opened

COURSE = """
course: {title: Means, language: python}
goals:
  - title: Statistics
    tasks:
      - title: The mean
        files: [main.py, helpers.py]
        solutions: ["solutions/*/*.py"]
        criteria:
          - defines: ["mean(numbers)", "total(numbers)"]
          - examples:
              - {call: "mean([1, 2])", expect: "1.5"}
              - {call: "mean([4])", expect: "4.0"}
      - title: The largest
        files: [largest.py]
        criteria:
          - examples: [{call: "largest([1, 3, 2])", expect: "3"}, {call: "largest([5])", expect: "5"}]
"""
MAIN = "from helpers import total\n\n\ndef mean(numbers):\n    return total(numbers) / len(numbers)\n"
HELPERS = (
    "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result\n"
)
WRONG = HELPERS.replace("result = 0", "result = 1")
OTHER = "from helpers import total, count\n\n\ndef mean(numbers):\n    return total(numbers) / count(numbers)\n"
COUNTING = "def total(numbers):\n    return sum(numbers)\n\n\ndef count(numbers):\n    return len(numbers)\n"
FILES = {
    "milepost.yaml": COURSE,
    "solutions/one/main.py": MAIN,
    "solutions/one/helpers.py": HELPERS,
    "solutions/two/main.py": OTHER,
    "solutions/two/helpers.py": COUNTING,
    "solutions/three/main.py": OTHER,
    "solutions/three/helpers.py": HELPERS,
}


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "course"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


async def check(workspace, path: Path, text: str, texts=None):
    path.write_text(text)
    snapshot = Snapshot(path.as_uri(), 1, str(path), "python", text)
    claim = workspace.claim(str(path), None, text, texts)
    sandbox = await workspace.open_sandbox(str(path.parent))
    return await workspace.check(snapshot, claim, "en", sandbox)


async def test_each_solution_is_proved_with_its_own_files(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url) as workspace:
        claim = workspace.claim(str(folder / "main.py"))
        sandbox = await workspace.open_sandbox(str(folder))
        prepared = await workspace.prepare(claim.course, claim.goal, claim.task, sandbox)
        assert [one.path for one in prepared.solutions] == ["solutions/one/main.py", "solutions/two/main.py"]
        (warning,) = prepared.warnings
        assert "solutions/three/main.py" in warning.en


async def test_a_wrong_file_gets_a_fix_proved_with_the_others_beside_it(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url) as workspace:
        (folder / "main.py").write_text(MAIN)
        validation = await check(workspace, folder / "helpers.py", WRONG)
        assert validation.passed is False
        fix = validation.fixes[0]
        assert fix.verified
        assert fix.source in {FixSource.RETRIEVAL, FixSource.MUTATION}
        assert apply_edits(WRONG, fix.edits) == HELPERS
        (folder / "helpers.py").write_text(HELPERS)
        wrong = MAIN.replace("/ len", "* len")
        validation = await check(workspace, folder / "main.py", wrong)
        assert validation.fixes[0].verified
        assert apply_edits(wrong, validation.fixes[0].edits) == MAIN


async def test_a_module_of_the_learner_s_own_and_its_open_text(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url) as workspace:
        program = "from tools import best\n\n\ndef largest(numbers):\n    return best(numbers)\n"
        (folder / "tools.py").write_text("best = min\n")
        assert (await check(workspace, folder / "largest.py", program)).passed is False
        texts = {str(folder / "tools.py"): "best = max\n"}
        assert (await check(workspace, folder / "largest.py", program, texts)).passed is True
        (folder / "tools.py").unlink()
        assert (await check(workspace, folder / "largest.py", program)).passed is False


async def test_a_report_is_one_of_all_texts_of_a_program(tmp_path, folder, database_url):
    async with opened(tmp_path, database_url) as workspace:
        path, texts = folder / "main.py", {str(folder / "helpers.py"): HELPERS}
        path.write_text(MAIN)
        snapshot = Snapshot(path.as_uri(), 1, str(path), "python", MAIN)
        claim = workspace.claim(str(path), None, MAIN, texts)
        await workspace.trust(claim, granted=True)
        await workspace.submit(snapshot, claim)
        (*_, complete) = [stage async for stage in workspace.validate(snapshot, claim, "en")]
        assert complete.passed is True
        assert await workspace.flushed()
        assert (await workspace.last(str(path), MAIN, claim, "en")).passed is True
        changed = workspace.claim(str(path), None, MAIN, {str(folder / "helpers.py"): WRONG})
        assert await workspace.last(str(path), MAIN, changed, "en") is None
        # What passes with its other files only is shown to nobody as a program.
        assert all(one.code != MAIN or not one.own for one in await workspace.similar(snapshot, claim))
