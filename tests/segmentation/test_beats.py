import mir_eval
import numpy as np
import pytest

from edm_core.audio import Sound
from edm_core.segmentation import track_beats
from edm_core.timeline import Span


def times(rhythm):
    return np.array([beat.time for beat in rhythm.beats])


def truth(bpm, bars, lead):
    return lead + np.arange(4 * bars) * 60.0 / bpm


def f_measure(reference, estimated):
    return mir_eval.beat.f_measure(reference, estimated)


def test_tempo_beats_and_downbeats_of_a_piece(piece):
    rhythm = track_beats(piece)
    assert rhythm.tempo.bpm == pytest.approx(126.0, abs=0.05)
    assert rhythm.meter.beats_per_bar == 4
    reference = truth(126.0, 72, 0.5)
    assert f_measure(reference, times(rhythm)) > 0.97
    near = times(rhythm)[np.abs(times(rhythm)[:, None] - reference).min(1) < 0.05]
    offsets = np.array([(t - reference)[np.abs(t - reference).argmin()] for t in near])
    assert abs(np.median(offsets)) < 0.02
    downbeats = np.array([beat.time for beat in rhythm.downbeats])
    assert f_measure(reference[::4], downbeats) > 0.97


def test_positions_and_bars_count_on(piece):
    beats = track_beats(piece).beats
    first = next(beat for beat in beats if beat.position == 1)
    assert first.bar == 1
    for before, after in zip(beats, beats[1:], strict=False):
        assert after.position == before.position % 4 + 1
        assert after.bar == before.bar + (after.position == 1)


@pytest.mark.parametrize("bpm", [98.0, 120.0, 132.5, 150.0, 172.0])
def test_tempi_of_the_repertoire(compose, rate, bpm):
    sound = Sound.from_samples(compose(bpm, [("drop", 24)]), rate)
    assert track_beats(sound).tempo.bpm == pytest.approx(bpm, abs=0.05)


@pytest.mark.parametrize(
    "change",
    [lambda x: 0.05 * x, lambda x: -x, lambda x: np.stack([x, 0.5 * x], 1)],
    ids=["gain", "polarity", "stereo"],
)
def test_loudness_polarity_and_channels_do_not_matter(piece_samples, piece, rate, change):
    changed = track_beats(Sound.from_samples(change(piece_samples), rate))
    assert times(changed) == pytest.approx(times(track_beats(piece)), abs=0.005)


@pytest.mark.parametrize("shift", [0.013, 0.37, 2.0])
def test_beats_move_with_the_sound(compose, rate, shift):
    form = [("drop", 16)]
    before = track_beats(Sound.from_samples(compose(128.0, form, lead=0.2), rate))
    after = track_beats(Sound.from_samples(compose(128.0, form, lead=0.2 + shift), rate))
    moved = times(before) + shift
    common = moved[(moved > times(after)[0]) & (moved < times(after)[-1])]
    assert np.abs(common[:, None] - times(after)).min(1).max() < 0.01


def test_two_percent_faster_is_two_percent_faster(compose, rate):
    form = [("drop", 20)]
    slow, fast = (
        track_beats(Sound.from_samples(compose(bpm, form), rate)).tempo.bpm for bpm in (125.0, 127.5)
    )
    assert fast / slow == pytest.approx(1.02, abs=0.0005)


def test_a_change_of_tempo_is_two_tempi(compose, rate):
    samples = np.concatenate(
        [compose(124.0, [("drop", 20)])[: round(20 * 4 * 60 / 124 * rate)], compose(140.0, [("drop", 24)])]
    )
    rhythm = track_beats(Sound.from_samples(samples, rate))
    assert [tempo.bpm for tempo in rhythm.tempi] == pytest.approx([124.0, 140.0], abs=0.1)
    assert rhythm.tempi[0].end == pytest.approx(20 * 4 * 60 / 124, abs=1.0)
    gaps = np.diff(times(rhythm))
    assert gaps.min() > 0.2


def test_played_music_is_followed(compose, rate):
    """A drummer who drifts by 4 % and back is no grid; each beat is still found."""
    steps = 60 / 120 * (1 + 0.04 * np.sin(np.arange(160) / 160 * 4 * np.pi))
    reference = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    rhythm = track_beats(Sound.from_samples(compose(120.0, [("drop", 40)], swing=reference), rate))
    assert f_measure(reference, times(rhythm)) > 0.9


@pytest.mark.parametrize("kind", ["silence", "noise", "click", "constant", "tone"])
def test_what_has_no_beat_has_no_tempo(rate, kind):
    samples = {
        "silence": np.zeros(30 * rate),
        "noise": 0.3 * np.random.default_rng(3).standard_normal(30 * rate),
        "click": np.r_[np.zeros(rate), 1.0, np.zeros(20 * rate)],
        "constant": np.full(20 * rate, 0.5),
        "tone": 0.5 * np.sin(2 * np.pi * 220 * np.arange(20 * rate) / rate),
    }[kind]
    rhythm = track_beats(Sound.from_samples(samples, rate))
    assert rhythm.tempo is None
    assert rhythm.beats == ()


def test_two_seconds_are_too_short(rate, compose):
    assert track_beats(Sound.from_samples(compose(128.0, [("drop", 1)])[: 2 * rate], rate)).beats == ()


def test_only_music_has_beats(piece):
    activity = (Span(0.0, 60.0, "speech"), Span(60.0, piece.recording.duration, "music"))
    beats = track_beats(piece, activity).beats
    assert beats
    assert beats[0].time >= 60.0
