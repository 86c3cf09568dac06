"""The README's walk through the API, as it is written, against a server of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import free_port

ROOT = Path(__file__).parents[1]


def walk() -> str:
    """Return the block of commands that begins a server."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (found,) = [block for block in blocks if block.startswith("edm serve")]
    return found


@pytest.mark.slow
def test_the_walk_with_curl_works_as_it_is_written(tmp_path: Path) -> None:
    commands = walk().replace("8000", str(free_port()))
    (tmp_path / "data").symlink_to(ROOT / "data")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "EDM_DATA_DIR": str(tmp_path / "library"),
    }
    script = f"set -em\ntrap 'kill %1 2>/dev/null || true' EXIT\n{commands}wait || true\n"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    timeline = json.loads((tmp_path / "timeline.json").read_text())
    assert round(timeline["tempo"]["bpm"]) == 126
    assert '"ready":true' in done.stdout.replace(" ", "")
    assert re.search(r"^100$", done.stdout, re.MULTILINE), "the range of bytes"
    assert "simulated" in done.stdout or '"overall"' in done.stdout
    assert "analyze" in done.stdout, "the list of jobs"
