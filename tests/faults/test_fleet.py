"""Workers on three hosts, one of which loses its network midway."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak.fleet import cut_off, two_workers
from tests.hosts import Network
from tests.servers import S3, PostgreSQL, Redis

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def test_a_host_that_is_cut_off_loses_no_track(
    network: Network, postgresql: PostgreSQL, redis: Redis, s3_server: S3, tmp_path: Path
) -> None:
    # The fixtures say what is missing; the case starts its own servers, on its network.
    network.close()
    outcome = cut_off(tmp_path, tracks=9, track_seconds=40.0, lease_s=6.0, patience=120.0)
    assert outcome.faults == ()


def test_the_figure_of_two_workers_can_be_taken(tmp_path: Path) -> None:
    """How much faster they are says the long run, on a machine at rest."""
    outcome = two_workers(tmp_path, tracks=6, rounds=1, track_seconds=4.0, patience=120.0)
    assert float(outcome.figures["ratio"].split()[0]) > 0
