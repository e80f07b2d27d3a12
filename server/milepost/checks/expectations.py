"""What the examples of a contract expect, as values; expressions are evaluated without the learner's code."""

from collections import OrderedDict
from collections.abc import Sequence

from milepost.checks.plain_values import literal
from milepost.domain.criteria import Example
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import Status
from milepost.sandbox.values import Value

REMEMBERED = 4_096
_known: OrderedDict[tuple[str, str], Value] = OrderedDict()


async def expected_values(examples: Sequence[Example], preamble: str, sandbox: Sandbox) -> list[Value | None]:
    """Return the expected value of each example; None where it expects none or its expression cannot be evaluated."""
    wanted = [example.expect for example in examples]
    await _learn({text for text in wanted if text is not None}, preamble, sandbox)
    return [None if text is None else _known.get((text, preamble)) for text in wanted]


async def _learn(expressions: set[str], preamble: str, sandbox: Sandbox) -> None:
    while len(_known) > REMEMBERED:
        _known.popitem(last=False)
    unknown = []
    for expression in sorted(expressions):
        if (expression, preamble) in _known:
            _known.move_to_end((expression, preamble))
            continue
        value = literal(expression)
        if value is None:
            unknown.append(expression)
        else:
            _known[expression, preamble] = value
    if unknown:
        outcomes = await sandbox.evaluate(unknown, preamble)
        for expression, outcome in zip(unknown, outcomes, strict=True):
            if outcome.status is Status.VALUE and outcome.value is not None:
                _known[expression, preamble] = outcome.value
