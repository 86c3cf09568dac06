from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def edm() -> Callable[..., subprocess.CompletedProcess[Any]]:
    """Run the command as a shell would; the environment is the test's."""

    def run(
        *arguments: object, as_bytes: bool = False, **environment: str
    ) -> subprocess.CompletedProcess[Any]:
        return subprocess.run(
            [sys.executable, "-c", "from edm_core.cli import run; run()", *map(str, arguments)],
            capture_output=True,
            text=not as_bytes,
            env={**os.environ, **environment},
            timeout=240,
        )

    return run
