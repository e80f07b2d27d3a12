"""Programs of several files: the others lie beside the judged one, and take over nothing."""

from dataclasses import replace

import pytest

from milepost.checks import inputs
from milepost.checks.cases import CaseRunner
from milepost.domain.criteria import (
    Command,
    Complexity,
    Construct,
    Defines,
    Dialogue,
    Forbids,
    Lint,
    Requires,
    Siblings,
    Stdio,
    Tests,
)
from milepost.domain.text import Position
from tests.checks.programs import contract, examples, judge, only

pytestmark = pytest.mark.asyncio(loop_scope="module")

HELPERS = (
    "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result\n"
)
WRONG_HELPERS = HELPERS.replace("result = 0", "result = 1")
MAIN = "from helpers import total\n\n\ndef mean(numbers):\n    return total(numbers) / len(numbers)\n"
MEANS = examples(("mean([1, 2])", "1.5"), ("mean([4])", "4.0"))
PRINTS = "from helpers import total\n\nprint(total([int(input()), int(input())]))\n"
SUM = Stdio((Dialogue("1\n2\n", "3\n"),))


@pytest.fixture
def sandbox(module_sandbox):
    return module_sandbox


def beside(judged, files, place="main.py", entry="", folder=""):
    return replace(judged, siblings=Siblings(files, place, entry, folder))


@pytest.mark.parametrize(("helpers", "passed"), [(HELPERS, True), (WRONG_HELPERS, False)])
async def test_examples_and_dialogues_find_the_other_file(sandbox, helpers, passed):
    judged = beside(contract(MEANS), {"helpers.py": helpers})
    assert (await judge(sandbox, judged, MAIN, "main.py")).passed is passed
    judged = beside(contract(SUM), {"helpers.py": helpers})
    assert (await judge(sandbox, judged, PRINTS, "main.py")).passed is passed


async def test_without_the_other_file_the_import_is_the_finding(sandbox):
    finding = await only(sandbox, contract(MEANS), MAIN, "main.py")
    assert "ModuleNotFoundError" in finding.message
    assert finding.range.start == Position(0, 0)


async def test_saving_another_file_than_the_first_judges_the_program_and_shows_places_in_that_file(sandbox):
    judged = beside(contract(MEANS), {"main.py": MAIN}, "helpers.py", "main.py")
    assert (await judge(sandbox, judged, HELPERS, "helpers.py")).passed is True
    finding = await only(sandbox, judged, HELPERS.replace("result += number", "result += nothing"), "helpers.py")
    assert "NameError" in finding.message
    assert finding.range.start.line == 3
    finding = await only(sandbox, judged, WRONG_HELPERS, "helpers.py")
    assert finding.range.start.line in {1, 2, 3, 4}
    judged = beside(contract(SUM), {"main.py": PRINTS}, "helpers.py", "main.py")
    assert (await judge(sandbox, judged, HELPERS, "helpers.py")).passed is True
    finding = await only(sandbox, judged, HELPERS.replace("result += number", "result += nothing"), "helpers.py")
    assert finding.range.start.line == 3


async def test_tests_import_any_file_of_the_program(sandbox):
    tests = "from helpers import total\nfrom main import mean\n\ndef test_all():\n    assert total([1, 2]) == mean([2, 4])\n"
    judged = contract(Tests("tests/test_main.py"), files={"tests/test_main.py": tests})
    report = await judge(sandbox, beside(judged, {"helpers.py": HELPERS}), MAIN, "main.py")
    assert report.passed is True
    assert not report.results[0].tamper_proof
    assert (await judge(sandbox, beside(judged, {"helpers.py": WRONG_HELPERS}), MAIN, "main.py")).passed is False
    other = beside(judged, {"main.py": MAIN}, "helpers.py", "main.py")
    assert (await judge(sandbox, other, HELPERS, "helpers.py")).passed is True
    assert (await judge(sandbox, other, WRONG_HELPERS, "helpers.py")).passed is False


async def test_tests_of_the_judged_file_alone_stay_tamper_proof(sandbox):
    tests = "from main import mean\n\ndef test_mean():\n    assert mean([1, 2]) == 1.5\n"
    judged = contract(Tests("test_main.py"), files={"test_main.py": tests})
    report = await judge(sandbox, beside(judged, {"helpers.py": HELPERS}), MAIN, "main.py")
    assert report.passed is True
    assert report.results[0].tamper_proof


async def test_structure_is_that_of_the_whole_program(sandbox):
    files = {"helpers.py": HELPERS, "words.txt": "def sorted(:"}
    asks = contract(Defines(("total(numbers)", "mean(numbers)")), Requires((Construct(construct="for"),)))
    assert (await judge(sandbox, beside(asks, files), MAIN, "main.py")).passed is True
    assert (await judge(sandbox, asks, MAIN, "main.py")).passed is False


@pytest.mark.parametrize(
    ("criterion", "rule"),
    [
        (Forbids((Construct(construct="for"),)), "forbids/construct"),
        (Complexity(1), "complexity"),
        (Lint(("F",)), "lint/F401"),
    ],
)
async def test_what_every_file_has_to_fulfil_is_no_way_round_for_another_one(sandbox, criterion, rule):
    judged = beside(contract(criterion), {"helpers.py": "import os\n" + HELPERS})
    finding = await only(sandbox, judged, "def mean(): pass\n", "main.py")
    assert finding.rule == rule
    assert finding.message.startswith("helpers.py, line ")
    assert finding.range.start.line == 0
    assert await CaseRunner(judged, "main.py", sandbox).prove(["def mean(): pass\n"]) == [False]


async def test_a_command_finds_every_file_where_the_course_has_it(sandbox):
    run = 'python -c "from src.main import mean; import sys; sys.exit(mean([1, 2]) != 1.5)"'
    main = MAIN.replace("from helpers", "from src.helpers")
    judged = beside(contract(Command(run)), {"src/helpers.py": HELPERS}, "src/main.py", folder="src")
    assert (await judge(sandbox, judged, main, "main.py")).passed is True
    assert await CaseRunner(judged, "main.py", sandbox).prove([main]) == [True]


PACKAGE = {"src/helpers.py": HELPERS, "src/__init__.py": ""}
WAYS = ("helpers", "src.helpers", ".helpers")


@pytest.mark.parametrize("way", WAYS)
async def test_a_program_in_a_folder_is_a_part_of_its_package_too(sandbox, way):
    main = MAIN.replace("helpers", way)
    judged = beside(contract(MEANS), PACKAGE, "src/main.py", folder="src")
    assert (await judge(sandbox, judged, main, "main.py")).passed is True


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "test", ["from main import mean", "from src.main import mean", "import src.main; mean = src.main.mean"]
)
async def test_tests_import_a_program_in_a_folder_as_its_author_does(sandbox, way, test):
    tests = f"{test}\n\ndef test_mean():\n    assert mean([1, 2]) == 1.5\n"
    judged = contract(Tests("tests/test_main.py"), files={"tests/test_main.py": tests})
    judged = beside(judged, PACKAGE, "src/main.py", folder="src")
    report = await judge(sandbox, judged, MAIN.replace("helpers", way), "main.py")
    assert report.passed is True
    assert report.results[0].tamper_proof
    if "src" not in test and way == ".helpers":
        # Python itself knows of no package then.
        return
    other = replace(
        judged, siblings=Siblings({"src/main.py": MAIN.replace("helpers", way)}, "src/helpers.py", "src/main.py", "src")
    )
    assert (await judge(sandbox, other, HELPERS, "helpers.py")).passed is True
    assert (await judge(sandbox, other, WRONG_HELPERS, "helpers.py")).passed is False


async def test_other_files_take_the_place_of_none_of_the_course(sandbox):
    judged = contract(Command("sh check.sh"), files={"check.sh": "exit 1\n"})
    assert (await judge(sandbox, beside(judged, {"check.sh": "exit 0\n"}), MAIN, "main.py")).passed is False


async def test_programs_in_c_are_built_from_all_their_files(sandbox):
    main = (
        '#include <stdio.h>\nint twice(int);\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", twice(n)); }\n'
    )
    judged = contract(Stdio((Dialogue("4", "8\n"),)), language="c")
    helper = {"twice.c": "int twice(int n) { return 2 * n; }\n"}
    report = await judge(sandbox, beside(judged, helper, "main.c"), main, "main.c")
    assert report.passed is True or "gcc" in report.results[0].message


async def test_variants_are_tried_with_the_other_files_beside_them(sandbox):
    judged = beside(contract(MEANS, SUM), {"helpers.py": HELPERS})
    runner = CaseRunner(judged, "main.py", sandbox)
    wrong = MAIN.replace("len(numbers)", "2")
    assert await runner.outcomes([MAIN, wrong], [0, 1]) == [[True, True], [True, False]]
    entry = CaseRunner(beside(contract(MEANS), {"main.py": MAIN}, "helpers.py", "main.py"), "helpers.py", sandbox)
    assert await entry.outcomes([HELPERS, WRONG_HELPERS], [0, 1]) == [[True, True], [False, False]]
    assert await entry.prove([HELPERS, WRONG_HELPERS]) == [True, False]
    cases = await inputs.generate(judged, MAIN, [], sandbox)
    assert await inputs.agrees(judged, [MAIN], cases, sandbox) == [None]


# What a file named like a module of the standard library would do if anything of the judge imported it.
FORGER = """
import builtins, sys

class Agrees:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0

def __getattr__(name):
    return lambda *args, **kwargs: Agrees()

for one in list(sys.modules.values()):
    if getattr(one, '__name__', '').startswith(('inside', '_pytest', 'boxed')):
        for name in list(vars(one)):
            if callable(vars(one)[name]):
                setattr(one, name, lambda *args, **kwargs: Agrees())
"""
STOLEN = [
    "random", "json", "ast", "types", "traceback", "encodings", "sitecustomize", "usercustomize", "conftest", "pytest",
    "inside", "boxed_tests", "boxed_answers", "plan", "re",
]  # fmt: skip


@pytest.mark.parametrize("where", ["examples", "stdio", "tests"])
async def test_a_file_named_like_another_module_forges_nothing(sandbox, where):
    """SBX-01: even where such names do come with a program, no wrong one passes."""
    files = {f"{name}.py": FORGER for name in STOLEN} | {"pytest.ini": "[pytest]\naddopts = --collect-only\n"}
    main = "\n".join(f"import {name}" for name in ("random", "json", "traceback", "types"))
    main += "\n\n\ndef mean(numbers):\n    return 0.0\n\n\nif __name__ == '__main__':\n    print(0)\n"
    tests = "from main import mean\n\ndef test_mean():\n    assert mean([1, 2]) == 1.5\n"
    criterion = {"examples": MEANS, "stdio": SUM, "tests": Tests("test_main.py")}[where]
    judged = beside(contract(criterion, files={"test_main.py": tests}), files)
    report = await judge(sandbox, judged, main, "main.py")
    assert report.passed is False
    honest = MAIN.replace("from helpers import total", "total = sum")
    honest += "\n\nif __name__ == '__main__':\n    print(int(input()) + int(input()))\n"
    assert (await judge(sandbox, judged, honest, "main.py")).passed is True


async def test_other_files_are_the_box_s_own_copies_and_gone_afterwards(sandbox):
    writes = "import pathlib\npathlib.Path('helpers.py').write_text('total = max')\n" + MAIN
    judged = beside(contract(MEANS), {"helpers.py": HELPERS})
    await judge(sandbox, judged, writes, "main.py")
    assert (await judge(sandbox, judged, MAIN, "main.py")).passed is True
    assert (await judge(sandbox, contract(MEANS), MAIN, "main.py")).passed is False
