"""The section on the editor in ``benchmarks/RESULTS.md``."""

from __future__ import annotations

import os

from edm_core._clock import clock

from .browser import NoBrowser
from .measuring import SIZES, Found, Size, measured
from .speed import Keys

DRAW_MS, KEY_MS, FRAMES, PAINT_S, AGREE_MS, PEAKS_S = 8.0, 50.0, 50.0, 2.5, 10.0, 1.5
BUNDLE = 60_000
ACTIONS = {"from a suggestion": 25, "from nothing": 45}
"""The goals: milliseconds, frames a second, seconds, bytes gzipped, actions."""


def section(size: str = "full") -> str:
    """Measure the editor and return Markdown.

    Parameters
    ----------
    size : str
        A key of :data:`SIZES`.
    """
    busy = os.getloadavg()[0]
    try:
        found = measured(SIZES[size])
    except NoBrowser as reason:
        return f"Left out: {reason}."
    return "\n".join([_about(SIZES[size], busy), "", *table(found), "", *details(found)])


# --- Markdown --------------------------------------------------------------------------------------


def table(found: Found) -> list[str]:
    """Return the lines of the table of goals."""
    keys, follow, warm = found.keys, found.follow, found.warm
    slowest = max(found.zooms, key=lambda zoom: zoom.draw.high)
    worst = max(found.clicks, key=lambda each: each.picture.most)
    rows = [
        _row("draw, at the slowest zoom", "ms, p95", slowest.draw.high, DRAW_MS,
             f"{clock(slowest.span)} on view"),
        _row("key until its frame is made", "ms, p95", keys.framed.high, KEY_MS, f"{keys.framed.count} keys"),
        _row("key until its frame is presented", "ms, p95", _presented(keys), KEY_MS,
             f"in steps of 8 ms; {keys.unreported} of {keys.framed.count} under 16 ms"),
    ]  # fmt: skip
    rows += [
        _row(f"dragging a boundary, {clock(span)} on view", "frames/s", drag.per_second, FRAMES,
             f"95 % of the gaps ≤ {drag.gaps.high:.1f} ms", at_least=True)
        for span, drag in found.drags
    ]  # fmt: skip
    rows += [
        _row("Annotate until the waveform stands there, warm", "s, p95", warm.high, PAINT_S,
             f"median {warm.median:.2f} s of {warm.count}; cold {found.cold:.2f} s"),
        _row("drawn click from heard click, the worst", "ms", worst.picture.most, AGREE_MS, worst.form),
        _row("playhead from media clock", "ms, p95", follow.lag.high, AGREE_MS,
             f"{follow.lag.count} frames, largest {follow.lag.most:.1f} ms"),
    ]  # fmt: skip
    rows += [
        _row(
            f"peaks of ten minutes, {form}", "s", fresh, PEAKS_S, f"decoding included; cached {cached:.3f} s"
        )
        for form, fresh, cached in found.peaks
    ]
    rows += [
        _row(f"bundle `{name}`, gzipped", "kB", size / 1000, BUNDLE / 1000) for name, size in found.bundles
    ]
    rows += [
        _row(f"eight sections {name}", "actions", work.actions, ACTIONS[name], work.wrong or "all is right",
             wrong=bool(work.wrong))
        for name, work in found.works
    ]  # fmt: skip
    return ["| measure | unit | found | goal | |", "|---|---|---|---|---|", *rows]


def details(found: Found) -> list[str]:
    """Return the lines behind the table: every zoom, every format."""
    pixel = max(each.pixel for each in found.clicks)
    return [
        "### Drawing, by zoom",
        "",
        "| on view | frames | median | p95 | largest (ms) |",
        "|---|---|---|---|---|",
        *(
            f"| {clock(zoom.span, 1)} | {zoom.draw.count} | {zoom.draw.median:.2f} | {zoom.draw.high:.2f} "
            f"| {zoom.draw.most:.2f} |"
            for zoom in found.zooms
        ),
        "",
        "### Clicks heard and drawn, by format",
        "",
        f"In milliseconds; a pixel of the picture is {pixel:.1f} wide, a bin of the peaks 5.8.",
        "",
        "| format | clicks | drawn from heard: median | largest | heard from written: largest |",
        "|---|---|---|---|---|",
        *(
            f"| {each.form} | {each.count} | {each.picture.median:.2f} | {each.picture.most:.2f} "
            f"| {each.true.most:.2f} |"
            for each in found.clicks
        ),
        "",
        _clock(found),
    ]


def _presented(keys: Keys) -> float:
    """Return the 95th percentile of all keys, those under 16 ms among them; they are no longer than that."""
    total = keys.framed.count
    return 16.0 if total and keys.unreported / total >= 0.95 else keys.shown.high


def _row(
    name: str,
    unit: str,
    value: float,
    goal: float,
    note: str = "",
    *,
    at_least: bool = False,
    wrong: bool = False,
) -> str:
    kept = (value >= goal if at_least else value <= goal) and not wrong
    sign = "≥" if at_least else "≤"
    missed = "" if kept else " (**not reached**)"
    digits = 0 if float(value).is_integer() else 2 if value < 10 else 1
    return f"| {name} | {unit} | {value:.{digits}f} | {sign} {goal:g}{missed} | {note} |"


def _clock(found: Found) -> str:
    even = found.follow.clock
    return (
        f"The media clock itself runs evenly: 95 % of {even.count} readings lie within {even.high:.1f} ms\n"
        "of a line against the wall's clock."
    )


def _about(size: Size, busy: float) -> str:
    return f"""\
Headless Chromium without a graphics card, 1440 × 900, against a server on the same machine (load before:
{busy:.1f}). A recording of {size.minutes:g} minutes with a section every eight bars. Frames and keys are
timed from outside the editor: a frame's drawing is all that its callbacks do; a key's frame is made when its
style, layout and paint are done. Clicks are heard by decoding, in the page, the bytes that are served to be
played, and seen in the pixels of the waveform. An action is a key or a click."""
