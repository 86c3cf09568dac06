"""Forms in bars: lengths of real tracks become whole bars of their own tempo."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.unseen import forms
from benchmarks.unseen.forms import Form, bar_length, form_of, in_bars
from edm_core.errors import EdmError


def test_examples_run() -> None:
    assert doctest.testmod(forms).failed == 0


@given(
    st.lists(st.integers(1, 12), min_size=4, max_size=9),
    st.floats(100, 176),
    st.integers(0, 10**6),
)
def test_bar_length_is_found_where_sections_are_phrases(fours: list[int], bpm: float, jitter: int) -> None:
    bar = 240 / bpm
    seconds = tuple(4 * four * bar + ((jitter >> index) % 3 - 1) * 0.002 for index, four in enumerate(fours))
    found = bar_length(seconds)
    counts = [length / found for length in seconds]
    assert max(abs(count - round(count)) for count in counts) < 0.12


def test_a_form_keeps_its_bars_whatever_the_tempo() -> None:
    form = Form("x", ("intro", "buildup", "drop", "outro"), (22.07, 11.03, 44.14, 23.0))  # 174 BPM
    assert in_bars(form, 240 / 174) == (16, 8, 32, 16)
    assert in_bars(form, 240 / 128) == (16, 8, 32, 16)
    assert in_bars(form, 240 / 100) == (8, 4, 16, 8)


def test_long_forms_are_counted_in_longer_bars() -> None:
    labels = ("intro", "drop", "breakdown", "buildup", "drop", "outro")
    form = Form("x", labels, (22.07, 104.83, 44.14, 11.03, 66.21, 80.0))  # 16, 76, 32, 8, 48 bars at 174 BPM
    bars = in_bars(form, 240 / 150)
    assert sum(bars) * 240 / 150 <= forms.LONGEST_SECONDS + 4 * 240 / 150
    assert bars == (8, 38, 16, 4, 24, 28)


def test_an_unknown_label_is_named() -> None:
    with pytest.raises(EdmError, match="chorus"):
        form_of("x", [(0.0, "chorus"), (10.0, "end")])


def test_the_split_has_ten_forms_with_known_labels() -> None:
    pytest.importorskip("edm98", reason="the forms are a package of their own")
    read = forms.read_forms()
    assert len(read) == len({form.track for form in read}) == 10
    for form in read:
        assert set(form.labels) <= set(forms.LABELS)
        assert min(in_bars(form, 1.9)) >= 1
