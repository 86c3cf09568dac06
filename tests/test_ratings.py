import pytest

from edm_core._codec import decode, encode
from edm_core.errors import TimelineError
from edm_core.ratings import Rating, newest

GOOD = {"recording": "sha256:00", "kind": "passage", "start": 0.0, "end": 9.0, "rater": "ada", "score": 4}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recording", " "), ("kind", "beat"), ("start", -1.0), ("end", 0.0), ("end", float("nan")),
        ("rater", ""), ("score", 0), ("score", 6), ("score", 3.5), ("score", True), ("note", "x" * 2001),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_cannot_be_made(field, value):
    with pytest.raises(TimelineError, match="rating"):
        Rating(**{**GOOD, field: value})


def test_it_is_written_and_read():
    one = Rating(**GOOD, persona="genz", note="loud", time="2026-01-01T00:00:00Z", heard="ab")
    assert decode(Rating, encode(one)) == one
    assert "persona" not in encode(Rating(**GOOD))


def test_of_one_item_the_last_counts_whatever_its_order():
    late = Rating(**{**GOOD, "score": 2}, time="2026-01-02T00:00:00Z")
    early = Rating(**GOOD, time="2026-01-01T00:00:00Z")
    assert newest([late, early]) == (late,)


def test_other_raters_personas_and_items_do_not_replace_each_other():
    others = [
        Rating(**GOOD),
        Rating(**{**GOOD, "rater": "ben"}),
        Rating(**GOOD, persona="genz"),
        Rating(**{**GOOD, "kind": "section"}),
        Rating(**{**GOOD, "start": 1.0}),
    ]
    assert newest(others) == tuple(others)


def test_what_was_taken_back_can_be_given_again():
    back = Rating(**{**GOOD, "score": None}, time="2026-01-02T00:00:00Z")
    again = Rating(**GOOD, time="2026-01-03T00:00:00Z")
    assert newest([Rating(**GOOD), back]) == ()
    assert newest([Rating(**GOOD), back, again]) == (again,)
