"""What reviews cost while somebody works, and, for whoever has a model, how good they are.

    python benchmarks/review.py [--saves N] [--seed N]     the cost, with a model that says nothing
    python benchmarks/review.py --quality                  the quality, with the model of the settings (it costs tokens)

The history: wrong programs of the bundled course are turned step by step into their nearest correct ones, one statement a
save; a third of the saves change only comments and blank lines. Each save is judged as in the editor. Beside what is sent
stands what sending the whole file at each save would cost.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from milepost.agents.preparing import PreparedTask
from milepost.agents.reviewing import Reviewer, Subject, is_worth_asking
from milepost.agents.reviewing_decisions import PREFIX
from milepost.agents.reviewing_prompt import PARTS, Material, question
from milepost.agents.workspace import Claim, Workspace
from milepost.domain.validations import FixSource, Snapshot, Stage, Validation
from milepost.providers.chat import Answer, Usage
from milepost.settings import loading
from milepost.syntax import distances, tokens
from milepost.wiring import opening
from milepost.wiring.models import open_models

COURSE = Path(__file__).parents[1] / "courses/first-steps"
CHARACTERS_A_TOKEN = 3
ANSWER_TOKENS = 150
LEAST_PROGRAMS = 20
SECONDS = 1.0


class CountingChat:
    """A model that finds nothing and counts what it was asked."""

    model = "counting"

    def __init__(self) -> None:
        self.sent = []
        self.calls = 0
        self.tokens = 0

    async def answer(self, asked):
        self.calls += 1
        self.tokens += tokens_of(asked)
        return Answer(asked.shape.model_validate({"findings": [], "rubrics": []}), Usage(self.model, 0, 0, 0.0))


def tokens_of(asked) -> int:
    return (len(asked.system) + len(asked.user)) // CHARACTERS_A_TOKEN + ANSWER_TOKENS


@dataclass
class Program:
    """A wrong program of the course and the task it belongs to."""

    name: str
    text: str
    claim: Claim


def programs(workspace: Workspace) -> list[Program]:
    """Return the wrong programs of the course that a task claims."""
    found = []
    for file in sorted((COURSE / "wrong").rglob("*.py")):
        claim = workspace.claim(str(COURSE / f"{file.parent.name}.py"))
        if claim is not None:
            found.append(Program(f"{file.parent.name}/{file.stem}", file.read_text("utf-8"), claim))
    return found


def history(program: Program, source: random.Random) -> Iterator[str]:
    """Yield the texts of the saves: the wrong program, then one statement after another of the nearest correct ones."""
    text, steps = program.text, 0
    yield text
    for target in nearest(text, [one.code for one in program.claim.task.solutions]):
        while (following := step(text, target)) != text:
            text, steps = following, steps + 1
            yield text
            if steps % 2 == 0:
                # One in three saves changes nothing but comments and blank lines.
                yield commented(text, source)


def nearest(text: str, solutions: list[str], count: int = 3) -> list[str]:
    own = tokens.tokens(text, "python")
    return sorted(solutions, key=lambda one: distances.token_distance(own, tokens.tokens(one, "python")))[:count]


def step(text: str, target: str) -> str:
    """Return the text with its first line that differs made as in the target."""
    old, new = text.splitlines(keepends=True), target.splitlines(keepends=True)
    changes = distances.replacements(old, new)
    if not changes:
        return target
    first = changes[0]
    if first.new_start < first.new_end:
        taken = 1 if first.start < first.end else 0
        lines = [*old[: first.start], new[first.new_start], *old[first.start + taken :]]
    else:
        lines = [*old[: first.start], *old[first.start + 1 :]]
    return "".join(lines)


def commented(text: str, source: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    place = source.randrange(len(lines) + 1)
    return "".join([*lines[:place], source.choice(["\n", "# to do\n", "# why?\n\n"]), *lines[place:]])


async def judged(workspace: Workspace, claim: Claim, text: str) -> tuple[Validation, PreparedTask, object]:
    """Return the whole report of a text, as the editor gets it, with the task's proven solutions."""
    path = COURSE / claim.task.files[0]
    sandbox = await workspace.open_sandbox(str(COURSE))
    snapshot = Snapshot(path.as_uri(), 1, str(path), "python", text)
    validation = await workspace.check(snapshot, claim, "en", sandbox)
    prepared = await workspace.prepare(claim.course, claim.goal, claim.task, sandbox)
    return validation, prepared, sandbox


def whole(subject: Subject) -> int:
    """Return the tokens of sending everything, as one does who keeps nothing."""
    material = Material(
        task=subject.task,
        language="en",
        results=subject.validation.results,
        evidence=subject.validation.evidence,
        code=[subject.validation.snapshot.text],
        unchanged=[],
        may_see=frozenset(PARTS),
    )
    return tokens_of(question(material))


async def cost(workspace: Workspace, saves: int, seed: int) -> None:
    """Replay editing histories and print calls and tokens for each save, both ways."""
    source, chat = random.Random(seed), CountingChat()
    reviewer = Reviewer(chat, frozenset(PARTS))
    chosen = programs(workspace)
    source.shuffle(chosen)
    count = comments = unreadable = helped = everything = used = 0
    for program in chosen:
        used += 1
        before = ""
        for text in history(program, source):
            validation, prepared, sandbox = await judged(workspace, program.claim, text)
            subject = Subject(validation, program.claim.task, program.claim.key, "en", prepared, sandbox)
            await reviewer.review(subject)
            count += 1
            everything += whole(subject)
            comments += tokens.tokens(text, "python") == tokens.tokens(before, "python")
            unreadable += any(one.rule.startswith("syntax") for one in validation.findings)
            helped += not is_worth_asking(subject)
            before = text
            if count >= saves and used >= LEAST_PROGRAMS:
                break
            if count >= saves * used / LEAST_PROGRAMS:
                break
        if count >= saves and used >= LEAST_PROGRAMS:
            break
    print(
        f"{count} saves of {used} programs; {comments} changed only comments and blank lines, {unreadable} did not parse,"
    )
    print(f"{helped} needed no review (not readable, or a proved fix says it all)\n")
    print(f"{'':34}{'changed functions':>20}{'whole file each time':>22}{'ratio':>8}{'target':>8}")
    print(f"{'calls for each save':34}{chat.calls / count:20.2f}{1.0:22.2f}{chat.calls / count:8.2f}{0.5:8.2f}")
    ratio = chat.tokens / everything
    print(f"{'tokens for each save':34}{chat.tokens / count:20.0f}{everything / count:22.0f}{ratio:8.2f}{1 / 3:8.2f}")


async def first_result(folder: Path, seconds: float = 300.0) -> None:
    """Print the time to the report, twice without a model and once with one that never answers."""

    async def hang(reader, _writer):
        await reader.read()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    model = {"MILEPOST_MODEL_URL": url, "MILEPOST_MODEL": "hangs", "MILEPOST_MODEL_SECONDS": str(seconds)}
    print(f"\n{'time to the first result, ms':34}{'median':>10}{'fastest':>10}{'slowest':>10}")
    for name, variables in (
        ("without a model", {}),
        ("without a model, again", {}),
        ("with a model that hangs", model),
    ):
        times = []
        async with opened(folder, variables) as workspace:
            program = programs(workspace)[0]
            await workspace.trust(program.claim, granted=True)
            for number in range(21):
                path = COURSE / program.claim.task.files[0]
                text = program.text + f"# {number}\n"
                snapshot = Snapshot(path.as_uri(), 1, str(path), "python", text)
                started = time.perf_counter()
                async with aclosing(workspace.validate(snapshot, program.claim, "en")) as stages:
                    async for stage in stages:
                        if stage.stage is Stage.CHECKED:
                            times.append((time.perf_counter() - started) * 1000)
                        if stage.stage is Stage.COMPLETE:
                            break
        print(f"{name:34}{statistics.median(times[1:]):10.1f}{min(times[1:]):10.1f}{max(times[1:]):10.1f}")
    server.close()


async def quality(workspace: Workspace, settings: loading.Settings) -> None:
    """Print how many remarks on wrong programs the criteria confirm, with the model of the settings."""
    models = open_models(settings)
    if models is None:
        print("Set MILEPOST_MODEL_URL and MILEPOST_MODEL first; docs/providers.md says how.")
        return
    reviewer = Reviewer(models.chat, frozenset(PARTS), int(settings.model_review_tokens))
    remarks = confirmed = covered = failed = used = spent = 0
    started = time.monotonic()
    for program in programs(workspace):
        validation, prepared, sandbox = await judged(workspace, program.claim, program.text)
        if validation.passed is not False or any(one.rule.startswith("syntax") for one in validation.findings):
            continue
        proved = [fix for fix in validation.fixes if fix.verified]
        bare = replace(validation, fixes=())
        review = await reviewer.review(Subject(bare, program.claim.task, program.claim.key, "en", prepared, sandbox))
        used += 1
        if review is None or review.trouble:
            failed += 1
            continue
        spent += review.usage.tokens if review.usage else 0
        places = [edit.range for fix in proved for edit in fix.edits]
        places += [edit.range for fix in review.validation.fixes if fix.source is FixSource.MODEL for edit in fix.edits]
        said = [one for one in review.validation.findings if one.rule.startswith(PREFIX)]
        right = [one for one in said if any(one.range.touches(place) for place in places)]
        remarks, confirmed, covered = remarks + len(said), confirmed + len(right), covered + bool(right)
    seconds = time.monotonic() - started
    await models.close()
    print(f"{settings.model}: {used} wrong programs, {failed} without a usable answer, {remarks} remarks")
    print(f"precision {confirmed / max(remarks, 1):.2f}  (remarks whose edit or place the criteria confirm)")
    print(f"coverage  {covered / max(used, 1):.2f}  (programs with at least one such remark)")
    print(f"cost      {spent / max(used, 1):.0f} tokens and {seconds / max(used, 1):.1f} s a program")


def opened(folder: Path, variables: dict[str, str], seconds: float = 0.0):
    environment = {"MILEPOST_DATA_DIR": str(folder), "MILEPOST_REPAIR_SECONDS": str(seconds), **variables}
    return opening.opened_workspace(loading.load(environment, file=folder / "none"))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saves", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quality", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder), {}, SECONDS) as workspace:
            if given.quality:
                await quality(workspace, replace(loading.load(os.environ), data_dir=Path(folder)))
                return
            await cost(workspace, given.saves, given.seed)
        await first_result(Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
