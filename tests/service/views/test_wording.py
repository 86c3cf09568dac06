"""Times and progress in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.jobs import Job
from edm_core.service.views.wording import progress_text, time_left


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "nearly done"),
        (3.0, "about 5 s left"),
        (54.0, "about 55 s left"),
        (61.0, "about 2 min left"),
        (7_200.0, "about 2.0 h left"),
    ],
)
def test_time_left(seconds: float, text: str) -> None:
    assert time_left(seconds) == text


@given(st.floats(0, 1e6), st.floats(0, 1), st.text(min_size=1))
def test_progress_is_one_line_without_empty_parts(seconds: float, share: float, stage: str) -> None:
    text = progress_text(
        Job("1", "analyze", "a", state="running", stage=stage, share=share, remaining=seconds)
    )
    assert text.count(" · ") >= 2 and "%" in text
    assert "left" not in progress_text(Job("1", "analyze", "a", state="running", stage="beats"))
