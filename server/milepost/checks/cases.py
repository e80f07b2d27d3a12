"""The single cases of a contract, for a search that tries many programs on few of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from milepost.checks import comparison, expectations, localisation, proving, relaying, testing
from milepost.checks.exemplifying import calls
from milepost.checks.origins import Origin
from milepost.domain.criteria import (
    Complexity,
    Contract,
    Defines,
    Dialogue,
    Example,
    Examples,
    Forbids,
    Requires,
    Stdio,
    Tests,
)
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import CallOutcome, Status
from milepost.syntax import parsing, structure

PYTHON = "python"
STRUCTURES = (Defines, Requires, Forbids, Complexity)


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """What one case did in a program; lines are zero-based, `lines` are those that were run inside functions."""

    case: int
    passed: bool
    call: str
    error_type: str = ""
    error_message: str = ""
    error_lines: tuple[int, ...] = ()
    lines: frozenset[int] = frozenset()
    status: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What all cases did in a program, and how suspicious that makes each line (0 to 1)."""

    cases: tuple[CaseDetail, ...]
    suspicions: dict[int, float]


@dataclass(frozen=True, slots=True)
class Structure:
    """What a contract asks of a program's structure, as one case that runs nothing."""


class CaseRunner:
    """Runs programs on the cases of a contract: its examples, then its dialogues, its structure, each of its test files.

    The structure is one case, and so is each test file.
    """

    def __init__(self, contract: Contract, file_name: str, sandbox: Sandbox) -> None:
        self.contract = contract
        self.name = PurePath(file_name).name
        self.sandbox = sandbox
        structured = any(isinstance(criterion, STRUCTURES) for criterion in contract.criteria)
        self._cases: list[Example | Dialogue | Structure | Tests] = [
            *(one for criterion in contract.criteria if isinstance(criterion, Examples) for one in criterion.examples),
            *(one for criterion in contract.criteria if isinstance(criterion, Stdio) for one in criterion.dialogues),
            *([Structure()] if structured else []),
            *(criterion for criterion in contract.criteria if isinstance(criterion, Tests)),
        ]
        self._tested: dict[tuple[int, str], bool] = {}

    @property
    def case_count(self) -> int:
        """Return how many cases the contract has."""
        return len(self._cases)

    @property
    def dear(self) -> frozenset[int]:
        """Return the cases that take much longer than the others, the test files; what they say of a text is remembered."""
        return frozenset(case for case, one in enumerate(self._cases) if isinstance(one, Tests))

    def describe(self, case: int) -> str:
        """Return the call, the input or the test file of a case; nothing for the structure."""
        one = self._cases[case]
        if isinstance(one, Structure):
            return ""
        return one.call if isinstance(one, Example) else one.input if isinstance(one, Dialogue) else one.path

    async def outcomes(self, texts: Sequence[str], cases: Sequence[int] | None = None) -> list[list[bool]]:
        """Return for each program which of the asked cases hold."""
        asked = list(range(self.case_count)) if cases is None else list(cases)
        rows: list[dict[int, bool]] = [{} for _ in texts]
        await self._examples(texts, asked, rows)
        await self._dialogues(texts, asked, rows)
        await self._structure(texts, asked, rows)
        await self._tests(texts, asked, rows)
        return [[row[case] for case in asked] for row in rows]

    async def prove(self, texts: Sequence[str]) -> list[bool]:
        """Tell for each program whether every criterion holds."""
        return await proving.prove(self.contract, texts, self.name, self.sandbox)

    async def details(self, text: str) -> Details:
        """Return what each example did in one program, with the lines that it ran, and what that makes suspicious."""
        places = [place for place, one in enumerate(self._cases) if isinstance(one, Example)]
        examples = [one for one in self._cases if isinstance(one, Example)]
        if not examples or self.contract.language != PYTHON:
            return Details((), {})
        preamble = self.contract.preamble
        expected = await expectations.expected_values(examples, preamble, self.sandbox)
        run = Origin.of(self.contract, self.name).calls(text, calls(examples), trace=True)
        (outcomes,) = await self.sandbox.call([run])
        cases = [
            _detail(place, example, outcome, passed=comparison.holds(example, value, outcome))
            for place, example, value, outcome in zip(places, examples, expected, outcomes, strict=True)
        ]
        return Details(tuple(cases), self._suspicions(text, cases))

    def _suspicions(self, text: str, cases: Sequence[CaseDetail]) -> dict[int, float]:
        program = parsing.parse(text, self.contract.language)
        failing = [case.lines for case in cases if not case.passed and case.lines]
        passing = [case.lines for case in cases if case.passed]
        return localisation.inside_functions(localisation.suspicion(failing, passing), structure.definitions(program))

    async def _examples(self, texts: Sequence[str], asked: Sequence[int], rows: list[dict[int, bool]]) -> None:
        places = [case for case in asked if isinstance(self._cases[case], Example)]
        examples = [one for case in places if isinstance(one := self._cases[case], Example)]
        if not examples or self.contract.language != PYTHON:
            for row in rows:
                row.update(dict.fromkeys(places, False))
            return
        found = await proving.example_rows(self.contract, texts, self.name, examples, self.sandbox, searching=True)
        for row, holds in zip(rows, found, strict=True):
            row.update(zip(places, holds, strict=True))

    async def _dialogues(self, texts: Sequence[str], asked: Sequence[int], rows: list[dict[int, bool]]) -> None:
        places = [case for case in asked if isinstance(self._cases[case], Dialogue)]
        dialogues = [one for case in places if isinstance(one := self._cases[case], Dialogue)]
        if not dialogues:
            return
        for row, text in zip(rows, texts, strict=True):
            holds = await proving.dialogue_row(self.contract, text, self.name, dialogues, self.sandbox)
            row.update(zip(places, holds, strict=True))

    async def _structure(self, texts: Sequence[str], asked: Sequence[int], rows: list[dict[int, bool]]) -> None:
        for case in asked:
            if isinstance(self._cases[case], Structure):
                for row, text in zip(rows, texts, strict=True):
                    row[case] = await proving.has_structure(self.contract, text, self.name)

    async def _tests(self, texts: Sequence[str], asked: Sequence[int], rows: list[dict[int, bool]]) -> None:
        for case in asked:
            criterion = self._cases[case]
            if isinstance(criterion, Tests):
                file = testing.test_file(criterion, self.contract, Origin.of(self.contract, self.name).place)
                new = [text for text in dict.fromkeys(texts) if (case, text) not in self._tested]
                found = await relaying.judge(file, new, Origin.of(self.contract, self.name), self.sandbox)
                self._tested.update(((case, text), verdict.passed) for text, verdict in zip(new, found, strict=True))
                for row, text in zip(rows, texts, strict=True):
                    row[case] = self._tested[case, text]


def _detail(case: int, example: Example, outcome: CallOutcome, *, passed: bool) -> CaseDetail:
    raised = outcome.status in {Status.RAISED, Status.EXITED, Status.SYNTAX, Status.MEMORY}
    return CaseDetail(
        case=case,
        passed=passed,
        call=example.call,
        error_type=outcome.error_type if raised else "",
        error_message=outcome.error_message if raised else "",
        error_lines=outcome.error_lines,
        lines=outcome.lines,
        status=outcome.status.value,
    )
