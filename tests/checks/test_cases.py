"""Single cases for a search over many programs, and the proof of whole contracts."""

import pytest

from milepost.checks import checking
from milepost.checks.cases import CaseRunner
from milepost.domain.criteria import (
    Complexity,
    Construct,
    Defines,
    Dialogue,
    Forbids,
    Lint,
    Requires,
    Rubric,
    Stdio,
    Tests,
)
from tests.checks.programs import SEARCH, SEARCH_EXAMPLES, SEARCH_TESTS, WRONG_SEARCH, contract, examples

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def sandbox(module_sandbox):
    return module_sandbox


async def test_vectors_of_passing_cases(sandbox):
    runner = CaseRunner(contract(SEARCH_EXAMPLES), "/course/search.py", sandbox)
    assert runner.case_count == 6
    rows = await runner.outcomes([SEARCH, WRONG_SEARCH, "def search(x\n"])
    assert rows == [[True] * 6, [False, False, True, True, False, False], [False] * 6]
    assert await runner.outcomes([WRONG_SEARCH], [2, 0]) == [[True, False]]
    assert await runner.outcomes([], [0]) == []


async def test_dialogues_and_test_files_are_cases_too(sandbox):
    judged = contract(
        Stdio((Dialogue("", "0\n"), Dialogue("", "1\n"))),
        examples(("search(1, [])", "0")),
        Tests("t.py"),
        files={"t.py": SEARCH_TESTS},
    )
    runner = CaseRunner(judged, "search.py", sandbox)
    assert [runner.describe(case) for case in range(4)] == ["search(1, [])", "", "", "t.py"]
    text = SEARCH + "if __name__ == '__main__':\n    print(search(1, []))\n"
    assert await runner.outcomes([text, WRONG_SEARCH]) == [[True, True, False, True], [False, False, False, False]]
    assert await runner.outcomes([text], [3, 1]) == [[True, True]]


async def test_the_structure_is_one_case_and_a_test_file_is_dear(sandbox):
    judged = contract(
        examples(("search(1, [])", "0")),
        Forbids((Construct(call="sorted"),)),
        Complexity(9),
        Tests("t.py"),
        files={"t.py": SEARCH_TESTS},
    )
    runner = CaseRunner(judged, "search.py", sandbox)
    assert runner.case_count == 3
    assert runner.dear == {2}
    forbidden = SEARCH + "\n\nsorted([])\n"
    assert await runner.outcomes([SEARCH, forbidden]) == [[True, True, True], [True, False, True]]
    assert await runner.outcomes([forbidden], [2]) == [[True]]


async def test_details_of_failing_cases(sandbox):
    text = "def f(x):\n    if x > 1:\n        return y\n    return x\n"
    runner = CaseRunner(contract(examples(("f(1)", "1"), ("f(2)", "2"))), "f.py", sandbox)
    details = await runner.details(text)
    good, bad = details.cases
    assert (good.passed, good.call) == (True, "f(1)")
    assert (bad.passed, bad.error_type, bad.error_lines) == (False, "NameError", (2,))
    assert max(details.suspicions, key=details.suspicions.get) == 2
    assert set(details.suspicions) <= {1, 2, 3}


ALL = contract(
    Defines(("search(x, seq)",)),
    SEARCH_EXAMPLES,
    Tests("tests/test_search.py"),
    Requires((Construct(construct="for"),)),
    Forbids((Construct(call="sorted"),)),
    Lint(("E", "F")),
    Complexity(3),
    Rubric("Names say what they mean"),
    files={"tests/test_search.py": SEARCH_TESTS},
)


@pytest.mark.parametrize(
    "text",
    [
        WRONG_SEARCH,
        SEARCH.replace("search", "find"),
        SEARCH + "import os\n",
        SEARCH.replace("for i in range(len(seq)):", "i = -1\n    while i < len(seq) - 1:\n        i += 1"),
        SEARCH.replace("return len(seq)", "sorted(seq)\n    return len(seq)"),
        SEARCH.replace("    return len(seq)", "    if 1 and 1:\n        pass\n    return len(seq)"),
        SEARCH.replace("seq):", "seq)"),
    ],
)
async def test_every_criterion_is_proved(sandbox, text):
    assert await checking.prove(ALL, [SEARCH, text], "search.py", sandbox) == [True, False]


async def test_proofs_agree_with_reports(sandbox):
    from tests.checks.programs import judge

    for text in (SEARCH, WRONG_SEARCH):
        report = await judge(sandbox, ALL, text)
        assert await checking.prove(ALL, [text], "search.py", sandbox) == [report.passed is True]


async def test_nothing_is_proved_of_what_cannot_be_assessed(sandbox):
    judged = contract(examples(("f()", "1")), language="javascript")
    assert await checking.prove(judged, ["function f() { return 1; }"], "f.js", sandbox) == [False]
    assert await checking.prove(ALL, [], "search.py", sandbox) == []
