"""What every test has: a data folder of its own, and no settings from outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Give Debian's Chromium; where there is none the test is skipped, in continuous integration it fails.

    One for the whole session: two drivers cannot run in one process.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "no chromium on this machine: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Whether sound may start without a click is not what is tested here.
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        flags.append("--autoplay-policy=no-user-gesture-required")
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
