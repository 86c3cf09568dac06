"""The demo visitor's journey in a real browser, against a real server with the real analysis."""

import json
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ANALYSIS_MS = 240_000

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def library(
    start_server: Callable[..., Any],
    chromium: Any,
    demo: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """Upload the demo through the page, watch the progress, and return addresses by name."""
    server = start_server(tmp_path_factory.mktemp("data"))
    page = chromium.new_page()
    page.goto(server.address)
    page.get_by_text("Add your first recording").wait_for()
    page.set_input_files("input[type=file]", [str(path) for path in demo.values()])
    page.locator("[class*='st-key-card-'] [role=progressbar]").first.wait_for()
    # A stage with its share is seen while the work goes on, not only its beginning and its end.
    page.get_by_text("%").first.wait_for(timeout=ANALYSIS_MS)
    assert " · " in page.locator("[class*='st-key-card-']", has_text="%").first.inner_text()
    done = page.locator("[class*='st-key-card-'] .edm-facts .edm-quiet")
    done.nth(len(demo) - 1).wait_for(timeout=ANALYSIS_MS)
    page.close()
    with urllib.request.urlopen(f"{server.address}/api/v1/recordings") as answer:
        recordings = json.load(answer)["recordings"]
    assert {recording["status"] for recording in recordings} == {"done"}, recordings
    ids = {Path(recording["name"]).stem: recording["id"].removeprefix("sha256:") for recording in recordings}
    return {"": server.address} | {
        name: f"{server.address}/listen?recording={ids[name][:12]}" for name in demo
    }


def listening(page: Any) -> Any:
    """Wait until the sound can be played."""
    page.wait_for_selector("[data-testid=player-status][data-ready=true]", state="attached")
    return page.locator("[data-testid=player-audio]")


def at(audio: Any) -> float:
    return audio.evaluate("audio => audio.currentTime")


def start_of(locator: Any) -> float:
    return float(locator.get_attribute("data-start"))


def test_a_click_anywhere_on_a_card_opens_listen(
    library: dict[str, str], open_page: Open, picture: Any
) -> None:
    page = open_page(library[""])
    cards = page.locator("[class*='st-key-card-']")
    assert cards.count() == 2
    page.get_by_text("BPM").first.wait_for()
    picture(page, "library", 460)
    box = cards.last.locator("img").bounding_box()  # clicked by place: the title's link lies over it
    place = [box["x"] + box["width"] / 3, box["y"] + box["height"] / 2]
    # Pictures are up before links are, on a machine that is busy.
    page.wait_for_function("place => document.elementFromPoint(...place)?.closest('a')", arg=place)
    page.mouse.click(*place)
    page.wait_for_url("**/listen?recording=*")
    listening(page)
    assert page.title().endswith("EDM workbench") and page.title() != "EDM workbench"


def test_a_card_is_opened_by_keyboard(library: dict[str, str], open_page: Open) -> None:
    page = open_page(library[""])
    page.locator("[class*='st-key-card-'] a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/listen?recording=*")


def test_search(library: dict[str, str], open_page: Open) -> None:
    page = open_page(library[""])
    cards = page.locator("[class*='st-key-card-']")
    title = cards.first.locator("a").inner_text()
    page.get_by_placeholder("Search").fill(title)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll(\"[class*='st-key-card-']\").length === 1")
    assert cards.first.locator("a").inner_text() == title
    page.get_by_placeholder("Search").fill("nothing of the kind")
    page.keyboard.press("Enter")
    page.get_by_text("Nothing matches").wait_for()


def test_a_click_on_a_section_moves_the_sound(library: dict[str, str], open_page: Open, picture: Any) -> None:
    page = open_page(library["edm_track"])
    audio = listening(page)
    sections = page.locator("[data-testid=section]")
    assert sections.count() >= 3 and at(audio) == 0.0
    later = sections.nth(sections.count() // 2)
    later.click()
    assert abs(at(audio) - start_of(later)) < 0.05 and at(audio) > 1.0
    picture(page, "track", 720)


def test_a_click_on_words_moves_the_sound_and_space_plays(
    library: dict[str, str], open_page: Open, picture: Any
) -> None:
    page = open_page(library["radio_show"])
    audio = listening(page)
    passages = page.locator("[data-testid=passage-item]")
    assert passages.count() >= 2
    later = passages.nth(passages.count() // 2)
    later.click()
    assert abs(at(audio) - start_of(later)) < 0.05 and at(audio) > 1.0
    page.locator("[data-testid=passage].now [data-testid=word]").nth(8).click()
    page.locator("[data-testid=face]").first.click()
    page.locator("[data-testid=why]").wait_for()
    picture(page, "listen", 1325)

    before = at(audio)
    page.keyboard.press("Space")
    end = time.monotonic() + 10
    while at(audio) < before + 0.3:
        assert time.monotonic() < end, "the sound does not move"
        page.wait_for_timeout(50)
    assert not audio.evaluate("audio => audio.paused")
    page.keyboard.press("Space")
    page.wait_for_timeout(200)
    assert audio.evaluate("audio => audio.paused")

    word = page.locator("[data-testid=word]").nth(3)
    word.click()
    assert abs(at(audio) - start_of(word)) < 0.05


def test_what_is_said_is_searched_filtered_and_taken_along(library: dict[str, str], open_page: Open) -> None:
    page = open_page(library["radio_show"])
    audio = listening(page)
    page.keyboard.press("/")
    page.keyboard.type("GOOD, morning")
    count = page.get_by_test_id("search-count")
    assert count.inner_text().endswith("found") and count.inner_text() != "nothing found"
    page.keyboard.press("Enter")
    assert count.inner_text().startswith("1 of ")
    here = page.locator(".word.hit.here").first
    assert here.inner_text().strip(",.").lower() == "good" and abs(at(audio) - start_of(here)) < 0.05
    page.keyboard.type("rc")  # the framework's own keys for rerun and clear stay out of it
    page.keyboard.press("Escape")
    assert page.locator(".word.hit").count() == 0 and not page.get_by_role("dialog").is_visible()

    total = page.locator("[data-testid=passage]").count()
    chip = page.locator("[data-testid=passage]:not(.folded) [data-testid=chip][data-facet=topic]").last
    chip.click()
    tally = page.get_by_test_id("filter-tally")
    assert tally.inner_text().endswith(f" of {total} passages") and page.get_by_test_id("fold").count() >= 1
    page.get_by_test_id("clear-filters").click()
    assert page.get_by_test_id("fold").count() == 0

    with page.expect_download() as download:
        page.get_by_role("button", name="WebVTT").click()
    assert download.value.suggested_filename == "radio_show.vtt"
    assert Path(download.value.path()).read_text(encoding="utf-8").startswith("WEBVTT\n\n00:00:")


def test_a_link_opens_a_moment(library: dict[str, str], open_page: Open) -> None:
    page = open_page(library["radio_show"] + "&t=0:12.5")
    assert abs(at(listening(page)) - 12.5) < 0.05


def test_a_link_to_nothing_teaches(library: dict[str, str], open_page: Open) -> None:
    page = open_page(f"{library['']}/listen?recording=ffffffffffff")
    page.get_by_text("not in the library").wait_for()
    page.get_by_role("link", name="Open the library").click()
    page.locator("[class*='st-key-card-']").first.wait_for()


@pytest.mark.parametrize(("theme", "darkest", "lightest"), [("light", 230, 255), ("dark", 0, 40)])
def test_both_themes(
    library: dict[str, str], open_page: Open, theme: str, darkest: int, lightest: int
) -> None:
    page = open_page(library["edm_track"], theme=theme)
    listening(page)
    colour = page.locator("[data-testid=stApp]").evaluate("app => getComputedStyle(app).backgroundColor")
    assert all(darkest <= int(value) <= lightest for value in colour.strip("rgb()").split(",")), colour


def test_a_narrow_window_does_not_scroll_sideways(library: dict[str, str], open_page: Open) -> None:
    for address in (library[""], library["radio_show"]):
        page = open_page(address, size=(420, 800))
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_ctrl_c_ends_the_app_and_its_workers_with_a_page_open(
    start_server: Callable[..., Any], chromium: Any, tmp_path: Path
) -> None:
    server = start_server(tmp_path / "data")
    page = chromium.new_page()
    page.goto(server.address)
    page.get_by_text("Add your first recording").wait_for()
    children = subprocess.run(
        ["ps", "--ppid", str(server.process.pid), "-o", "pid="], capture_output=True, text=True, check=False
    ).stdout.split()
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(15) == 0
    page.close()
    for child in children:
        assert not Path(f"/proc/{child}").exists()
    assert "Traceback" not in server.log.read_text() and "Stopped." in server.log.read_text()


def test_the_shows_audience_is_there_when_it_has_been_analysed(
    library: dict[str, str], open_page: Open, picture: Any
) -> None:
    from playwright.sync_api import expect

    page = open_page(library["radio_show"].replace("/listen", "/audience"))
    page.wait_for_selector("[data-testid=jury-status][data-ready=true]", state="attached")
    expect(page.get_by_test_id("heat-row").filter(has=page.get_by_test_id("tally"))).not_to_have_count(0)
    expect(page.get_by_test_id("standing")).to_contain_text("Simulated audience, uncalibrated")
    page.locator("[data-testid=moment][data-kind=worst]").first.click()
    page.keyboard.press("Space")
    expect(page.get_by_test_id("card").get_by_test_id("quote").first).to_be_visible()
    picture(page, "audience", 1300)
