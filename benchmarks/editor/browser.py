"""A served data folder, and an editor in headless Chromium: how the measures open and press it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from edm_core.store import Entry

from ..material import REPOSITORY

WAIT_MS = 60_000
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
PROBE = Path(__file__).with_name("probe.js")
"""What is put into the page before its own scripts: it times frames, keys and movements from outside."""


class NoBrowser(RuntimeError):
    """There is no Chromium on this machine, or no Playwright."""


@contextmanager
def served(data_dir: Path) -> Iterator[str]:
    """Serve a data folder as ``edm app`` does; give the address."""
    log = data_dir / "server.log"
    command = "import sys; from edm_core.service import serve; sys.exit(serve(0))"
    paths = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", command], cwd=data_dir, stdout=file, stderr=file,
            env={**os.environ, "EDM_DATA_DIR": str(data_dir), "PYTHONPATH": paths},
        )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while not (found := re.search(r"http://localhost:\d+", log.read_text())):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a headless browser.

    Raises
    ------
    NoBrowser
        If there is none.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise NoBrowser("there is no Chromium on this machine")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser("Playwright is not installed") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Sitting:
    """An editor on the page Annotate."""

    def __init__(self, browser: Any, address: str, author: str = "bench") -> None:
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        self.context.add_init_script(PROBE.read_text(encoding="utf-8"))
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.address, self.author = address, author
        self.actions = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def open(self, entry: Entry) -> float:
        """Open a recording; return the seconds until its waveform stands there and the editor answers."""
        page = self.page
        began = time.perf_counter()
        page.goto(f"{self.address}/annotate?author={self.author}&recording={entry.digest[:12]}")
        canvas = page.get_by_test_id("editor-waveform")
        canvas.wait_for(state="attached")
        page.get_by_test_id("editor-status").and_(page.locator("[data-state]")).wait_for(state="attached")
        page.wait_for_function("canvas => probe.painted(canvas) > 2000", arg=canvas.element_handle())
        return time.perf_counter() - began

    def quiet(self) -> None:
        """Wait until all that the page asked for has come and nothing is drawn any more."""
        self.probe("viewNext")  # what was just pressed may not have been drawn yet
        self.page.wait_for_load_state("networkidle")
        self.idle(500)

    def idle(self, ms: int) -> None:
        """Wait until nothing has been drawn for so long."""
        # Polled by a clock: by frames, as is the default, waiting would itself be what is waited for.
        self.page.wait_for_function("ms => probe.idle(ms)", arg=ms, polling=20)

    @property
    def state(self) -> dict[str, Any]:
        """What the status line tells."""
        found: dict[str, Any] = json.loads(
            self.page.get_by_test_id("editor-status").get_attribute("data-state")
        )
        return found

    def until(self, **wanted: Any) -> None:
        """Wait until the status line says so."""
        status = self.page.get_by_test_id("editor-status").element_handle()
        said = "([node, wanted]) => { const state = JSON.parse(node.dataset.state); "
        said += "return Object.entries(wanted).every(([name, value]) => state[name] === value); }"
        self.page.wait_for_function(said, arg=[status, wanted])

    def press(self, *keys: str) -> None:
        """Press keys, one after the other; each counts as an action."""
        for key in keys:
            self.actions += 1
            self.page.keyboard.press(key)

    def show(self, span: float) -> None:
        """Zoom until no more than about so many seconds are on view, or as few as can be."""
        self.page.keyboard.press("0")
        self.quiet()
        wide: float = self.probe("view")["span"]
        while wide > span * 1.2:
            self.page.keyboard.press("+")
            before, wide = wide, self.probe("viewNext")["span"]
            if wide >= before * 0.999:
                break
        self.quiet()

    def look(self, time: float) -> None:
        """Click into the overview, so that this moment is on view."""
        box = self.page.get_by_test_id("editor-overview").bounding_box()
        duration = self.probe("duration")
        self.page.mouse.click(box["x"] + box["width"] * time / duration, box["y"] + box["height"] / 2)
        self.quiet()

    def probe(self, call: str, *arguments: Any) -> Any:
        """Call a function of the probe in the page."""
        return self.page.evaluate(f"arguments => probe.{call}(...arguments)", list(arguments))
