"""What every test has: a data folder of its own, and no settings from outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples at every run, and no clock: the machine that runs them may be busy.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def _own_environment(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One data folder a session: what was analysed once is in its stage cache."""
    for name in [name for name in os.environ if name.startswith("EDM_")]:
        if name != "EDM_BENCHMARK_DIR":
            del os.environ[name]
    os.environ["EDM_DATA_DIR"] = str(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def demo() -> Path:
    """Return the folder of the demo recordings."""
    return ROOT / "data" / "demo"
