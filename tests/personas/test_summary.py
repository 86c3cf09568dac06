from hypothesis import given
from hypothesis import strategies as st

from edm_core.personas import summary
from edm_core.timeline import Reaction, Target


def reaction(index, score, persona="genz"):
    if score is None:
        return Reaction(
            index * 10.0, index * 10.0 + 8, persona=persona, target=Target("passage", index), status="failed"
        )
    low = min(4, int(score))
    shares = [0.0] * 5
    shares[low - 1], shares[low] = low + 1 - score, score - low
    return Reaction(
        index * 10.0,
        index * 10.0 + 8,
        persona=persona,
        target=Target("passage", index),
        status="ok",
        score=score,
        distribution=tuple(shares),
    )


def test_only_scores_count_and_coverage_is_told():
    found = summary([reaction(0, 4.0), reaction(1, None), reaction(2, 2.0)])["genz"]
    assert (found.mean, found.coverage) == (3.0, "2 of 3")
    assert (found.best.index, found.best.start, found.worst.index) == (0, 0.0, 2)


def test_one_score_has_no_best_and_worst():
    found = summary([reaction(0, 4.0)])["genz"]
    assert found.best is None and found.worst is None and found.mean == 4.0


def test_no_score_no_mean():
    found = summary([reaction(0, None)])["genz"]
    assert found.mean is None and found.coverage == "0 of 1"


def test_scores_that_hardly_differ_have_no_best_and_worst():
    found = summary([reaction(0, 3.0), reaction(1, 3.01)])["genz"]
    assert found.best is None and found.worst is None


def test_the_earlier_of_equals():
    found = summary([reaction(0, 4.0), reaction(1, 4.0), reaction(2, 2.0), reaction(3, 2.0)])["genz"]
    assert (found.best.index, found.worst.index) == (0, 2)


@given(st.lists(st.none() | st.floats(1, 5), max_size=20))
def test_best_is_above_worst(scores):
    for found in summary([reaction(i, s) for i, s in enumerate(scores)]).values():
        assert found.scored == sum(s is not None for s in scores) and found.total == len(scores)
        if found.best:
            assert found.best.score > found.worst.score and found.best.index != found.worst.index
