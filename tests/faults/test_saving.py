"""Saving over HTTP while the server is killed, its database restarts, its disk is full, and eight want one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak.saving import database_restarted, disk_full, one_line, server_killed
from benchmarks.soak.shelf import searched
from edm_core.settings import Settings
from tests.servers import PostgreSQL

pytestmark = [pytest.mark.servers, pytest.mark.slow]
KILLS = 3


def test_no_acknowledged_save_is_lost_when_the_server_is_killed(settings: Settings, tmp_path: Path) -> None:
    outcome = server_killed(settings, tmp_path, KILLS)
    assert outcome.faults == ()


def test_no_acknowledged_save_is_lost_when_postgresql_restarts(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    assert database_restarted(postgresql, tmp_path, KILLS).faults == ()


def test_a_full_disk_is_told_and_goes_on_when_there_is_room(disk: Path, tmp_path: Path) -> None:
    assert disk_full(disk, tmp_path, KILLS).faults == ()


def test_eight_save_to_one_line_over_http_and_nothing_is_lost(settings: Settings, tmp_path: Path) -> None:
    outcome = one_line(settings, tmp_path)
    # How long it takes is measured on a machine at rest, by the long run.
    assert [fault for fault in outcome.faults if " saves took " not in fault] == []


def test_a_library_is_listed_searched_and_filtered_over_http(settings: Settings, tmp_path: Path) -> None:
    faults = searched(settings, tmp_path, 500, 2).faults
    assert [fault for fault in faults if " took " not in fault] == []
