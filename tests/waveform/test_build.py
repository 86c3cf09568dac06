"""The committed bundles are what the source builds to, and its own tests pass."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from edm_core.waveform.assets import FOLDER

FRONTEND = Path(__file__).parents[2] / "frontend"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def npm() -> str:
    found = shutil.which("npm")
    if found is None or shutil.which("node") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("node and npm are missing")
        pytest.skip("node and npm are not installed")
    if not (FRONTEND / "node_modules" / "esbuild").is_dir():
        subprocess.run([found, "ci", "--no-audit", "--no-fund"], cwd=FRONTEND, check=True, timeout=240)
    return found


def test_a_rebuild_gives_the_same_bytes(npm, tmp_path):
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=FRONTEND, check=True, timeout=120)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in FOLDER.glob("*.js")}
    assert built == committed, "run `npm run build` in frontend/ and commit the result"


@pytest.mark.parametrize("task", ["check", "test"])
def test_the_source_is_sound(npm, task):
    done = subprocess.run([npm, "run", task], cwd=FRONTEND, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
