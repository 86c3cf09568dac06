"""The loads run on the real server, and nothing in them goes wrong, however slow the machine."""

from __future__ import annotations

import sys

import pytest

from benchmarks.service import timelines, uploads
from benchmarks.service.serving import quantile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


@pytest.mark.slow
def test_uploads_at_once_are_all_taken_and_kept():
    figures = uploads.measured(uploads=24, megabytes=1.0, processes=2)
    assert figures.answers == {"202": 24}
    assert figures.kept == 24 + 8  # and those that warmed it
    assert 0 < figures.before_mb <= figures.peak_mb < uploads.TARGET_MEMORY_MB
    assert 0 < figures.p50_s <= figures.p99_s <= figures.slowest_s <= figures.wall_s


@pytest.mark.slow
def test_many_readers_get_what_they_asked_for():
    figures = timelines.measured(clients=20, seconds=2.0, processes=2)
    assert set(figures.answers) == {"200"}
    assert figures.wrong == 0
    assert figures.answers["200"] >= 20
    assert figures.peak_mb < uploads.TARGET_MEMORY_MB


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_quantile_is_one_of_the_values(share, value):
    assert quantile([float(each) for each in range(1, 101)], share) == value
