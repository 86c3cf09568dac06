"""The workbench's own scorers as judges, and passages of a recording with what people said of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, cast

from ...errors import SettingsError
from ...ratings import Rating
from ...settings import Settings
from ...timeline import Timeline
from ..offline import Offline
from ..panel import matched
from ..scoring import Scorer
from .judging import ScorerJudge
from .passages import ProbePassage, passages_of
from .scale import Reference, panel_reference

Name = Literal["offline", "language-model", "langflow"]
JUDGES: tuple[Name, ...] = ("offline", "language-model", "langflow")
FEWEST_RATED, FEWEST_RATINGS = 6, 30
"""Rated passages, and ratings, below which people are no reference."""


def judge_of(name: str, settings: Settings | None = None, temperature: float = 0.0) -> ScorerJudge:
    """Return a scorer as a judge.

    Parameters
    ----------
    name : str
        One of :data:`JUDGES`.
    settings : Settings, optional
        Which server a language model is on; the process's own by default.
    temperature : float, optional
        Of a language model. At 0 repeats mostly agree, and nothing is learnt about how sure it is.

    Raises
    ------
    SettingsError
        If there is no such judge, or no server was named.
    """
    settings = settings or Settings.from_environment()
    if name == "offline":
        offline: Scorer = Offline(settings=settings)
        return ScorerJudge(lambda _seed: offline, settings)
    if name in ("language-model", "langflow"):
        from ..language_model import LanguageModelScorer

        model = LanguageModelScorer.of(settings, cast(Any, name), temperature=temperature)
        return ScorerJudge(lambda seed: model.varied(seed=seed), settings)
    raise SettingsError("no such judge", subject=name, remedy=f"use {', '.join(JUDGES)}")


def of_recording(
    timeline: Timeline, ratings: Iterable[Rating] = (), count: int = 24, seed: int = 0
) -> tuple[tuple[ProbePassage, ...], Reference | None]:
    """Return passages of a recording to be played, and how people spread over the scale there.

    Where enough passages were rated, only those are played: the two must be about the same.

    Parameters
    ----------
    timeline : Timeline
        With its passages and reactions.
    ratings : iterable of Rating, optional
        The newest of each person.
    count, seed : int, optional
        How many at most, and which.

    Raises
    ------
    SettingsError
        If fewer than six passages are English and long enough.
    """
    rated = _rated(timeline, ratings)
    enough = len(rated) >= FEWEST_RATED and sum(map(len, rated.values())) >= FEWEST_RATINGS
    spoken: Sequence[int] = sorted(rated) if enough else range(len(timeline.passages))
    try:
        played = passages_of(timeline.passages, count, seed, among=spoken)
    except SettingsError:
        if not enough:
            raise
        enough, played = False, passages_of(timeline.passages, count, seed)
    if not enough:
        return played, None
    said = [rated[int(each.id.removeprefix("passage ")) - 1] for each in played]
    return played, panel_reference(said)


def _rated(timeline: Timeline, ratings: Iterable[Rating]) -> dict[int, list[int]]:
    rated: dict[int, list[int]] = {}
    for rating, (_, target) in matched({timeline.recording.id: timeline.reactions}, ratings).items():
        if target.kind == "passage" and rating.score is not None:
            rated.setdefault(target.index, []).append(rating.score)
    return rated
