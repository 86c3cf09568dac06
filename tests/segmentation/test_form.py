import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edm_core.segmentation.form import LABELS, LONGEST_BARS, Weights, decode_form

ODDS = st.integers(1, 60).flatmap(lambda n: arrays(float, n, elements=st.floats(-8, 8)))


def labelled(names, sure=0.8):
    rest = (1 - sure) / (len(LABELS) - 1)
    return np.log([[sure if label == name else rest for label in LABELS] for name in names])


@given(ODDS, st.integers(0, 2**32 - 1))
def test_parts_tile_the_bars(odds, seed):
    labels = np.log(np.random.default_rng(seed).dirichlet(np.ones(len(LABELS)), len(odds)))
    parts = decode_form(odds, labels)
    assert parts[0].first == 0
    assert parts[-1].end == len(odds)
    assert all(before.end == after.first for before, after in zip(parts, parts[1:], strict=False))
    assert all(part.label in LABELS and 0 < part.end - part.first <= LONGEST_BARS for part in parts)


@given(ODDS)
def test_the_odds_are_not_changed(odds):
    before = odds.copy()
    decode_form(odds, labelled(["drop"] * len(odds)))
    assert (odds == before).all()


def test_what_is_plain_is_found():
    names = (
        ["intro"] * 16 + ["buildup"] * 8 + ["drop"] * 32 + ["breakdown"] * 16 + ["drop"] * 16 + ["outro"] * 8
    )
    odds = np.full(len(names), -4.0)
    odds[[16, 24, 56, 72, 88]] = 4.0
    assert [(part.first, part.label) for part in decode_form(odds, labelled(names))] == [
        (0, "intro"), (16, "buildup"), (24, "drop"), (56, "breakdown"), (72, "drop"), (88, "outro"),
    ]  # fmt: skip


def test_a_strong_boundary_splits_a_part_that_keeps_its_label():
    odds = np.full(64, -5.0)
    odds[32] = 6.0
    parts = decode_form(odds, labelled(["drop"] * 64), Weights(same=0.5))
    assert [part.first for part in parts] == [0, 32]
    assert {part.label for part in parts} == {"drop"}


def test_a_higher_bias_gives_more_parts():
    odds = np.random.default_rng(1).normal(-2, 1, 128)
    labels = labelled(["drop"] * 128, sure=0.4)
    few, many = (len(decode_form(odds, labels, Weights(bias=bias))) for bias in (-4.0, 4.0))
    assert few < many


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_bars_are_a_form_too(count):
    assert decode_form(np.zeros(count), labelled(["drop"] * count))[-1].end == count
