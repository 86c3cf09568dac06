"""Forms of EDM-98: whole bars, the package's own splits."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.forms.human import LABELS, SPLITS, edm98_forms, fitting_tempo, form_of


def test_splits_are_the_packages_and_share_no_track() -> None:
    names = {split: {form.id for form in edm98_forms(split)} for split in SPLITS}
    assert {split: len(found) for split, found in names.items()} == {"train": 78, "val": 10, "test": 10}
    assert (
        not names["train"] & names["val"]
        and not names["train"] & names["test"]
        and not names["val"] & names["test"]
    )


def test_forms_are_whole_bars_with_known_labels() -> None:
    for split in SPLITS:
        for form in edm98_forms(split):
            assert len(form.labels) == len(form.bars) > 1
            assert set(form.labels) <= set(LABELS) and min(form.bars) >= 1


def test_most_lengths_are_multiples_of_four_as_in_the_music() -> None:
    # Were the tempi wrong, a quarter would be.
    lengths = np.array([bars for form in edm98_forms("train") for bars in form.bars[:-1]])
    assert (lengths % 4 == 0).mean() > 0.6


def test_tempo_is_found_from_section_starts() -> None:
    bars = np.cumsum([0, 8, 16, 16, 12, 32, 16, 20])
    for tempo in (100.0, 124.0, 128.0, 140.0):
        found = fitting_tempo(0.3 + bars * 240.0 / tempo)
        assert np.abs(np.log2(found / tempo)) < 0.002


def test_a_breath_of_less_than_half_a_bar_is_no_section() -> None:
    bar = 240.0 / 125.0
    places = ((0, "intro"), (16, "silence"), (16.3, "drop"), (45, "breakdown"), (56, "outro"), (64, "end"))
    form = form_of("x", [(place * bar, label) for place, label in places])
    assert form.labels == ("intro", "drop", "breakdown", "outro") and form.bars == (16, 29, 11, 8)


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(ValueError, match="'dev'"):
        edm98_forms("dev")
