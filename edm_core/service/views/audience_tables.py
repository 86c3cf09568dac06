"""What the Audience page tells in tables, and the reliability of a calibration as a picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ..._clock import clock
from ...evaluation.ratings import TITLES, Estimate, Measure
from ...personas import Audience, Moment
from ...personas.calibration import Calibration, Reliability
from ...personas.comparison import Comparison
from ...personas.panel import Panel, Relation

SHOWN: tuple[Measure, ...] = ("kappa", "alpha", "spearman", "mae", "ks")
"""Measures of agreement that the page shows; the others are in the exports."""
SIDE = 230
"""Of the reliability plot, in pixels."""


def summary_rows(audience: Audience) -> list[dict[str, Any]]:
    """Return one row a persona: mean, interval, how much was scored, and where the best and the worst are.

    Examples
    --------
    >>> from edm_core.items import Reaction, Target
    >>> one = Reaction(
    ...     0.0, 9.0, persona="genz", target=Target("passage", 0), status="ok", score=3.0,
    ...     distribution=(0.2,) * 5,
    ... )
    >>> summary_rows(Audience.gather([one]))[0]["interval"]
    'none: fewer than 5 scores'
    """
    return [
        {
            "persona": f"{row.emoji} {row.name or row.persona}",
            "mean": row.mean,
            "interval": _interval(Estimate(row.mean, row.low, row.high, row.scored, row.reason)),
            "scored": row.coverage,
            "best": _moment(row.best),
            "worst": _moment(row.worst),
            "weight": row.weight,
        }
        for row in audience.personas
    ]


def comparison_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """Return one row a persona: both means, and the second less the first with its interval."""
    rows = [(each.name, each.a, each.b, each.difference) for each in comparison.personas]
    return [
        {"persona": name, "before": a, "now": b, "difference": figure(found, sign=True)}
        for name, a, b, found in rows
    ]


def agreement_rows(panel: Panel, relation: Relation, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return one row a pair of a relation, those with most in common first.

    Parameters
    ----------
    panel : Panel
        People beside personas.
    relation : str
        Which pairs.
    names : mapping of str to str
        What personas are called, by id.
    """
    pairs = sorted(panel.of(relation), key=lambda pair: -pair.n)
    return [
        {"first": names.get(pair.a, pair.a), "second": names.get(pair.b, pair.b), "both rated": pair.n}
        | {TITLES[name]: figure(pair.figures[name]) for name in SHOWN if name in pair.figures}
        for pair in pairs
        if pair.n
    ]


def figure(found: Estimate, *, sign: bool = False) -> str:
    """Return an estimate as text, or why there is none.

    Examples
    --------
    >>> figure(Estimate(0.713, 0.552, 0.831, 40)), figure(Estimate(None, reason="fewer than 5 units"))
    ('0.71 (0.55 to 0.83)', '– fewer than 5 units')
    """
    if found.value is None:
        return f"– {found.reason}" if found.reason else "–"
    kind = "+.2f" if sign else ".2f"
    if found.low is None or found.high is None:
        return f"{found.value:{kind}}"
    return f"{found.value:{kind}} ({found.low:{kind}} to {found.high:{kind}})"


def reliability_html(calibration: Calibration) -> str:
    """Return how well predicted probabilities held, before and after, as two pictures side by side."""
    sides = (("before", calibration.before), ("after, on items left out", calibration.after))
    figures = "".join(
        f'<figure style="margin:0;max-width:{SIDE}px"><figcaption><b>{escape(name)}</b><br>calibration error '
        f"{side.error:.3f}<br>likeness of distributions {side.ks:.2f}</figcaption>"
        f"<img alt={_quoted(_told(side))} width={SIDE} height={SIDE + 16} "
        f'src="data:image/svg+xml;utf8,{_uri(_plot(side))}"></figure>'
        for name, side in sides
    )
    worse = calibration.after.error >= calibration.before.error
    told = "<p>On items left out it does no better than the scores as they were made.</p>" if worse else ""
    return f'<div style="display:flex;flex-wrap:wrap;gap:2.5rem;font-size:.86rem">{figures}</div>{told}'


# --- private ---------------------------------------------------------------------------------------


def _interval(found: Estimate) -> str:
    if found.low is None or found.high is None:
        return f"none: {found.reason or 'nothing scored'}"
    return f"{found.low:.1f} – {found.high:.1f}"


def _moment(moment: Moment | None) -> str:
    return "" if moment is None else f"{clock(moment.start)} ({moment.score:.1f})"


def _plot(side: Reliability) -> str:
    """Return the reliability plot as SVG: predicted along, observed up; the size of a dot is how many."""
    inner, edge = SIDE - 40, 30

    def x(share: float) -> float:
        return edge + share * inner

    def y(share: float) -> float:
        return SIDE - edge - share * inner + 10

    points = [one for bins in side.bins.values() for one in bins]
    most = max((one.n for one in points), default=1)
    dots = "".join(
        f'<circle cx="{x(one.predicted):.1f}" cy="{y(one.observed):.1f}" '
        f'r="{2.5 + 5 * (one.n / most) ** 0.5:.1f}" fill="#7d70ff" fill-opacity="0.62"/>'
        for one in points
    )
    ink = 'fill="#808495" font-family="system-ui, sans-serif" font-size="10"'
    middle = f'text-anchor="middle" {ink}'
    ticks = "".join(
        f'<text x="{x(share):.1f}" y="{y(0) + 14:.1f}" text-anchor="middle" {ink}>{share:g}</text>'
        f'<text x="{x(0) - 5:.1f}" y="{y(share) + 3:.1f}" text-anchor="end" {ink}>{share:g}</text>'
        for share in (0, 0.5, 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE + 16}">'
        f'<path d="M{x(0)} {y(1)}V{y(0)}H{x(1)}" fill="none" stroke="#808495" stroke-opacity="0.5"/>'
        f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#808495" stroke-dasharray="3 4"/>'
        f'{dots}{ticks}<text x="{x(0.5)}" y="{SIDE + 12}" {middle}>probability that was said</text>'
        f'<text transform="translate(12 {y(0.75)}) rotate(-90)" {middle}>came true</text></svg>'
    )


def _told(side: Reliability) -> str:
    points: Sequence[str] = [
        f"{score} or more: said {one.predicted:.2f}, came true {one.observed:.2f} of {one.n}"
        for score, bins in side.bins.items()
        for one in bins
    ]
    return "; ".join(points)


def _quoted(text: str) -> str:
    return f'"{escape(text, quote=True)}"'


def _uri(svg: str) -> str:
    from urllib.parse import quote

    return quote(svg)
