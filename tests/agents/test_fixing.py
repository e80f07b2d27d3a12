"""Fixes of one program held against a whole contract, in the real sandbox."""

import pytest

from milepost.agents import fixing
from milepost.domain.criteria import Construct, Contract, Defines, Example, Examples, Forbids, Lint, Requires, Tests
from milepost.domain.validations import FixSource
from milepost.syntax import edits

SECONDS = 30.0
ORDER = (
    "def order(values):\n    left = list(values)\n    found = []\n    while left:\n        least = min(left)\n"
    "        left.remove(least)\n        found.append(least)\n    return found\n"
)
ORDERED = Examples((Example("order([2, 1])", expect="[1, 2]"), Example("order([])", expect="[]")))
DOUBLE = "def double(number):\n    return number * 2\n"
DOUBLED = Examples((Example("double(2)", expect="4"), Example("double(0)", expect="0")))


@pytest.fixture
def fixes(sandbox):
    """Return the fixes of a text, and what it becomes by the first."""

    async def find(text, criteria, donors=(), *, seconds=SECONDS, files=None):
        contract = Contract("python", tuple(criteria), files=files or {})
        reference = donors[0] if donors else None
        request = fixing.FixRequest(contract, "/c/program.py", text, tuple(donors), reference, (), seconds, "en")
        found = await fixing.find_fixes(request, sandbox)
        return found, edits.apply_edits(text, found[0].edits) if found else None

    return find


async def test_a_forbidden_call_is_replaced(fixes):
    criteria = [ORDERED, Forbids((Construct(call="sorted"),))]
    text = "def order(values):\n    # mine\n    return sorted(values)\n"
    found, after = await fixes(text, criteria, [ORDER])
    assert found[0].verified
    assert "sorted" not in after
    assert "# mine" in after


async def test_a_required_construct_is_put_in(fixes):
    right = "def count(n):\n    total = 0\n    while n:\n        n -= 1\n        total += 1\n    return total\n"
    text = right.replace("while n:", "for _ in range(n):").replace("        n -= 1\n", "")
    criteria = [Examples((Example("count(3)", expect="3"),)), Requires((Construct(construct="while"),))]
    found, after = await fixes(text, criteria, [right])
    assert found[0].verified
    assert not found[0].rewrite
    assert "while n:" in after


async def test_a_parameter_gets_the_name_that_is_asked_for(fixes):
    text = "def double(x):\n    # twice\n    return x * 2\n"
    found, after = await fixes(text, [Defines(("double(number)",)), DOUBLED], [DOUBLE])
    assert found[0].verified
    assert after == "def double(number):\n    # twice\n    return number * 2\n"


async def test_a_parameter_gets_its_name_beside_another_fix(fixes):
    text = "def double(x):\n    return x * 3\n"
    found, after = await fixes(text, [Defines(("double(number)",)), DOUBLED], [DOUBLE])
    assert found[0].verified
    assert after == DOUBLE


async def test_a_name_that_is_taken_is_not_given_to_a_parameter(fixes):
    text = "def double(x):\n    number = 2\n    return x * number\n"
    found, after = await fixes(text, [Defines(("double(number)",)), DOUBLED], [DOUBLE])
    assert found[0].verified
    assert "double(number)" in after


async def test_the_linters_safe_fix_is_proved_like_any_other(fixes):
    text = f"import os\n\n\n{DOUBLE}"
    found, after = await fixes(text, [Lint(("F",)), DOUBLED], [DOUBLE])
    assert (found[0].source, found[0].verified) == (FixSource.LINT, True)
    assert after.strip() == DOUBLE.strip()


async def test_a_linters_fix_that_is_not_all_comes_last_and_unverified(fixes):
    text = f"import os\n\n\n{DOUBLE.replace('2', '3')}"
    found, after = await fixes(text, [Lint(("F",)), DOUBLED], [DOUBLE])
    assert found[0].verified
    assert after.strip() == DOUBLE.strip()
    assert (found[-1].source, found[-1].verified, found[-1].criterion) == (FixSource.LINT, False, 0)


async def test_a_test_file_decides_too(fixes):
    tests = "from program import double\n\n\ndef test_seven():\n    assert double(7) == 14\n"
    text = "def double(number):\n    return number + 2 if number else 0\n"
    criteria = [DOUBLED, Tests("test_program.py")]
    found, after = await fixes(text, criteria, [DOUBLE], files={"test_program.py": tests})
    assert found[0].verified
    assert "+ 2" not in after


async def test_the_nearest_program_is_offered_as_a_comparison_when_nothing_is_found(fixes):
    text = "def double(number):\n    return None\n"
    found, after = await fixes(text, [DOUBLED], [DOUBLE], seconds=0.0)
    assert [(fix.verified, fix.rewrite, fix.preferred) for fix in found] == [(False, True, False)]
    assert after == DOUBLE
    assert found[0].title == "Compare with a solution"


async def test_without_any_program_nothing_is_offered(fixes):
    assert await fixes("def double(number):\n    return None\n", [DOUBLED], seconds=0.0) == ([], None)
