"""How near the retrieved programs are to wrong ones, against the nearest that there are.

DATA names a folder with one folder for each assignment (`question_*`), each with `correct.jsonl` and
`wrong.jsonl`, whose lines are objects with the field `code`. Distances are normalised token edit distances; SAMPLE is
how many wrong programs of each assignment are tried (0 for all). Times are those of the processor.
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from milepost.retrieval import structural
from milepost.syntax import distances, tokens

LANGUAGE = "python"
DEPTHS = {"top 1": 1, "best of 5": 5, "re-ranked top 20": 20, "re-ranked top 50": 50}


def codes(path: Path) -> list[str]:
    return [json.loads(line)["code"] for line in path.read_text(encoding="utf-8").splitlines()]


def sampled(programs: list[str], size: int) -> list[str]:
    return programs if not size or size >= len(programs) else random.Random(1).sample(programs, size)


def measure(correct: Sequence[str], wrong: Sequence[str]) -> dict[str, list[float]]:
    """Return for each wrong program how near the nearest of the first so many is."""
    kept = distances.encoded([tokens.tokens(code, LANGUAGE) for code in (*correct, *wrong)])
    pool, questions = kept[: len(correct)], kept[len(correct) :]
    vectors = [structural.embed(code, LANGUAGE) for code in correct]
    found: dict[str, list[float]] = {name: [] for name in (*DEPTHS, "best possible", "random")}
    for code, question in zip(wrong, questions, strict=True):
        exact = [distances.token_distance(question, other) for other in pool]
        vector = structural.embed(code, LANGUAGE)
        order = sorted(range(len(pool)), key=lambda number: -product(vector, vectors[number]))
        for name, depth in DEPTHS.items():
            found[name].append(min(exact[number] for number in order[:depth]))
        found["best possible"].append(min(exact))
        found["random"].append(statistics.mean(exact))
    return found


def product(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(map(float.__mul__, one, other))


def milliseconds(programs: Sequence[str]) -> dict[str, float]:
    """Return what embedding, cutting into tokens and one distance cost for a program."""
    started = time.process_time()
    for code in programs:
        structural.embed(code, LANGUAGE)
    embedded = time.process_time()
    kept = [tokens.tokens(code, LANGUAGE) for code in programs]
    cut = time.process_time()
    texts = distances.encoded(kept)
    encoded = time.process_time()
    for other in texts:
        distances.token_distance(texts[0], other)
    count = len(programs)
    return {
        "embedding": (embedded - started) * 1000 / count,
        "tokens": (cut - embedded) * 1000 / count,
        "one distance": (time.process_time() - encoded) * 1000 / count,
    }


def main() -> int:
    if "DATA" not in os.environ:
        print("DATA must name a folder with question_*/correct.jsonl and wrong.jsonl", file=sys.stderr)
        return 2
    folders = sorted(Path(os.environ["DATA"]).glob("question_*"))
    size = int(os.environ.get("SAMPLE", "150"))
    every: dict[str, list[float]] = {}
    for folder in folders:
        correct, wrong = codes(folder / "correct.jsonl"), sampled(codes(folder / "wrong.jsonl"), size)
        found = measure(correct, wrong)
        print(f"{folder.name}: {len(wrong)} wrong programs against {len(correct)} correct ones", flush=True)
        for name, values in found.items():
            every.setdefault(name, []).append(statistics.mean(values))
    best = statistics.mean(every["best possible"])
    for name, means in every.items():
        mean = statistics.mean(means)
        print(f"{name:18} {mean:.4f}  {mean / best:.3f} of the best possible")
    for name, cost in milliseconds(codes(folders[0] / "correct.jsonl")).items():
        print(f"{name:18} {cost:.4f} ms a program")
    return 0


if __name__ == "__main__":
    sys.exit(main())
