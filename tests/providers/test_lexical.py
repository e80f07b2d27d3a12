import math
import subprocess
import sys

import pytest

from milepost.providers import lexical
from milepost.providers.embedding import TextEmbedder


def likeness(one, other) -> float:
    return sum(a * b for a, b in zip(lexical.vector(one), lexical.vector(other), strict=True))


GOALS = [
    "Learn FastAPI: routes, validation and dependency injection",
    "Sort and search lists in Python",
    "Read and write text files",
    "Escribir pruebas automáticas con pytest",
    "Consultas a bases de datos con SQL",
    "Dibujar gráficos de barras y líneas",
]


@pytest.mark.parametrize(
    ("question", "goal"),
    [
        ("Quiero aprender FastAPI", 0),
        ("I want to learn fastapi routing", 0),
        ("searching a sorted list", 1),
        ("how do I write a file", 2),
        ("prueba automatica", 3),
        ("ESCRIBIR PRUEBAS", 3),
        ("una consulta de base de datos", 4),
        ("dibujo un grafico", 5),
    ],
)
def test_the_nearest_goal_shares_the_words_of_the_question(question, goal):
    """In both languages, in any case, with or without accents, inflected or not."""
    nearest = max(range(len(GOALS)), key=lambda number: likeness(question, GOALS[number]))
    assert nearest == goal


def test_accents_case_and_inflection_hardly_matter():
    assert likeness("canción", "CANCION") == pytest.approx(1)
    assert likeness("listas ordenadas", "lista ordenada") > 0.8
    assert likeness("sorting lists", "sort list") > 0.8
    assert likeness("sorting lists", "database queries") < 0.3


@pytest.mark.parametrize("text", ["a", "", "the of and", "\ud800\0 é", "x" * 100_000, "日本語 текст", "\n\t"])
def test_any_text_has_a_vector_of_length_one_or_none(text):
    vector = lexical.vector(text)
    assert len(vector) == lexical.WIDTH
    assert math.hypot(*vector) == pytest.approx(1) or not any(vector)


def test_the_vector_is_the_same_in_every_process():
    """A hash that changes with each start would make stored vectors worthless."""
    code = "from milepost.providers import lexical; print(lexical.vector('Ordenar listas')[:50])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(lexical.vector("Ordenar listas")[:50])


async def test_it_is_a_text_embedder():
    embedder: TextEmbedder = lexical.LexicalEmbedder()
    assert await embedder.embed(["a goal", "otro"]) == [lexical.vector("a goal"), lexical.vector("otro")]
    model, vector = lexical.embed("a goal")
    assert (embedder.model, embedder.width) == (model, len(vector))
