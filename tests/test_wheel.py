"""The built wheel works alone: installed outside the clone, with the dependencies but without the repository."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
DEMO = REPOSITORY / "data" / "demo"
TALK = REPOSITORY / "tests" / "data" / "talk.opus"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built with the tools that are installed, as there may be no network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(REPOSITORY),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that holds the wheel and sees this one's dependencies; the folder of its programs."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    programs = folder / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    # A path that is added so is only a path: the editable install of the clone, itself a .pth file, stays unseen.
    dependencies = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(dependencies) + "\n", encoding="utf-8")
    return programs


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home of its own, and no variable that leads back to the clone."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EDM_", "PYTHON"))}
    kept.pop("VIRTUAL_ENV", None)
    return {**kept, "HOME": str(home), "EDM_DATA_DIR": str(home / "data"), "PYTHONDONTWRITEBYTECODE": "1"}


def call(installed: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run a program of the environment from an empty folder and return what it printed."""
    done = subprocess.run(
        [str(installed / arguments[0]), *arguments[1:]],
        cwd=environment["HOME"], env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wheel_carries_pages_data_and_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    bundled = {name.removeprefix("edm_core/_bundled/") for name in names if "/_bundled/" in name}
    wanted = {
        "app.py",
        "pages",
        "data/personas",
        "data/labels",
        "data/demo/edm_track.mp3",
        "data/demo/radio_show.ogg",
    }
    missing = {
        want for want in wanted if not any(name == want or name.startswith(want + "/") for name in bundled)
    }
    assert not missing
    assert any(name.startswith("edm_core/waveform/static/") and name.endswith(".js") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "edm_core/py.typed" in names
    strays = [
        name
        for name in names
        if "__pycache__" in name or name.startswith(("tests/", "benchmarks/", "frontend/"))
    ]
    assert not strays


def test_package_comes_from_the_wheel(installed: Path, environment: dict[str, str]) -> None:
    code = "import edm_core, edm_core.resources as r; print(edm_core.__file__, r.APP, r.DEMO.is_dir(), sep='\\n')"
    package, app, demo = call(installed, environment, "python", "-c", code).splitlines()
    assert Path(package).is_relative_to(installed.parent)
    assert Path(app).is_relative_to(installed.parent)
    assert demo == "True"


def test_personas_are_there(installed: Path, environment: dict[str, str]) -> None:
    personas = json.loads(call(installed, environment, "edm", "personas", "list", "--format", "json"))
    assert {persona["id"] for persona in personas} >= {"genz", "tradies"}


def test_demo_is_analysed(installed: Path, environment: dict[str, str]) -> None:
    files = [str(DEMO / "edm_track.mp3"), str(TALK)]
    printed = call(installed, environment, "edm", "analyze", *files, "--format", "json")
    track, talk = (json.loads(line) for line in printed.splitlines())
    assert track["problems"] == talk["problems"] == []
    assert track["tempo"]["bpm"] == pytest.approx(126, abs=0.05)
    assert {section["label"] for section in track["sections"]} >= {"drop", "breakdown"}
    assert talk["passages"]
    assert {reaction["persona"] for reaction in talk["reactions"]} >= {"genz", "tradies"}


@pytest.fixture
def address(installed: Path, environment: dict[str, str]) -> Iterator[str]:
    """A running ``edm app``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = Path(environment["HOME"]) / "app.log"
    with log.open("wb") as output:
        app = subprocess.Popen(
            [str(installed / "edm"), "app", "--port", str(port), "--no-demo"],
            cwd=environment["HOME"], env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", app, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        app.terminate()
        try:
            app.wait(20)
        except subprocess.TimeoutExpired:
            app.kill()
            app.wait()
            raise


def wait_for(url: str, app: subprocess.Popen[bytes], log: Path, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert app.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    pytest.fail(f"{url} did not answer:\n{log.read_text(encoding='utf-8', errors='replace')}")


def test_app_answers(address: str) -> None:
    for path in ("/", "/_stcore/health"):
        with urllib.request.urlopen(address + path, timeout=30) as answer:
            assert answer.status == 200
            assert answer.read(1)
