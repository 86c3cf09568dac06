"""Addresses of pages."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.service.links import moment, newest
from edm_core.store import Entry


@given(st.text() | st.floats().map(str))
def test_any_text_is_a_moment(text: str) -> None:
    assert 0.0 <= moment(text) < float("inf")


@pytest.mark.parametrize(
    ("text", "seconds"), [("0:42", 42.0), ("-5", 0.0), ("nan", 0.0), ("1e999", 0.0), ("", 0.0)]
)
def test_moments(text: str, seconds: float) -> None:
    assert moment(text) == seconds


def test_listen_opens_the_newest_that_is_analysed() -> None:
    waiting = Entry("sha256:1", "new.mp3", "2026-01-03T00:00:00Z")
    done = replace(waiting, id="sha256:2", revision=1)
    assert newest([waiting, done]) == done and newest([waiting]) == waiting and newest([]) is None
