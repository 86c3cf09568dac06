"""Whatever is sent to the API: no fault of its own, and no answer that it does not describe."""

from pathlib import Path

import pytest

from .fuzzing import run

CASES = 300
"""Requests here; the long runs send 2,000 and more by the same function."""


@pytest.mark.slow
def test_requests_made_up_from_the_description(tmp_path: Path) -> None:
    outcome = run(CASES, tmp_path)
    assert outcome.faults == {}
    assert outcome.cases >= CASES
    assert sum(count for status, count in outcome.statuses.items() if status < 300) > CASES / 10
    assert set(outcome.statuses) <= {200, 201, 202, 204, 400, 403, 404, 409, 413, 415, 416, 422, 428, 503}
