import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core._clock import clock


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.9, "0:00"), (59.99, "0:59"), (60, "1:00"), (3_600, "1:00:00"), (36_000, "10:00:00")],
)
def test_without_decimals_the_fraction_is_cut_off(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.000"), (59.9996, "1:00.000"), (7_503.25, "2:05:03.250")]
)
def test_decimals_are_rounded(seconds, text):
    assert clock(seconds, 3) == text


@given(st.integers(0, 10**8))
def test_milliseconds_can_be_read_back(milliseconds):
    *higher, seconds = clock(milliseconds / 1000, 3).split(":")
    minutes = sum(60**place * int(part) for place, part in enumerate(reversed(higher)))
    assert 60_000 * minutes + round(1000 * float(seconds)) == milliseconds
