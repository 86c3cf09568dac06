import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edm_core.segmentation.form import LABELS, Bars, decode_form


def bars_of(levels, seconds=1.9):
    levels = np.asarray(levels, float)
    noise = np.random.default_rng(len(levels)).normal(0, 0.3, (len(levels), 32))
    texture = (levels[:, None] + noise).astype(np.float32)
    return Bars(texture, bass=levels, loudness=levels / 2, brightness=levels / 2 - 20, seconds=seconds)


@given(st.lists(st.floats(-40, 0), min_size=1, max_size=150))
def test_parts_tile_the_bars(levels):
    parts = decode_form(bars_of(levels))
    assert parts[0].first == 0
    assert parts[-1].end == len(levels)
    for before, after in zip(parts, parts[1:], strict=False):
        assert before.end == after.first
    assert all(part.label in LABELS and 0 <= part.confidence <= 1 and part.end > part.first for part in parts)


def test_a_jump_in_level_is_an_edge_and_full_bars_are_a_drop():
    parts = decode_form(bars_of([-25.0] * 16 + [0.0] * 32 + [-25.0] * 16))
    edges = {part.first for part in parts}
    assert {16, 48} <= edges
    assert {part.label for part in parts if part.first >= 16 and part.end <= 48} == {"drop"}
    assert all(part.label != "drop" for part in parts if part.end <= 16 or part.first >= 48)
