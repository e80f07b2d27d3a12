"""Text as a vector of its words and their parts: no model, no network, English and Spanish alike."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zlib import crc32

MODEL = "milepost-lexical-1"
WIDTH = 384

# A longer text is embedded by its beginning.
_LONGEST = 20_000
_WORD = re.compile(r"[^\W_]+")
_PART = 3
_WORD_WEIGHT, _PAIR_WEIGHT, _PART_WEIGHT = 1.0, 0.5, 0.35
# Words that say nothing about a text's subject, in both languages, without accents.
_COMMON = """
a an and are as at be by can for from how i in into is it its me my of on or our that the their this to use using want
was we what when which will with you your
al como con de del el ella en es esta este esto la las lo los mas mi o para pero por que quiero se ser si sin sobre su
sus tu un una unas uno unos y ya yo
"""
# What inflects a word.
_INFLECTIONS = """
ations ation ings ing edly ed ies es ers er ly s
aciones acion ciones cion amientos amiento imientos imiento ando iendo ados adas idos idas ado ada ido ida
adores adoras ador adora ables able mente os as ar er ir o a e
"""
_COMMON_WORDS = frozenset(_COMMON.split())
_ENDINGS = sorted(_INFLECTIONS.split(), key=len, reverse=True)
_SHORTEST_STEM = 4


class LexicalEmbedder:
    """The hashed words of a text as a `TextEmbedder`."""

    model = MODEL
    width = WIDTH

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of length 1 for each text; a text without words gives zeros."""
        return [vector(text) for text in texts]


def embed(text: str) -> tuple[str, list[float]]:
    """Return the name of the model and the vector of a text."""
    return MODEL, vector(text)


def vector(text: str) -> list[float]:
    """Return the vector of a text; words are folded and cut to their stems."""
    result = [0.0] * WIDTH
    counts = Counter(_features(_stems(text[:_LONGEST])))
    for (feature, weight), count in counts.items():
        mixed = crc32(feature.encode("utf-8", "surrogatepass"))
        result[(mixed >> 1) % WIDTH] += weight * math.sqrt(count) * (1 if mixed & 1 else -1)
    length = math.sqrt(sum(value * value for value in result))
    return [value / length for value in result] if length else result


def _stems(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return [_stem(word) for word in _WORD.findall(plain) if word not in _COMMON_WORDS]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def _features(stems: list[str]) -> Iterator[tuple[str, float]]:
    """Yield words, pairs of neighbours, and the parts of words, which many words share across both languages."""
    for stem in stems:
        yield stem, _WORD_WEIGHT
        bordered = f"<{stem}>"
        for start in range(len(bordered) - _PART + 1):
            yield "." + bordered[start : start + _PART], _PART_WEIGHT
    for first, second in pairwise(stems):
        yield f"{first} {second}", _PAIR_WEIGHT
