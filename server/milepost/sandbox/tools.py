"""What a command needs beside the system: its program if it lives elsewhere, and packages of Milepost's own."""

import importlib.util
import os
import shlex
import shutil
from pathlib import Path

from milepost.sandbox import bubblewrap, interpreters
from milepost.sandbox.runs import CommandRun


def folders(run: CommandRun) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the folders to show for the command's program, and those to add to its PATH."""
    name = run.argv[0] if run.argv else _first_word(run.shell)
    found = None if "/" in name or name.startswith("python") else shutil.which(name)
    if found is None or interpreters.is_system(found):
        return (), ()
    place, real = Path(found).parent, Path(os.path.realpath(found)).parent
    prefixes = {str(folder.parent) for folder in (place, real) if interpreters.is_narrow(str(folder.parent))}
    return tuple(sorted(prefix for prefix in prefixes if not interpreters.is_system(prefix))), (str(place),)


def arguments(run: CommandRun, interpreter: interpreters.Interpreter) -> list[str]:
    """Return what is executed; `python` is always the chosen interpreter."""
    if run.shell:
        return ["/bin/sh", "-c", run.shell]
    if not run.argv:
        message = "no command to run"
        raise ValueError(message)
    first = interpreter.chosen if run.argv[0] in {"python", "python3"} else run.argv[0]
    return [first, *run.argv[1:]]


def _first_word(line: str) -> str:
    try:
        return next(iter(shlex.split(line)), "")
    except ValueError:
        return ""


def packages(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return where the named top-level packages are and where a box shows them."""
    placed = []
    for name in names:
        found = importlib.util.find_spec(name)
        if found is not None and found.origin is not None:
            source = Path(found.origin).parent if found.submodule_search_locations else Path(found.origin)
            placed.append((str(source), f"{bubblewrap.PACKAGES}/{source.name}"))
    return tuple(placed)
