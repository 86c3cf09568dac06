"""The audience as a report: one HTML file that needs neither network nor script, in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from .._clock import clock
from ..evaluation.ratings import TITLES, Estimate, Measure
from .exports import provenance
from .panel import EVERYBODY
from .report_figures import bars, heat_map, legend, reliability_plot
from .summaries import SIMULATED, ItemSummary, PersonaSummary

if TYPE_CHECKING:
    from ..items import Reaction
    from .audience import Audience
    from .calibration import Calibration
    from .moments import Moment
    from .panel import Panel

STYLE = Path(__file__).with_name("report.css")
_SHOWN: tuple[Measure, ...] = ("kappa", "alpha", "spearman", "mae", "ks")
_MOST_ALERTS, _MOST_ITEMS, _EXCERPT = 40, 6, 180


def report(audience: Audience, *, calibration: Calibration | None = None, panel: Panel | None = None) -> str:
    """Return the report.

    Parameters
    ----------
    audience : Audience
    calibration : Calibration, optional
        The one that was applied; its reliability is shown.
    panel : Panel, optional
        People's ratings of the same; without them nothing is said of agreement.

    Returns
    -------
    str
        HTML. The same audience gives the same text.
    """
    title = _title(audience)
    body = [
        _head(audience, title),
        f'<section><div class="scroll">{heat_map(audience)}</div>{legend()}</section>'
        if audience.items
        else _NOTHING,
        _alerts(audience),
        _section("Listeners", "".join(_card(audience, row) for row in audience.personas), "cards"),
        _items(audience),
        _pairs(audience),
        _people(panel),
        _calibration(calibration),
        _provenance(audience),
    ]
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · simulated audience</title><style>{style}</style></head>"
        f"<body><main>{''.join(body)}<footer>{escape(SIMULATED)}</footer></main></body></html>\n"
    )


# --- private ---------------------------------------------------------------------------------------


def _head(audience: Audience, title: str) -> str:
    recording = audience.recording
    length = "" if recording is None else f"{clock(recording.duration)} · "
    consensus = audience.consensus
    figure = "no score" if consensus.value is None else f"{consensus.value:.2f}"
    spread = _spread(consensus)
    return (
        '<header><div><p class="badges"><span class="badge loud">Simulated audience</span>'
        f'<span class="badge">{escape(audience.standing)}</span></p><h1>{escape(title)}</h1>'
        f'<p class="dim">{length}{len(audience.personas)} listeners · {len(audience.items)} moments · '
        f"{audience.coverage} scored</p>"
        f'<p class="lead">{escape(SIMULATED)}</p></div>'
        f'<div class="figure"><p class="number">{figure}</p><p class="dim">consensus of 5{spread}</p>'
        f"{bars(audience.distribution, 'Distribution of all scores')}</div></header>"
    )


def _title(audience: Audience) -> str:
    recording = audience.recording
    path = None if recording is None else recording.path
    return (recording and recording.title) or (Path(path).stem if path else "Recording")


_NOTHING = '<p class="dim">Nothing was heard here: no passage or section that any listener listens to.</p>'


def _alerts(audience: Audience) -> str:
    urgent = [alert for alert in audience.alerts if alert.severity != "low"]
    urgent.sort(key=lambda alert: alert.severity != "high")
    low = len(audience.alerts) - len(urgent)
    if not audience.alerts:
        return ""
    rows = [
        f'<li class="{alert.severity}"><b>{clock(alert.start)}</b> {escape(alert.message)}</li>'
        for alert in urgent[:_MOST_ALERTS]
    ]
    if low:
        moments = "1 moment splits" if low == 1 else f"{low} moments split"
        rows.append(f"<li>{moments} the audience by 2 points or more.</li>")
    if len(urgent) > _MOST_ALERTS:
        rows.append(f"<li>And {len(urgent) - _MOST_ALERTS} more.</li>")
    return _section("To look at", f'<ul class="alerts">{"".join(rows)}</ul>')


def _card(audience: Audience, row: PersonaSummary) -> str:
    mean = "no score" if row.mean is None else f"{row.mean:.2f}"
    known = row.low is not None and row.high is not None
    spread = f"95 % {row.low:.2f}–{row.high:.2f}" if known else row.reason or ""
    others = ", ".join(
        f"{count} {status}" for status, count in (row.statuses or {}).items() if status != "ok"
    )
    told = f"{row.coverage} scored" + (f" ({others})" if others else "")
    moments = "".join(
        _moment(audience, row, moment, kind)
        for kind, found in (("best", row.bests[:2]), ("worst", row.worsts[:2]))
        for moment in found
    )
    figure = bars(row.distribution, f"Scores of {row.name}")
    return (
        f'<article><h3><span class="face">{escape(row.emoji)}</span>{escape(row.name)}</h3>'
        f'<div class="sum"><p class="number">{mean}</p>{figure}</div>'
        f'<p class="dim">{escape(spread)} · {escape(told)}</p>{moments}</article>'
    )


def _moment(audience: Audience, row: PersonaSummary, moment: Moment, kind: str) -> str:
    cell: Reaction = audience.cells[row.persona, moment.target]
    quotes = "".join(f"<q>{escape(_short(each.quote))}</q>" for each in cell.evidence[:2])
    return (
        f'<div class="moment {kind}"><p><b>{kind}</b> {clock(moment.start)} · {moment.score:.2f}</p>'
        f"<p>{escape(cell.opinion or '')}</p>{quotes}</div>"
    )


def _items(audience: Audience) -> str:
    known = [item for item in audience.items if item.spread is not None]
    split = sorted(
        (item for item in known if item.verdict == "splits"), key=lambda item: -(item.spread or 0.0)
    )
    united = sorted(
        (item for item in known if item.verdict == "unites" and item.scored > 2),
        key=lambda item: -abs((item.consensus or 3.0) - 3.0),
    )
    names = {row.persona: row.name for row in audience.personas}
    tables = "".join(
        f"<h3>{title}</h3>{_item_table(found[:_MOST_ITEMS], names)}"
        for title, found in (("What splits them", split), ("What unites them", united))
        if found
    )
    return _section("Consensus and divergence", tables) if tables else ""


def _item_table(items: Sequence[ItemSummary], names: dict[str, str]) -> str:
    def listed(ids: Iterable[str]) -> str:
        return ", ".join(names[name] for name in ids) or "–"

    return _table(
        ("when", "what", "consensus", "apart", "4 and more", "2 and less"),
        [
            (clock(item.start), _short(item.text or item.target.kind), f"{item.consensus or 0:.2f}",
             f"{item.spread or 0:.2f}", listed(item.lovers), listed(item.haters))
            for item in items
        ],
    )  # fmt: skip


def _pairs(audience: Audience) -> str:
    known = [pair for pair in audience.pairs if pair.correlation.value is not None]
    if not known:
        return ""
    ordered = sorted(known, key=lambda pair: -(pair.correlation.value or 0.0))
    shown = ordered if len(ordered) <= 2 * _MOST_ITEMS else [*ordered[:_MOST_ITEMS], *ordered[-_MOST_ITEMS:]]
    rows = [
        (audience[pair.a].name, audience[pair.b].name, _figure(pair.correlation), str(pair.correlation.n))
        for pair in shown
    ]
    told = "" if len(shown) == len(ordered) else '<p class="dim">The most and the least alike.</p>'
    head = ("listener", "listener", "rank correlation", "items")
    return _section("Who hears alike", told + _table(head, rows))


def _people(panel: Panel | None) -> str:
    """Return personas beside all people together, where there are several, and people beside each other."""
    if panel is None or not panel.ratings:
        return ""
    with_people = panel.of("person–persona")
    together = [pair for pair in with_people if pair.b.startswith(EVERYBODY)]
    rows = [
        (pair.a, pair.b, str(pair.n), *(_figure(pair.figures[name]) for name in _SHOWN))
        for pair in (*(together or with_people), *panel.of("person–person"))
        if pair.n
    ]
    told = f"{panel.ratings} ratings of {len(panel.raters)} people. Intervals: 95 %, over items."
    head = ("", "beside", "items", *(TITLES[name] for name in _SHOWN))
    return _section("Agreement with people", f'<p class="dim">{told}</p>{_table(head, rows)}')


def _calibration(calibration: Calibration | None) -> str:
    if calibration is None:
        return ""
    before, after = calibration.before, calibration.after
    plot = reliability_plot({
        f"uncalibrated, error {before.error:.3f}": [("before", before.bins)],
        f"calibrated, items left out, error {after.error:.3f}": [("after", after.bins)],
    })  # fmt: skip
    told = f"{str(calibration).capitalize()}, {calibration.scorer}, panel {calibration.panel}."
    return _section("Calibration", f"<p>{escape(told)}</p>{plot}")


_ORIGIN = {
    "persona": "persona", "persona_version": "version", "scorer": "scorer", "model": "model",
    "prompt_hash": "prompt", "seed": "seed", "calibrated": "calibrated", "first": "first", "last": "last",
}  # fmt: skip


def _provenance(audience: Audience) -> str:
    rows = [
        [*(_said(row[name]) for name in _ORIGIN), f"{row['scored']} of {row['reactions']}"]
        for row in provenance(audience.reactions)
    ]
    return _section("What made these scores", _table((*_ORIGIN.values(), "scored"), rows))


def _section(title: str, body: str, kind: str = "") -> str:
    return f'<section><h2>{escape(title)}</h2><div class="{kind}">{body}</div></section>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str | tuple[str, str]]]) -> str:
    """Return a table; a cell of two texts has the second below the first, small."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "".join(f"<tr>{''.join(map(_table_cell, row))}</tr>" for row in rows)
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _table_cell(cell: str | tuple[str, str]) -> str:
    if isinstance(cell, str):
        return f"<td>{escape(cell)}</td>"
    return f"<td>{escape(cell[0])}<span>{escape(cell[1])}</span></td>"


def _figure(one: Estimate) -> tuple[str, str]:
    if one.value is None:
        return "–", one.reason or ""
    return (
        f"{one.value:.2f}",
        "" if one.low is None or one.high is None else f"{one.low:.2f} to {one.high:.2f}",
    )


def _spread(one: Estimate) -> str:
    return "" if one.low is None or one.high is None else f", 95 % {one.low:.2f}–{one.high:.2f}"


def _signed(text: str) -> str:
    return text.replace("-", "−")


def _said(value: object) -> str:
    return "" if value is None else ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _short(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[:_EXCERPT].rsplit(" ", 1)[0] + " …"
