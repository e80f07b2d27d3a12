"""Running a test file so that the judged program cannot touch it: the tests ask, the program answers in another box.

The calls that the tests make are collected once per test file, without any program. The program answers them as plain
values, each test's calls in one fresh namespace, and the tests are run on these answers. Where plain values cannot
carry what the tests do (classes, objects, patched modules, files), tests and program run together; the result says so.
"""

import ast
import json
import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from milepost.checks.origins import Origin
from milepost.checks.plain_values import NotPlainError, python_of
from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import Call, CallOutcome, CallRun, CommandRun, Status

PACKAGES = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "exceptiongroup", "tomli")
# Modules through which tests and program share more than calls and their results.
SHARING = frozenset(
    (
        "asyncio",
        "builtins",
        "ctypes",
        "gc",
        "importlib",
        "inspect",
        "io",
        "logging",
        "mock",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "types",
        "weakref",
    )
)
MOST_ROUNDS = 6
PER_TEST_SECONDS = 2.0
START_SECONDS = 10.0
REMEMBERED = 64


@dataclass(frozen=True)
class TestFile:
    """A test file of a course with what lies beside it, and the names under which it imports the program."""

    __test__ = False

    path: str
    files: Mapping[str, str]
    modules: tuple[str, ...]
    timeout: float

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what makes this file different from others."""
        return self.path, self.modules, tuple(sorted(self.files.items()))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one test."""

    name: str
    outcome: str
    message: str = ""
    error_lines: tuple[int, ...] = ()
    lines: frozenset[int] = frozenset()
    broken: CallOutcome | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a test file; `error` says why it could not be run, `load` how the program failed to load."""

    tests: tuple[Judgement, ...] = ()
    error: str = ""
    error_lines: tuple[int, ...] = ()
    load: CallOutcome | None = None
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
    """One program on its way through the questions."""

    source: str
    questions: dict[str, list[str]]
    answers: dict[str, list[Any]] = field(default_factory=dict)
    traces: dict[str, CallOutcome] = field(default_factory=dict)
    broken: dict[str, CallOutcome] = field(default_factory=dict)
    lines: dict[str, tuple[int, ...]] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    verdict: Verdict | None = None
    together: bool = False

    @property
    def open(self) -> bool:
        return self.verdict is None and not self.together


@dataclass(frozen=True, slots=True)
class _Survey:
    """The calls that the tests make when every answer pleases them; `together` where they do more than call."""

    questions: Mapping[str, list[str]]
    names: tuple[str, ...]
    together: bool


_surveys: OrderedDict[tuple[Any, ...], _Survey] = OrderedDict()


def imported_names(path: str, files: Mapping[str, str], file_name: str) -> tuple[str, ...]:
    """Return the names under which a test file imports the program: its own, or the only name that nothing else has."""
    stem = PurePath(file_name).stem
    known = {PurePath(name).stem for name in files} | set(sys.stdlib_module_names) | set(PACKAGES)
    open_names = sorted(_imports(files.get(path, "")) - known - {stem})
    return (stem, open_names[0]) if len(open_names) == 1 else (stem,)


async def judge(
    file: TestFile, sources: Sequence[str], origin: Origin, sandbox: Sandbox, *, trace: bool = False
) -> list[Verdict]:
    """Run the test file on every program."""
    survey = await _survey(file, sandbox)
    programs = [_Candidate(source, {key: list(asked) for key, asked in survey.questions.items()}) for source in sources]
    for program in programs:
        program.together = survey.together
    for _ in range(MOST_ROUNDS):
        waiting = [program for program in programs if program.open]
        if not waiting:
            break
        await _answer(waiting, survey, origin, sandbox, trace=trace)
        await _replay(file, [program for program in waiting if program.open], sandbox)
    await _together(file, [program for program in programs if program.verdict is None], origin, sandbox, trace=trace)
    return [program.verdict or Verdict(stopped=True) for program in programs]


def _imports(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names if name}


async def _survey(file: TestFile, sandbox: Sandbox) -> _Survey:
    known = _surveys.get(file.key)
    if known is None:
        known = await _discover(file, sandbox)
        _surveys[file.key] = known
        while len(_surveys) > REMEMBERED:
            _surveys.popitem(last=False)
    return known


async def _discover(file: TestFile, sandbox: Sandbox) -> _Survey:
    if _imports(file.files.get(file.path, "")) & SHARING:
        return _Survey({}, (), together=True)
    (result,) = await _pytest(file, [{"mode": "discover"}], sandbox)
    unfit = bool(result.get("stopped") or result["unfit"] or result["private"] or result["errors"])
    return _Survey(result.get("questions", {}), tuple(result.get("names", ())), together=unfit)


async def _pytest(file: TestFile, programs: Sequence[Mapping[str, Any]], sandbox: Sandbox) -> list[dict[str, Any]]:
    """Run the test file in one box, each program in a process of its own; a missing result means "stopped"."""
    plan = {
        "tests": file.path,
        "modules": file.modules,
        "seconds": min(PER_TEST_SECONDS, file.timeout),
        "each": file.timeout,
        "programs": programs,
    }
    outcome = await sandbox.command(
        CommandRun(
            argv=("python", "-B", "boxed_tests.py"),
            files={**file.files, "plan.json": json.dumps(plan), "boxed_tests.py": _text("boxed_tests.py")},
            packages=PACKAGES,
            timeout=START_SECONDS + file.timeout * len(programs),
        )
    )
    results = [_result(line) for line in outcome.output.splitlines()[: len(programs)]]
    return results + [{"stopped": True} for _ in range(len(programs) - len(results))]


def _result(line: str) -> dict[str, Any]:
    try:
        result = json.loads(line)
    except (ValueError, RecursionError):
        return {"stopped": True}
    return result if isinstance(result, dict) else {"stopped": True}


@cache
def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


async def _answer(
    programs: Sequence[_Candidate], survey: _Survey, origin: Origin, sandbox: Sandbox, *, trace: bool
) -> None:
    """Let every program answer the questions that it has not answered yet."""
    open_tests = [
        [test for test, asked in program.questions.items() if len(asked) != len(program.answers.get(test, ()))]
        for program in programs
    ]
    runs = [
        _run(program, tests, survey, origin, trace=trace) for program, tests in zip(programs, open_tests, strict=True)
    ]
    outcomes = await sandbox.call(runs)
    for program, tests, answered in zip(programs, open_tests, outcomes, strict=True):
        _take_names(program, answered[0])
        for test, outcome in zip(tests, answered[1:], strict=True):
            if program.open:
                _take_answers(program, test, outcome)


def _run(program: _Candidate, tests: Iterable[str], survey: _Survey, origin: Origin, *, trace: bool) -> CallRun:
    setup = _text("boxed_answers.py")
    calls = [Call(f"_milepost_names({list(survey.names)!r})", setup, PER_TEST_SECONDS)]
    for test in tests:
        call = f"_milepost_answers({program.questions[test]!r}, {origin.file_name!r})"
        calls.append(Call(call, setup, PER_TEST_SECONDS))
    return CallRun(program.source, origin.file_name, tuple(calls), origin.preamble, trace)


def _take_names(program: _Candidate, outcome: CallOutcome) -> None:
    if outcome.status is not Status.VALUE or outcome.value is None:
        program.verdict = Verdict(load=outcome)
        return
    try:
        for name, kind, value in python_of(outcome.value):
            if kind == "function":
                program.functions.append(name)
            elif kind == "value":
                program.constants[name] = repr(value)
            elif kind == "class":
                program.together = True
    except (NotPlainError, TypeError, ValueError):
        program.together = True


def _take_answers(program: _Candidate, test: str, outcome: CallOutcome) -> None:
    program.traces[test] = outcome
    asked = program.questions[test]
    if outcome.status is not Status.VALUE or outcome.value is None:
        program.broken[test] = outcome
        program.answers[test] = [None] * len(asked)
        return
    try:
        records = python_of(outcome.value)
        answers = [_answer_of(*pair) for pair in zip(asked, records, strict=True)]
    except (NotPlainError, TypeError, ValueError, IndexError):
        program.together = True
        return
    program.answers[test] = answers
    program.lines[test] = next((tuple(record[4]) for record in reversed(records) if record[0] == "raised"), ())


def _answer_of(question: str, record: Sequence[Any]) -> list[Any]:
    kind, payload, after, printed, _ = record
    return [question, kind, repr(payload) if kind == "value" else payload, repr(after), printed]


async def _replay(file: TestFile, programs: Sequence[_Candidate], sandbox: Sandbox) -> None:
    """Run the tests on the answers; what they ask beyond is asked in the next round."""
    if not programs:
        return
    orders = [
        {
            "mode": "replay",
            "functions": program.functions,
            "constants": program.constants,
            "answers": {test: known for test, known in program.answers.items() if test not in program.broken},
        }
        for program in programs
    ]
    for program, result in zip(programs, await _pytest(file, orders, sandbox), strict=True):
        if result.get("stopped") or result.get("unfit"):
            program.together = True
            continue
        unknown = [test for test in result["unknown"] if test not in program.broken]
        for test in unknown:
            program.questions[test] = result["questions"][test]
        if not unknown:
            program.verdict = _verdict(program, result)


def _verdict(program: _Candidate, result: Mapping[str, Any]) -> Verdict:
    if result["errors"]:
        return Verdict(error=result["errors"][0])
    tests = []
    for name, test in result["tests"].items():
        outcome, trace = program.broken.get(name), program.traces.get(name)
        lines = trace.lines if trace is not None else frozenset()
        state = "failed" if outcome is not None else test["outcome"]
        error_lines = outcome.error_lines if outcome is not None else program.lines.get(name, ())
        tests.append(Judgement(_short(name), state, test["message"], tuple(error_lines), lines, outcome))
    return Verdict(tuple(tests))


async def _together(
    file: TestFile, programs: Sequence[_Candidate], origin: Origin, sandbox: Sandbox, *, trace: bool
) -> None:
    """Run tests and program in one process; what comes back may be the program's own invention."""
    if not programs:
        return
    orders = [
        {
            "mode": "together",
            "source": program.source,
            "preamble": origin.preamble,
            "file_name": origin.file_name,
            "trace": trace,
        }
        for program in programs
    ]
    for program, result in zip(programs, await _pytest(file, orders, sandbox), strict=True):
        try:
            program.verdict = _claimed(result)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            program.verdict = Verdict(stopped=True, tamper_proof=False)


def _claimed(result: Mapping[str, Any]) -> Verdict:
    """Return what a run together says; every part of it may be anything."""
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


def _short(name: str) -> str:
    return name.partition("::")[2] or name
