"""How often wrong programs of real students get a proved fix, how small it is, and how long that takes.

    python benchmarks/repair.py DATA [--sample N] [--complete] [--known 1|0.2|0.05|reference] [--only question_1] [--out FILE]

DATA names a folder with one folder for each assignment (`question_*`): `task.json` (title, preamble), `tests.json` and
`extended.json` (`call`, `expect`), `reference.py`, and `correct.jsonl` and `wrong.jsonl` (`name`, `code`). A course is made
of each in a temporary folder, with the known correct programs as its solutions, and `milepost check` judges the wrong ones.
The extended tests never reach the course: they only measure. Beside each figure stands the baseline, the nearest known
correct program with its variables renamed. `--direct` searches in this process instead, for development.
"""

import argparse
import ast
import asyncio
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from rps import rps

from milepost.domain.text import Edit, Position, Range
from milepost.repair import distance, donors, labels, units, writing
from milepost.syntax import distances, edits, tokens

LANGUAGE = "python"
SECONDS = 2
NEARLY = 1e-9
COMPARED = 20
# Programs of each assignment in the rows of which only some solutions are known: a quarter of an hour each otherwise.
FEWER = 150
JUDGE = """
import contextlib, io, json, signal, sys
def late(*_):
    raise BaseException("late")
signal.signal(signal.SIGALRM, late)
sys.setrecursionlimit(2000)
asked = json.load(sys.stdin)
wanted = []
for test in asked["tests"]:
    space = {}
    exec(asked["preamble"], space)
    wanted.append(eval(test["expect"], space))
for text in asked["programs"]:
    good = True
    for test, value in zip(asked["tests"], wanted):
        space = {}
        try:
            signal.setitimer(signal.ITIMER_REAL, asked["seconds"])
            with contextlib.redirect_stdout(io.StringIO()):
                exec(asked["preamble"], space)
                exec(text, space)
                got = eval(test["call"], space)
            good = type(got) is type(value) and got == value
        except BaseException:
            good = False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if not good:
            break
    print(int(good), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment of the data set."""

    name: str
    title: str
    preamble: str
    tests: list[dict[str, str]]
    extended: list[dict[str, str]]
    reference: str
    correct: list[str]
    wrong: list[tuple[str, str]]


@dataclass(slots=True)
class Outcome:
    """What one wrong program got; sizes are relative patch sizes."""

    name: str
    assignment: str
    wrong: str
    seconds: float
    base: float
    base_text: str = ""
    is_base_right: bool = False
    is_base_general: bool = False
    repaired: str | None = None
    source: str = ""
    title: str = ""
    size: float = math.inf
    is_right: bool = False
    is_general: bool = False
    is_rewrite: bool = False
    finding: int | None = None
    changed: list[int] = field(default_factory=list)


def assignments(folder: Path, only: str) -> Iterator[Assignment]:
    for path in sorted(folder.glob(only or "question_*")):
        task = json.loads((path / "task.json").read_text(encoding="utf-8"))
        yield Assignment(
            name=path.name,
            title=task["title"],
            preamble=task["preamble"],
            tests=json.loads((path / "tests.json").read_text(encoding="utf-8")),
            extended=json.loads((path / "extended.json").read_text(encoding="utf-8")),
            reference=(path / "reference.py").read_text(encoding="utf-8"),
            correct=[code for _, code in rows(path / "correct.jsonl")],
            wrong=rows(path / "wrong.jsonl"),
        )


def rows(path: Path) -> list[tuple[str, str]]:
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["name"], row["code"]) for row in found]


def known(one: Assignment, share: str) -> list[str]:
    """Return the correct programs that the course knows, its reference first."""
    if share == "reference":
        return [one.reference]
    count = round(len(one.correct) * float(share))
    chosen = one.correct if float(share) == 1 else random.Random(5).sample(one.correct, count)
    return list(dict.fromkeys([one.reference, *chosen]))


def write_course(folder: Path, one: Assignment, solutions: Sequence[str]) -> None:
    """Make a course of one task out of an assignment."""
    (folder / "solutions").mkdir(parents=True)
    for place, code in enumerate(solutions):
        (folder / "solutions" / f"{place:04}.py").write_text(code, encoding="utf-8", newline="")
    task = {
        "title": one.title,
        "files": ["work/*.py"],
        "solutions": ["solutions/0000.py", "solutions/*.py"],
        "criteria": [{"examples": one.tests}],
    }
    if one.preamble.strip():
        task["preamble"] = one.preamble
    course = {
        "course": {"title": one.title, "language": LANGUAGE},
        "goals": [{"title": one.title, "tasks": [task]}],
    }
    (folder / "milepost.yaml").write_text(yaml.safe_dump(course, sort_keys=False, width=1000), encoding="utf-8")


def check(folder: Path, programs: Sequence[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """Judge programs through the public command line; returns its answers by name."""
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for name, code in programs:
        (work / f"{name}.py").write_text(code, encoding="utf-8", newline="")
    paths = [str(work / f"{name}.py") for name, _ in programs]
    milepost = Path(sys.executable).with_name("milepost")
    environment = {**os.environ, "MILEPOST_DATA_DIR": str(folder / "data")}
    command = [str(milepost), "check", *paths, "--course", str(folder), "--format", "json"]
    run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False, text=True)
    if run.returncode not in (0, 1):
        raise SystemExit(run.returncode)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    return {Path(answer["file"]).stem: answer for answer in answers}


def directly(
    one: Assignment, solutions: Sequence[str], programs: Sequence[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Judge programs in this process, as the command line would."""
    from direct import search  # noqa: PLC0415 - only for development, and heavy.

    return asyncio.run(search(one.tests, one.preamble, solutions, programs))


def judged(one: Assignment, tests: Sequence[dict[str, str]], programs: Sequence[str]) -> list[bool]:
    """Tell which programs pass tests, each within the data set's time, in a process of its own."""
    asked = {"preamble": one.preamble, "tests": list(tests), "programs": list(programs), "seconds": SECONDS}
    run = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", JUDGE],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return [line == "1" for line in run.stdout.split()]


def baseline(wrong: str, solutions: Sequence[str], encoded: Sequence[Any], question: Any) -> str:
    """Return the nearest solution with its variables called as in the wrong program."""
    nearest = min(range(len(solutions)), key=lambda place: distances.token_distance(question, encoded[place]))
    theirs, ours = units.parsed(solutions[nearest]), units.parsed(wrong)
    if theirs is None or ours is None:
        return solutions[nearest]
    tree = ast.parse(solutions[nearest])
    for place, node in enumerate(tree.body):
        name = getattr(node, "name", None)
        if name in ours.units and name in theirs.units:
            pair = donors.counterpart(ours.units[name], theirs.units[name], math.inf, {})
            assert pair is not None
            tree.body[place] = ast.parse(writing.expression(node, pair.names)).body[0]
    return ast.unparse(tree)


def fix_of(answer: dict[str, Any]) -> dict[str, Any] | None:
    """Return the smallest verified fix of an answer."""
    return next((fix for fix in answer["fixes"] if fix["verified"]), None)


def applied(text: str, fix: dict[str, Any]) -> str:
    return edits.apply_edits(text, [Edit(range_of(edit["range"]), edit["newText"]) for edit in fix["edits"]])


def range_of(place: dict[str, Any]) -> Range:
    return Range(*(Position(place[end]["line"], place[end]["character"]) for end in ("start", "end")))


def touched(fix: dict[str, Any]) -> list[int]:
    """Return the lines that a fix changes; what is put between two lines touches both."""
    lines: set[int] = set()
    for edit in fix["edits"]:
        place = range_of(edit["range"])
        is_between = place.start == place.end and place.start.character == 0
        lines.update(range(place.start.line - is_between, place.end.line + 1))
    return sorted(lines)


def measure(one: Assignment, arguments: argparse.Namespace) -> list[Outcome]:
    solutions = known(one, arguments.known)
    programs = [row for row in one.wrong if row[1] not in set(solutions)]
    if arguments.sample and arguments.sample < len(programs):
        programs = random.Random(arguments.seed).sample(programs, arguments.sample)
    with tempfile.TemporaryDirectory() as name:
        if arguments.direct:
            answers = directly(one, solutions, programs)
        else:
            write_course(Path(name) / one.name, one, solutions)
            answers = check(Path(name) / one.name, programs)
    encoded = distances.encoded(
        [tokens.tokens(code, LANGUAGE) for code in (*solutions, *[code for _, code in programs])]
    )
    bases = [
        baseline(code, solutions, encoded[: len(solutions)], question)
        for (_, code), question in zip(programs, encoded[len(solutions) :], strict=True)
    ]
    outcomes = [
        outcome(one, row, answers[row[0]], base, relative_size(row[1], base))
        for row, base in zip(programs, bases, strict=True)
    ]
    repaired = [found for found in outcomes if found.repaired is not None]
    for found in repaired:
        found.size = relative_size(found.wrong, found.repaired or "")
    compare_sizes(repaired)
    texts = [found.repaired or "" for found in repaired]
    judgements = zip(repaired, judged(one, one.tests, texts), judged(one, one.extended, texts), strict=True)
    for found, is_right, is_general in judgements:
        found.is_right, found.is_general = is_right, is_general
    judgements = zip(outcomes, judged(one, one.tests, bases), judged(one, one.extended, bases), strict=True)
    for found, is_right, is_general in judgements:
        found.is_base_right, found.is_base_general = is_right, is_general
    return outcomes


def relative_size(wrong: str, repaired: str) -> float:
    """Return the relative patch size, found a hundred times faster than by `rps`."""
    try:
        before, after = (labels.forest(ast.parse(ast.unparse(ast.parse(text)))) for text in (wrong, repaired))
    except SyntaxError:
        return math.inf
    return distance.forest_distance(before, after) / (1 + sum(tree.size for tree in before))


def compare_sizes(outcomes: Sequence[Outcome]) -> None:
    """Stop when a size is below what the reference implementation finds; a few are looked at, larger ones are told."""
    some = outcomes[:: max(1, len(outcomes) // COMPARED)]
    with ProcessPoolExecutor() as pool:
        for found, size in zip(
            some, pool.map(rps, [one.wrong for one in some], [one.repaired for one in some]), strict=True
        ):
            if size is not None and found.size < size - NEARLY:
                raise SystemExit(f"{found.name}: relative patch size {found.size}, not {size}")
            if size is not None and found.size > size + NEARLY:
                print(f"{found.name}: counted as {found.size:.3f}, the reference finds {size:.3f}", file=sys.stderr)


def outcome(one: Assignment, row: tuple[str, str], answer: dict[str, Any], base_text: str, base: float) -> Outcome:
    name, code = row
    found = Outcome(name, one.name, code, answer["timings_ms"]["total"] / 1000, base, base_text)
    first = next(iter(answer["findings"]), None)
    found.finding = None if first is None else first["range"]["start"]["line"]
    fix = fix_of(answer)
    if fix is not None:
        found.repaired = applied(code, fix)
        found.source, found.title, found.is_rewrite = fix["source"], fix["title"], fix["rewrite"]
        found.changed = touched(fix)
    return found


def strangers(one: Assignment, arguments: argparse.Namespace) -> Counter[str]:
    """Judge correct programs that the course does not know."""
    solutions = known(one, "0.2")
    others = [("right_" + str(place), code) for place, code in enumerate(one.correct) if code not in set(solutions)]
    if arguments.sample and arguments.sample < len(others):
        others = random.Random(arguments.seed).sample(others, arguments.sample)
    with tempfile.TemporaryDirectory() as name:
        write_course(Path(name) / one.name, one, solutions)
        answers = check(Path(name) / one.name, others)
    general = judged(one, one.extended, [code for _, code in others])
    count: Counter[str] = Counter(strangers=len(others))
    for (stranger, _), is_general in zip(others, general, strict=True):
        answer = answers[stranger]
        count["failing"] += answer["passed"] is not True
        if is_general:
            count["general"] += 1
            count["doubted"] += any(finding["rule"] == "generated-input" for finding in answer["findings"])
    return count


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def share(found: Sequence[Any], holds: Callable[[Any], bool]) -> str:
    return percent(sum(map(holds, found)), len(found))


def percentile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def table(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str, str]]:
    """Yield the rows: a figure, Milepost's, the baseline's."""
    fixed = [one for one in outcomes if one.repaired is not None]
    right = [one for one in fixed if one.is_right]
    sizes, bases = [one.size for one in right], [one.base for one in outcomes]
    yield "programs", str(len(outcomes)), str(len(outcomes))
    yield (
        "verified fix offered and right",
        percent(len(right), len(outcomes)),
        share(outcomes, lambda one: one.is_base_right),
    )
    yield "of these size ≤ 0.6", share(right, lambda one: one.size <= 0.6), share(outcomes, lambda one: one.base <= 0.6)
    yield "size ≤ 0.1", share(right, lambda one: one.size <= 0.1), share(outcomes, lambda one: one.base <= 0.1)
    yield "size, mean", f"{statistics.mean(sizes):.3f}", f"{statistics.mean(bases):.3f}"
    yield "size, median", f"{statistics.median(sizes):.3f}", f"{statistics.median(bases):.3f}"
    yield "not larger than the baseline", share(right, lambda one: one.size <= one.base + NEARLY), ""
    general = share(outcomes, lambda one: not one.is_base_general)
    yield "fails the extended tests", share(right, lambda one: not one.is_general), general
    yield "labelled a rewrite", share(fixed, lambda one: one.is_rewrite), ""
    yield "seconds, p50", f"{percentile([one.seconds for one in outcomes], 0.5):.3f}", ""
    yield "seconds, p95", f"{percentile([one.seconds for one in outcomes], 0.95):.3f}", ""
    yield '"verified" but not right', str(len(fixed) - len(right)), ""
    located = [one for one in right if one.finding is not None]
    yield "first finding inside what changes", share(located, lambda one: one.finding in one.changed), ""
    for source, count in Counter(one.source for one in right).most_common():
        found = [one for one in right if one.source == source]
        ours, base = statistics.mean(one.size for one in found), statistics.mean(one.base for one in found)
        yield f"source {source}", f"{count} (mean {ours:.3f})", f"{base:.3f}"


def print_table(title: str, outcomes: Sequence[Outcome]) -> None:
    print(f"\n{title}")
    print(f"{'':36} {'milepost':>20} {'baseline':>10}")
    for name, ours, base in table(outcomes):
        print(f"{name:36} {ours:>20} {base:>10}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Quality of fixes on a data set.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="programs of each assignment (0: all)")
    parser.add_argument("--complete", action="store_true", help="all programs also where only some solutions are known")
    parser.add_argument("--known", default="", help="share of the correct programs that is known, or `reference`")
    parser.add_argument("--only", default="", help="one assignment")
    parser.add_argument("--direct", action="store_true", help="search in this process")
    parser.add_argument("--strangers", action="store_true", help="judge correct programs that are not known, too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="write what each program got, as lines of JSON")
    arguments = parser.parse_args()
    shares = [arguments.known] if arguments.known else ["1", "0.2", "0.05", "reference"]
    arguments.strangers = arguments.strangers or not arguments.known
    asked = arguments.sample
    for arguments.known in shares:
        arguments.sample = asked or (0 if arguments.known == "1" or arguments.complete else FEWER)
        started = time.monotonic()
        outcomes: list[Outcome] = []
        for one in assignments(arguments.data, arguments.only):
            found = measure(one, arguments)
            print_table(f"{one.name}, known: {arguments.known}", found)
            outcomes += found
        print_table(f"all, known: {arguments.known} ({time.monotonic() - started:.0f} s)", outcomes)
        if arguments.out:
            lines = [json.dumps({name: getattr(one, name) for name in Outcome.__slots__}) for one in outcomes]
            arguments.out.with_suffix(f".{arguments.known}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    arguments.sample = asked
    if arguments.strangers:
        count: Counter[str] = Counter()
        for one in assignments(arguments.data, arguments.only):
            count += strangers(one, arguments)
        print(f"\ncorrect programs outside the pool (20 % known): {count['strangers']}")
        print(f"reported as failing: {count['failing']}")
        doubted = percent(count["doubted"], count["general"])
        print(f"doubted by generated inputs: {count['doubted']} of the {count['general']} right ones, {doubted}")


if __name__ == "__main__":
    main()
