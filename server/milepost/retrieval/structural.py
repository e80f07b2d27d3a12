"""Code as a vector: what its tokens and its syntax tree look like, so that near vectors are programs alike.

Each feature is hashed to one of 384 places with a sign. The n-th time that a feature occurs is a feature of its own, so
that the product of two vectors counts what both programs share, which is close to what the edit distance counts.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from zlib import crc32

from milepost.syntax import parsing, tokens

MODEL = "milepost-structural-1"
WIDTH = 384

# A longer program is embedded by its beginning.
_LONGEST = 20_000
_MASK = 0xFFFFFFFF
# How far apart two tokens may be that still count as about the same place.
_PLACE = 15

# Weights by kind of feature; `benchmarks/retrieval.py` measures what they are worth.
_WEIGHTS = {
    "token": 1.0,
    "pair": 1.0,
    "triple": 0.7,
    "over one": 0.7,
    "over two": 0.7,
    "normalised over one": 0.7,
    "place": 0.7,
    "parent": 0.5,
    "grandparent": 0.5,
}
_Feature = Iterator[int]


def embed(text: str, language: str) -> list[float]:
    """Return the vector of a program, broken or not, of length 1; nothing at all and unknown languages give zeros."""
    vector = [0.0] * WIDTH
    if not parsing.known(language):
        return vector
    text = text[:_LONGEST]
    for kind, features in _features(text, language):
        _add(vector, crc32(kind.encode()), _WEIGHTS[kind], features)
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else vector


def _features(text: str, language: str) -> Iterator[tuple[str, _Feature]]:
    kept = tokens.tokens(text, language)
    names = [_hash(token) for token in kept]
    plain = [_hash(token) for token in tokens.normalise(kept, language)]
    yield "token", iter(names)
    yield "pair", _together(names, names[1:])
    yield "triple", _together(names, names[1:], names[2:])
    yield "over one", _together(names, names[2:])
    yield "over two", _together(names, names[3:])
    yield "normalised over one", _together(plain, plain[2:])
    yield "place", (name + place // _PLACE * 0x3C6EF372 for place, name in enumerate(names))
    nodes = list(_nodes(text, language))
    yield "parent", (node + parent * 31 for node, parent, _ in nodes)
    yield "grandparent", (node + parent * 31 + grandparent * 1021 for node, parent, grandparent in nodes)


def _together(*rows: Sequence[int]) -> _Feature:
    """Yield the hashes of tokens that stand together; the order matters."""
    if len(rows) == 2:  # noqa: PLR2004 - By far the most frequent, and this loop is where the time goes.
        return (first + second * 31 for first, second in zip(*rows, strict=False))
    return (first + second * 31 + third * 1021 for first, second, third in zip(*rows, strict=False))


def _add(vector: list[float], seed: int, weight: float, features: _Feature) -> None:
    """Add features to the vector, each occurrence of the same one at a place of its own."""
    occurrences: dict[int, int] = {}
    seen = occurrences.get
    for feature in features:
        count = seen(feature, 0)
        occurrences[feature] = count + 1
        mixed = (feature ^ seed) * 0x9E3779B1 + count * 0x85EBCA6B & _MASK
        mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6D & _MASK
        mixed ^= mixed >> 12
        vector[(mixed >> 1) % WIDTH] += weight if mixed & 1 else -weight


def _nodes(text: str, language: str) -> Iterator[tuple[int, int, int]]:
    """Yield the hashed types of each node, its parent and its grandparent."""
    cursor = parsing.parse(text, language).root.walk()
    grandparent, parent = 0, 0
    above: list[int] = []
    while True:
        node = cursor.node
        assert node is not None
        kind = _hash(node.type)
        if "comment" not in node.type:
            yield kind, parent, grandparent
        if cursor.goto_first_child():
            above.append(grandparent)
            grandparent, parent = parent, kind
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            grandparent, parent = above.pop(), grandparent


@lru_cache(maxsize=20_000)
def _hash(name: str) -> int:
    return crc32(name.encode("utf-8", "surrogatepass"))
