"""The plot beside the tables: a dot and its 95 % interval for every system and measure, a panel a set.

Written as SVG by hand: a picture in the results needs neither a browser nor a plotting package. Systems
differ in shape as well as in colour (Okabe and Ito's colours, which colour-blind people tell apart), and the
picture brings its own ground, light or dark as the reader prefers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from .accuracy import Summary
from .tables import GOALS, MEASURES, measures_of

MARKS = (
    ("#1b7fc4", "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z"),  # disc, a little brighter: it is ours
    ("#d55e00", "M0-5L5 0L0 5L-5 0z"),  # diamond
    ("#e69f00", "M-4-4H4V4H-4z"),  # square
    ("#009e73", "M0-5L5 4H-5z"),  # triangle
    ("#cc79a7", "M0 5L5-4H-5z"),  # triangle, upside down
    ("#8a8a8a", "M-1-4H1V-1H4V1H1V4H-1V1H-4V-1H-1z"),  # plus
    ("#56b4e9", "M-5-4L5 0L-5 4z"),  # triangle to the right
    ("#b59b00", "M-5-2H5V2H-5z"),  # bar
)
ORDER = ("ours", "madmom", "librosa", "msaf-foote", "msaf-sf", "house128", "every8")

NAMES = {
    "tempo_1pct": "tempo ± 1 %", "tempo_exact": "tempo ± .05 BPM", "tempo_octave": "tempo, any octave",
    "beat_f": "beats, F", "beat_cmlt": "beats, CMLt", "beat_amlt": "beats, AMLt",
    "downbeat_f": "downbeats, F", "hr05_f": "boundaries, 0.5 s", "hr3_f": "boundaries, 3 s",
    "label": "labels, share of time", "drop_f": "drop onsets, F",
}  # fmt: skip

_NAME_WIDTH, _PANEL_WIDTH, _GAP, _LINE, _PAD, _TOP = 150, 330, 36, 11, 9, 84
_FOOTNOTE_WIDTH = 760

_STYLE = """
  .ground{fill:#fff} text{fill:#1f2328;font:12px system-ui,'Segoe UI',Helvetica,Arial,sans-serif}
  .title{font-size:16px;font-weight:600} .panel{font-weight:600} .small{font-size:11px}
  .band{fill:#1f2328;fill-opacity:.05}
  .grid{stroke:#1f2328;stroke-opacity:.16} .goal{stroke:#1f2328;stroke-width:1.6}
  @media(prefers-color-scheme:dark){
  .ground{fill:#0d1117} text{fill:#e6edf3} .band{fill:#e6edf3;fill-opacity:.07}
  .grid{stroke:#e6edf3;stroke-opacity:.2} .goal{stroke:#e6edf3}}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A measure's row: the systems in it, from top to bottom, and where it begins."""

    measure: str
    systems: tuple[str, ...]
    top: float

    @property
    def height(self) -> float:
        """Height in pixels."""
        return _LINE * len(self.systems) + 2 * _PAD


def figure(sets: Mapping[str, Mapping[str, Summary]], title: str) -> str:
    """Draw all systems on all sets.

    Parameters
    ----------
    sets : mapping
        By the set's name, by system, the summary by family.
    title : str

    Returns
    -------
    str
        An SVG document.

    Examples
    --------
    >>> half = {"all": {"beat_f": {"mean": 0.5, "low": 0.4, "high": 0.6, "items": 9}}}
    >>> figure({"few": {"ours": half}}, "Accuracy").startswith("<svg")
    True
    """
    systems = _in_order({system for summaries in sets.values() for system in summaries})
    marks = {system: MARKS[index % len(MARKS)] for index, system in enumerate(systems)}
    rows = layout(sets, systems)
    width = _NAME_WIDTH + len(sets) * (_PANEL_WIDTH + _GAP)
    width = max(width, round(22 + sum(_entry(system) for system in systems)), _FOOTNOTE_WIDTH)
    bottom = rows[-1].top + rows[-1].height if rows else _TOP
    parts = [f'<text class="title" x="16" y="28">{escape(title)}</text>', *_legend(systems, marks)]
    parts += [
        f'<text x="{_NAME_WIDTH - 12}" y="{row.top + row.height / 2 + 4:.1f}" text-anchor="end">'
        f"{escape(NAMES.get(row.measure, row.measure))}</text>"
        for row in rows
    ]
    for index, (name, summaries) in enumerate(sets.items()):
        left = _NAME_WIDTH + index * (_PANEL_WIDTH + _GAP)
        parts += _panel(name, summaries, rows, marks, left, bottom)
    height = bottom + 46
    parts.append(
        f'<text class="small" x="16" y="{height - 10:.0f}">Mean over recordings, 95 % bootstrap interval. '
        "Upright line: the goal for ours. A system is drawn only where the measure is its task.</text>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(title)}">\n<style>{_STYLE}</style>\n'
        f'<rect class="ground" width="{width}" height="{height:.0f}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def layout(sets: Mapping[str, Mapping[str, Summary]], systems: tuple[str, ...]) -> list[Row]:
    """Rows of the measures that any set has, each as high as the systems in it need."""
    rows, top = [], float(_TOP)
    for measure in MEASURES:
        inside = tuple(
            system
            for system in systems
            if measure in measures_of(system)
            and any(measure in s["all"] for s in (summaries.get(system) for summaries in sets.values()) if s)
        )
        if inside:
            rows.append(Row(measure, inside, top))
            top += rows[-1].height
    return rows


def _panel(
    name: str,
    summaries: Mapping[str, Summary],
    rows: list[Row],
    marks: Mapping[str, tuple[str, str]],
    left: float,
    bottom: float,
) -> list[str]:
    parts = [f'<text class="panel" x="{left}" y="{_TOP - 10}">{escape(name)}</text>']
    parts += [
        f'<rect class="band" x="{left}" y="{row.top}" width="{_PANEL_WIDTH}" height="{row.height}"/>'
        for row in rows[::2]
    ]
    for tick in range(0, 11, 2):
        x = left + _PANEL_WIDTH * tick / 10
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>')
        parts.append(
            f'<text class="small" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{tick / 10:.1f}</text>'
        )
    for row in rows:
        goal = GOALS.get(row.measure)
        if goal is not None:
            x = left + _PANEL_WIDTH * goal
            parts.append(
                f'<line class="goal" x1="{x:.1f}" x2="{x:.1f}" y1="{row.top + 3}" '
                f'y2="{row.top + row.height - 3}"/>'
            )
        for index, system in enumerate(row.systems):
            value = summaries.get(system, {}).get("all", {}).get(row.measure)
            if value is None:
                continue
            colour, shape = marks[system]
            low, high, x = (left + _PANEL_WIDTH * value[key] for key in ("low", "high", "mean"))
            y = row.top + _PAD + _LINE * (index + 0.5)
            parts.append(
                f'<g stroke="{colour}" fill="{colour}"><title>{escape(system)}: {value["mean"]:.2f} '
                f"[{value['low']:.2f}, {value['high']:.2f}]</title>"
                f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke-width="2"/>'
                f'<path stroke="none" transform="translate({x:.1f} {y})" d="{shape}"/></g>'
            )
    return parts


def _legend(systems: tuple[str, ...], marks: Mapping[str, tuple[str, str]]) -> list[str]:
    parts, x = [], 22.0
    for system in systems:
        colour, shape = marks[system]
        parts.append(f'<path transform="translate({x:.1f} 48)" fill="{colour}" d="{shape}"/>')
        parts.append(f'<text x="{x + 10:.1f}" y="52">{escape(system)}</text>')
        x += _entry(system)
    return parts


def _entry(system: str) -> float:
    """Width of a system in the legend: the shape, and letters of an average font."""
    return 36 + 7.6 * len(system)


def _in_order(systems: set[str]) -> tuple[str, ...]:
    known = [system for system in ORDER if system in systems]
    return (*known, *sorted(systems - set(known)))
