"""No peak is lost, at any zoom, in any channel, however the blocks fall."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edm_core.audio.peaks import COLUMNS, FEWEST_BINS, HOP, POOL, PeakStream, mix, pyramid


def peaks_of(samples: np.ndarray, rate: int = 44_100, block: int = 65_536):
    stream = PeakStream(rate)
    parts = [stream.push(samples[start : start + block]) for start in range(0, len(samples), block)]
    return pyramid(rate, np.concatenate([*parts, stream.finish()]))


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_a_single_sample_shows_at_every_level(data):
    frames = data.draw(st.integers(1, 200_000))
    channels = data.draw(st.integers(1, 8))
    place, channel = data.draw(st.integers(0, frames - 1)), data.draw(st.integers(0, channels - 1))
    value = data.draw(st.floats(-1, 1, width=32).filter(lambda value: abs(value) > 1e-6))
    samples = np.zeros((frames, channels), np.float32)
    samples[place, channel] = value
    peaks = peaks_of(samples, block=data.draw(st.sampled_from([1_000, 4_096, 65_536])))
    for index, level in enumerate(peaks.levels):
        row = level[place // (HOP * POOL**index)]
        shown = int(row[0] if value < 0 else row[1])
        assert abs(shown) / 127 >= abs(value)
        assert abs(shown) / 127 < abs(value) + 1 / 127
        assert np.count_nonzero(level[:, :2].any(1)) == 1


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 9_000), min_size=1, max_size=8), st.integers(1, 3))
def test_blocks_do_not_matter(seed, sizes, channels):
    samples = np.random.default_rng(seed).uniform(-1, 1, (sum(sizes), channels)).astype(np.float32)
    stream, start, parts = PeakStream(8_000), 0, []
    for size in sizes:
        parts.append(stream.push(samples[start : start + size]))
        start += size
    pieces = np.concatenate([*parts, stream.finish()])
    whole = peaks_of(samples, 8_000, len(samples)).level(0)
    assert pieces.shape == (-(-len(samples) // HOP), COLUMNS)
    np.testing.assert_array_equal(pieces[:, :2], whole[:, :2])
    np.testing.assert_allclose(pieces[:, 2:].astype(int), whole[:, 2:], atol=1)


def test_levels_pool_exactly():
    samples = np.random.default_rng(0).uniform(-1, 1, (700_001, 2)).astype(np.float32)
    peaks = peaks_of(samples)
    assert len(peaks.levels[-1]) <= FEWEST_BINS < len(peaks.levels[-2])
    for fine, coarse in zip(peaks.levels, peaks.levels[1:], strict=False):
        assert len(coarse) == -(-len(fine) // POOL)
        for index, row in enumerate(coarse):
            children = fine[index * POOL : (index + 1) * POOL]
            assert (row[0::2] == children[:, 0::2].min(0)).all()
            assert (row[1::2] == children[:, 1::2].max(0)).all()


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 192_000])
@pytest.mark.parametrize(("hertz", "band"), [(60, 1), (1_000, 2), (3_300, 2), (6_500, 3)])
def test_tones_fall_into_their_band(rate, hertz, band):
    if hertz > rate / 2:
        pytest.skip("above what the rate can hold")
    tone = 0.5 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate).astype(np.float32)
    middle = peaks_of(tone[:, None], rate).level(0)[8:-8].astype(int)
    for index in (1, 2, 3):
        loudest = np.abs(middle[:, 2 * index : 2 * index + 2]).max()
        assert loudest >= 60 if index == band else loudest <= 2, index


def test_bands_have_no_delay():
    samples = np.zeros((100_000, 1), np.float32)
    samples[50_000:50_400, 0] = np.hanning(400)  # a kick's low end
    level = peaks_of(samples).level(0)
    assert abs(int(level[:, 3].argmax()) - 50_200 // HOP) <= 1


def test_opposite_channels_cancel_in_the_bands_only():
    noise = np.random.default_rng(0).uniform(-1, 1, 50_000).astype(np.float32)
    level = peaks_of(np.stack([noise, -noise], 1)).level(0)
    assert level[:-1, 1].min() > 100
    assert not level[:, 2:].any()


def test_louder_than_full_scale_is_full_scale():
    level = peaks_of(np.full((HOP, 1), 7.0, np.float32)).level(0)
    assert level[0, 1] == 127


def test_access():
    peaks = peaks_of(np.zeros((500_000, 1), np.float32), 48_000)
    assert peaks.seconds_per_bin(0) == 256 / 48_000
    assert peaks.seconds_per_bin(-1) == peaks.seconds_per_bin(len(peaks.levels) - 1)
    assert len(peaks.to_bytes(1)) == 8 * len(peaks.level(1))
    with pytest.raises(IndexError):
        peaks.level(9)


def test_mix_is_the_mean():
    block = np.random.default_rng(0).standard_normal((1_000, 6)).astype(np.float32)
    before = block.copy()
    np.testing.assert_allclose(mix(block), block.mean(1), atol=1e-6)
    np.testing.assert_array_equal(block, before)
