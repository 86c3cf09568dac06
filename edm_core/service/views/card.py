"""The pieces of a card that are plain HTML. Pure; everything that comes from outside is escaped."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from ..._clock import clock
from ...store import Entry
from .picture import description, waveform_svg


def stage_html(entry: Entry) -> str:
    """Return the dark stage with the recording's waveform."""
    # As an image: the pages' framework lets no SVG elements through.
    data = b64encode(waveform_svg(entry).encode()).decode()
    alternative = escape(description(entry))
    return f'<div class="edm-stage"><img src="data:image/svg+xml;base64,{data}" alt="{alternative}"></div>'


def facts_html(entry: Entry) -> str:
    """Return artist, length, chips and tags.

    Examples
    --------
    >>> facts_html(Entry("sha256:00", "a.mp3", "2026-01-01T00:00:00Z", duration=61.0, chips=("8A",)))
    '<div class="edm-facts"><span class="edm-quiet">1:01</span><span class="edm-chip">8A</span></div>'
    """
    quiet = " · ".join(
        filter(None, (escape(entry.artist or ""), clock(entry.duration) if entry.duration else ""))
    )
    chips = "".join(f'<span class="edm-chip">{escape(chip)}</span>' for chip in entry.chips)
    chips += "".join(f'<span class="edm-chip edm-tag">{escape(tag)}</span>' for tag in entry.tags)
    shown = f'<span class="edm-quiet">{quiet}</span>' if quiet else ""
    return f'<div class="edm-facts">{shown}{chips}</div>'


def message_html(entry: Entry) -> str:
    """Return why there is no analysis, or which stages of it failed; empty if all is well."""
    if entry.status in ("failed", "cancelled"):
        heading = "Not analysed" if entry.status == "failed" else "Stopped"
        reason = escape(entry.message or "no reason is known")
        return f'<div class="edm-message"><b>{heading}</b> — {reason}</div>'
    if entry.status == "done" and entry.problems:
        stages = ", ".join(escape(problem.stage) for problem in entry.problems)
        return f'<div class="edm-message"><b>Incomplete</b> — {stages}</div>'
    return ""


def empty_html(heading: str, text: str) -> str:
    """Return what stands on a page that has nothing to show yet, with the next step."""
    return f'<div class="edm-empty"><h2>{escape(heading)}</h2><p>{escape(text)}</p></div>'
