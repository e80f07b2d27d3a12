"""How a program of each language is built and run; everything happens inside a box."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from milepost.checks.origins import Origin
from milepost.domain.criteria import Dialogue
from milepost.sandbox.runs import CommandRun

NO_TOOL = 96
NOT_BUILT = 97
BUILD_SECONDS = 60.0
LARGEST_OUTPUT_BLOCKS = 8_192
# Java sees the processors of the machine and reserves memory for each.
ENVIRONMENT = {"JAVA_TOOL_OPTIONS": "-Xmx256m -Xss8m -XX:+UseSerialGC -XX:TieredStopAtLevel=1", "GO111MODULE": "off"}


@dataclass(frozen=True, slots=True)
class Toolchain:
    """How to see whether the tool is there, how it builds (may be empty), how the result runs.

    `{file}` is the file that is run, `{stem}` its name without suffix, `{files}` are all files of the program.

    The first word of `probe` is the tool where it is often installed outside of the system's folders.
    """

    tool: str
    probe: str
    build: str
    run: str


TOOLCHAINS = {
    "javascript": Toolchain("node", "node --version", "", "node {file}"),
    "typescript": Toolchain(
        "tsc", "tsc --version", "tsc --skipLibCheck --target es2022 --module commonjs {file}", "node {stem}.js"
    ),
    "java": Toolchain("javac", "command -v javac", "javac -nowarn -d . {files}", "java -cp . {stem}"),
    "go": Toolchain(
        "go", "go version", "HOME=/tmp GOCACHE=/tmp/go GOPATH=/tmp/gopath go build -o ./program {files}", "./program"
    ),
    "rust": Toolchain("rustc", "rustc --version", "rustc --edition 2021 -A warnings -o program {file}", "./program"),
    "c": Toolchain("gcc", "command -v gcc", "gcc -w -O1 -o program {files} -lm", "./program"),
    "cpp": Toolchain("g++", "command -v g++", "g++ -w -O1 -std=c++17 -o program {files}", "./program"),
}


def command(origin: Origin, text: str, dialogues: Sequence[Dialogue]) -> CommandRun | None:
    """Return the command that builds a program once and runs it on every input; None for an unknown language."""
    chain = TOOLCHAINS.get(origin.language)
    if chain is None:
        return None
    entry = origin.siblings.entry or origin.place
    names = {"file": shlex.quote(entry), "stem": shlex.quote(str(PurePath(entry).with_suffix("")))}
    alike = [name for name in origin.files(text) if name != entry and PurePath(name).suffix == PurePath(entry).suffix]
    names["files"] = shlex.join([entry, *alike])
    build, run = chain.build.format(**names), chain.run.format(**names)
    lines = [f"{chain.probe} >/dev/null 2>&1 || exit {NO_TOOL}"]
    if build:
        lines.append(f"({build}) >built 2>&1 || exit {NOT_BUILT}")
    lines.append(f"ulimit -f {LARGEST_OUTPUT_BLOCKS}")
    for number, dialogue in enumerate(dialogues):
        seconds = f"{max(0.05, dialogue.timeout):g}"
        lines.append(
            f"timeout -s KILL {seconds} {run} <in.{number} >out.{number} 2>err.{number}; echo $? >code.{number}"
        )
    outputs = ["built", *(f"{kind}.{number}" for number in range(len(dialogues)) for kind in ("out", "err", "code"))]
    return CommandRun(
        shell="\n".join([*lines, "exit 0"]),
        files=origin.files(text) | {f"in.{number}": one.input for number, one in enumerate(dialogues)},
        outputs=tuple(outputs),
        environment=ENVIRONMENT,
        timeout=BUILD_SECONDS + sum(one.timeout for one in dialogues),
    )
