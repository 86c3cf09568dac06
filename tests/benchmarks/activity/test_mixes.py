import numpy as np
import pytest

from benchmarks.activity import damage, noises, tunes
from benchmarks.activity.clips import RATE, Clip
from benchmarks.activity.mixes import BLOCKS, CELL, make
from benchmarks.activity.packages import SOURCES
from benchmarks.activity.phrases import phrase
from benchmarks.activity.stock import Stock


def bursts(seconds, seed):
    """Something of a voice: syllables of noise."""
    time = np.arange(int(seconds * RATE)) / RATE
    loud = (np.sin(2 * np.pi * 3 * time) > -0.5) * 0.5
    return (loud * np.random.default_rng(seed).normal(0, 0.3, len(time))).astype(np.float32)


def chords(seconds, seed):
    time = np.arange(int(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * (220 + 20 * seed) * time)).astype(np.float32)


@pytest.fixture(scope="module")
def material():
    speech = {
        f"voice {n}": [Clip(f"v{n}{i}", bursts(1.5 + i, 10 * n + i)) for i in range(3)] for n in range(3)
    }
    music = {"tunes": [Clip(f"t{i}", chords(12, i)) for i in range(3)]}
    return Stock("test", speech, music, {"singer": [Clip("s", bursts(3, 99))]}, [])


@pytest.mark.parametrize("kind", BLOCKS)
def test_truth_fits_the_samples(kind, material):
    mix = make(kind, material, np.random.default_rng(3), 40.0)
    cells = len(mix.samples) // CELL
    assert cells == 400
    for flags in (mix.speech, mix.music, mix.sung, mix.noise, mix.certain):
        assert flags.shape == (cells,) and flags.dtype == bool
    assert np.isfinite(mix.samples).all() and np.abs(mix.samples).max() > 0.01
    assert (mix.music[mix.sung]).all()
    again = make(kind, material, np.random.default_rng(3), 40.0)
    assert (again.samples == mix.samples).all() and (again.speech == mix.speech).all()


def test_kinds_hold_what_they_are_named_for(material):
    mixes = {kind: make(kind, material, np.random.default_rng(5), 60.0) for kind in BLOCKS}
    assert not mixes["music"].speech.any() and mixes["music"].music.mean() > 0.5
    assert not mixes["talk"].music.any() and mixes["talk"].speech.any()
    assert mixes["dj set"].music.mean() > 0.9
    assert (mixes["show"].speech & mixes["show"].music).any()
    assert mixes["singing"].sung.any()
    assert (mixes["noise"].noise & ~mixes["noise"].music & ~mixes["noise"].speech).any()


def test_phrase_is_trimmed_and_pauses_of_a_second_are_none_of_it():
    sound = bursts(1.0, 1)
    samples, spoken = phrase(
        Clip(
            "x",
            np.concatenate([np.zeros(RATE), sound, np.zeros(RATE // 2), sound, np.zeros(2 * RATE), sound]),
        )
    )
    assert len(samples) == len(spoken)
    assert len(samples) / RATE == pytest.approx(5.5, abs=0.2)
    assert spoken[: int(2.3 * RATE)].all()
    assert (~spoken).sum() / RATE == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize("kind", noises.KINDS)
def test_noises_are_finite_and_full(kind):
    for seed in range(3):
        made = noises.KINDS[kind](np.random.default_rng(seed), 2 * RATE)
        assert made.shape == (2 * RATE,) and np.isfinite(made).all()
        assert np.abs(made).max() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("harm", [*damage.KINDS, damage.room])
def test_damage_keeps_length_and_timing(harm):
    generator = np.random.default_rng(0)
    clean = np.zeros(3 * RATE, np.float32)
    clean[RATE : RATE + RATE // 2] = bursts(0.5, 4) + 0.3 * np.sin(
        2 * np.pi * 1000 * np.arange(RATE // 2) / RATE
    )
    harmed = harm(clean, generator)
    assert harmed.shape == clean.shape and harmed.dtype == np.float32
    envelopes = [np.abs(samples).reshape(-1, 240).mean(1) for samples in (clean, harmed)]
    lags = np.arange(-10, 11)
    lag = lags[np.argmax([np.dot(envelopes[0], np.roll(envelopes[1], -shift)) for shift in lags])]
    assert abs(lag) <= 2  # 20 ms


def test_no_package_serves_two_splits():
    splits = {}
    for source in SOURCES:
        assert splits.setdefault(source.package, source.split) == source.split
        assert source.licence
    taken = {
        "asterisk-core-sounds-it",
        "asterisk-core-sounds-ru",
        "solarwolf",
        "noiz2sa-data",
        "rrootage-data",
    }
    assert not taken & set(splits)  # these are the development set's


def test_plain_tunes_hold_several_pitches():
    for clip in tunes.tunes(np.random.default_rng(1), 8, 12.0):
        assert len(clip.samples) == 12 * RATE and np.isfinite(clip.samples).all()
        part = clip.samples[4 * RATE : 6 * RATE] * np.hanning(2 * RATE)
        power = np.abs(np.fft.rfft(part)) ** 2
        peaks = (power[1:-1] > power[:-2]) & (power[1:-1] > power[2:]) & (power[1:-1] > 1e-2 * power.max())
        assert peaks.sum() >= 3
