"""Jobs while workers are killed, clocks jump, and the queue's server is killed, emptied and full."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.soak.working import (
    clocks_jump,
    redis_emptied,
    redis_full,
    redis_full_over_http,
    redis_killed,
    workers_killed,
)
from edm_core.settings import Settings
from tests.hosts import Clock
from tests.servers import PostgreSQL, Redis

pytestmark = [pytest.mark.servers, pytest.mark.slow]
KILLS = 3
LEASE_S = 3.0


@pytest.fixture
def carried(postgresql: PostgreSQL, redis: Redis, tmp_path: Path) -> Settings:
    """Give settings under which Redis hands out jobs."""
    return Settings(
        data_dir=tmp_path / "data",
        database_url=postgresql.new_database(),
        queue_url=redis.url,
        lease_s=LEASE_S,
    )


def test_no_job_is_lost_or_done_twice_when_workers_are_killed(settings: Settings, tmp_path: Path) -> None:
    assert workers_killed(replace(settings, lease_s=LEASE_S), tmp_path, 2 * KILLS).faults == ()


def test_the_same_holds_where_redis_hands_out_jobs(carried: Settings, tmp_path: Path) -> None:
    assert workers_killed(carried, tmp_path, 2 * KILLS).faults == ()


def test_a_clock_that_jumps_makes_no_second_result(settings: Settings, clock: Clock, tmp_path: Path) -> None:
    assert clocks_jump(replace(settings, lease_s=LEASE_S), tmp_path, KILLS).faults == ()


def test_redis_is_killed_and_nothing_is_lost(carried: Settings, redis: Redis, tmp_path: Path) -> None:
    assert redis_killed(carried, redis, tmp_path, KILLS).faults == ()


def test_redis_is_emptied_and_told_again(carried: Settings, redis: Redis, tmp_path: Path) -> None:
    assert redis_emptied(carried, redis, tmp_path, KILLS).faults == ()


def test_redis_is_full_and_says_so(carried: Settings, redis: Redis, tmp_path: Path) -> None:
    assert redis_full(carried, redis, tmp_path, KILLS).faults == ()


def test_an_upload_is_told_that_the_queue_is_full(carried: Settings, redis: Redis, tmp_path: Path) -> None:
    assert redis_full_over_http(carried, redis, tmp_path, KILLS).faults == ()
