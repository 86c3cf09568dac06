import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edm_core.segmentation.bars import read_bars


def judged(places, meter=4, sure=0.7):
    """Log-probabilities of half-beats at these places of their bars."""
    classes = [0 if place % (2 * meter) == 0 else 1 + place % 2 for place in places]
    return np.log((1 - sure) / 2 + (1.5 * sure - 0.5) * np.eye(3)[classes])


@pytest.mark.parametrize("first", range(8))
def test_any_half_beat_may_come_first(first):
    places = (np.arange(64) + first) % 8
    reading = read_bars(judged(places))
    assert reading.place.tolist() == places.tolist()
    assert reading.meter == 4


@pytest.mark.parametrize("first", range(6))
def test_three_beats_are_read_where_they_are_plain(first):
    places = (np.arange(120) + first) % 6
    reading = read_bars(judged(places, meter=3))
    assert reading.place.tolist() == places.tolist()
    assert reading.meter == 3
    assert reading.meter_share > 0.9


def test_a_pattern_that_breaks_off_starts_a_new_bar():
    places = np.concatenate([np.arange(80) % 8, np.arange(4), np.arange(80) % 8])
    assert read_bars(judged(places), trust=100.0).place.tolist() == places.tolist()


def test_the_whole_piece_decides_where_neighbours_cannot():
    unsure = np.full((64, 3), np.log(1 / 3))
    phases = np.zeros(8)
    phases[3] = 4.0
    assert read_bars(unsure, phases).place.tolist() == ((np.arange(64) - 3) % 8).tolist()


def test_a_set_may_change_its_phase_from_track_to_track():
    """Hours at one tempo: the second track's bars begin two beats late."""
    places = np.concatenate([np.arange(8000) % 8, np.arange(4), np.arange(8000) % 8])
    reading = read_bars(judged(places))
    assert np.mean(reading.place == places) > 0.99


def test_what_says_nothing_gives_no_certainty():
    reading = read_bars(np.full((100, 3), np.log(1 / 3)))
    assert reading.is_beat == pytest.approx(np.full(100, 0.5), abs=0.01)
    assert reading.is_downbeat.max() < 0.2


def test_more_evidence_is_more_certain():
    places = np.arange(64) % 8
    weak, strong = (
        read_bars(judged(places, sure=sure), trust=3.0).is_downbeat[::8].mean() for sure in (0.45, 0.8)
    )
    assert weak < strong


@given(st.integers(1, 80).flatmap(lambda n: arrays(float, (n, 3), elements=st.floats(-6, 0))))
def test_posteriors_are_probabilities_and_places_follow(classes):
    reading = read_bars(classes)
    assert np.isfinite(reading.is_beat).all()
    assert (reading.is_downbeat <= reading.is_beat + 1e-9).all()
    assert (reading.is_beat <= 1 + 1e-9).all()
    for before, after in zip(reading.place, reading.place[1:], strict=False):
        assert after in (0, before + 1)
        assert after or before % 2 == 1  # a bar ends with an off-beat, so beats stay evenly spaced
