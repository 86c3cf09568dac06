"""The Library page in a browser: what stands in the address, pages, and the keyboard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert

from edm_core.settings import Settings
from edm_core.store import Entry, Library
from edm_core.store.database import database_of
from edm_core.store.entries import columns
from edm_core.store.tables import entries

pytestmark = pytest.mark.browser
CARD = "[class*='st-key-card-'] .edm-stage"
NAME = "[class*='st-key-card-'] [data-testid=stPageLink] a"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, start_server: Callable[..., Any]) -> tuple[str, Library]:
    """A server with 130 recordings that were never analysed by anybody."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    rows = []
    for index in range(130):
        id = f"sha256:{hashlib.sha256(str(index).encode()).hexdigest()}"
        added = f"2026-01-01T00:00:00.{index:06}Z"
        entry = Entry(
            id, f"track {index:03}.mp3", added, f"/music/{index}.mp3", "done", chips=(f"{100 + index // 10} BPM",),
            outline=tuple(range(0, 127, 2)), duration=100.0 + index,
        )  # fmt: skip
        rows.append(columns(entry) | {"bpm": 100.0 + index // 10})
    with database_of(settings).writing() as connection:
        connection.execute(insert(entries), rows)
    return start_server(settings.data_dir).address, Library(settings)


def test_the_address_says_what_is_shown(shelf: tuple[str, Library], open_page: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    page = open_page(f"{shelf[0]}/?search=track&sort=Oldest&page=2")
    expect(page.get_by_text("61 to 120 of 130 recordings")).to_be_visible()
    expect(page.locator(CARD)).to_have_count(60)
    expect(page.locator(NAME)).to_have_count(60)  # a card is there before its name
    expect(page.locator(NAME).first).to_have_text("track 060.mp3")
    page.locator(".st-key-page").get_by_text("3", exact=True).click()
    expect(page.get_by_text("121 to 130 of 130 recordings")).to_be_visible()
    expect(page.locator(CARD)).to_have_count(10)
    assert "page=3" in page.url
    page.get_by_placeholder("Search titles").fill("100 BPM")
    page.keyboard.press("Enter")
    expect(page.get_by_text("11 recordings", exact=True)).to_be_visible()
    expect(page.locator(CARD)).to_have_count(11)  # one is called so
    assert "page=" not in page.url and "search=100" in page.url
    page.reload()
    expect(page.locator(CARD)).to_have_count(11)


def test_a_recording_is_tagged_and_erased_from_its_menu(
    shelf: tuple[str, Library], open_page: Callable[..., Any]
) -> None:
    from playwright.sync_api import expect

    address, library = shelf
    entry = library.list("129")[0]
    page = open_page(f"{address}/?search=129")
    page.locator(f".st-key-do-{entry.digest[:16]} button >> visible=true").first.press("Enter")
    page.get_by_text("Tags …").last.click()
    window = page.get_by_role("dialog")
    window.get_by_role("combobox").first.fill("warm")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # out of the list, which covers the button
    window.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".edm-tag", has_text="warm")).to_have_count(1)
    assert library.tags() == {"warm": 1}
    page.locator(f".st-key-do-{entry.digest[:16]} button >> visible=true").first.press("Enter")
    page.get_by_text("Erase for good").last.click()
    window.get_by_label("Why").fill("asked for")
    window.get_by_label("Why").press("Tab")
    window.get_by_label("Type").fill(entry.digest[:6])
    window.get_by_label("Type").press("Enter")
    expect(window.get_by_role("button", name="Erase", exact=True)).to_be_enabled()
    window.get_by_role("button", name="Erase", exact=True).press("Enter")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    assert library.get(entry.id) is None
    assert [row.what for row in library.annotations.audit(entry.id)] == ["erase"]


def test_a_narrow_window_shows_all_of_it(shelf: tuple[str, Library], open_page: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    page = open_page(shelf[0], size=(390, 800))
    expect(page.locator(CARD).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
