"""The player in a real browser: clicks, keys, and what can be heard of them."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def ready(page) -> None:
    page.wait_for_selector("[data-testid=player-status][data-ready=true]", timeout=20_000)


def time_of(page) -> float:
    return page.get_by_test_id("player-audio").evaluate("audio => audio.currentTime")


def playing(page) -> bool:
    return page.get_by_test_id("player-audio").evaluate("audio => !audio.paused")


@contextmanager
def plays_from(page, start: float):
    """Expect that the sound goes there and plays; it plays on while a busy machine asks."""
    listen = "audio => audio.addEventListener('seeking', () => { window.sought = audio.currentTime; })"
    page.get_by_test_id("player-audio").evaluate(listen)
    yield
    page.wait_for_function("start => Math.abs(window.sought - start) < 0.01", arg=start)
    assert playing(page)


def pixels(page) -> int:
    """How many pixels of the waveform are painted."""
    count = """canvas => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, index) => index % 4 === 3 && value > 128).length;
    }"""
    return page.get_by_test_id("player-waveform").evaluate(count)


def test_the_waveform_is_painted(page):
    page.wait_for_timeout(300)
    assert pixels(page) > 20_000


def test_text_of_a_file_stays_text(page):
    assert page.get_by_test_id("player-title").inner_text() == "<b>Loop</b>"


def test_a_click_goes_where_it_points(page):
    box = page.get_by_test_id("player-waveform").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 30)
    assert time_of(page) == pytest.approx(4.0, abs=0.03)


@pytest.mark.parametrize(
    ("target", "start"),
    [
        ("[data-testid=section] >> nth=1", 8.0),
        ("[data-testid=passage-item] >> nth=0", 0.5),
        ("[data-testid=word] >> nth=1", 1.0),
        ("[data-testid=passage] >> nth=1 >> button.time", 8.0),
    ],
)
def test_a_click_on_an_item_goes_to_its_start(page, target, start):
    page.locator(target).click()
    assert time_of(page) == pytest.approx(start, abs=0.01)
    assert not playing(page)


def test_space_plays_and_pauses_and_an_input_keeps_its_keys(page):
    page.keyboard.press("Space")
    assert playing(page)
    page.keyboard.press("Space")
    assert not playing(page)
    page.locator("#field").focus()
    page.keyboard.type("l [ ]")
    assert page.locator("#field").input_value() == "l [ ]"
    assert not playing(page)


def test_keys_move_by_bars_boundaries_and_to_the_ends(page):
    steps = [("Control+ArrowRight", 2.0), ("ArrowRight", 10.0), ("[", 8.0), ("ArrowUp", 0.0), ("]", 8.0)]
    for key, expected in [*steps, ("Shift+ArrowLeft", 0.0), ("End", 15.99), ("Home", 0.0)]:
        page.keyboard.press(key)
        assert time_of(page) == pytest.approx(expected, abs=0.02), key


def test_the_status_says_where_the_sound_is(page):
    page.keyboard.press("]")
    page.wait_for_selector("[data-testid=player-status][data-section=drop]")
    assert page.get_by_test_id("player-time").inner_text() == "0:08.000"
    assert page.get_by_test_id("player-bar").inner_text() == "5.1"
    slider = page.get_by_role("slider", name="Position")
    assert slider.get_attribute("aria-valuetext") == "0:08, bar 5.1, drop"


def test_a_loop_returns_to_the_start_of_its_section(page):
    page.keyboard.press("l")
    audio = page.get_by_test_id("player-audio")
    audio.evaluate("audio => { audio.currentTime = 7.9; }")
    page.keyboard.press("Space")
    page.wait_for_selector("[data-testid=player-status][data-section=buildup]")
    page.wait_for_function("audio => audio.currentTime < 4", arg=audio.element_handle())
    assert playing(page)
    page.keyboard.press("Escape")
    assert page.locator("button.loop").get_attribute("aria-pressed") == "false"


def test_a_face_says_why_and_its_quotes_play(page):
    page.locator("[data-testid=passage-item] >> nth=0").click()
    face = page.locator("[data-testid=face][data-persona=genz]")
    page.wait_for_selector("[data-testid=face][data-persona=genz][data-state=scored]")
    face.click()
    why = page.get_by_test_id("why")
    assert "simulated listener · uncalibrated" in why.inner_text()
    with plays_from(page, 0.5):
        page.get_by_test_id("quote").first.click()
    page.keyboard.press("Escape")
    assert not why.is_visible()


def test_not_scored_says_the_reason(page):
    page.locator("[data-testid=passage-item] >> nth=0").click()
    face = page.locator("[data-testid=face][data-persona=stranger]")
    page.wait_for_selector("[data-testid=face][data-persona=stranger][data-state=unscored]")
    assert "not scored: too few words" in face.get_attribute("aria-label")


def test_moments_play(page):
    with plays_from(page, 8.0):
        page.get_by_role("button", name="best moment for Gen Z 0:08").click()


FINDING = {"kind": "odd_length", "severity": "note", "start": 8.0, "end": 12.0, "bar": 5, "beat": 1}
FINDINGS = [
    FINDING | {"message": "drop of <b>5</b> bars"},
    FINDING | {"message": "1 beat missing", "severity": "warning", "start": 9.5, "end": None, "bar": None, "beat": None},
]  # fmt: skip


def test_findings_are_listed_and_play(page):
    checks = page.get_by_test_id("checks")
    assert checks.count() == 0  # nothing odd, nothing said
    page.evaluate("findings => window.mount({ findings })", FINDINGS)
    assert checks.locator("summary").inner_text().replace("\n", " ") == "Checks: 2 1 warning · 1 note"
    first, second = page.get_by_test_id("finding").all()
    assert not first.is_visible()
    checks.locator("summary").click()
    assert "<b>5</b>" in first.inner_text() and "5.1" in first.inner_text() and "note" in first.inner_text()
    assert "0:09.500" in second.inner_text() and "warning" in second.inner_text()
    second.click()
    assert playing(page) and 9.5 <= time_of(page) < 13  # it plays on while a busy machine asks
    page.evaluate("findings => window.mount({ findings })", FINDINGS[:1])
    assert checks.get_attribute("open") is not None  # new data does not close it
    assert page.get_by_test_id("finding").count() == 1


def test_zoom_keeps_the_playhead_and_shows_where_one_is(page):
    page.keyboard.press("]")
    for _ in range(3):
        page.keyboard.press("+")
    window = page.locator(".window")
    window.wait_for()
    box, head = (page.get_by_test_id(name).bounding_box() for name in ("player-waveform", "playhead"))
    assert head["x"] == pytest.approx(box["x"] + box["width"] / 2, abs=4)
    page.keyboard.press("0")
    window.wait_for(state="hidden")


@pytest.mark.parametrize("time", [1.1, 4.6, 8.2])  # the browser cuts some of these off
def test_a_jump_lands_in_what_begins_there(page, time):
    sections = [
        {"start": 0, "end": time, "label": "intro", "colour": "#56B4E9"},
        {"start": time, "end": 16, "label": "drop", "colour": "#D55E00"},
    ]
    page.evaluate("change => window.mount(change)", {"sections": sections, "at": time})
    page.get_by_test_id("player-audio").evaluate(
        """async audio => {
            if (audio.seeking) await new Promise(done => audio.addEventListener("seeked", done));
            for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
        }"""
    )
    assert page.get_by_test_id("player-status").get_attribute("data-section") == "drop"


def test_lanes_are_walked_by_keyboard(page):
    page.get_by_role("slider", name="Position").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert time_of(page) == pytest.approx(8.0, abs=0.01)


def test_the_help_sheet_lists_every_key(page):
    page.keyboard.press("?")
    sheet = page.get_by_test_id("help")
    assert sheet.is_visible() and "loop this section" in sheet.inner_text()
    page.keyboard.press("Escape")
    assert not sheet.is_visible()


def test_new_data_leaves_the_sound_alone(page):
    audio = page.get_by_test_id("player-audio")
    audio.evaluate("audio => { window.before = audio; audio.currentTime = 5; }")
    page.evaluate("() => window.mount({ moments: [], sections: [] })")
    assert audio.evaluate("audio => audio === window.before") and time_of(page) == 5
    assert page.get_by_test_id("moment").count() == 0
    page.evaluate("() => window.unmount()")
    assert page.get_by_test_id("player").count() == 0


def test_a_notebook_needs_no_address(page, address):
    page.goto(f"{address}/notebook")
    ready(page)
    page.wait_for_timeout(300)
    assert pixels(page) > 20_000
    page.locator("[data-testid=section] >> nth=1").click()
    assert time_of(page) == pytest.approx(8.0, abs=0.01)
