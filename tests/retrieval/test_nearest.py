import pytest

from milepost.retrieval import nearest
from milepost.retrieval.nearest import Candidate
from milepost.syntax import tokens
from tests.retrieval.programs import COUNTS, RENAMED, SEARCHES, WRONG_SEARCHES


def candidates():
    return [Candidate(f"c{number}", code) for number, code in enumerate((*COUNTS, *SEARCHES))]


@pytest.mark.parametrize("closest", [number for number in range(len(SEARCHES)) if number != RENAMED])
def test_the_first_is_the_one_with_the_fewest_tokens_to_change(closest):
    ranked = nearest.rank(WRONG_SEARCHES[closest], "python", candidates())
    distances = [evidence.distance for evidence in ranked]
    assert ranked[0].code == SEARCHES[closest]
    assert distances == sorted(distances)
    assert len(ranked) == len(COUNTS) + len(SEARCHES)


def test_distances_are_the_share_of_tokens_to_change():
    one, other = "x = a + 1\n", "x = b + 1\n"
    (evidence,) = nearest.rank(one, "python", [Candidate("id", other, own=True)])
    assert (evidence.snapshot_id, evidence.code, evidence.own) == ("id", other, True)
    assert evidence.distance == pytest.approx(1 / 6)
    assert nearest.token_distance(["a"], ["a"]) == 0
    assert nearest.token_distance([], []) == 0
    assert nearest.token_distance(["a"], []) == 1


def test_kept_tokens_give_the_same_as_found_ones():
    kept = [Candidate(one.id, one.code, tuple(tokens.tokens(one.code, "python"))) for one in candidates()]
    wrong = WRONG_SEARCHES[0]
    assert nearest.rank(wrong, "python", kept) == nearest.rank(wrong, "python", candidates())


def test_equal_programs_are_given_once_and_the_first_stays():
    twice = [Candidate("first", COUNTS[0]), Candidate("second", COUNTS[0])]
    assert [evidence.snapshot_id for evidence in nearest.rank("x", "python", twice)] == ["first"]


def test_no_more_than_wanted_are_given():
    assert len(nearest.rank("x = 1", "python", candidates(), 3)) == 3
    assert nearest.rank("x = 1", "python", []) == []


def test_broken_texts_and_unknown_languages_are_ranked_too():
    for text, language in (("\ud800(\0", "python"), ("ADD 1 TO X", "cobol")):
        assert len(nearest.rank(text, language, candidates())) == len(candidates())
