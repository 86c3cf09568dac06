"""What the stage of the Audience page is given, and what its tables tell."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from edm_core.items import Reaction, Target
from edm_core.joining import digest_of
from edm_core.personas import Audience
from edm_core.personas.comparison import compare
from edm_core.ratings import Rating
from edm_core.timeline import Layer, Passage, Recording, Section, Timeline
from edm_core.waveform import Beside, audience_view, place_of

SCORES = {"ada": (1.5, 4.0, 3.0, None, 2.5, 5.0), "ben": (3.5, 4.5, 2.0, 1.0, 3.0, 4.0)}
SECONDS = 10.0
EVEN = (0.2,) * 5
NAME = "<b>{Ada}</b> 👩‍👩‍👧 שלום"


@dataclass(frozen=True)
class Listener:
    name: str
    emoji: str
    weight: float


LISTENERS = {"ben": Listener("Ben", "🎧", 3.0), "ada": Listener(NAME, "🔥", 1.0)}


def reaction(persona: str, index: int, score: float | None, kind: Any = "passage") -> Reaction:
    scored: dict[str, Any] = {"status": "failed", "note": "the server is down"}
    if score is not None:
        scored = {"status": "ok", "score": score, "distribution": EVEN, "confidence": 0.5}
    return Reaction(
        SECONDS * index, SECONDS * (index + 1), persona=persona, target=Target(kind, index), scorer="offline@2",
        persona_version="0a1b", **scored,
    )  # fmt: skip


@pytest.fixture
def timeline() -> Timeline:
    passages = tuple(
        Passage(SECONDS * index, SECONDS * (index + 1), text=f"Words {index}.") for index in range(6)
    )
    reactions = [
        replace(reaction(persona, index, score), heard=digest_of(passages[index]))
        for persona, scores in SCORES.items()
        for index, score in enumerate(scores)
    ]
    reactions.append(reaction("ben", 0, 3.0, "section"))
    return Timeline(
        Recording("sha256:00", 60.0, 44100, 2, path="/music/show.wav"),
        (
            Layer("passages", "model:words@1", passages),
            Layer("sections", "model:sections@1", (Section(0.0, 60.0, "drop", start_bar=1, end_bar=28),)),
            Layer("reactions", "model:personas@2", tuple(sorted(reactions, key=lambda each: each.start))),
        ),
    )


def props_of(timeline: Timeline, **more: Any) -> dict[str, Any]:
    audience = Audience.of(timeline, LISTENERS)
    return audience_view(timeline, audience, audio_url="/sound", peaks=None, peaks_url="/peaks", **more)


def rating(index: int, score: int | None, rater: str = "cleo", time: str = "") -> Rating:
    return Rating(
        recording="sha256:00", kind="passage", start=SECONDS * index, end=SECONDS * (index + 1), rater=rater,
        score=score, time=time,
    )  # fmt: skip


def test_it_is_json_and_pure(timeline: Timeline) -> None:
    before = timeline.to_json()
    props = props_of(timeline, ratings=[rating(0, 4)], selected=("ada", Target("passage", 2)))
    assert json.loads(json.dumps(props, allow_nan=False)) == props
    assert props == props_of(timeline, ratings=[rating(0, 4)], selected=("ada", Target("passage", 2)))
    assert timeline.to_json() == before


def test_what_could_not_be_scored_has_no_score_and_counts_in_the_coverage_only(timeline: Timeline) -> None:
    props = props_of(timeline)
    (failed,) = [each for each in props["reactions"] if each["status"] == "failed"]
    assert (failed["score"], failed["distribution"], failed["note"]) == (None, None, "the server is down")
    rows = {row["persona"]: row for row in props["jury"]["rows"]}
    assert (rows["ada"]["scored"], rows["ada"]["total"]) == (5, 6)
    assert rows["ada"]["mean"] == pytest.approx(3.2)
    item = next(each for each in props["jury"]["items"] if (each["kind"], each["index"]) == ("passage", 3))
    assert (item["consensus"], item["divergence"]) == (1.0, None)


def test_rows_are_in_the_order_of_the_personas_with_their_weights_in_the_mean(timeline: Timeline) -> None:
    props = props_of(timeline)
    assert [each["name"] for each in props["personas"]] == ["Ben", NAME]
    first = props["jury"]["items"][0]
    spoken = next(each for each in props["jury"]["items"] if each["kind"] == "passage")
    assert spoken["consensus"] == pytest.approx((1.5 + 3 * 3.5) / 4)
    assert first["start"] == 0.0


def test_divergence_is_the_distance_from_the_others(timeline: Timeline) -> None:
    rows = {row["persona"]: row for row in props_of(timeline)["jury"]["rows"]}
    pairs = zip(SCORES["ada"], SCORES["ben"], strict=True)
    apart = [abs(a - b) for a, b in pairs if a is not None and b is not None]
    assert rows["ada"]["divergence"] == rows["ben"]["divergence"] == pytest.approx(sum(apart) / len(apart))


def test_every_reaction_says_what_made_it(timeline: Timeline) -> None:
    made = props_of(timeline)["reactions"][0]
    assert (made["scorer"], made["personaVersion"], made["seed"]) == ("offline@2", "0a1b", None)


def test_music_brings_what_was_measured(timeline: Timeline) -> None:
    (section,) = [each for each in props_of(timeline)["jury"]["items"] if each["kind"] == "section"]
    assert "28 bars" in section["facts"]


def test_people_are_matched_to_what_they_rated_and_the_newest_counts(timeline: Timeline) -> None:
    said = [rating(1, 4, time="2026-01-01"), rating(1, 2, time="2026-01-02"), rating(2, 5, time="2026-01-01"),
            rating(2, None, time="2026-01-02")]  # fmt: skip
    (kept,) = props_of(timeline, ratings=said)["jury"]["ratings"]["said"]
    assert (kept["index"], kept["rater"], kept["score"]) == (1, "cleo", 2)


def test_without_a_calibration_it_says_uncalibrated(timeline: Timeline) -> None:
    assert props_of(timeline)["jury"]["standing"] == "uncalibrated"


def test_an_address_means_the_cell_that_is_heard_then(timeline: Timeline) -> None:
    audience = Audience.of(timeline, LISTENERS)
    assert place_of(audience, "ada", 25.0) == ("ada", Target("passage", 2))
    assert place_of(audience, "ada", 20.0) == ("ada", Target("passage", 2))
    assert place_of(audience, "ben", 900.0) == ("ben", Target("passage", 5))
    assert place_of(audience, "nobody", 25.0) == ("ben", Target("passage", 2))
    assert place_of(Audience.gather([]), "ada", 1.0) is None


def test_an_earlier_scoring_stands_beside_this_one(timeline: Timeline) -> None:
    now = Audience.of(timeline, LISTENERS)
    earlier = [
        replace(each, score=each.score - 1) for each in timeline.reactions if each.score not in (None, 1.0)
    ]
    comparison = compare(Audience.of(timeline, LISTENERS, reactions=earlier), now)
    beside = props_of(timeline, beside=Beside("before", comparison))["jury"]["compare"]
    assert {row["persona"]: row["difference"] for row in beside["rows"]} == {
        "ada": pytest.approx(1.0), "ben": pytest.approx(1.0),
    }  # fmt: skip
    was = {(each["persona"], each["kind"], each["index"]): each["score"] for each in beside["was"]}
    assert was["ada", "passage", 1] == 3.0
