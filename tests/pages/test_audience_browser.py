"""The page Audience in a real browser: make a persona, have it score, open the worst moment, hear it, rate it, and
see how far people agree."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from edm_core.audio import load
from edm_core.cache import Cache
from edm_core.content import describe
from edm_core.items import Energy
from edm_core.personas import load_personas, react
from edm_core.service.views.picture import outline_of
from edm_core.settings import Settings
from edm_core.store import Entry, Library
from edm_core.timeline import Evidence, Layer, Passage, Reaction, Section, Timeline, Word

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WAIT_MS = 60_000  # the machine may be busy
SECONDS = 8.0
SAID = (
    "Good morning, this is the breakfast show, and it is a wonderful sunny day to be up early with us.",
    "The committee will publish its report on pension reform in the autumn, and shares closed lower again.",
    "And he scored in the last minute, two goals to one, the whole stadium was on its feet and singing.",
    "I laughed so hard at that video that I had to send it to everyone I know, it is just so good.",
    "Terms and conditions apply, see our website for details, and ask your bank before you sign anything.",
    "Rain will move in from the west tonight, with strong winds on the coast and snow on the hills.",
)
NAME = "Night {Nurse} <b>_x_</b>"


@dataclass(frozen=True)
class Room:
    """A served data folder with two spoken recordings, one of which is scored again, and one of music."""

    address: str
    library: Library
    talk: Entry
    again: Entry
    track: Entry

    def page(self, entry: Entry | None = None, **more: str) -> str:
        query = {"recording": (entry or self.talk).digest[:12], **more}
        return f"{self.address}/audience?" + "&".join(f"{name}={value}" for name, value in query.items())


@pytest.fixture(scope="module")
def room(start_server: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Room:
    library = Library(Settings(data_dir=tmp_path_factory.mktemp("data")))
    sounds = tmp_path_factory.mktemp("sound")
    personas = load_personas()
    passages = describe([spoken(index, text) for index, text in enumerate(SAID)])
    talked = (
        Layer("passages", "model:words@1", tuple(passages)),
        Layer("reactions", "model:personas@2", judged(react(passages, personas=personas))),
    )
    sections = tuple(
        Section(
            16.0 * index,
            16.0 * (index + 1),
            label,
            start_bar=8 * index + 1,
            end_bar=8 * index + 8,
            energy=Energy(level, level - 6, level - 12),
        )
        for index, (label, level) in enumerate((("intro", -24.0), ("drop", -8.0), ("outro", -20.0)))
    )
    played = (
        Layer("sections", "model:sections@1", sections),
        Layer("reactions", "model:personas@2", lower(react((), sections, personas), by=0.5)),
    )
    talk = added(library, tone(sounds / "talk.wav", 220), talked)
    again = added(library, tone(sounds / "again.wav", 250), talked)
    track = added(library, tone(sounds / "track.wav", 330), played)
    return Room(start_server(library.settings.data_dir).address, library, talk, again, track)


def tone(path: Path, pitch: float) -> Path:
    soundfile.write(path, 0.4 * np.sin(2 * np.pi * pitch * np.arange(48 * 8_000) / 8_000), 8_000)
    return path


def spoken(index: int, text: str) -> Passage:
    start, words = SECONDS * index, text.split()
    length = (SECONDS - 1) / len(words)
    return Passage(
        start, start + SECONDS - 1, text=text, language="en",
        words=tuple(
            Word(start + length * place, start + length * (place + 1), text=word, probability=0.9)
            for place, word in enumerate(words)
        ),
    )  # fmt: skip


def judged(reactions: tuple[Reaction, ...]) -> tuple[Reaction, ...]:
    """Let one reaction have failed, and one quote two seconds of what it heard."""
    failed = {"status": "failed", "score": None, "distribution": None, "confidence": None, "evidence": ()}
    quote = (Evidence("it is just so good.", 28.0, 30.0),)
    made = []
    for each in reactions:
        if each.persona == "academic" and each.target.index == 0:
            each = replace(each, **failed, note="the server is down")  # type: ignore[arg-type]
        if each.persona == "genz" and each.target.index == 3:
            each = replace(each, evidence=quote)
        made.append(each)
    return tuple(made)


def lower(reactions: tuple[Reaction, ...], by: float) -> tuple[Reaction, ...]:
    """Let the Club DJ score lower than the scorer does."""
    return tuple(
        replace(each, score=each.score - by) if each.persona == "club_dj" and each.score else each
        for each in reactions
    )


def added(library: Library, path: Path, layers: tuple[Layer, ...]) -> Entry:
    library.add_file(path)
    sound = load(path, settings=library.settings, cache=Cache.of(library.settings))
    entry = library.save_timeline(Timeline(sound.recording, layers), outline_of(sound.peaks))
    assert entry is not None
    return entry


def opened(page: Any) -> Any:
    page.set_default_timeout(WAIT_MS)
    page.wait_for_selector("[data-testid=jury-status][data-ready=true]", state="attached")
    return page


def cell(page: Any, persona: str, index: int, kind: str = "passage") -> Any:
    return page.locator(f"[data-testid=cell][data-row='{persona}'][data-kind={kind}][data-index='{index}']")


def plays_from(page: Any, time: float) -> None:
    """Wait until it sounds, not far behind a time."""
    audio = page.get_by_test_id("jury-audio").element_handle()
    page.wait_for_function(
        "([audio, time]) => !audio.paused && audio.currentTime > time && audio.currentTime < time + 20",
        arg=[audio, time],
    )


def is_silent(page: Any) -> float:
    """Wait until it does not sound any more, and return where it stands."""
    audio = page.get_by_test_id("jury-audio").element_handle()
    page.wait_for_function("audio => audio.paused", arg=audio)
    return float(audio.evaluate("audio => audio.currentTime"))


def test_from_a_new_persona_to_agreement(room: Room, open_page: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    page = open_page(f"{room.address}/personas")
    page.set_default_timeout(WAIT_MS)
    page.get_by_role("button", name="New persona").click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Id", exact=True).fill("night_nurse")
    page.get_by_role("combobox", name=re.compile("Begin with")).click()
    page.get_by_role("option", name="Gen Z").click()
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible(timeout=WAIT_MS)

    # Nobody has asked her yet: she is asked, alone, and stands beside the others.
    page.goto(room.page(room.again, author="Cleo"))
    opened(page)
    expect(page.get_by_test_id("standing")).to_contain_text("Simulated audience, uncalibrated")
    expect(page.locator("[data-testid=heat-row][data-row=night_nurse]")).to_have_count(0)
    page.get_by_role("button", name="Score again").click()
    page.get_by_role("button", name="Score", exact=True).click()
    row = page.locator("[data-testid=heat-row][data-row=night_nurse]")
    expect(row.get_by_role("rowheader")).to_contain_text(NAME, timeout=WAIT_MS)
    expect(row.get_by_test_id("tally")).to_contain_text("6 of 6")
    assert len(room.library.scorings.history(room.again.id)) == 1

    # Her worst moment is opened and heard.
    cell(page, "night_nurse", 3).click()
    plays_from(page, 3 * SECONDS)
    worst = page.locator("[data-testid=moment][data-kind=worst]").first
    start = float(worst.get_attribute("data-start") or -1)
    worst.click()
    plays_from(page, start)
    card = page.get_by_test_id("card")
    expect(card).to_contain_text(NAME)
    expect(card.get_by_test_id("sureness")).to_contain_text("uncalibrated")
    page.keyboard.press("Space")
    is_silent(page)

    # It is rated, and so is the rest; what one says stands beside what she says, and reaches the store.
    page.keyboard.press("2")
    expect(card.get_by_test_id("apart")).to_contain_text("one person: 2.0")
    expect(card.get_by_test_id("said")).to_have_text("cleo 2")
    page.keyboard.press("Home")
    for score in (4, 1, 5, 5, 2, 3):
        page.keyboard.press(str(score))
        expect(card.locator(f"[data-testid=rate][data-score='{score}']")).to_have_attribute(
            "aria-pressed", "true"
        )
        page.keyboard.press("ArrowRight")
    expect(card.get_by_test_id("rating-status")).to_have_text("saved")
    assert [each.score for each in sorted(room.library.ratings.newest(room.again.id), key=lambda r: r.start)] == [
        4, 1, 5, 5, 2, 3,
    ]  # fmt: skip

    page.get_by_role("tab", name="People").click()
    expect(page.get_by_text("6 ratings of 1 person on this recording")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("[data-testid=stDataFrame]").last).to_be_visible()


def test_a_quotation_is_heard_to_its_end_and_no_further(room: Room, open_page: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    page = opened(open_page(room.page(persona="genz", t="25")))
    expect(cell(page, "genz", 3)).to_have_attribute("aria-selected", "true")
    card = page.get_by_test_id("card")
    card.get_by_test_id("quote").click()
    plays_from(page, 28.0)
    assert 30.0 <= is_silent(page) < 40.0  # how late is up to the machine
    expect(card.get_by_test_id("cell-link")).to_have_attribute("href", re.compile("persona=genz&t=24.0$"))
    card.get_by_text("What made this score").click()
    expect(card.get_by_test_id("provenance")).to_contain_text("offline@")
    expect(card.get_by_test_id("provenance")).to_contain_text("persona version")
    word = page.get_by_test_id("heard").get_by_test_id("word").nth(2)
    word.click()
    expect(word).to_have_class(re.compile("now"))


def test_hands_stay_on_the_keyboard(room: Room, open_page: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    page = opened(open_page(room.page(persona="genz", t="1"), theme="dark"))
    rows = page.get_by_test_id("heat-row")
    page.keyboard.press("s")
    expect(page.locator("[data-sort=name]")).to_have_attribute("aria-pressed", "true")
    heads = rows.get_by_role("rowheader").element_handles()
    names = [head.get_attribute("title") for head in heads][2:]
    assert len(names) > 8 and names == sorted(names, key=str.casefold)

    page.keyboard.press("ArrowRight")
    expect(cell(page, "genz", 1)).to_be_focused()
    page.keyboard.press("End")
    expect(cell(page, "genz", 5)).to_be_focused()
    page.keyboard.press("ArrowUp")
    chosen = page.locator("[data-testid=cell][aria-selected=true]")
    expect(chosen).to_have_attribute("data-index", "5")
    expect(chosen).not_to_have_attribute("data-row", "genz")
    page.keyboard.press("Enter")
    plays_from(page, 5 * SECONDS)
    expect(cell(page, "*consensus", 5)).to_have_class(re.compile("now"))
    page.keyboard.press("Space")
    is_silent(page)
    page.keyboard.press("w")
    worst = page.locator("[data-testid=moment][data-kind=worst]").first
    plays_from(page, float(worst.get_attribute("data-start") or -1))
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("help")).to_be_hidden()
    # Who has said no name yet is asked for it, and what is typed is no command.
    page.keyboard.press("3")
    expect(page.get_by_test_id("rater")).to_be_focused()
    page.keyboard.type("s5")
    expect(page.locator("[data-sort=name]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("rate").first).to_be_visible()


def test_what_is_let_through_is_counted_and_what_failed_says_why(
    room: Room, open_page: Callable[..., Any]
) -> None:
    from playwright.sync_api import expect

    page = opened(open_page(room.page()))
    failed = cell(page, "academic", 0)
    expect(failed).to_have_attribute("data-status", "failed")
    expect(failed).to_have_text("!")
    expect(failed).to_have_attribute("aria-label", re.compile("not scored: the server is down"))
    expect(page.locator("[data-row=academic] [data-testid=tally]")).to_contain_text("5 of 6")
    failed.click()
    expect(page.get_by_test_id("card")).to_contain_text("No score: the server is down.")

    page.get_by_test_id("filter").click()
    sieve = page.get_by_test_id("sieve")
    sieve.get_by_role("group", name="status").get_by_role("button", name="failed").click()
    expect(page.get_by_test_id("seen")).to_have_text(re.compile(r"^1 of \d+ scores$"))
    sieve.get_by_role("group", name="persona").get_by_role("button", name="Academic").click()
    expect(page.locator("[data-testid=heat-row][data-row=academic]")).to_have_count(0)
    expect(page.get_by_test_id("seen")).to_have_text(re.compile(r"^0 of \d+ scores$"))
    page.get_by_role("button", name="show all").click()
    expect(page.get_by_test_id("seen")).to_be_empty()
    page.get_by_test_id("apart-only").click()
    expect(page.get_by_test_id("seen")).to_have_text(re.compile(r"^\d+ of \d+ scores$"))
    out = page.locator("[data-testid=cell].out")
    apart = [
        float(text) for text in page.locator("[data-row='*divergence'].cell:not(.out)").all_text_contents()
    ]
    assert apart and min(apart) >= 2.0
    assert (
        out.count() + page.locator("[data-testid=cell]:not(.out)").count()
        == page.get_by_test_id("cell").count()
    )


def test_what_cannot_be_saved_is_said_and_not_lost(room: Room, open_page: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    page = opened(open_page(room.page(persona="genz", t="1", author="dora")))
    page.evaluate(
        """() => {
            const fetch = window.fetch;
            window.online = () => (window.fetch = fetch);
            window.fetch = () => Promise.reject(new TypeError("offline"));
        }"""
    )
    before = room.library.ratings.history(room.talk.id)
    page.keyboard.press("4")
    status = page.get_by_test_id("rating-status")
    expect(status).to_contain_text("Not saved: the server cannot be reached")
    assert room.library.ratings.history(room.talk.id) == before
    page.evaluate("window.online()")
    status.get_by_role("button", name="Try again").click()
    expect(status).to_have_text("saved")
    assert [each.score for each in room.library.ratings.newest(room.talk.id) if each.rater == "dora"] == [4]


def test_a_table_of_ratings_comes_in_and_calibrates(room: Room, open_page: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    page = opened(open_page(room.page()))
    scores = (
        (4, 2, 5, 4, 1, 3),
        (5, 2, 4, 4, 2, 3),
        (4, 1, 5, 5, 2, 2),
        (3, 2, 4, 5, 1, 3),
        (4, 3, 5, 4, 2, 2),
    )
    rows = [
        f"{index},rater-{rater},{score}"
        for rater, given in enumerate(scores)
        for index, score in enumerate(given)
    ]
    table = "\n".join(["index,rater,score", *rows, "0,rater-9,7"])
    page.get_by_role("tab", name="Calibration").click()
    expect(page.get_by_text("Scores are uncalibrated")).to_be_visible()
    expect(page.get_by_role("button", name="Calibrate on people's ratings")).to_be_disabled()
    page.get_by_role("tab", name="People").click()
    field = page.locator("[data-testid=stFileUploader] input")
    field.set_input_files({"name": "panel.csv", "mimeType": "text/csv", "buffer": table.encode()})
    expect(page.get_by_text("30 of 30 ratings are new.")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text(re.compile("panel.csv: line 32, score"))).to_be_visible()
    # What came in stands on the cards at once.
    expect(page.get_by_test_id("said").filter(has_text="rater-0")).to_have_count(1)
    page.get_by_role("tab", name="Calibration").click()
    page.get_by_role("button", name="Calibrate on people's ratings").click()
    expect(page.get_by_test_id("standing")).to_contain_text(
        re.compile(r"calibrated on \d+ ratings"), timeout=WAIT_MS
    )
    expect(page.get_by_test_id("sureness")).to_contain_text(re.compile(r"sure, calibrated on \d+ ratings"))
    expect(page.get_by_role("img", name=re.compile("came true"))).to_have_count(2)
    page.get_by_role("button", name="Show scores as they were made").click()
    expect(page.get_by_test_id("standing")).to_contain_text("uncalibrated", timeout=WAIT_MS)


def test_music_is_heard_too_and_compared_with_an_earlier_scoring(
    room: Room, open_page: Callable[..., Any]
) -> None:
    from playwright.sync_api import expect

    page = opened(open_page(room.page(room.track)))
    expect(page.get_by_test_id("heard")).to_contain_text("8 bars")
    expect(page.locator("[data-testid=heat-row][data-row=genz]")).to_have_count(0)
    page.get_by_role("button", name="Score again").click()
    page.get_by_role("button", name="Score", exact=True).click()
    compare = page.get_by_role("combobox", name="Compare with")
    compare.click()
    page.get_by_role("option", name=re.compile("^Scored before")).click(timeout=WAIT_MS)
    expect(page.locator("[data-testid=cell].split")).to_have_count(3, timeout=WAIT_MS)
    expect(page.locator("[data-row=club_dj] [data-testid=tally]")).to_contain_text("+0.5")
    expect(page.locator("[data-row=festival_goer] [data-testid=tally]")).to_contain_text("±0.0")
    expect(page.get_by_text("Item by item; positive: higher here.")).to_be_visible()
