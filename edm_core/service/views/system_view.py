"""The page System as plain HTML. Pure; everything that comes from outside is escaped.

Bars are blocks and not drawings: the pages' framework lets no SVG elements through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ..observing.health import Check
from ..observing.storage import Kept
from ..observing.system import MINUTES, Hand, Line, Minute, System

KINDS = {
    "analyze": "Analysis",
    "speech": "Words and audience",
    "score": "Scoring",
    "laboratory": "Judge laboratory",
}
QUEUES = {"music": "Music", "speech": "Speech", "personas": "Personas"}


def span(seconds: float | None) -> str:
    """Return a length of time, as coarsely as one speaks of it.

    Examples
    --------
    >>> span(4.2), span(95), span(5_400), span(200_000), span(None)
    ('4 s', '2 min', '1.5 h', '2.3 days', '–')
    """
    if seconds is None:
        return "–"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5_000:
        return f"{seconds / 60:.0f} min"
    if seconds < 172_800:
        return f"{seconds / 3_600:.1f} h"
    return f"{seconds / 86_400:.1f} days"


def size(count: int) -> str:
    """Return bytes in words.

    Examples
    --------
    >>> size(0), size(4_200), size(73_000_000), size(1_250_000_000)
    ('0 kB', '4 kB', '73 MB', '1.2 GB')
    """
    if count < 1_000_000:
        return f"{count / 1e3:.0f} kB"
    return f"{count / 1e6:.0f} MB" if count < 1_000_000_000 else f"{count / 1e9:.1f} GB"


def state_html(checks: Sequence[Check]) -> str:
    """Return whether all is well, and if not, what to do."""
    wrong = [check for check in checks if not check.ok]
    if not wrong:
        return '<div class="sys-state good"><b>All is well</b></div>'
    rows = "".join(
        f"<li><b>{escape(check.name.capitalize())}</b> {escape(check.seen)}"
        f"{f' – {escape(check.remedy)}' if check.remedy else ''}</li>"
        for check in wrong
    )
    heading = "One thing needs attention" if len(wrong) == 1 else f"{len(wrong)} things need attention"
    return f'<div class="sys-state bad" role="alert"><b>{heading}</b><ul>{rows}</ul></div>'


def tiles_html(found: System) -> str:
    """Return the four numbers that say most."""
    waiting, running = sum(line.waiting for line in found.lines), sum(line.running for line in found.lines)
    oldest = max((line.oldest for line in found.lines if line.oldest is not None), default=None)
    alive = [hand for hand in found.hands if hand.alive]
    busy = sum(hand.at is not None for hand in alive)
    ended, sound = sum(each.jobs for each in found.minutes), sum(each.sound for each in found.minutes)
    tiles = (
        ("Waiting", str(waiting), f"oldest for {span(oldest)}" if waiting else "nothing is kept waiting"),
        ("Running", str(running), _hands(busy, len(alive))),
        ("Last hour", str(ended), "job done" if ended == 1 else "jobs done"),
        ("Sound analysed", span(sound) if sound else "0", f"{sound / 3_600:.1f} × real time, last hour"),
    )
    return '<div class="sys-tiles">' + "".join(map(_tile, tiles)) + "</div>"


def lines_html(lines: Sequence[Line]) -> str:
    """Return the queues: how much waits, and for how long."""
    rows = "".join(
        f"<tr><th scope=row>{escape(QUEUES.get(line.queue, line.queue))}</th><td>{line.waiting}</td>"
        f"<td>{line.running}</td><td>{span(line.oldest)}</td></tr>"
        for line in lines
    )
    head = "<tr><th>Queue</th><th>Waiting</th><th>Running</th><th>Oldest waits</th></tr>"
    return f'<table class="sys-table"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def minutes_html(minutes: Sequence[Minute]) -> str:
    """Return the last hour as bars, a minute each: jobs upwards, minutes of sound downwards."""
    if not any(each.jobs for each in minutes):
        return '<p class="sys-quiet">Nothing came to an end within the last hour.</p>'
    jobs = max(each.jobs for each in minutes)
    sound = max((each.sound for each in minutes), default=0.0) or 1.0
    bars = "".join(
        f'<i title="{_ago(MINUTES - 1 - at)}: {each.jobs} jobs, {span(each.sound)} of sound">'
        f'<b style="height:{each.jobs / jobs * 100:.0f}%"></b>'
        f'<s style="height:{each.sound / sound * 100:.0f}%"></s></i>'
        for at, each in enumerate(minutes)
    )
    said = f"{sum(each.jobs for each in minutes)} jobs in the last hour, at most {jobs} a minute"
    return (
        f'<div class="sys-bars" role="img" aria-label="{said}">{bars}</div>'
        '<div class="sys-axis"><span>an hour ago</span><span>now</span></div>'
        f'<p class="sys-quiet"><em class="jobs"></em> jobs a minute, up to {jobs}'
        f' &emsp; <em class="sound"></em> sound analysed a minute, up to {span(sound)}</p>'
    )


def hands_html(hands: Sequence[Hand]) -> str:
    """Return the workers: where they are, what they do, and when they were last heard."""
    rows = "".join(
        f"<tr class={'alive' if hand.alive else 'gone'}><th scope=row><span class=dot></span>"
        f"{escape(', '.join(QUEUES.get(name, name) for name in hand.queues))}</th>"
        f"<td>{escape(hand.host)} <small>{hand.pid}</small></td>"
        f"<td class=wide>{escape(hand.at) if hand.at else '<small>waits</small>'}</td>"
        f"<td>{hand.done}</td><td>{f'{span(hand.silent)} ago'}</td></tr>"
        for hand in hands
    )
    head = "<tr><th>Worker</th><th>Host</th><th>Does</th><th>Done</th><th>Heard</th></tr>"
    return f'<table class="sys-table"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def kept_html(kept: Sequence[Kept], free: str = "") -> str:
    """Return what takes room as bars, each as a share of the largest or of its limit."""
    most = max((each.size for each in kept), default=0) or 1
    rows = "".join(
        f"<tr><th scope=row>{escape(each.kind)}</th><td>{each.count:,}</td>"
        f'<td class=bar><i><b style="width:{min(100.0, each.size / (each.limit or most) * 100):.1f}%"'
        f"{' class=full' if each.limit and each.size > 0.9 * each.limit else ''}></b></i></td>"
        f"<td>{size(each.size)}{f' of {size(each.limit)}' if each.limit else ''}</td></tr>"
        for each in kept
    )
    foot = f'<p class="sys-quiet">{escape(free)}</p>' if free else ""
    return f'<table class="sys-table sys-kept"><tbody>{rows}</tbody></table>{foot}'


def checks_html(checks: Sequence[Check]) -> str:
    """Return every check, well or not."""
    rows = "".join(
        f"<tr class={'alive' if check.ok else 'gone'}><th scope=row><span class=dot></span>"
        f"{escape(check.name.capitalize())}</th><td class=wide>{escape(check.seen)}</td></tr>"
        for check in checks
    )
    return f'<table class="sys-table"><tbody>{rows}</tbody></table>'


def versions_html(versions: Iterable[tuple[str, str]]) -> str:
    """Return names and versions in a line."""
    return '<p class="sys-quiet">' + " · ".join(f"{escape(n)} {escape(v)}" for n, v in versions) + "</p>"


def _hands(busy: int, alive: int) -> str:
    if not alive:
        return "no worker is alive"
    return (
        f"by {busy} of {alive} workers"
        if busy
        else "one worker is ready"
        if alive == 1
        else f"{alive} workers are ready"
    )


def _tile(tile: tuple[str, str, str]) -> str:
    name, value, more = map(escape, tile)
    return f"<div><small>{name}</small><b>{value}</b><span>{more}</span></div>"


def _ago(minutes: int) -> str:
    return "this minute" if minutes == 0 else f"{minutes} min ago"
