from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest


@pytest.fixture
def edm() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command as a shell would; the environment is the test's."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from edm_core.cli import run; run()", *map(str, arguments)],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=240,
        )

    return run
