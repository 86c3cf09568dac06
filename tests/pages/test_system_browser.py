"""The page System in a browser: what is dropped in is seen to be done, live, in both themes."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_work_is_seen_while_it_is_done(start_server: Any, open_page: Any, tmp_path: Any, demo: Any) -> None:
    from playwright.sync_api import expect

    server = start_server(tmp_path / "data")
    system = open_page(f"{server.address}/system", theme="dark")
    expect(system.get_by_text("All is well")).to_be_visible()
    expect(system.get_by_text("Nothing to do")).to_be_visible()
    tile = system.locator(".sys-tiles > div:nth-child(3) b")  # done within the last hour
    expect(tile).to_have_text("0")

    library = open_page(server.address)
    library.locator("input[type=file]").first.set_input_files(str(demo["edm_track"]))

    # Nobody touches the page: it tells by itself that the work has come to an end.
    expect(tile).to_have_text("1", timeout=120_000)
    expect(system.locator(".sys-bars")).to_be_visible()
    expect(system.locator(".sys-table").get_by_text("Recordings").first).to_be_visible()
    expect(system.get_by_text("Nothing to do")).to_be_hidden()

    system.set_viewport_size({"width": 420, "height": 900})
    assert system.evaluate("document.documentElement.scrollWidth") <= 420
