"""Plans to test with: forms made up by hand, so that no package of forms is needed."""

from __future__ import annotations

import pytest

from benchmarks.unseen.forms import Form
from benchmarks.unseen.plan import Plan, draw_plans

CLASSIC = Form(
    "classic",
    ("intro", "buildup", "drop", "breakdown", "buildup", "silence", "drop", "outro"),
    (32.0, 16.0, 64.0, 32.0, 16.0, 2.0, 62.0, 20.3),
)
ABRUPT = Form("abrupt", ("drop", "drop", "breakdown", "drop"), (32.0, 30.0, 8.0, 33.9))


@pytest.fixture(scope="session")
def hand_made() -> list[Form]:
    """Two forms: one with every label, one that begins and ends with a drop."""
    return [CLASSIC, ABRUPT]


@pytest.fixture(scope="session")
def plans(hand_made: list[Form]) -> list[Plan]:
    """Thirty pieces: every style three times."""
    return draw_plans(hand_made, 30, seed=5)
