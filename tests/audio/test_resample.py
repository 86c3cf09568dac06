"""Resampled streams keep time, level and length."""

from __future__ import annotations

import numpy as np
import pytest

from edm_core.audio.resample import Resampler, sixteen_bits


@pytest.mark.parametrize(
    ("source", "target"), [(44_100, 16_000), (8_000, 24_000), (192_000, 48_000), (16_000, 16_000)]
)
def test_a_tone_stays_where_it_is(source, target):
    tone = np.sin(2 * np.pi * 440 * np.arange(2 * source) / source).astype(np.float32)
    resampler = Resampler(source, target)
    parts = [resampler.push(part) for part in np.array_split(tone, 17)]
    result = np.concatenate([*parts, resampler.finish()])
    assert len(result) == pytest.approx(2 * target, abs=2)
    inside = slice(target // 2, target)
    expected = np.sin(2 * np.pi * 440 * np.arange(len(result)) / target)
    np.testing.assert_allclose(result[inside], expected[inside], atol=2e-3)


def test_sixteen_bits_are_cut_and_not_wrapped():
    assert sixteen_bits(np.float32([1.5, -1.5, 0.0, 1 / 32_768])).tolist() == [32_767, -32_768, 0, 1]
