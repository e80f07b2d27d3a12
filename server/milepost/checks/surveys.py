"""Which calls a test file makes, found out once per file without any program."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milepost.checks import boxing
from milepost.sandbox.boxes import Sandbox

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
REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Survey:
    """The calls that the tests make when every answer pleases them; `together` where they do more than call."""

    questions: Mapping[str, list[str]]
    names: tuple[str, ...]
    together: bool


_surveys: OrderedDict[tuple[Any, ...], Survey] = OrderedDict()


async def survey(file: boxing.TestFile, sandbox: Sandbox) -> Survey:
    """Return the calls of a test file, as found out now or before."""
    known = _surveys.get(file.key)
    if known is None:
        known = await _discover(file, sandbox)
        _surveys[file.key] = known
        while len(_surveys) > REMEMBERED:
            _surveys.popitem(last=False)
    return known


async def _discover(file: boxing.TestFile, sandbox: Sandbox) -> Survey:
    if boxing.imports(file.files.get(file.path, "")) & SHARING:
        return Survey({}, (), together=True)
    (result,) = await boxing.run_pytest(file, [{"mode": "discover"}], sandbox)
    unfit = bool(result.get("stopped") or result["unfit"] or result["private"] or result["errors"])
    return Survey(result.get("questions", {}), tuple(result.get("names", ())), together=unfit)
