"""Where an interpreter lives and what a box must hold so that it runs; found by looking, never by running it."""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ELF = b"\x7fELF"
MACHO = (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
OLDEST = (3, 9)


class InterpreterError(Exception):
    """What was named is no Python interpreter that can be used."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter: its real binary, the paths its packages come from, the folders and files a box must show.

    `chosen` is the path it was asked for by, `folder` the one that holds it, first in a command's PATH.
    """

    chosen: str
    binary: str
    paths: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The folder of the interpreter as it was chosen."""
        return str(Path(self.chosen).parent)


def locate(executable: str | None = None) -> Interpreter:
    """Return what is known about `executable`, by default the one that runs this; InterpreterError if unusable."""
    chosen = Path(executable or sys.executable).absolute()
    environment = _environment(chosen)
    binary = _original(chosen.resolve(), environment)
    try:
        with binary.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise InterpreterError(f"{chosen}: {error.strerror}") from None
    if magic != ELF and magic not in MACHO:
        raise InterpreterError(f"{chosen} is a script, not an interpreter")
    prefix, library = _library(binary)
    paths = _packages(prefix, library) if environment is None else _environment_packages(environment, prefix, library)
    return Interpreter(str(chosen), str(binary), tuple(paths), tuple(_needs(chosen, binary, prefix, environment)))


def _original(binary: Path, environment: Path | None) -> Path:
    """Return the interpreter that an environment was made from, where the environment holds a copy and no link."""
    if environment is None or not binary.is_relative_to(environment.resolve()):
        return binary
    settings = (environment / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    home = re.search(r"(?im)^home\s*=\s*(.+?)\s*$", settings)
    candidates = [Path(home[1]) / name for name in (binary.name, "python3", "python")] if home else []
    return next((one.resolve() for one in candidates if one.is_file()), binary)


def _library(binary: Path) -> tuple[Path, str]:
    """Return the prefix and the name of the folder of its standard library."""
    prefix = binary.parent.parent
    named = re.fullmatch(r"(python3\.\d+t?)", binary.name)
    found = sorted(path.parent.name for path in prefix.glob("lib*/python3.*/os.py"))
    wanted = named[1] if named else (found[-1] if found else "")
    if wanted not in found:
        raise InterpreterError(f"{binary}: no standard library found beside it")
    if tuple(int(part) for part in re.findall(r"\d+", wanted)) < OLDEST:
        raise InterpreterError(f"{binary} is older than Python {OLDEST[0]}.{OLDEST[1]}")
    return prefix, wanted


def _environment(chosen: Path) -> Path | None:
    for folder in (chosen.parent.parent, chosen.parent):
        if (folder / "pyvenv.cfg").is_file():
            return folder
    return None


def _packages(prefix: Path, library: str) -> list[str]:
    candidates = [
        prefix / "local" / "lib" / library / "dist-packages",
        prefix / "lib" / "python3" / "dist-packages",
        *(prefix / name / library / "site-packages" for name in ("lib", "lib64")),
    ]
    return [str(path) for path in candidates if path.is_dir()]


def _environment_packages(environment: Path, prefix: Path, library: str) -> list[str]:
    own = [
        str(path) for path in sorted(environment.glob("lib*/python3.*/site-packages")) if path.parent.name == library
    ]
    settings = (environment / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    shares = re.search(r"(?im)^include-system-site-packages\s*=\s*true", settings)
    return own + (_packages(prefix, library) if shares else [])


def _needs(chosen: Path, binary: Path, prefix: Path, environment: Path | None) -> list[str]:
    needs = _of_prefix(prefix)
    if environment is not None:
        parts = (environment / name for name in ("bin", "lib", "lib64", "pyvenv.cfg"))
        # An environment may come with a workspace, and a link in it would show any folder that its author likes.
        needs += [str(part) for part in parts if part.exists() and part.resolve().is_relative_to(environment.resolve())]
    # Every link on the way from the chosen name to the binary must lead somewhere in the box too.
    step = chosen
    while step.is_symlink():
        step = Path(os.path.normpath(step.parent / step.readlink()))
        needs += [*_programs(step), *_of_prefix(step.parent.parent)]
    needs += _programs(binary)
    if str(binary).startswith("/nix/store/"):
        needs.append("/nix/store")
    return sorted({need for need in needs if not is_system(need) and is_narrow(need)})


def _programs(interpreter: Path) -> list[str]:
    """Return the folder of an interpreter; only one of programs, so that no link shows a folder of something else."""
    folder = interpreter.parent
    return [str(folder)] if folder.name == "bin" and folder.resolve().name == "bin" else []


def is_narrow(path: str) -> bool:
    """Refuse to show the home folder or anything that holds it."""
    home = Path.home()
    return Path(path) not in {home, *home.parents}


def _of_prefix(prefix: Path) -> list[str]:
    if is_system(str(prefix)):
        return []
    return [str(prefix / name) for name in ("lib", "lib64") if any((prefix / name).glob("python3.*"))]


def is_system(path: str) -> bool:
    """Tell whether a path is shown in every box anyway."""
    return path in {"/bin", "/lib", "/lib64", "/usr"} or path.startswith(("/usr/", "/lib/", "/lib64/", "/bin/"))
