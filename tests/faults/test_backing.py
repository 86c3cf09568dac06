"""Backups that are made while people save."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak.backing import backed_up
from edm_core.settings import Settings

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def test_what_was_acknowledged_is_in_the_backup(
    settings: Settings, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = request.getfixturevalue("postgresql") if settings.database_url else None
    assert backed_up(settings, tmp_path, 1, server).faults == ()
