"""The network's runtime keeps to itself."""

from __future__ import annotations

import os
import subprocess
import sys


def test_nothing_is_noted_for_a_report_of_use(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-c", "from edm_core.models import silero; silero()"],
        env={**environment, "HOME": str(tmp_path), "EDM_DATA_DIR": str(tmp_path / "data")},
        timeout=120,
        check=True,
    )
    assert done.returncode == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["data"]
