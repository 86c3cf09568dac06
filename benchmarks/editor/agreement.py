"""Whether sound and picture agree: clicks as they are heard against clicks as they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..material import RATE
from .browser import Sitting
from .speed import Spread


@dataclass(frozen=True, slots=True)
class Clicks:
    """Clicks of a format, in milliseconds.

    ``picture``: how far a drawn click lies from the one that is heard; ``true``: how far that lies from where
    it was written; ``pixel``: width of a pixel in the picture.
    """

    form: str
    count: int
    picture: Spread
    true: Spread
    pixel: float


@dataclass(frozen=True, slots=True)
class Follow:
    """While it plays, in milliseconds: playhead against media clock, and media clock against the wall's.

    ``clock`` is what is left of the media clock when the best line through it is taken off.
    """

    lag: Spread
    clock: Spread


def clicks(sitting: Sitting, form: str, written: Sequence[float]) -> Clicks:
    """Compare the clicks of the recording that is open."""
    heard: list[float] = sitting.probe("heard", RATE)["times"]
    sitting.show(0.0)
    drawn: dict[float, float] = {}
    pixel = 0.0
    for time in heard:
        if time in drawn:  # it stood beside another
            continue
        sitting.look(time)
        told: dict[str, Any] = sitting.probe("drawn")
        pixel = told["pixel"]
        for found in told["clicks"]:
            nearest = min(heard, key=lambda each: abs(each - found))
            drawn[nearest] = found - nearest
    off = [abs(drawn[time]) * 1000 for time in drawn]
    apart = [min(abs(time - each) for each in written) * 1000 for time in heard]
    return Clicks(form, len(drawn), Spread.of(off), Spread.of(apart), pixel * 1000)


def following(sitting: Sitting, frames: int) -> Follow:
    """Play the recording that is open for so many frames."""
    sitting.press("Home", "0", "Space")
    sitting.page.wait_for_function(
        "audio => audio.currentTime > 0.3", arg=sitting.page.get_by_test_id("editor-audio").element_handle()
    )
    told: dict[str, Any] = sitting.probe("follow", frames)
    sitting.press("Space")
    lags = np.abs(np.asarray(told["lags"])) * 1000
    wall, media = np.asarray(told["clock"]).T
    slope, origin = np.polyfit(wall, media, 1)
    left = np.abs(media - (slope * wall + origin)) * 1000
    return Follow(Spread.of(lags.tolist()), Spread.of(left.tolist()))
