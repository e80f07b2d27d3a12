"""Ranking programs by how many tokens must change to come from one to the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.domain.validations import Evidence
from milepost.syntax import distances, parsing, tokens

# Beyond this many tokens a program is compared by its beginning: a distance grows with the product of both lengths.
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program that may be near; `tokens` are those of `code`, kept so that they need not be found again."""

    id: str
    code: str
    tokens: tuple[str, ...] | None = None
    own: bool = False


def rank(text: str, language: str, candidates: Sequence[Candidate], limit: int = 50) -> list[Evidence]:
    """Return the candidates nearest to a text by exact token distance, nearest first, each text once."""
    distinct = list({candidate.code: candidate for candidate in reversed(candidates)}.values())[::-1]
    wanted, *others = distances.encoded(
        [_tokens(text, language), *(candidate.tokens or _tokens(candidate.code, language) for candidate in distinct)]
    )
    measured = [(distances.token_distance(wanted, other), number) for number, other in enumerate(others)]
    return [
        Evidence(distinct[number].id, distinct[number].code, distance, own=distinct[number].own)
        for distance, number in sorted(measured)[:limit]
    ]


def token_distance(before: Sequence[str], after: Sequence[str]) -> float:
    """Return the edit distance of two token lists divided by the longer one's length (0 to 1)."""
    one, other = distances.encoded([before, after])
    return distances.token_distance(one, other)


def _tokens(text: str, language: str) -> list[str]:
    # A language without a grammar is compared by its words.
    found = tokens.tokens(text, language) if parsing.known(language) else text.split()
    return found[:_LONGEST]
