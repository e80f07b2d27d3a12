import math
import random
import subprocess
import sys

import pytest

from milepost.retrieval import structural
from milepost.syntax import parsing
from tests.retrieval.programs import COUNTS, SEARCHES, WRONG_SEARCHES


def likeness(one, other, language="python") -> float:
    return sum(a * b for a, b in zip(structural.embed(one, language), structural.embed(other, language), strict=True))


@pytest.mark.parametrize("nearest", range(len(SEARCHES)))
def test_a_wrong_program_is_near_the_right_one_it_resembles(nearest):
    """Two of them do not parse, one has other names."""
    wrong, pool = WRONG_SEARCHES[nearest], (*SEARCHES, *COUNTS)
    assert max(range(len(pool)), key=lambda number: likeness(wrong, pool[number])) == nearest


def test_layout_and_comments_do_not_matter():
    other = SEARCHES[0].replace("    ", "  ").replace("(x, seq):", "( x,seq ):  # why")
    assert likeness(SEARCHES[0], other) > 0.97


def test_renaming_keeps_a_program_nearer_than_another_structure():
    renamed = SEARCHES[1].replace("seq", "numbers").replace("i ", "place ").replace("[i]", "[place]")
    assert likeness(SEARCHES[1], renamed) > max(likeness(SEARCHES[1], other) for other in (SEARCHES[3], *COUNTS))


@pytest.mark.parametrize(
    "text",
    ["x", "", "\0", "\ud800", "def f(:\n\t(", "(" * 30_000, "\ufeff\f\r", "a " * 50_000, "'" * 999, "é\U0001f600"],
)
@pytest.mark.parametrize("language", ["python", "java", "tsx"])
def test_any_text_has_a_vector_of_length_one_or_none(text, language):
    vector = structural.embed(text, language)
    assert len(vector) == structural.WIDTH
    assert math.hypot(*vector) == pytest.approx(1) or not any(vector)


def test_a_language_without_a_grammar_gives_zeros():
    assert not any(structural.embed("x = 1", "cobol"))


@pytest.mark.parametrize("language", parsing.languages())
def test_programs_of_every_language_are_told_apart(language):
    assert likeness("f(a, b)", "f(a, b)", language) == pytest.approx(1)
    assert likeness("f(a, b)", "while x { y[1] = 2 }", language) < 0.6


def test_the_vector_is_the_same_in_every_process():
    code = "from milepost.retrieval import structural; print(structural.embed('x = f(1)', 'python')[:99])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(structural.embed("x = f(1)", "python")[:99])


def test_likeness_falls_with_each_change():
    """On average, every further token that is exchanged takes a program further away."""
    chance = random.Random("changes")
    base = SEARCHES[0].split(" ")
    means = []
    for changes in (0, 1, 3, 6):
        values = []
        for _ in range(30):
            words = list(base)
            for place in chance.sample(range(len(words)), changes):
                words[place] = words[place].strip() and "other"
            values.append(likeness(SEARCHES[0], " ".join(words)))
        means.append(sum(values) / len(values))
    assert means == sorted(means, reverse=True)
    assert means[0] == pytest.approx(1)
    assert means[-1] < 0.9
