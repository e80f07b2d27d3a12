"""Running a test file so that the judged program cannot touch it: the tests ask, the program answers in another box.

The calls that the tests make are collected once per test file, without any program. The program answers them as plain
values, each test's calls in one fresh namespace, and the tests are run on these answers. Where plain values cannot
carry what the tests do (classes, objects, patched modules, files), tests and program run together; the result says so.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from milepost.checks import boxing, surveys
from milepost.checks.boxing import PER_TEST_SECONDS, TestFile
from milepost.checks.origins import Origin
from milepost.checks.plain_values import NotPlainError, python_of
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import Call, CallOutcome, Status

MOST_ROUNDS = 8
REMEMBERED = 256
_results: OrderedDict[bytes, Mapping[str, Any]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one test."""

    name: str
    outcome: str
    message: str = ""
    error_lines: tuple[int, ...] = ()
    lines: frozenset[int] = frozenset()
    broken: CallOutcome | None = None
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a test file; `error` and `missing` names say why it could not run, `load` why the program."""

    tests: tuple[Judgement, ...] = ()
    error: str = ""
    error_lines: tuple[int, ...] = ()
    load: CallOutcome | None = None
    missing: tuple[str, ...] = ()
    stopped: bool = False
    tamper_proof: bool = True

    @property
    def passed(self) -> bool:
        """Tell whether there were tests and none failed."""
        counted = [test for test in self.tests if test.outcome != "skipped"]
        whole = not self.error and self.load is None and not self.stopped
        return whole and bool(counted) and all(test.outcome == "passed" for test in counted)


@dataclass(slots=True)
class _Candidate:
    """One program on its way through the questions; `broken` holds the tests whose calls gave no answers at all."""

    source: str
    questions: dict[str, list[str]]
    answers: dict[str, list[Any]] = field(default_factory=dict)
    broken: dict[str, CallOutcome] = field(default_factory=dict)
    lines: dict[str, tuple[int, ...]] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    verdict: Verdict | None = None
    together: bool = False

    @property
    def open(self) -> bool:
        """Tell whether there is no verdict yet and it can still be tamper-proof."""
        return self.verdict is None and not self.together

    @property
    def unanswered(self) -> list[str]:
        """Return the tests with questions that were not answered yet."""
        known = {test: len(answers) for test, answers in self.answers.items()}
        return [test for test, asked in self.questions.items() if len(asked) != known.get(test, 0)]

    def order(self) -> dict[str, Any]:
        """Return what the runner in the box needs to know."""
        return {
            "mode": "replay",
            "functions": self.functions,
            "constants": self.constants,
            "answers": {test: known for test, known in self.answers.items() if test not in self.broken},
        }

    def take_names(self, outcome: CallOutcome) -> None:
        """Take what the program says about the names that the tests use."""
        if outcome.status is not Status.VALUE or outcome.value is None:
            self.verdict = Verdict(load=outcome)
            return
        try:
            found = [(str(name), str(kind), value) for name, kind, value in python_of(outcome.value)]
        except (NotPlainError, TypeError, ValueError):
            self.together = True
            return
        self.functions = [name for name, kind, _ in found if kind == "function"]
        self.missing = [name for name, kind, _ in found if kind == "missing"]
        self.constants = {name: repr(value) for name, kind, value in found if kind == "value"}
        self.together = any(kind == "class" for _, kind, _ in found)

    def take_answers(self, test: str, outcome: CallOutcome) -> None:
        """Take what the program says to the questions of one test."""
        asked = self.questions[test]
        if outcome.status is not Status.VALUE or outcome.value is None:
            self.broken[test] = outcome
            self.answers[test] = [None] * len(asked)
            return
        try:
            records = python_of(outcome.value)
            self.answers[test] = [_answer_of(*pair) for pair in zip(asked, records, strict=True)]
            raised = [tuple(record[4]) for record in records if record[0] == "raised"]
            self.lines[test] = raised[-1] if raised else ()
        except (NotPlainError, TypeError, ValueError, IndexError):
            self.together = True


def _answer_of(question: str, record: Sequence[Any]) -> list[Any]:
    kind, payload, after, printed, _ = record
    return [question, kind, repr(payload) if kind == "value" else payload, repr(after), printed]


async def judge(file: TestFile, sources: Sequence[str], origin: Origin, sandbox: Sandbox) -> list[Verdict]:
    """Run the test file on every program."""
    survey = await surveys.survey(file, sandbox)
    programs = [_Candidate(source, {key: list(asked) for key, asked in survey.questions.items()}) for source in sources]
    for program in programs:
        # Tests that reach for the other files of a program can only run together with it.
        program.together = survey.together or bool(origin.siblings.entry)
    for _ in range(MOST_ROUNDS):
        waiting = [program for program in programs if program.open]
        if not waiting:
            break
        await _answer(waiting, survey, origin, sandbox)
        await _replay(file, [program for program in waiting if program.open], sandbox)
    left = [program for program in programs if program.verdict is None]
    for program, verdict in zip(left, await _together(file, left, origin, sandbox), strict=True):
        program.verdict = verdict
    return [program.verdict or Verdict(stopped=True) for program in programs]


async def follow(file: TestFile, verdict: Verdict, source: str, origin: Origin, sandbox: Sandbox) -> Verdict:
    """Return the verdict with the lines of the program that each test runs."""
    if not verdict.tamper_proof:
        (traced,) = await _together(file, [_Candidate(source, {})], origin, sandbox, trace=True)
        return traced if len(traced.tests) == len(verdict.tests) else verdict
    calls = [_question(test.questions, origin) for test in verdict.tests]
    run = origin.calls(source, calls, trace=True)
    (outcomes,) = await sandbox.call([run])
    pairs = zip(verdict.tests, outcomes, strict=True)
    return replace(verdict, tests=tuple(replace(test, lines=outcome.lines) for test, outcome in pairs))


async def _answer(programs: Sequence[_Candidate], survey: surveys.Survey, origin: Origin, sandbox: Sandbox) -> None:
    """Let every program answer the questions that it has not answered yet."""
    names = _asking(f"['names'](__import__('builtins').globals(), {list(survey.names)!r})")
    runs = []
    for program in programs:
        calls = (names, *(_question(program.questions[test], origin) for test in program.unanswered))
        runs.append(origin.calls(program.source, calls))
    for program, (named, *answered) in zip(programs, await sandbox.call(runs), strict=True):
        program.take_names(named)
        for test, outcome in zip(program.unanswered, answered, strict=True):
            if program.open:
                program.take_answers(test, outcome)


def _question(asked: Sequence[str], origin: Origin) -> Call:
    return _asking(f"['answers'](__import__('builtins').globals(), {list(asked)!r}, {origin.file_name!r})")


def _asking(text: str) -> Call:
    """Return a call of what answers; no name of it can be one of the program's."""
    source = boxing.text_of("boxed_answers.py")
    setup = f"_milepost_ = {{}}\n__import__('builtins').exec({source!r}, _milepost_)"
    return Call(f"_milepost_{text}", setup, PER_TEST_SECONDS)


async def _replay(file: TestFile, programs: Sequence[_Candidate], sandbox: Sandbox) -> None:
    """Run the tests on the answers; what they ask beyond is asked in the next round."""
    orders = [program.order() for program in programs]
    for program, result in zip(programs, await _replayed(file, orders, sandbox), strict=True):
        if result.get("stopped") or result.get("unfit"):
            program.together = True
            continue
        unknown = [test for test in result["unknown"] if test not in program.broken]
        for test in unknown:
            program.questions[test] = result["questions"][test]
        if not unknown:
            program.verdict = _verdict(program, result)


async def _replayed(file: TestFile, orders: Sequence[Mapping[str, Any]], sandbox: Sandbox) -> list[Mapping[str, Any]]:
    """Return the results of the tests on answers; the same answers, most right programs give them, are run once."""
    keys = [
        sha256(repr((file.key, sorted(order.items()))).encode("utf-8", "surrogatepass")).digest() for order in orders
    ]
    new = {key: order for key, order in zip(keys, orders, strict=True) if key not in _results}
    found = dict(zip(new, await boxing.run_pytest(file, list(new.values()), sandbox), strict=True))
    results = [found.get(key) or _results[key] for key in keys]
    _results.update((key, result) for key, result in found.items() if not result.get("stopped"))
    while len(_results) > REMEMBERED:
        _results.popitem(last=False)
    return results


def _verdict(program: _Candidate, result: Mapping[str, Any]) -> Verdict:
    if result["errors"]:
        return Verdict(error=result["errors"][0], missing=tuple(program.missing))
    tests = []
    for name, test in result["tests"].items():
        broken = program.broken.get(name)
        tests.append(
            Judgement(
                name=_short(name),
                outcome="failed" if broken is not None else test["outcome"],
                message=test["message"],
                error_lines=broken.error_lines if broken is not None else program.lines.get(name, ()),
                broken=broken,
                questions=tuple(program.questions.get(name, ())),
            )
        )
    return Verdict(tuple(tests))


async def _together(
    file: TestFile, programs: Sequence[_Candidate], origin: Origin, sandbox: Sandbox, *, trace: bool = False
) -> list[Verdict]:
    """Run tests and program in one process; what comes back may be the program's own invention."""
    said = {"mode": "together", "preamble": origin.preamble, "file_name": origin.file_name, "trace": trace}
    said |= {"folder": origin.siblings.folder}
    orders = [{**said, "source": one.source, "beside": _beside(one.source, origin)} for one in programs]
    return [_claimed(result) for result in await boxing.run_pytest(file, orders, sandbox)]


def _beside(source: str, origin: Origin) -> dict[str, str]:
    return origin.files(source) if origin.siblings.files else {}


def _claimed(result: Mapping[str, Any]) -> Verdict:
    """Return what a run together says; every part of it may be anything."""
    try:
        if result.get("stopped"):
            return Verdict(stopped=True, tamper_proof=False)
        if result["errors"]:
            lines = tuple(int(line) for line in result["load_lines"])
            return Verdict(error=str(result["errors"][0]), error_lines=lines, tamper_proof=False)
        tests = [
            Judgement(
                name=_short(str(name)),
                outcome=str(test["outcome"]),
                message=str(test["message"]),
                error_lines=tuple(int(line) for line in test["lines"]),
                lines=frozenset(int(line) for line in test["ran"]),
            )
            for name, test in result["tests"].items()
        ]
        return Verdict(tuple(tests), tamper_proof=False)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return Verdict(stopped=True, tamper_proof=False)


def _short(name: str) -> str:
    return name.partition("::")[2] or name
