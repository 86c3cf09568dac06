import numpy as np
import pytest

from edm_core.segmentation import grid, tempo
from edm_core.segmentation.onsets import combined, onset_envelopes


def pulse(bpm, seconds=60.0, jitter=0.0):
    """Onset envelopes with a bump on every beat."""
    frames = np.arange(int(seconds * 100))
    rng = np.random.default_rng(0)
    times = np.arange(0.1, seconds, 60 / bpm) * 100
    times = times + rng.normal(0, jitter, len(times))
    envelope = np.exp(-0.5 * ((frames[:, None] - times) / 1.2) ** 2).sum(1)
    return np.tile(envelope.astype(np.float32), (3, 1))


@pytest.mark.parametrize("bpm", [90.0, 117.3, 128.0, 139.97, 165.0])
def test_refinement_is_far_finer_than_a_frame(bpm):
    envelopes = pulse(bpm)
    (stretch,) = tempo.stretches(envelopes)
    exact = 6000 / tempo.refine(combined(envelopes), stretch.period)
    assert exact == pytest.approx(bpm, abs=0.02)


def test_stretches_tile_the_frames():
    envelopes = np.concatenate([pulse(120.0), pulse(140.0)], axis=1)
    stretches = tempo.stretches(envelopes)
    assert stretches[0].start == 0
    assert stretches[-1].end == envelopes.shape[1]
    assert [a.end for a in stretches[:-1]] == [b.start for b in stretches[1:]]
    assert [6000 / s.period for s in stretches] == pytest.approx([120.0, 140.0], rel=0.01)


def test_nothing_has_no_stretches():
    assert tempo.stretches(np.zeros((3, 2000), np.float32)) == []
    assert tempo.stretches(np.zeros((3, 0), np.float32)) == []


def test_candidates_hold_the_chosen_tempo_and_shares_of_one(piece):
    envelopes = onset_envelopes(piece.spectrum)
    stretch = tempo.stretches(envelopes)[0]
    options = tempo.candidates(stretch.scores, 126.0)
    assert options[0][0] == 126.0
    assert sum(share for _, share in options) == pytest.approx(1.0)


def test_clarity_tells_a_pulse_from_noise():
    noise = np.random.default_rng(1).random(6000).astype(np.float32)
    assert grid.clarity(pulse(128.0)[0], 6000 / 128) > 0.5
    assert grid.clarity(noise, 6000 / 128) < 0.02


def test_a_constant_grid_is_known_from_a_drifting_one():
    _, constant = grid.lattice(pulse(128.0)[0], 6000 / 128)
    assert constant
    frames = np.arange(6000)
    beats = np.cumsum(50 * (1 + 0.05 * np.sin(np.arange(118) / 10)))
    drifting = np.exp(-0.5 * ((frames[:, None] - beats) / 1.2) ** 2).sum(1).astype(np.float32)
    halves, constant = grid.lattice(drifting, 50.0)
    assert not constant
    inner = beats[(beats > 100) & (beats < 5800)]
    assert np.median(np.abs(inner[:, None] - halves).min(1)) < 2.0
