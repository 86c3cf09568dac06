"""``deploy/nginx.conf`` before real servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.soak.front import behind_nginx
from tests.servers import Nginx

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def test_uploads_ranges_events_and_pages_pass_through_nginx(
    nginx: Callable[[str], Nginx], tmp_path: Path
) -> None:
    nginx("server { listen 127.0.0.1:{port}; return 204; }")  # says what is missing; the case starts its own
    assert behind_nginx(tmp_path, megabytes=20).faults == ()
