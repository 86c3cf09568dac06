from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from edm_core.items import Reaction, Target
from edm_core.personas._ordered_logit import Curve, fitted
from edm_core.personas.calibration import Calibration, CalibrationError, calibrate
from edm_core.personas.distribution import bell, mean
from edm_core.ratings import Rating

SONG = "sha256:" + "0" * 64
PEOPLE = {"genz": Curve((-3.0, -1.6, -0.4, 1.0), 2.2), "mum": Curve((-1.0, 0.2, 1.6, 3.0), 1.0)}
"""How those who stand for a persona rate what it scores: kinder, or harder to move."""


def reaction(index, persona, score, **more):
    shares = bell(score, 0.8)
    about = {"scorer": "offline@2", "persona_version": f"{persona}-1", **more}
    return Reaction(
        10.0 * index, 10.0 * index + 8, persona=persona, target=Target("passage", index), status="ok",
        score=mean(shares), distribution=shares, **about,
    )  # fmt: skip


def rated(persona, index, score, rater):
    return Rating(
        recording=SONG, kind="passage", start=10.0 * index, end=10.0 * index + 8, rater=rater, persona=persona,
        score=score,
    )  # fmt: skip


def world(items=120, raters=6, seed=0):
    random = np.random.default_rng(seed)
    reactions, ratings = [], []
    for name, curve in PEOPLE.items():
        for index in range(items):
            one = reaction(index, name, float(random.uniform(1.2, 4.8)))
            reactions.append(one)
            ratings += [
                rated(name, index, 1 + int(random.choice(5, p=curve.distribution(one.score))), f"{name} {k}")
                for k in range(raters)
            ]
    return {SONG: reactions}, ratings


REACTIONS, RATINGS = world()
FITTED = calibrate(REACTIONS, RATINGS, time="2026-01-01T00:00:00Z")


# --- the curve -------------------------------------------------------------------------------------


def test_a_curve_is_found_again():
    for name, curve in PEOPLE.items():
        found = FITTED.curves[name]
        assert found.slope == pytest.approx(curve.slope, rel=0.2)
        assert found.thresholds == pytest.approx(curve.thresholds, abs=0.35)


CURVES = st.lists(st.tuples(st.floats(1, 5), st.integers(1, 5)), max_size=40)


@settings(deadline=None, max_examples=60)
@given(CURVES, st.floats(1, 5), st.floats(1, 5))
def test_any_ratings_give_a_curve_that_is_monotone(pairs, one, other):
    curve = fitted([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    assert curve.slope > 0 and list(curve.thresholds) == sorted(curve.thresholds)
    low, high = (np.cumsum(curve.distribution(score)) for score in sorted((one, other)))
    assert np.all(low >= high - 1e-9), "of a higher score every 'at most' is less probable"
    assert low[-1] == pytest.approx(1.0) and min(curve.distribution(one)) >= 0


def test_without_ratings_a_curve_is_what_it_is_pulled_to():
    near = Curve((-2.0, -1.0, 0.5, 2.0), 1.5)
    found = fitted([], [], near=near)
    assert found.slope == pytest.approx(1.5, rel=1e-3)
    assert found.thresholds == pytest.approx(near.thresholds, abs=1e-3)


def test_few_ratings_hardly_move_it_and_many_do():
    near = Curve((-2.0, -1.0, 1.0, 2.0), 1.5)
    few = fitted([3.0] * 2, [5] * 2, near=near)
    many = fitted([3.0] * 200, [5] * 200, near=near)
    assert near.distribution(3.0)[4] < few.distribution(3.0)[4] < 0.5 < many.distribution(3.0)[4]


def test_the_fit_is_at_the_top_of_what_it_climbs():
    """The likelihood with its priors, written down a second time and differentiated numerically."""
    random = np.random.default_rng(2)
    scores, given_ = random.uniform(1, 5, 80), random.integers(1, 6, 80)
    found = fitted(list(scores), list(given_))

    def cost(packed):
        thresholds = np.array([packed[0], *(packed[0] + np.cumsum(np.exp(packed[1:4])))])
        curve = Curve(tuple(thresholds), float(np.exp(packed[4])))
        likelihood = sum(np.log(curve.distribution(s)[y - 1]) for s, y in zip(scores, given_, strict=True))
        off = (packed - np.array([-3.0, *[np.log(2.0)] * 4])) / np.array([3.0, 1.5, 1.5, 1.5, 1.5])
        return 0.5 * (off**2).sum() - likelihood

    steps = np.diff(found.thresholds)
    top = np.array([found.thresholds[0], *np.log(steps), np.log(found.slope)])
    assert np.abs(approx_fprime(top, cost, 1e-6)).max() < 0.02


# --- fitting and applying --------------------------------------------------------------------------


def test_calibrated_reactions_keep_their_rules():
    for before, after in zip(REACTIONS[SONG], FITTED.apply(REACTIONS[SONG]), strict=True):
        assert after.calibrated and after.score == mean(after.distribution)
        assert 0 <= after.confidence <= 1 and after.opinion == before.opinion
        assert after.target == before.target


def test_a_higher_score_stays_the_higher():
    for name in PEOPLE:
        own = [one for one in REACTIONS[SONG] if one.persona == name]
        order = sorted(range(len(own)), key=lambda k: own[k].score)
        scores = [FITTED.apply(own)[k].score for k in order]
        assert all(b >= a - 1e-3 for a, b in zip(scores, scores[1:], strict=False))


def test_items_left_out_are_predicted_better_than_before():
    assert FITTED.after.error < 0.05 < FITTED.before.error
    assert FITTED.after.ks > 0.95 > FITTED.before.ks
    assert 0.85 < FITTED.after.variance < 1.15
    assert set(FITTED.after.bins) == {"2", "3", "4", "5"}


def test_it_says_what_it_rests_on():
    assert str(FITTED) == "calibrated on 1440 ratings of 12 people"
    assert FITTED.counts == {"genz": 720, "mum": 720} and FITTED.scorer == "offline@2"


def test_the_panel_and_not_its_order_decides():
    again = calibrate({SONG: REACTIONS[SONG][::-1]}, RATINGS[::-1], time="2026-01-01T00:00:00Z")
    assert again.panel == FITTED.panel
    assert again.curves["mum"].slope == pytest.approx(FITTED.curves["mum"].slope, rel=1e-3)
    assert calibrate(REACTIONS, RATINGS[:-1]).panel != FITTED.panel


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"scorer": "offline@3"}, "of offline@2, not of offline@3"),
        ({"persona_version": "genz-2"}, "has changed"),
        ({"persona": "dj"}, "nobody has rated"),
    ],
)
def test_it_holds_for_what_it_was_fitted_on_alone(change, why):
    stranger = replace(REACTIONS[SONG][0], **change)
    (found,) = FITTED.apply([stranger])
    assert not found.calibrated and found.score == stranger.score
    assert found.note.startswith("uncalibrated: ") and why in found.note


def test_what_has_no_score_or_is_calibrated_stays_as_it_is():
    failed = Reaction(0.0, 8.0, persona="genz", target=Target("passage", 0), status="failed", note="down")
    once = FITTED.apply([failed, REACTIONS[SONG][0]])
    assert once[0] == failed
    assert FITTED.apply(once) == once


def test_few_ratings_calibrate_nothing_and_say_how_many_are_needed():
    with pytest.raises(CalibrationError, match=r"29 ratings .* 30 are needed"):
        calibrate(REACTIONS, RATINGS[:29])
    with pytest.raises(CalibrationError, match="0 ratings"):
        calibrate({}, [])


def test_one_rating_is_not_counted_once_for_each_persona():
    own = [replace(one, persona="") for one in RATINGS[:15]]
    with pytest.raises(CalibrationError, match="15 ratings"):
        calibrate(REACTIONS, own)


def test_a_persona_with_few_ratings_stays_uncalibrated_with_the_reason():
    few = [one for one in RATINGS if one.persona == "genz"] + [
        one for one in RATINGS if one.persona == "mum"
    ][:9]
    found = calibrate(REACTIONS, few)
    assert set(found.curves) == {"genz"} and "9 ratings" in found.reasons["mum"]
    mum = next(one for one in REACTIONS[SONG] if one.persona == "mum")
    assert "9 ratings" in found.apply([mum])[0].note


def test_those_who_speak_for_themselves_count_where_nobody_stands_for_a_persona():
    mixed = [replace(one, persona="") if one.persona == "mum" else one for one in RATINGS]
    found = calibrate(REACTIONS, mixed)
    assert found.counts["mum"] == found.counts["genz"] == 720


def test_a_document_is_written_and_read():
    assert Calibration.from_json(FITTED.to_json()) == FITTED


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1}', '{"schema": 1, "x": 2}', "[" * 9999]
)
def test_what_is_no_calibration_is_told(text):
    with pytest.raises(CalibrationError):
        Calibration.from_json(text)
