"""Running pytest in a box, by the runner that is sent there with the test file."""

import ast
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import CommandRun, Status

PACKAGES = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "exceptiongroup", "tomli")
RUNNER = ("boxed_tests.py", "boxed_discovery.py")
PER_TEST_SECONDS = 2.0
START_SECONDS = 10.0


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


def imported_names(path: str, files: Mapping[str, str], place: str) -> tuple[str, ...]:
    """Return the names under which a test file imports the program: its own, or the only name that nothing else has."""
    stem, dotted = PurePath(place).stem, ".".join(PurePath(place).with_suffix("").parts)
    if dotted in _modules(files.get(path, "")):
        return tuple(dict.fromkeys((stem, dotted)))
    imported = imports(files.get(path, ""))
    known = (
        {part for name in files for part in PurePath(name).with_suffix("").parts}
        | set(sys.stdlib_module_names)
        | set(PACKAGES)
    )
    strange = sorted(imported - known)
    return (stem, strange[0]) if len(strange) == 1 and stem not in imported else (stem,)


def imports(source: str) -> set[str]:
    """Return the top-level modules that a Python text imports."""
    return {name.partition(".")[0] for name in _modules(source) if name}


def _modules(source: str) -> set[str]:
    """Return what a Python text imports, with the names that it imports from there."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


async def run_pytest(file: TestFile, programs: Sequence[Mapping[str, Any]], sandbox: Sandbox) -> list[dict[str, Any]]:
    """Run the test file in one box, each program in a process of its own; a missing result means "stopped"."""
    if not programs:
        return []
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
            files={**file.files, "plan.json": json.dumps(plan)} | {name: text_of(name) for name in RUNNER},
            packages=PACKAGES,
            timeout=START_SECONDS + file.timeout * len(programs),
        )
    )
    if outcome.status is Status.NOT_RUN:
        raise RuntimeError(outcome.error_message)
    results = [_result(line) for line in outcome.output.splitlines()[: len(programs)]]
    return results + [{"stopped": True} for _ in range(len(programs) - len(results))]


def _result(line: str) -> dict[str, Any]:
    try:
        result = json.loads(line)
    except (ValueError, RecursionError):
        return {"stopped": True}
    return result if isinstance(result, dict) else {"stopped": True}


@cache
def text_of(name: str) -> str:
    """Return the text of a module beside this one that runs in boxes."""
    return Path(__file__).with_name(name).read_text("utf-8")
