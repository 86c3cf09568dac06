"""A real server on a free port and a real browser, which fails a test on any error in its console and on any
request to another host."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edm_core import resources

ROOT = Path(__file__).parents[2]
READY = "[data-testid='stApp'][data-test-connection-state='CONNECTED'][data-test-script-state='notRunning']"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-screenshots", action="store_true", help="write docs/images from what the browser tests see"
    )


@dataclass(frozen=True)
class Server:
    """A running workbench: its address, its process, and where its output goes."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start servers as `edm app` does, from another folder than the repository's."""
    servers = []

    def start(data_dir: Path, port: int = 0) -> Server:
        folder = tmp_path_factory.mktemp("server")
        log = folder / "log.txt"
        command = "import sys; from edm_core.service import serve; sys.exit(serve(int(sys.argv[1])))"
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", command, str(port)],
                cwd=folder,
                env={**os.environ, "EDM_DATA_DIR": str(data_dir), "PYTHONPATH": paths},
                stderr=file,
                stdout=file,
            )
        end = time.monotonic() + 60
        while not (found := re.search(r"http://localhost:\d+", log.read_text())):
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        servers.append(Server(found[0], process, log))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGINT)
            server.process.wait(15)


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open pages; at the end, none may have had an error or have asked another host."""
    contexts, complaints = [], []

    def watch(page: Any) -> None:
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda line: complaints.append(line.text) if _is_error(line) else None)
        page.on(
            "request", lambda request: complaints.append(request.url) if _is_foreign(request.url) else None
        )

    def go(address: str, *, theme: str = "light", size: tuple[int, int] = (1440, 900)) -> Any:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=theme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        watch(page)
        page.goto(address)
        page.wait_for_selector(READY)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Any, str, int], None]:
    """Write a screenshot for the documentation, if the option says so."""

    def take(page: Any, name: str, height: int) -> None:
        if request.config.getoption("--update-screenshots", default=False):
            folder = ROOT / "docs" / "images"
            folder.mkdir(parents=True, exist_ok=True)
            page.set_viewport_size({"width": 1440, "height": height})
            page.mouse.move(0, 0)
            page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")
            page.wait_for_timeout(800)  # for drawing at the new size and for tooltips to go
            page.screenshot(path=folder / f"{name}.png")

    return take


@pytest.fixture(scope="session")
def demo() -> dict[str, Path]:
    """The demo recordings by name."""
    found = {
        path.stem: path
        for path in resources.DEMO.iterdir()
        if path.suffix in (".mp3", ".ogg", ".opus", ".flac")
    }
    assert {"edm_track", "radio_show"} <= set(found)
    return found


def _is_error(line: Any) -> bool:
    return line.type == "error"


def _is_foreign(url: str) -> bool:
    return not re.match(r"(https?|wss?)://localhost:|data:|blob:", url)
