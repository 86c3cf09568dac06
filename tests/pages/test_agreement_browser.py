"""Adjudication in a real browser: hear both, decide by keyboard, save the reference."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edm_core.annotation import Annotation
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.timeline import Section

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ADA = (("intro", 15.0), ("buildup", 30.0), ("drop", 60.0), ("breakdown", 75.0), ("outro", None))
BEN = (("intro", 15.0), ("drop", 45.0), ("drop", 62.0), ("breakdown", 75.0), ("other", None))


@pytest.fixture(scope="module")
def marked(
    start_server: Callable[..., Any], demo: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Settings, str]:
    """A running workbench with one recording that two people have annotated: address, settings, id."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings(data_dir=data)
    entry = Library(settings).add_file(demo["edm_track"])
    server = start_server(data)
    end = time.monotonic() + 240
    while True:
        with urllib.request.urlopen(f"{server.address}/api/v1/recordings") as answer:
            (shown,) = json.load(answer)["recordings"]
        if shown["status"] == "done":
            break
        assert shown["status"] != "failed" and time.monotonic() < end, shown
        time.sleep(0.2)
    library = Library(settings)
    duration = library.timeline(entry.id).recording.duration
    for author, parts in (("ada", ADA), ("ben", BEN)):
        starts = [0.0, *(until for _, until in parts if until)]
        sections = tuple(
            Section(start, until or duration, label)
            for start, (label, until) in zip(starts, parts, strict=True)
        )
        library.annotations.save(
            entry.id, author, Annotation(sections=sections), parent=None, duration=duration, tool="test"
        )
    return server.address, settings, entry.id


def test_two_annotators_are_compared_and_settled(
    marked: tuple[str, Settings, str], open_page: Callable[..., Any], picture: Any
) -> None:
    from playwright.sync_api import expect

    address, settings, id = marked
    page = open_page(f"{address}/agreement")
    page.wait_for_selector("[data-testid=player-status][data-ready=true]", state="attached")
    lanes = page.locator("[data-testid=player] .row .name")
    for name in ("ada", "ben", "differences"):
        expect(lanes.filter(has_text=name)).to_have_count(1)
    marks = page.locator("[data-testid=further-item][data-kind=difference]")
    expect(marks).to_have_count(4)
    expect(page.get_by_text("1 of 4")).to_be_visible()
    # The sound stands a little before the first difference, and a click on another goes there.
    audio = page.locator("[data-testid=player-audio]")
    assert abs(audio.evaluate("audio => audio.currentTime") - 13.0) < 0.1
    picture(page, "agreement", 1250)
    marks.nth(2).click()
    page.wait_for_function("audio => audio.currentTime >= 60", arg=audio.element_handle())
    page.keyboard.press("Space")

    page.locator("body").press("n")
    expect(page.get_by_text("2 of 4")).to_be_visible()
    page.wait_for_function("audio => Math.abs(audio.currentTime - 43) < 0.1", arg=audio.element_handle())
    page.locator("body").press("2")
    expect(page.get_by_text("1 of 4 differences decided")).to_be_visible()
    expect(page.get_by_text("3 of 4", exact=False).first).to_be_visible()
    page.get_by_role("button", name="ada for the other 3").click()
    expect(page.get_by_text("4 of 4 differences decided")).to_be_visible()
    page.get_by_label("Who settles it").fill("cleo")
    page.get_by_label("Who settles it").press("Enter")
    page.get_by_role("button", name="Save as reference").click()
    expect(page.get_by_text("Saved as revision 1 of the reference.")).to_be_visible()
    expect(page.get_by_text("Settled by cleo")).to_be_visible()

    reference = Library(settings).annotations.annotation(id, "reference")
    assert reference.verified_by == "cleo" and reference.tier == "reference"
    # All but one was left to ada; the boundary that only ben had within the drop was taken.
    assert [(section.start, section.label) for section in reference.sections or ()] == [
        (0.0, "intro"), (15.0, "buildup"), (30.0, "drop"), (45.0, "drop"), (60.0, "breakdown"), (75.0, "outro"),
    ]  # fmt: skip


def test_the_overview_opens_a_pair_and_is_read_in_the_dark(
    marked: tuple[str, Settings, str], open_page: Callable[..., Any]
) -> None:
    from playwright.sync_api import expect

    page = open_page(f"{marked[0]}/agreement?a=ben&b=ada&difference=2", theme="dark")
    expect(page.get_by_text("2 of 4")).to_be_visible()
    expect(page.get_by_text("Recordings and pairs, the worst first")).to_be_visible()
    expect(page.get_by_text("With fewer than 5 recordings")).to_be_visible()
