"""A laboratory's report to be read: Markdown, and a page of HTML that needs no network and no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .finding import Finding
    from .report import LabReport

ABOUT = (
    "This is about a judge of a simulated audience, not about listeners. A bias that was not found is one "
    "that this design, with the power that is told, would probably have found at the size that is told; "
    "cannot tell means that it would not."
)
SIGNS = {"found": "●", "not found": "○", "cannot tell": "?"}
_DISGUISES = ("disguise", "trials", "towards", "changed", "flagged")
_HEADINGS = ("", "verdict", "estimate", "95 %", "limit", "p", "n", "power")


def markdown(report: LabReport) -> str:
    """Return a report as Markdown."""
    lines = [f"# Judge laboratory: {report.judge}", "", summary(report), "", ABOUT, ""]
    for title, group in (("Biases", report.biases), ("Other probes", report.controls)):
        lines += [f"## {title}", "", f"| {' | '.join(_HEADINGS)} |", "|---" * len(_HEADINGS) + "|"]
        lines += [f"| {' | '.join(cell.replace('|', '∣') for cell in cells(each))} |" for each in group]
        lines += ["", *(f"- *{each.name}*: {remark(each)}" for each in group if remark(each)), ""]
    lines += ["## Hidden instructions", "", f"| {' | '.join(_DISGUISES)} |", "|---" * len(_DISGUISES) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in disguises(report)]
    lines += ["", "## Made with", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value.replace('|', '∣')} |" for name, value in made_with(report)]
    return "\n".join(lines) + "\n"


def html(report: LabReport) -> str:
    """Return a report as one page of HTML, light and dark."""
    head = f"<h1>Judge laboratory</h1><p class=lead>{escape(report.judge)}</p>"
    head += f"<p>{escape(summary(report))}</p><p class=quiet>{escape(ABOUT)}</p>"
    return _PAGE.format(title=escape(f"Judge laboratory: {report.judge}"), body=f"{head}\n{fragment(report)}")


def fragment(report: LabReport) -> str:
    """Return findings and tables as HTML to stand in a page that has a head and a style of its own."""
    body = []
    for title, group in (("Biases", report.biases), ("Other probes", report.controls)):
        body.append(f"<h2>{title}</h2>")
        body += [_card(each) for each in group]
    body.append("<h2>Hidden instructions</h2>")
    body.append(_table(_DISGUISES, disguises(report)))
    body.append("<h2>By place in the session</h2>" + _places(report.by_place))
    body.append("<h2>Made with</h2>" + _table(("", ""), made_with(report)))
    return "\n".join(body)


def summary(report: LabReport) -> str:
    """Return in a sentence or two what was found."""
    named: dict[str, list[str]] = {verdict: [] for verdict in SIGNS}
    for each in report.biases:
        named[each.verdict].append(each.name)
    parts = [
        f"found: {', '.join(named['found'])}" if named["found"] else "none of the five biases was found",
        f"cannot tell: {', '.join(named['cannot tell'])}" if named["cannot tell"] else "",
    ]
    scored = report.asked - sum(report.missing.values())
    counted = (
        f"{scored} of {report.asked} questions were scored, over {len(report.passages)} passages and "
        f"{len(report.personas)} personas."
    )
    text = "; ".join(filter(None, parts))
    return f"{text[0].upper()}{text[1:]}. {counted}"


def cells(found: Finding) -> tuple[str, ...]:
    """Return a finding as the cells of a table."""
    span = "" if found.low is None or found.high is None else f"{found.low:.2f} – {found.high:.2f}"
    p = found.adjusted
    return (
        found.title, f"{SIGNS[found.verdict]} {found.verdict}",
        "" if found.estimate is None else f"{found.estimate:.2f} {found.unit}", span, f"{found.limit:.2f}",
        "" if p is None else "< .001" if p < 0.001 else f"{p:.3f}",
        f"{found.n} {found.units}", f"{found.power:.2f} for {found.worth:.2f}",
    )  # fmt: skip


def remark(found: Finding) -> str:
    """Return how a finding was made, and what is to be said of it."""
    return "; ".join(filter(None, (found.test, found.note)))


def disguises(report: LabReport) -> list[tuple[str, ...]]:
    """Return the rows of the table of hidden instructions."""
    return [
        (
            each.name, str(each.trials), "" if each.towards is None else f"{each.towards:+.2f}",
            "" if each.changed is None else f"{each.changed:.0%}", f"{each.flagged:.0%}",
        )
        for each in report.disguises
    ]  # fmt: skip


def made_with(report: LabReport) -> list[tuple[str, str]]:
    """Return the rows of the table of what the report was made with."""
    missing = "; ".join(f"{count} × {reason}" for reason, count in report.missing.items())
    return [
        *((name, value) for name, value in report.parameters().items() if value),
        ("without a score", missing or "none"),
        ("begun", report.time),
        ("took", f"{report.seconds:.0f} s"),
    ]


def _card(found: Finding) -> str:
    name, verdict, estimate, span, limit, p, n, power = map(escape, cells(found))
    good = found.wanted == (found.verdict == "found")
    kind = "open" if found.verdict == "cannot tell" else "good" if good else "bad"
    said = f"{estimate} [{span}]" if estimate else "not measured"
    chance = f"p = {p}".replace("= &lt;", "&lt;") if p else ""
    facts = " · ".join(filter(None, (said, f"limit {limit}", chance, n, f"power {power}")))
    return (
        f'<section class="{kind}"><h3>{name} <span class=verdict>{verdict}</span></h3>'
        f"<p>{facts}</p>{_span(found)}<p class=quiet>{escape(remark(found))}</p></section>"
    )


def _span(found: Finding) -> str:
    """Return a drawing of the interval and the limit on a common line."""
    if found.estimate is None or found.low is None or found.high is None:
        return ""
    left = min(found.low, found.limit, 0.0)
    right = max(found.high, found.limit, found.worth)

    def at(value: float) -> float:
        return round(100 * (value - left) / max(1e-9, right - left), 1)

    # Boxes rather than SVG, which the pages' framework lets not through.
    return (
        f'<div class=axis role=img aria-label="{found.low:.2f} to {found.high:.2f}, limit {found.limit:.2f}">'
        f'<b class=limit style="left:{at(found.limit)}%"></b>'
        f'<b class=span style="left:{at(found.low)}%;width:{at(found.high) - at(found.low):.1f}%"></b>'
        f'<b class=dot style="left:{at(found.estimate)}%"></b></div>'
    )


def _places(means: Sequence[float]) -> str:
    if not means:
        return "<p class=quiet>No session was scored.</p>"
    rows = [(str(place + 1), f"{mean:+.3f}") for place, mean in enumerate(means)]
    return _table(("place", "points, less the passage's own mean"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head) if any(head) else ""
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


_PAGE = """<!doctype html>
<html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark; --ink: #1c1d21; --paper: #fbfaf8; --quiet: #6c6e76; --line: #dcdad5;
  --good: #0072B2; --bad: #D55E00; --open: #8a8175; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #ececf0; --paper: #15161a; --quiet: #9a9ca6;
  --line: #33353d; --good: #56B4E9; --bad: #F28E4B; --open: #a9a196; }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 52rem;
  margin: 3rem auto; padding: 0 1.25rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.9rem; margin: 0; }} .lead {{ font-size: 1.1rem; color: var(--quiet); margin-top: .2rem; }}
h2 {{ font-size: 1.15rem; margin: 2.2rem 0 .6rem; }} h3 {{ font-size: 1rem; margin: 0; }}
section {{ border-left: 4px solid var(--open); padding: .1rem 0 .1rem 1rem; margin: 1.1rem 0; }}
section.good {{ border-color: var(--good); }} section.bad {{ border-color: var(--bad); }}
.verdict {{ font-weight: 500; margin-left: .5rem; color: var(--open); }}
.good .verdict {{ color: var(--good); }} .bad .verdict {{ color: var(--bad); }}
p {{ margin: .25rem 0; }} .quiet {{ color: var(--quiet); font-size: .875rem; }}
.axis {{ position: relative; max-width: 26rem; height: 1.4rem; margin: .2rem 0;
  background: linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat; }}
.axis b {{ position: absolute; top: 50%; }}
.axis .span {{ border-top: 2px solid; margin-top: -1px; min-width: 2px; }}
.axis .limit {{ top: 0; height: 100%; border-left: 1px dashed var(--quiet); }}
.axis .dot {{ width: 9px; height: 9px; margin: -4.5px; border-radius: 50%; background: currentColor; }}
table {{ border-collapse: collapse; font-size: .9rem; }}
td:first-child {{ white-space: nowrap; }}
td, th {{ text-align: left; padding: .25rem 1rem .25rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; }}
</style></head><body>
{body}
</body></html>
"""
