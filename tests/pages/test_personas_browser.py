"""The page Personas in a real browser: make one, turn a slider, hear the difference, save, compare versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edm_core.personas.folder import Folder
from edm_core.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
COLD_MS = 90_000
"""The first score loads what judges text."""
NAME = "Night {Nurse} <b>_x_</b> 👩‍👩‍👧 אחות"


@pytest.fixture(scope="module")
def workbench(
    start_server: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Folder]:
    """A running workbench without recordings, and the folder of its user's personas."""
    data = tmp_path_factory.mktemp("data")
    return start_server(data).address, Folder.of(Settings(data_dir=data))


def test_a_persona_is_made_tried_saved_and_compared(
    workbench: tuple[str, Folder], open_page: Callable[..., Any], picture: Any
) -> None:
    from playwright.sync_api import expect

    address, folder = workbench
    page = open_page(f"{address}/personas")
    expect(page.get_by_text("Simulated listeners")).to_be_visible()
    expect(page.get_by_role("link", name="Gen Z")).to_be_visible()
    picture(page, "personas", 1000)
    page.get_by_role("button", name="New persona").click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Id", exact=True).fill("night_nurse")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    assert "persona=night_nurse" in page.url
    assert folder.edition("night_nurse").persona.name == NAME

    # A slider is turned: what is heard is scored with and without it, and nothing is saved yet.
    score = page.locator(".edm-score")
    expect(score).to_be_visible(timeout=COLD_MS)
    expect(score).not_to_contain_text("with your changes")
    page.get_by_text("Topics they like and dislike").click()
    slider = page.get_by_role("slider", name="Entertainment")
    slider.press("End")
    expect(slider).to_have_value("1")
    expect(score).to_contain_text("with your changes, before")
    first = folder.edition("night_nurse").persona
    assert "Entertainment" not in first.likes.topics
    page.get_by_role("button", name="Save", exact=True).click()
    expect(score).not_to_contain_text("with your changes")
    assert folder.edition("night_nurse").persona.likes.topics == {"Entertainment": 1.0}

    page.get_by_role("radio", name="Versions").or_(page.get_by_role("button", name="Versions")).click()
    expect(page.locator(".edm-changes")).to_contain_text("now likes the topic Entertainment (1)")
    page.get_by_role("button", name=f"Take up {first.version} again").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    assert folder.edition("night_nurse").persona == first


def test_a_wrong_line_is_named_and_a_narrow_dark_page_holds_everything(
    workbench: tuple[str, Folder], open_page: Callable[..., Any]
) -> None:
    from playwright.sync_api import expect

    address, folder = workbench
    folder.create("dad", "D" * 400)
    page = open_page(f"{address}/personas", theme="dark", size=(390, 800))
    page.get_by_role("link", name="DDD").click()
    expect(page.locator(".edm-score")).to_be_visible(timeout=COLD_MS)
    page.get_by_role("radio", name="YAML").or_(page.get_by_role("button", name="YAML")).click()
    file = page.get_by_label("The file")
    expect(file).to_be_visible(timeout=20_000)
    text = file.input_value()
    file.fill(text.replace("tolerates: 4", "tolerates: [4"))
    file.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="not YAML")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
    assert folder.edition("dad").text == text
