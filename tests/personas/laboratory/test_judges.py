from __future__ import annotations

import pytest

from edm_core.items import Passage, Reaction, Target
from edm_core.personas.laboratory import of_recording, read_passages
from edm_core.ratings import Rating
from edm_core.timeline import Layer, Recording, Timeline

ID = "sha256:" + "0" * 64


def recorded(count: int = 12) -> Timeline:
    passages = tuple(
        Passage(10.0 * n, 10.0 * n + 9, text=each.text, language="en")
        for n, each in enumerate(read_passages()[:count])
    )
    reactions = tuple(
        Reaction(each.start, each.end, persona="genz", target=Target("passage", n), status="pending")
        for n, each in enumerate(passages)
    )
    layers = (
        Layer("passages", "model:content@1", passages),
        Layer("reactions", "model:personas@1", reactions),
    )
    return Timeline(Recording(ID, 10.0 * count, 44100, 1), layers)


def rated(*passages: int, raters: int = 5) -> list[Rating]:
    return [
        Rating(
            recording=ID,
            kind="passage",
            start=10.0 * n,
            end=10.0 * n + 9,
            rater=f"rater {r}",
            score=1 + (n + r) % 5,
        )
        for n in passages
        for r in range(raters)
    ]


def test_without_ratings_all_passages_may_be_played_and_there_is_no_reference() -> None:
    played, reference = of_recording(recorded(), count=10, seed=1)
    assert len(played) == 10
    assert reference is None


def test_rated_passages_are_played_and_their_ratings_are_the_reference() -> None:
    played, reference = of_recording(recorded(), rated(1, 3, 4, 6, 7, 10))
    assert [each.id for each in played] == [f"passage {n}" for n in (2, 4, 5, 7, 8, 11)]
    assert reference is not None
    assert reference.middle == pytest.approx(0.2)
    assert reference.variance == pytest.approx(2.0)
    assert "30 ratings of 6 passages" in reference.source


def test_a_few_ratings_are_no_reference() -> None:
    assert of_recording(recorded(), rated(1, 2, 3))[1] is None
    assert of_recording(recorded(), rated(1, 2, 3, 4, 5, 6, raters=2))[1] is None
    withdrawn = [Rating(recording=ID, kind="passage", start=0.0, end=9.0, rater="ada", score=None)]
    assert of_recording(recorded(), withdrawn)[1] is None
