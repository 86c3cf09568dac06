"""The transcript in a real browser: it follows, is searched and filtered, and says what was not believed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from edm_core.timeline import (
    Evidence,
    Judgement,
    Layer,
    Passage,
    Recording,
    Repetition,
    Safety,
    Score,
    Severities,
    Span,
    Timeline,
    Utterance,
    Word,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

LENGTH, STEP = 5.0, 0.25
FILLER = "and so it goes on for a while with nothing of note in it"
OPENINGS = [
    "Good morning from the café.",
    "It was good",  # the phrase goes on in the next passage
    "morning all over the country.",
    "Well damn it to hell.",
    *["The home side won again."] * 2,
    "Good morning once more.",
    *["The away side lost again."] * 5,
]
REASON = "no speech was heard there"


def spoken(index: int, opening: str) -> Passage:
    start = index * LENGTH + 0.25
    texts = opening.split() if index == 1 else [*opening.split(), *FILLER.split()]
    words = tuple(
        Word(start + i * STEP, start + (i + 0.8) * STEP, text=text, probability=None if i == 2 else 0.9)
        for i, text in enumerate(texts)
    )
    sports = Judgement("ok", "Sports", 0.9)
    unclear = Judgement("abstained", top=(Score("Travel", 0.3),), reason="two topics are as likely")
    damn = Evidence("damn", words[1].start, words[1].end, "profanity")
    return Passage(
        start,
        words[-1].end,
        text=" ".join(texts),
        language="en",
        words=words,
        topic={0: Judgement("ok", "Weather", 0.8), 1: unclear, 2: unclear}.get(index, sports),
        tone=Judgement("ok", "Excited" if index % 2 else "Serious", 0.5),
        safety=Safety("flagged", Severities(profanity=4, violence=2), (damn,)) if index == 3 else Safety("clear"),
        repeats=0 if index == 6 else None,
        repetition=Repetition("same words", 0, 0.25, 0.9) if index == 6 else None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    passages = tuple(spoken(index, opening) for index, opening in enumerate(OPENINGS))
    duration = len(OPENINGS) * LENGTH + 1
    doubted = Utterance(9.5, 10.0, text="Thanks for <b>watching</b>", rejected=REASON)
    believed = Utterance(10.25, 12.0, text="morning all over the country.")
    layers = (
        Layer("activity", "model:activity@1", (Span(0, duration, "speech"),)),
        Layer("utterances", "model:words@1", (doubted, believed)),
        Layer("passages", "model:words@1", passages),
    )
    return Timeline(Recording("sha256:cc", duration, 8_000, 1, title="Talk"), layers)


def time_of(page) -> float:
    return page.get_by_test_id("player-audio").evaluate("audio => audio.currentTime")


def playing(page) -> bool:
    return page.get_by_test_id("player-audio").evaluate("audio => !audio.paused")


def search(page, text: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(text)


def count(page) -> str:
    return page.get_by_test_id("search-count").inner_text()


def marked(page, kind: str = "hit") -> list[str]:
    return page.locator(f".word.{kind}").all_text_contents()


def painted(page) -> bool:
    page.wait_for_timeout(150)
    return page.get_by_test_id("hits").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((value) => value > 0)"
    )


def passage(page, index: int):
    return page.locator(f"[data-testid=passage][data-index='{index}']")


def choose(page, facet: str, value: str) -> None:
    panel = page.get_by_test_id("filters")
    if not panel.is_visible():
        page.get_by_test_id("filter-button").click()
    panel.locator(f"[data-facet='{facet}'][data-value='{value}']").click()


def test_a_search_is_walked_by_enter_and_left_by_escape(page):
    assert not painted(page)
    search(page, "GOOD MORNING")
    assert count(page) == "3 found" and time_of(page) == 0.0
    assert marked(page) == ["Good", "morning", "good", "morning", "Good", "morning"]
    assert painted(page)
    for key, number, start in [
        ("Enter", 1, 0.25), ("Enter", 2, 5.75), ("Enter", 3, 30.25), ("Enter", 1, 0.25), ("Shift+Enter", 3, 30.25),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert count(page) == f"{number} of 3" and time_of(page) == pytest.approx(start, abs=0.01)
    assert marked(page, "here") == ["Good", "morning"] and not playing(page)
    page.keyboard.press("Escape")
    assert count(page) == "" and marked(page) == [] and not painted(page)
    page.keyboard.press("Space")
    assert playing(page)  # the keys are the player's again


def test_the_first_place_found_is_the_next_one_from_here(page):
    page.get_by_role("button", name="play from 0:15").click()
    search(page, "good")
    page.keyboard.press("Enter")
    assert count(page) == "3 of 3"


def test_what_is_typed_is_text_and_no_key(page):
    search(page, "l ? [ 0 / r c")
    assert page.get_by_test_id("search").input_value() == "l ? [ 0 / r c"
    assert count(page) == "nothing found" and not page.get_by_test_id("help").is_visible()
    assert page.locator("button.loop").get_attribute("aria-pressed") != "true"


def test_search_says_what_it_is_to_who_cannot_see_it(page):
    box = page.get_by_role("search")
    assert box.get_by_role("searchbox", name="Search what is said").count() == 1
    assert page.get_by_test_id("search-count").get_attribute("aria-live") == "polite"
    search(page, "side")
    box.get_by_role("button", name="next place found").click()
    assert count(page).startswith("1 of ")


def test_the_last_place_is_scrolled_to_from_far_away(page):
    search(page, "good morning once")
    frame = page.get_by_test_id("transcript-box").bounding_box()
    page.wait_for_timeout(200)
    place = passage(page, 6).locator(".word.hit").first.bounding_box()
    assert frame["y"] <= place["y"] <= frame["y"] + frame["height"]


def test_a_chip_filters_and_folds_what_does_not_match(page):
    chip = passage(page, 0).locator("[data-testid=chip][data-facet=topic]")
    expect(chip).to_have_text("Weather80%")
    chip.click()
    assert chip.get_attribute("aria-pressed") == "true"
    assert page.get_by_test_id("filter-tally").inner_text() == "1 of 12 passages"
    assert (
        page.locator("[data-testid=passage]:visible").count() == 2
    )  # the match, and one line for all others
    fold = page.get_by_test_id("fold")
    expect(fold).to_have_text("11 passages folded")
    page.wait_for_timeout(100)
    assert page.locator("[data-testid=passage-item].dim").count() == 11
    fold.click()
    assert page.locator("[data-testid=passage]:visible").count() == 12
    chip.click()
    assert not page.get_by_test_id("filtered").is_visible()
    page.wait_for_timeout(100)
    assert page.locator("[data-testid=passage-item].dim").count() == 0


def test_filters_narrow_each_other_and_the_search(page):
    search(page, "good morning")
    choose(page, "topic", "Sports")
    assert count(page) == "1 found, 2 folded"
    choose(page, "tone", "Excited")
    assert count(page) == "nothing found, 3 folded"
    assert page.get_by_test_id("filter-tally").inner_text() == "5 of 12 passages"
    option = page.locator("[data-testid=option][data-value=flagged]")
    assert option.get_attribute("aria-label") == "flagged, 1 passage"
    page.get_by_test_id("filtered").get_by_role("button", name="no longer only Excited").click()
    assert count(page) == "1 found, 2 folded"
    page.get_by_test_id("clear-filters").click()
    assert count(page) == "3 found" and page.get_by_test_id("fold").count() == 0


def test_what_is_unfolded_is_searched(page):
    search(page, "good morning")
    choose(page, "topic", "Weather")
    assert count(page) == "1 found, 2 folded"
    page.get_by_test_id("fold").click()
    assert count(page) == "3 found"


def test_chips_are_one_stop_for_tab_and_walked_by_arrows(page):
    first = passage(page, 0).locator("[data-testid=chip]").first
    passage(page, 0).locator("button.time").focus()
    page.keyboard.press("Tab")
    assert first.evaluate("node => node.getRootNode().activeElement === node")
    assert "80% sure" in page.get_by_role("tooltip").inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.get_by_test_id("filter-tally").inner_text() == "6 of 12 passages"
    assert time_of(page) == 0.0 and not playing(page)


def test_filters_by_keyboard_alone(page):
    page.get_by_test_id("filter-button").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")  # from here on the keys are those of who came by keyboard
    page.keyboard.press("Enter")
    option = page.locator("[data-testid=option][data-facet=repeats]")
    option.focus()
    page.keyboard.press("Space")
    assert page.get_by_test_id("filter-tally").inner_text() == "1 of 12 passages" and not playing(page)
    assert option.evaluate("node => node.getRootNode().activeElement === node")  # it was made anew


def test_only_what_matches_is_played(page):
    choose(page, "safety", "flagged")
    page.get_by_test_id("play-only").click()
    page.keyboard.press("Space")
    page.wait_for_selector("[data-testid=passage].now[data-index='3']")
    assert 15.0 < time_of(page) < 20.0 and playing(page)
    page.get_by_test_id("player-audio").evaluate("audio => { audio.currentTime = 21; }")
    page.wait_for_function("audio => audio.paused", arg=page.get_by_test_id("player-audio").element_handle())
    page.get_by_test_id("clear-filters").click()
    page.keyboard.press("Space")
    page.wait_for_timeout(300)
    assert playing(page)


def test_safety_says_how_bad_and_by_which_words(page):
    chip = passage(page, 3).locator("[data-testid=chip][data-facet=safety]")
    expect(chip).to_have_text("profanity medium · violence low")
    chip.hover()
    tip = page.get_by_role("tooltip")
    assert "profanity: medium (4 of 7)" in tip.inner_text() and "“damn”" in tip.inner_text()
    (word,) = page.locator(".word.evidence").all()
    assert (
        word.text_content() == "damn" and word.get_attribute("title") == "profanity, medium: a click plays it"
    )
    word.click()
    assert playing(page) and 15.4 < time_of(page) < 18


def test_no_clear_topic_says_why(page):
    chip = passage(page, 1).locator("[data-testid=chip][data-facet=topic]")
    expect(chip).to_have_text("no clear topic")
    chip.hover()
    says = page.get_by_role("tooltip").inner_text()
    assert "two topics are as likely" in says and "nearest: Travel 30%" in says


def test_what_was_said_before_leads_there(page):
    page.get_by_role("button", name="play from 0:30").click()
    again = page.get_by_test_id("repetition")
    expect(again).to_have_text("said before at 0:00")
    again.click()
    assert time_of(page) == pytest.approx(0.25, abs=0.01)


def test_what_was_not_believed_is_shown_on_request_in_its_place(page):
    assert page.get_by_test_id("rejected").count() == 0
    button = page.get_by_test_id("rejected-button")
    assert button.inner_text() == "rejected text1"
    button.click()
    (doubted,) = page.get_by_test_id("rejected").all()
    expect(doubted.locator("s")).to_have_text("Thanks for <b>watching</b>")
    expect(doubted).to_contain_text(REASON)
    order = "node => [node.previousElementSibling.dataset.index, node.nextElementSibling.dataset.index]"
    assert doubted.evaluate(order) == ["1", "2"]
    choose(page, "topic", "Sports")
    assert not doubted.is_visible()  # it folds with what is around it
    button.click()
    assert page.get_by_test_id("rejected").count() == 0


def test_the_transcript_follows_until_somebody_reads(page):
    box, back = page.get_by_test_id("transcript-box"), page.get_by_test_id("transcript-follow")
    page.get_by_test_id("player-audio").evaluate("audio => { audio.currentTime = 40.3; }")
    page.wait_for_selector("[data-testid=passage][data-index='8'].now .word.now")
    top = box.evaluate("box => box.scrollTop")
    assert top > 100 and not back.is_visible()
    box.hover()
    page.mouse.wheel(0, -5000)
    back.wait_for()
    page.get_by_test_id("player-audio").evaluate("audio => { audio.currentTime = 41.3; }")
    page.wait_for_timeout(300)
    assert box.evaluate("box => box.scrollTop") == 0  # who reads is left alone
    back.click()
    page.wait_for_timeout(300)
    assert box.evaluate("box => box.scrollTop") == pytest.approx(top, abs=60) and not back.is_visible()


def test_new_data_keep_what_the_reader_has_set(page):
    search(page, "good")
    choose(page, "topic", "Weather")
    page.evaluate("() => window.mount({ moments: [], at: 0.5 })")
    assert page.get_by_test_id("search").input_value() == "good" and count(page) == "1 found, 2 folded"
    assert page.get_by_test_id("filter-tally").inner_text() == "1 of 12 passages"


PENDING = {"status": "pending", "label": None, "confidence": None, "reason": None, "nearest": []}
UNKNOWN = {"status": "unknown", "categories": [], "evidence": [], "reason": "not judged yet"}


def test_what_is_missing_is_said_once(page):
    bare = """(change) => fetch('/props.json').then((answer) => answer.json()).then(({ passages }) =>
        window.mount({ passages: passages.map((each) => ({ ...each, ...change[0] })), missing: change[1] }))"""
    judged = {"topic": PENDING, "tone": PENDING, "safety": UNKNOWN}
    page.evaluate(bare, [judged, {"content": "the label list is <i>empty</i>"}])
    assert "missing: the label list is <i>empty</i>" in page.get_by_test_id("notice").inner_text()
    assert page.get_by_test_id("chip").count() == 0
    page.evaluate(bare, [judged, {}])
    assert "not been judged yet" in page.get_by_test_id("notice").inner_text()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"speech": 0}, "Nobody speaks here"),
        ({"speech": 0.4}, "No words were understood"),
        ({"speech": 0.4, "missing": {"words": "no weights"}}, "could not be written down: no weights"),
        ({"speech": None}, "No transcript yet"),
    ],
)
def test_an_empty_transcript_says_why(page, change, says):
    page.evaluate("change => window.mount(change)", {"passages": [], "rejected": [], **change})
    assert says in page.get_by_test_id("player").inner_text()
    assert page.get_by_test_id("search").count() == 0
    page.keyboard.press("/")  # nothing to search, nothing happens


def test_only_rejected_text_is_no_transcript_but_can_be_seen(page):
    page.evaluate("() => window.mount({ passages: [] })")
    assert "Nothing that the recogniser wrote here was believed" in page.get_by_test_id("notice").inner_text()
    page.get_by_test_id("rejected-button").click()
    assert page.get_by_test_id("rejected").count() == 1
