"""Contracts survive being stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from milepost.domain import criteria
from milepost.domain.criteria import Contract
from milepost.storage import contracts, escaping

EVERY_KIND = Contract(
    language="python",
    criteria=(
        criteria.Examples(
            (
                criteria.Example("mean([1, 2])", expect="1.5", approx=1e-9),
                criteria.Example("mean([])", raises="ValueError", setup="import math", timeout=0.5),
                criteria.Example("show()", prints="ñ\n", unordered=True),
            ),
            weight=3,
        ),
        criteria.Tests("tests/test_mean.py"),
        criteria.Stdio((criteria.Dialogue("3\n4\n", "7\n"),)),
        criteria.Defines(("mean(values)", "class Stack")),
        criteria.Requires((criteria.Construct(construct="for"),)),
        criteria.Forbids((criteria.Construct(call="sorted"), criteria.Construct(import_="re"))),
        criteria.Lint(("E", "F")),
        criteria.Complexity(8),
        criteria.Command("node --test", junit="report.xml"),
        criteria.Rubric("Names say what the values mean."),
    ),
    preamble="import math",
    assume=("len(values) > 0",),
    inputs="def inputs():\n    yield 'mean([1])'",
    reveal=criteria.Reveal.MESSAGE,
    files={"tests/test_mean.py": "def test(): pass"},
)


def _through_json(contract: Contract) -> Contract:
    return contracts.from_json(escaping.load_json(escaping.dump_json(contracts.to_json(contract))))


def test_every_kind_of_criterion_comes_back():
    kinds = {criterion.kind for criterion in EVERY_KIND.criteria}
    assert kinds == {kind.__dataclass_fields__["kind"].default for kind in criteria.Criterion.__args__}
    assert _through_json(EVERY_KIND) == EVERY_KIND


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.builds(
        Contract,
        language=st.text(),
        criteria=st.lists(
            st.one_of(
                st.builds(criteria.Rubric, text=st.text(), weight=NUMBERS),
                st.builds(criteria.Complexity, max=st.integers(), weight=NUMBERS),
                st.builds(criteria.Defines, signatures=st.lists(st.text()).map(tuple), weight=NUMBERS),
                st.builds(criteria.Command, run=st.text(), weight=NUMBERS, timeout=NUMBERS),
            )
        ).map(tuple),
        files=st.dictionaries(st.text(), st.text()),
    )
)
def test_any_contract_comes_back(contract):
    assert _through_json(contract) == contract


@pytest.mark.parametrize("value", [{}, {"language": "python"}, {"language": "python", "criteria": [{"kind": "magic"}]}])
def test_what_is_no_contract_is_refused(value):
    with pytest.raises(ValidationError):
        contracts.from_json(value)
