import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from edm_core.audio import Sound
from edm_core.audio.spectrum import Spectrum
from edm_core.segmentation.energy import EDGES_HZ, section_energy

RATE = 24_000
RANGES = dict(zip(("bass", "mid", "high"), zip(EDGES_HZ, EDGES_HZ[1:], strict=False), strict=True))
CEILING_HZ = 11_500


def energy(samples, start=0.5, end=None):
    """Of the inner part: the front end's outermost windows reach over the ends."""
    return section_energy(Sound.from_samples(samples, RATE).spectrum, start, end or len(samples) / RATE - 0.5)


def sine(hertz, seconds=3.0, gain=1.0):
    return gain * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)


def noise(exponent, seconds=20.0, seed=0):
    """Noise whose power falls as 1 / f**exponent, at an RMS of a tenth of full scale."""
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    spectrum *= np.where(hertz > 15, np.maximum(hertz, 1) ** (-exponent / 2), 0)
    samples = np.fft.irfft(spectrum, count)
    return 0.1 * samples / samples.std()


def filtered_rms(samples, low, high):
    """RMS in dBFS between two frequencies, by a steep filter of SciPy's."""
    sections = signal.butter(12, (low, min(high, CEILING_HZ)), "bandpass", fs=RATE, output="sos")
    inner = signal.sosfiltfilt(sections, samples)[RATE // 2 : -RATE // 2]
    return 10 * np.log10(np.square(inner).mean())


@pytest.mark.parametrize(
    ("hertz", "where"),
    [(60, "bass"), (80, "bass"), (95, "bass"), (155, "bass"), (190, "bass")]
    + [(330, "mid"), (1000, "mid"), (3500, "mid"), (4600, "high"), (7000, "high"), (10_500, "high")],
)
def test_a_full_scale_sine_reads_minus_3_in_its_range_and_little_elsewhere(hertz, where):
    found = energy(sine(hertz))
    assert getattr(found, where) == pytest.approx(-3.0, abs=1.0)
    assert all(getattr(found, other) < -15 for other in RANGES if other != where)


@pytest.mark.parametrize("exponent", [0, 1])
@pytest.mark.parametrize("where", RANGES)
def test_noise_reads_as_filtered_noise_does(exponent, where):
    samples = noise(exponent)
    assert getattr(energy(samples), where) == pytest.approx(filtered_rms(samples, *RANGES[where]), abs=1.5)


@given(gain=st.floats(-40, 0))
@settings(max_examples=10)
def test_a_gain_moves_every_level_by_itself(gain):
    samples = noise(1, seconds=3)
    before, after = energy(samples), energy(samples * 10 ** (gain / 20))
    for where in RANGES:
        assert getattr(after, where) - getattr(before, where) == pytest.approx(gain, abs=0.3)


def test_only_the_stretch_itself_is_measured():
    samples = np.concatenate([sine(100, 2), sine(1000, 2), np.zeros(2 * RATE)])
    assert energy(samples, 0.1, 1.9).bass > -5 > -20 > energy(samples, 0.1, 1.9).mid
    assert energy(samples, 2.1, 3.9).mid > -5 > -20 > energy(samples, 2.1, 3.9).bass
    silent = energy(samples, 4.1, 5.9)
    assert silent.bass == silent.mid == silent.high == -100.0


def test_long_stretches_are_the_mean_of_their_blocks():
    rows = np.random.default_rng(1).uniform(-90, 0, (150_000, 64)).astype(np.float16)
    spectrum = Spectrum(rows, rows[:, 0], np.zeros((15_000, 12), np.float32))
    parts = [section_energy(spectrum, at, at + 500).bass for at in (0, 500, 1000)]
    mean = 10 * np.log10(np.mean(10 ** (np.array(parts) / 10)))
    assert section_energy(spectrum, 0, 1500).bass == pytest.approx(mean, abs=0.15)


@given(start=st.floats(0, 20), length=st.floats(0.001, 20))
@settings(max_examples=20)
def test_any_stretch_has_an_energy(start, length):
    found = section_energy(Sound.from_samples(sine(100, 1), RATE).spectrum, start, start + length)
    assert -100 <= found.high <= found.bass <= 0


def test_what_has_no_frames_has_no_energy():
    empty = Spectrum(np.zeros((0, 64), np.float16), np.zeros(0, np.float16), np.zeros((0, 12), np.float32))
    with pytest.raises(ValueError, match="without frames"):
        section_energy(empty, 0, 1)
