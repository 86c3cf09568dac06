"""What the tables of the Audience page tell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from edm_core.items import Reaction, Target
from edm_core.personas import Audience
from edm_core.personas.calibration import calibrate
from edm_core.personas.comparison import compare
from edm_core.personas.panel import panel
from edm_core.ratings import Rating
from edm_core.service.views.audience_tables import (
    agreement_rows,
    comparison_rows,
    reliability_html,
    summary_rows,
)
from edm_core.timeline import Recording

SCORES = {"ada": (1.5, 4.0, 3.0, None, 2.5, 5.0), "ben": (3.5, 4.5, 2.0, 1.0, 3.0, 4.0)}
NAME = "<b>{Ada}</b> שלום"
ABOUT = Recording("sha256:00", 60.0, 44100, 2)


@dataclass(frozen=True)
class Listener:
    name: str
    emoji: str = "🔥"
    weight: float = 1.0


LISTENERS = {"ben": Listener("Ben"), "ada": Listener(NAME)}


def reaction(persona: str, index: int, score: float | None) -> Reaction:
    bare = Reaction(
        10.0 * index, 10.0 * (index + 1), persona=persona, target=Target("passage", index), status="failed",
        scorer="offline@2", persona_version="0a1b",
    )  # fmt: skip
    return bare if score is None else replace(bare, status="ok", score=score, distribution=(0.2,) * 5)


@pytest.fixture
def reactions() -> tuple[Reaction, ...]:
    return tuple(
        reaction(who, index, score) for who, said in SCORES.items() for index, score in enumerate(said)
    )


def rating(index: int, score: int, rater: str = "cleo") -> Rating:
    return Rating(
        recording="sha256:00",
        kind="passage",
        start=10.0 * index,
        end=10.0 * (index + 1),
        rater=rater,
        score=score,
    )


def test_the_summary_tells_coverage_and_why_there_is_no_interval(reactions: tuple[Reaction, ...]) -> None:
    rows = summary_rows(Audience.gather(reactions, LISTENERS))
    assert [row["persona"] for row in rows] == ["🔥 Ben", f"🔥 {NAME}"]
    assert [row["scored"] for row in rows] == ["6 of 6", "5 of 6"]
    assert (rows[0]["best"], rows[0]["worst"]) == ("0:10 (4.5)", "0:30 (1.0)")
    assert "–" in rows[1]["interval"]
    few = summary_rows(Audience.gather(reactions[:3], LISTENERS))
    assert few[0]["interval"] == "none: fewer than 5 scores"
    none = summary_rows(Audience.gather(reactions[3:4], LISTENERS))
    assert none[0]["mean"] is None and none[0]["interval"].startswith("none: ")


def test_differences_have_a_sign(reactions: tuple[Reaction, ...]) -> None:
    earlier = [replace(each, score=each.score - 0.5) for each in reactions if each.score is not None]
    sides = [Audience.gather(side, LISTENERS, recording=ABOUT) for side in (earlier, reactions)]
    rows = comparison_rows(compare(sides[0], sides[1]))
    assert [row["difference"] for row in rows] == ["+0.50 (+0.50 to +0.50)"] * 2


def test_agreement_is_told_by_pair_with_reasons_where_it_is_absent(reactions: tuple[Reaction, ...]) -> None:
    said = [rating(index, score) for index, score in enumerate((2, 4, 3, 1, 2, 5))]
    found = panel({"sha256:00": reactions}, said, draws=50)
    rows = agreement_rows(found, "person–persona", {"ada": "Ada", "ben": "Ben"})
    assert {(row["first"], row["second"], row["both rated"]) for row in rows} == {
        ("Ada", "cleo", 5), ("Ben", "cleo", 6),
    }  # fmt: skip
    assert all(row["weighted kappa"][0].isdigit() for row in rows)
    alone = agreement_rows(panel({"sha256:00": reactions}, said[:1], draws=50), "person–persona", {})
    assert alone[0]["weighted kappa"].startswith("– ")


def test_reliability_is_a_picture_that_is_told_in_words_too(reactions: tuple[Reaction, ...]) -> None:
    said = [
        rating(index, score, f"rater-{rater}")
        for rater in range(6)
        for index, score in enumerate((2, 4, 3, 1, 2, 5))
    ]
    html = reliability_html(calibrate({"sha256:00": reactions}, said))
    assert html.count("<img") == 2 and html.count("data:image/svg+xml") == 2
    assert "calibration error" in html and "came true" in html and "<svg" not in html
