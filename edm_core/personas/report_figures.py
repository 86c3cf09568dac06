"""Figures of the report as inline SVG: heat map, distributions, reliability. Pure; all text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from .._clock import clock
from ..evaluation.distributions import Bin
from ..items import Reaction
from ..vocabulary import opacity_of, score_colour

if TYPE_CHECKING:
    from .audience import Audience
    from .summaries import ItemSummary, PersonaSummary

WIDTH, LEFT, RIGHT = 1160, 190, 124
_ROW, _GAP, _TOP = 34, 4, 30
_NUMERAL = 20  # pixels that a score needs
_STAGE = (15, 20, 32)
_SIGNS = {"failed": "×", "abstained": "–", "pending": "…"}
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_HATCH = (
    '<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M0 0H7V7H0Z" fill="#1b2334"/><path d="M0 0V7" stroke="#57627a" stroke-width="2.4"/></pattern>'
)


def heat_map(audience: Audience) -> str:
    """Return personas × time: colour is the score, opacity the confidence, hatching the lack of a score."""
    end = audience.recording.duration if audience.recording else 0.0
    end = max([end, *(item.end for item in audience.items)], default=0.0) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / end
    rows = len(audience.personas) + 2
    height = _TOP + rows * (_ROW + _GAP) + 8
    consensus = audience.consensus
    spread = (
        "" if consensus.low is None or consensus.high is None else f"{consensus.low:.1f}–{consensus.high:.1f}"
    )
    parts = [
        f'<svg class="stage" viewBox="0 0 {WIDTH} {height}" role="img" ',
        f'aria-label="Heat map: personas by time"><defs>{_HATCH}</defs>',
        *_axis(end, scale, height),
        *_row_label(0, "", "Consensus", spread, consensus.value, "weighted"),
        *_consensus_row(audience.items, scale),
    ]
    for place, (row, cells) in enumerate(zip(audience.personas, audience.matrix, strict=True), 1):
        parts += _row_label(place, row.emoji, row.name, _interval(row), row.mean, row.coverage)
        parts += _persona_cells(row, [cell for cell in cells if cell is not None], scale, _y(place))
    parts += _spread_row(audience.items, rows - 1, scale)
    return "".join([*parts, "</svg>"])


def legend() -> str:
    """Return the scale of colours, and what hatching means."""
    steps = "".join(
        f'<rect x="{place * 22}" width="22" height="14" fill="{score_colour(1 + place / 2)}"/>'
        for place in range(9)
    )
    numbers = "".join(
        f'<text x="{11 + place * 44}" y="28" text-anchor="middle">{place + 1}</text>' for place in range(5)
    )
    return (
        f'<svg class="legend" viewBox="0 0 640 32" role="img" aria-label="Scale of scores">{steps}{numbers}'
        f"<defs>{_HATCH.replace('hatch', 'hatch2')}</defs>"
        '<text x="216" y="12">paler: less sure</text>'
        '<rect x="330" width="22" height="14" fill="url(#hatch2)"/>'
        '<text x="360" y="12">no score: × failed, – abstained, … pending</text></svg>'
    )


def bars(shares: Sequence[float] | None, label: str) -> str:
    """Return a distribution over 1 to 5 as five bars; nothing where there is none."""
    if shares is None:
        return ""
    top = max(max(shares), 0.4)
    drawn = []
    for place, share in enumerate(shares):
        height = 44 * share / top
        x = place * 30
        drawn.append(
            f'<rect x="{x}" y="{46 - height:.1f}" width="24" height="{height:.1f}" rx="2" '
            f'fill="{score_colour(place + 1)}"/>'
            f'<text x="{x + 12}" y="58" text-anchor="middle">{place + 1}</text>'
            f"<title>{place + 1}: {share:.0%}</title>"
        )
    groups = "".join(f"<g>{one}</g>" for one in drawn)
    return f'<svg class="bars" viewBox="0 0 144 60" role="img" aria-label="{escape(label)}">{groups}</svg>'


def reliability_plot(curves: Mapping[str, Sequence[tuple[str, Mapping[str, Sequence[Bin]]]]]) -> str:
    """Return predicted against observed shares, one panel a title: on the diagonal both are the same.

    Parameters
    ----------
    curves : mapping
        By title, what is drawn there: a CSS class and bins by score.
    """
    size, gap = 220, 60
    parts = []
    for number, (title, drawn) in enumerate(curves.items()):
        x = 44 + number * (size + gap)
        parts.append(f'<g transform="translate({x} 26)"><text y="-10" class="title">{escape(title)}</text>')
        parts.append(f'<rect width="{size}" height="{size}" class="frame"/>')
        parts.append(f'<path d="M0 {size}L{size} 0" class="diagonal"/>')
        for share in (0, 0.5, 1):
            at = share * size
            parts.append(f'<text x="{at:.0f}" y="{size + 16}" text-anchor="middle">{share:.0%}</text>')
            parts.append(f'<text x="-6" y="{size - at + 4:.0f}" text-anchor="end">{share:.0%}</text>')
        for name, bins in drawn:
            parts += [_point(one, score, size, name) for score, found in bins.items() for one in found]
        parts.append("</g>")
    width = 44 + len(curves) * (size + gap)
    return (
        f'<svg class="reliability" viewBox="0 0 {width} {size + 64}" role="img" '
        f'aria-label="Reliability: predicted and observed shares">{"".join(parts)}'
        f'<text x="44" y="{size + 60}">predicted share of “this score or more” → · observed ↑ · '
        "area: number of ratings</text></svg>"
    )


# --- private ---------------------------------------------------------------------------------------


def _y(row: int) -> float:
    return _TOP + row * (_ROW + _GAP)


def _axis(end: float, scale: float, height: float) -> Iterator[str]:
    step = next((each for each in _STEPS if end / each <= 12), _STEPS[-1])
    time = 0
    while time <= end:
        x = LEFT + time * scale
        yield f'<path d="M{x:.1f} {_TOP - 6}V{height - 8}" stroke="#2a3550"/>'
        yield f'<text x="{x:.1f}" y="16" text-anchor="middle" class="dim">{clock(time)}</text>'
        time += step


def _row_label(
    row: int, face: str, name: str, small: str, mean: float | None, coverage: str
) -> Iterator[str]:
    y = _y(row) + _ROW / 2
    shown = f"{name[:15]}…" if len(name) > 16 else name
    if face:
        yield f'<text x="10" y="{y + 6:.0f}" class="face">{escape(face)}</text>'
    yield f'<text x="{38 if face else 12}" y="{y + 5:.0f}" class="name">{escape(shown)}</text>'
    x = WIDTH - RIGHT + 12
    if mean is None:
        yield f'<text x="{x}" y="{y + 5:.0f}" class="dim">no score</text>'
        return
    yield f'<text x="{x}" y="{y + 6:.0f}" class="mean">{mean:.2f}</text>'
    yield f'<text x="{x + 42}" y="{y - 1:.0f}" class="dim">{escape(small)}</text>'
    yield f'<text x="{x + 42}" y="{y + 12:.0f}" class="dim">{escape(coverage)}</text>'


def _interval(row: PersonaSummary) -> str:
    return "" if row.low is None or row.high is None else f"{row.low:.1f}–{row.high:.1f}"


def _lanes(kinds: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Return offset and height of each kind in a row: speech stands above the music that it lies within."""
    ordered = sorted(set(kinds))
    height = (_ROW - 2) / 2 if len(ordered) > 1 else _ROW
    return {kind: (place * (height + 2), height) for place, kind in enumerate(ordered)}


def _consensus_row(items: Sequence[ItemSummary], scale: float) -> Iterator[str]:
    lanes = _lanes(item.target.kind for item in items)
    for item in items:
        if item.consensus is not None:
            told = f"{clock(item.start)}–{clock(item.end)}, {item.scored} scores: {item.consensus:.2f}"
            yield _cell(item, scale, _y(0), lanes[item.target.kind], item.consensus, 1.0, told)


def _persona_cells(row: PersonaSummary, cells: Sequence[Reaction], scale: float, y: float) -> Iterator[str]:
    lanes = _lanes(cell.target.kind for cell in cells)
    for cell in cells:
        told = f"{row.name}, {clock(cell.start)}–{clock(cell.end)}: "
        if cell.score is None:
            told += f"{cell.status}, {cell.note or 'no reason given'}"
        else:
            sure = "" if cell.confidence is None else f", confidence {cell.confidence:.2f}"
            told += f"{cell.score:.2f}{sure}. {cell.opinion or ''}"
        lane, opacity = lanes[cell.target.kind], opacity_of(cell.confidence)
        yield _cell(cell, scale, y, lane, cell.score, opacity, told, cell.status)


def _cell(
    item: Reaction | ItemSummary, scale: float, row: float, lane: tuple[float, float], score: float | None,
    opacity: float, told: str, status: str = "ok",
) -> str:  # fmt: skip
    x, width = LEFT + item.start * scale, max(2.0, (item.end - item.start) * scale - 1.5)
    y, height = row + lane[0], lane[1]
    fill = "url(#hatch)" if score is None else score_colour(score, opacity)
    shape = f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="3" fill="{fill}"/>'
    if width >= (10 if score is None else _NUMERAL):
        ink = "#c6cede" if score is None else _ink(score, opacity)
        text = _SIGNS.get(status, "") if score is None else f"{score:.1f}"
        at = f'x="{x + width / 2:.1f}" y="{y + height / 2 + 4:.1f}"'
        shape += f'<text {at} text-anchor="middle" style="fill:{ink}">{text}</text>'
    return f"<g>{shape}<title>{escape(told)}</title></g>"


def _ink(score: float, opacity: float) -> str:
    """Return black or white, whichever can be read better on a score's colour over the stage (WCAG 2.2)."""
    mixed = (
        opacity * int(part) + (1 - opacity) * below
        for part, below in zip(re.findall(r"\d+", score_colour(score))[:3], _STAGE, strict=True)
    )
    red, green, blue = (((part / 255 + 0.055) / 1.055) ** 2.4 for part in mixed)
    return "#0b0f18" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 else "#ffffff"


def _spread_row(items: Sequence[ItemSummary], row: int, scale: float) -> Iterator[str]:
    y = _y(row)
    yield f'<text x="12" y="{y + _ROW / 2 + 5:.0f}" class="name">Divergence</text>'
    yield f'<text x="{WIDTH - RIGHT + 12}" y="{y + _ROW / 2 + 5:.0f}" class="dim">points, 0 to 4</text>'
    lanes = _lanes(item.target.kind for item in items)
    for item in items:
        if item.spread is not None:
            x, width = LEFT + item.start * scale, max(2.0, (item.end - item.start) * scale - 1.5)
            top, whole = lanes[item.target.kind]
            height = max(1.0, item.spread / 4 * whole)
            place = (
                f'x="{x:.1f}" y="{y + top + whole - height:.1f}" width="{width:.1f}" height="{height:.1f}"'
            )
            told = f"{clock(item.start)}: {item.spread:.2f} points apart"
            yield f'<rect {place} rx="2" fill="#8d7fd6"><title>{told}</title></rect>'


def _point(one: Bin, score: str, size: int, name: str) -> str:
    radius = min(11.0, 2.0 + one.n**0.5 / 3)
    told = f"{score} or more: predicted {one.predicted:.0%}, observed {one.observed:.0%}, {one.n} ratings"
    return (
        f'<circle cx="{one.predicted * size:.1f}" cy="{size - one.observed * size:.1f}" r="{radius:.1f}" '
        f'class="{escape(name)}"><title>{told}</title></circle>'
    )
