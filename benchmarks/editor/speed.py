"""How fast the editor answers: drawing, keys, dragging, opening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edm_core.store import Entry

from .browser import Sitting

KEYS = ("b", "z", "]", "2", "z", "[", ".", "z", "ArrowRight", "s", "z", "ArrowLeft")
"""Pressed in turn: marking and undoing it, walking, labelling, nudging, moving."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Many values: how many, their median, their 95th percentile, and the largest."""

    count: int
    median: float
    high: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of values.

        Examples
        --------
        >>> Spread.of([1.0, 2.0, 3.0, 4.0])
        Spread(count=4, median=2.5, high=3.85, most=4.0)
        """
        if not len(values):
            return cls(0, float("nan"), float("nan"), float("nan"))
        found = np.asarray(values, dtype=float)
        high = round(float(np.percentile(found, 95)), 6)
        return cls(len(found), float(np.median(found)), high, float(found.max()))


@dataclass(frozen=True, slots=True)
class Zoom:
    """What drawing takes while so many seconds are on view, in milliseconds a frame."""

    span: float
    draw: Spread


@dataclass(frozen=True, slots=True)
class Keys:
    """From a key to what it changes, in milliseconds.

    ``framed``: until the frame that shows it was made, by the page's own clock. ``shown``: until it was
    presented, as the browser reckons it, in steps of 8 ms and only from 16 ms on; ``unreported`` keys were
    faster than that.
    """

    framed: Spread
    shown: Spread
    unreported: int


@dataclass(frozen=True, slots=True)
class Drag:
    """Frames in which a dragged boundary moved: a second, and the gaps between them in milliseconds."""

    per_second: float
    gaps: Spread


def drawing(sitting: Sitting, frames: int) -> list[Zoom]:
    """Draw so many frames at each zoom, from the whole to the closest."""
    found = []
    sitting.press("Home", "0")
    sitting.quiet()
    span = sitting.probe("view")["span"]
    found.append(Zoom(span, Spread.of(sitting.probe("zoomAround", frames))))
    while True:
        sitting.press("+", "+", "+", "+")
        sitting.quiet()
        before, span = span, sitting.probe("view")["span"]
        if span >= before * 0.99:
            return found
        found.append(Zoom(span, Spread.of(sitting.probe("pan", frames))))


def keys(sitting: Sitting, count: int, span: float = 120.0) -> Keys:
    """Press so many keys while about ``span`` seconds are on view."""
    sitting.show(span)
    sitting.press("Shift+ArrowRight", "Shift+ArrowRight")
    sitting.quiet()
    sitting.probe("keysBegin")
    for number in range(count):
        sitting.page.keyboard.press(KEYS[number % len(KEYS)])
        sitting.page.wait_for_timeout(
            30
        )  # a hand is slower; frames of one key do not hide in those of the next
    told: dict[str, Any] = sitting.probe("keysEnd")
    shown = Spread.of(told["shown"])
    return Keys(Spread.of(told["answers"]), shown, count - shown.count)


def dragging(sitting: Sitting, seconds: float, span: float) -> Drag:
    """Drag a boundary to and fro while about ``span`` seconds are on view."""
    sitting.show(span)
    sitting.quiet()
    page = sitting.page
    view = sitting.probe("view")
    boundaries = page.get_by_test_id("boundary")
    middle = view["start"] + view["span"] / 2
    numbers = boundaries.evaluate_all("nodes => nodes.map(node => [node.dataset.number, +node.dataset.time])")
    number, time = min(numbers, key=lambda each: abs(each[1] - middle))
    # Not as far as its neighbours, where it would stop.
    apart = min((abs(each[1] - time) for each in numbers if each[0] != number), default=view["span"] / 4)
    grip = page.locator(f"[data-testid=boundary][data-number='{number}']")
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 6, y)
    reach = min(
        70.0, 0.8 * apart / view["span"] * page.get_by_test_id("editor-waveform").bounding_box()["width"]
    )
    sitting.probe("watch", number)
    # Free of the grid (Alt): with it, most movements change nothing.
    sitting.probe("pull", number, x, y, reach, seconds * 1000)
    told: dict[str, Any] = sitting.probe("watchEnd")
    page.mouse.up()
    sitting.press("z")
    times = np.asarray(told["times"])
    gaps = np.diff(times)
    lasted = (times[-1] - times[0]) / 1000 if len(times) > 1 else float("nan")
    return Drag(float(len(gaps) / lasted), Spread.of(gaps.tolist()))


def opening(browser: Any, address: str, entry: Entry, runs: int) -> tuple[float, Spread]:
    """Open the page once cold, and so many times warm; seconds until the waveform stands there."""
    with Sitting(browser, address) as sitting:
        cold = sitting.open(entry)
        warm = []
        for _ in range(runs):
            sitting.page.goto("about:blank")
            warm.append(sitting.open(entry))
    return cold, Spread.of(warm)
