"""Files that break codecs, sent to a server and given to its workers; many uploads at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak.inputs import codecs_break, uploads_at_once

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def test_a_codec_that_breaks_costs_its_file_and_nothing_else(tmp_path: Path) -> None:
    assert codecs_break(tmp_path, ("BREAK-SEGV", "BREAK-HOARD")).faults == ()


def test_many_uploads_at_once_are_all_answered() -> None:
    outcome = uploads_at_once(40, 1.0)
    assert set(outcome.figures["answers"].replace(" ", "").split(",")) == {"202:40"}
