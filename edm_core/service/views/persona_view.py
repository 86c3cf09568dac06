"""The pieces of the page Personas that are plain HTML. Pure; what comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ...items import Reaction
from ...personas import Persona
from ...personas.changes import Change
from ...personas.folder import Edition
from ...vocabulary import score_colour

EARS = {"speech": "hears speech", "music": "hears music", "both": "hears speech and music"}
EDITIONS = {"packaged": "packaged", "edited": "your edition", "own": "your own"}
_STATUS = {"failed": "Failed", "abstained": "Cannot say", "pending": "Pending"}


def face_html(edition: Edition) -> str:
    """Return the face on a card."""
    return f'<div class="edm-face" aria-hidden="true">{escape(edition.persona.emoji)}</div>'


def gist_html(edition: Edition, mean: float | None, count: int) -> str:
    """Return what a card says below the name: who they are, facts, and the mean of what they scored."""
    persona = edition.persona
    scored = ""
    if mean is not None:
        many = "1 recording" if count == 1 else f"{count} recordings"
        words = f'<span class="edm-quiet">mean over {many}</span>'
        scored = f'<div class="edm-mean">{_dot(mean)}<b>{mean:.1f}</b> {words}</div>'
    return f'<p class="edm-gist">{escape(persona.description)}</p>{facts_html(edition)}{scored}'


def facts_html(edition: Edition) -> str:
    """Return chips: what they hear, weight, whose edition, whether retired, and the version."""
    persona = edition.persona
    chips = [EARS[persona.listens_to], EDITIONS[edition.origin]]
    if persona.weight != 1.0:
        chips.append(f"weight {persona.weight:g}")
    if persona.retired:
        chips.append("retired")
    shown = "".join(f'<span class="edm-chip">{escape(chip)}</span>' for chip in chips)
    return f'<div class="edm-facts edm-persona">{shown}<code title="version">{persona.version}</code></div>'


def head_html(edition: Edition) -> str:
    """Return the head of one persona's page."""
    persona = edition.persona
    return (
        f'<div class="edm-head">{face_html(edition)}<div><h2>{escape(persona.name)}</h2>'
        f'<p class="edm-gist">{escape(persona.description)}</p>{facts_html(edition)}</div></div>'
    )


def reaction_html(reaction: Reaction, persona: Persona, before: Reaction | None = None) -> str:
    """Return how a persona takes something: score, distribution, opinion, reasons and evidence.

    ``before`` is the reaction without the changes that are not saved yet.
    """
    note = f'<p class="edm-note">{escape(reaction.note)}</p>' if reaction.note else ""
    said = f"<blockquote>{escape(reaction.opinion)}</blockquote>" if reaction.opinion else ""
    reasons = "".join(f"<p>{escape(line)}</p>" for line in (reaction.rationale or "").splitlines())
    quotes = "".join(f"<li>“{escape(each.quote)}”</li>" for each in reaction.evidence)
    evidence = (
        f'<div class="edm-evidence"><span>What they heard</span><ul>{quotes}</ul></div>' if quotes else ""
    )
    flags = "".join(f'<span class="edm-chip">{escape(flag)}</span>' for flag in reaction.flags)
    odd = f'<div class="edm-facts edm-flags">odd: {flags}</div>' if flags else ""
    deaf = (
        ""
        if persona.hears(reaction.target.kind)
        else (
            f'<p class="edm-note">In recordings, {escape(persona.name)} {EARS[persona.listens_to]} only.</p>'
        )
    )
    return (
        f'<div class="edm-tried">{_score(reaction, before)}{_bars(reaction, before)}'
        f"{said}{note}{reasons}{evidence}{odd}{deaf}"
        f'<p class="edm-quiet">A simulated listener, scored by {escape(reaction.scorer)}; '
        f"{_confidence(reaction)}.</p></div>"
    )


def changes_html(changes: Sequence[Change]) -> str:
    """Return what two versions differ in: in words, and side by side."""
    if not changes:
        return '<p class="edm-quiet">No difference.</p>'
    rows = "".join(
        f'<tr><td class="edm-{change.kind}">{escape(_words(change))}</td>'
        f"<td>{escape(change.before)}</td><td>{escape(change.after)}</td></tr>"
        for change in changes
    )
    head = "<tr><th>Change</th><th>Before</th><th>After</th></tr>"
    table = f'<table class="edm-changes"><thead>{head}</thead><tbody>{rows}</tbody></table>'
    return f'<div class="edm-scroll">{table}</div>'


# --- private ---------------------------------------------------------------------------------------


def _words(change: Change) -> str:
    """Return a change without what stands beside it anyway."""
    return change.text.partition(": “")[0] if change.field.endswith(".statements") else change.text


def _score(reaction: Reaction, before: Reaction | None) -> str:
    if reaction.score is None:
        return f'<div class="edm-score"><b class="edm-none">{_STATUS[reaction.status]}</b></div>'
    words = ""
    if before is not None:
        earlier = "no score" if before.score is None else f"{before.score:.1f}"
        words = f'<span class="edm-quiet">with your changes, before {earlier}</span>'
    return f'<div class="edm-score">{_dot(reaction.score)}<b>{reaction.score:.1f}</b>{words}</div>'


def _bars(reaction: Reaction, before: Reaction | None) -> str:
    if reaction.distribution is None:
        return ""
    earlier = before.distribution if before is not None else None
    rows = []
    for place, share in enumerate(reaction.distribution, 1):
        ghost = f'<i class="edm-ghost" style="left:{earlier[place - 1] * 100:.1f}%"></i>' if earlier else ""
        rows.append(
            f'<div class="edm-bar"><span>{place}</span><div><i style="width:{share * 100:.1f}%;'
            f'background:{score_colour(place)}"></i>{ghost}</div><span>{share:.0%}</span></div>'
        )
    spoken = _spoken(reaction.distribution)
    return f'<div class="edm-bars" role="img" aria-label="{spoken}">{"".join(rows)}</div>'


def _spoken(distribution: Sequence[float]) -> str:
    return ", ".join(f"{place}: {share:.0%}" for place, share in enumerate(distribution, 1))


def _dot(score: float) -> str:
    return f'<i class="edm-dot" style="background:{score_colour(score)}"></i>'


def _confidence(reaction: Reaction) -> str:
    calibrated = "calibrated" if reaction.calibrated else "uncalibrated"
    known = "" if reaction.confidence is None else f"confidence {reaction.confidence:.2f}, "
    return known + calibrated
