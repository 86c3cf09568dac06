"""What must not change the answer: time shift, gain, sample rate, polarity, swapped channels; and what must."""

import numpy as np
import pytest
import soxr

from edm_core.audio import Sound
from edm_core.segmentation import drop_events, find_key, find_sections, track_beats

FORM = [
    ("intro", 16),
    ("buildup", 8),
    ("drop", 16),
    ("breakdown", 8),
    ("buildup", 8),
    ("drop", 16),
    ("outro", 8),
]


def analysed(samples, rate):
    sound = Sound.from_samples(samples, rate)
    rhythm = track_beats(sound)
    return sound, rhythm, find_sections(sound, rhythm)


def stereo(mono):
    """Two channels that differ: the second is the first a little later and softer."""
    return np.stack([mono, 0.6 * np.roll(mono, 40)], 1)


@pytest.fixture(scope="module")
def samples(compose):
    return compose(127.0, FORM, lead=0.3)


@pytest.fixture(scope="module")
def plain(samples, rate):
    return analysed(samples, rate)


def beat_times(rhythm):
    return np.array([beat.time for beat in rhythm.beats])


def label_at(sections, times):
    starts = np.array([section.start for section in sections])
    return np.array([section.label for section in sections])[np.searchsorted(starts, times, "right") - 1]


def assert_same(first, second, shift=0.0):
    """The same tempo, beats, bars and sections, the second ``shift`` seconds later."""
    sound, rhythm, sections = first
    _, other, others = second
    assert other.tempo.bpm == pytest.approx(rhythm.tempo.bpm, abs=0.02)
    before, after = beat_times(rhythm) + shift, beat_times(other)
    common = before[(before > after[0] - 0.1) & (before < after[-1] + 0.1)]
    assert len(common) > 0.98 * len(before)
    nearest = np.abs(common[:, None] - after[None]).argmin(1)
    assert np.quantile(np.abs(common - after[nearest]), 0.99) < 0.01
    positions = [beat.position for beat in rhythm.beats][-len(common) :]
    assert np.mean(np.array([beat.position for beat in other.beats])[nearest] == positions) > 0.99
    grid = np.arange(1.0, sound.recording.duration - 1.0, 0.5)
    assert np.mean(label_at(sections, grid) == label_at(others, grid + shift)) > 0.97
    assert len(others) == pytest.approx(len(sections), abs=1)


def test_polarity(samples, plain, rate):
    assert_same(plain, analysed(-samples, rate))


@pytest.mark.parametrize("decibel", [-30.0, -6.0])
def test_gain(samples, plain, rate, decibel):
    assert_same(plain, analysed(samples * 10 ** (decibel / 20), rate))


@pytest.mark.parametrize("other", [22_050, 44_100, 48_000])
def test_sample_rate(samples, plain, rate, other):
    assert_same(plain, analysed(soxr.resample(samples, rate, other), other))


def test_swapped_channels(samples, rate):
    both = stereo(samples)
    assert_same(analysed(both, rate), analysed(both[:, ::-1], rate))


@pytest.mark.parametrize("shift", [0.25, 3.7])
def test_silence_in_front(samples, plain, rate, shift):
    later = np.concatenate([np.zeros(round(shift * rate), np.float32), samples])
    assert_same(plain, analysed(later, rate), shift)


def test_two_percent_faster(samples, plain, rate):
    """Played two percent faster, everything comes two percent earlier."""
    sound, rhythm, sections = analysed(soxr.resample(samples, rate * 1.02, rate), rate)
    assert rhythm.tempo.bpm == pytest.approx(1.02 * plain[1].tempo.bpm, abs=0.02)
    grid = np.arange(1.0, sound.recording.duration - 1.0, 0.5)
    assert np.mean(label_at(sections, grid) == label_at(plain[2], grid * 1.02)) > 0.95
    before, after = (np.array([event.time for event in drop_events(found)]) for found in (plain[2], sections))
    assert len(before) == len(after)
    assert after * 1.02 == pytest.approx(before, abs=0.1)


def test_key(samples, rate):
    keys = [find_key(Sound.from_samples(made, rate)).name for made in (samples, -samples, 0.1 * samples)]
    assert len(set(keys)) == 1
