"""A timeline as a Plotly figure: the lanes of the player, for notebooks and papers.

Colours and patterns are those of the player: hatched is a model's suggestion, solid a person's word; scores
diverge around 3, confidence is opacity, and what was not scored is hatched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .._clock import clock
from ..errors import AudioError
from ..settings import Settings
from ..timeline import Passage, Reaction, Span, Timeline
from ..vocabulary import ACTIVITY_COLOURS as _ACTIVITY
from ..vocabulary import SECTION_COLOURS as _SECTION
from ..vocabulary import opacity_of, score_colour
from .props import PersonaLike, persona_order, title_of
from .source import checked, faces, sound_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..audio import Peaks, Sound

# Labels are plain text on a timeline; the layer checks that they are these.
SECTIONS: Mapping[str, str] = {str(label): colour for label, colour in _SECTION.items()}
ACTIVITIES: Mapping[str, str] = {str(label): colour for label, colour in _ACTIVITY.items()}
MOST_BINS = 3_000
"""Points of the waveform at most; the pyramid has a level for every length."""
MOST_LINES = 120
"""Downbeats drawn at most; beyond that every 2nd, 4th, 8th, …"""

_BANDS = (("all", 0, "#CDD3E0"), ("low", 2, "#F2803C"), ("middle", 4, "#4FBF7F"), ("high", 6, "#9CC4F5"))
_INK, _RULE, _UNKNOWN = "#1A1C2B", "#E3E5EE", "#F0F1F6"
_WAVE_PX, _LANE_PX, _FRAME_PX = 210, 30, 120


def plot(timeline: Timeline, sound: Sound | None = None) -> go.Figure:
    """Draw a timeline: waveform with downbeats, sections, speech and music, topics and the audience.

    Parameters
    ----------
    timeline : Timeline
        What to draw; lanes without items are left out.
    sound : Sound, optional
        For the waveform; by default it is loaded from the file that the timeline names. Where that file is
        gone or has changed, the figure says so in the waveform's place.

    Returns
    -------
    plotly.graph_objects.Figure
        Time in seconds from left to right.

    Raises
    ------
    EdmError
        If ``sound`` is of another recording.
    """
    from plotly.subplots import make_subplots

    peaks, missing = _peaks(timeline, sound)
    lanes = _lanes(timeline)
    heights = [_WAVE_PX, max(1, len(lanes)) * _LANE_PX]
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.03, row_heights=heights)
    if peaks is not None:
        _add_waveform(figure, peaks)
    else:
        figure.add_annotation(
            text=f"no waveform: {missing}",
            xref="x domain",
            yref="y domain",
            x=0.5,
            y=0.5,
            showarrow=False,
            font_color="#6B7080",
        )
    _add_grid(figure, timeline)
    for name, bars in lanes:
        figure.add_trace(_lane(name, bars), row=2, col=1)
    _add_scale(figure, timeline.reactions)
    figure.update_xaxes(
        range=[0, timeline.recording.duration], showgrid=False, zeroline=False, linecolor=_RULE
    )
    figure.update_xaxes(title_text="Time (s)", ticks="outside", tickcolor=_RULE, row=2, col=1)
    figure.update_yaxes(range=[-1, 1], showgrid=False, zeroline=False, showticklabels=False, row=1, col=1)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", ticksuffix="  ", row=2, col=1)
    figure.update_layout(
        title={"text": _title(timeline), "x": 0.01, "xanchor": "left"},
        template="plotly_white",
        font={
            "family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
            "size": 13,
            "color": _INK,
        },
        height=sum(heights) + _FRAME_PX,
        margin={"l": 20, "r": 20, "t": 64, "b": 48},
        barmode="overlay",
        bargap=0.14,
        uniformtext={"minsize": 10, "mode": "hide"},
        hoverlabel={"align": "left"},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1.0, "xanchor": "right"},
    )
    return figure


# --- waveform ----------------------------------------------------------------------------------------


def _peaks(timeline: Timeline, sound: Sound | None) -> tuple[Peaks | None, str]:
    if sound is not None:
        return checked(timeline, sound).peaks, ""
    try:
        return sound_of(timeline, Settings.from_environment()).peaks, ""
    except AudioError as error:
        return None, error.problem


def _add_waveform(figure: go.Figure, peaks: Peaks) -> None:
    import numpy as np
    import plotly.graph_objects as go

    level = next((i for i, bins in enumerate(peaks.levels) if len(bins) <= MOST_BINS), len(peaks.levels) - 1)
    bins = peaks.level(level)
    loudest = max(1, int(np.abs(bins.astype(int)).max())) * 1.04
    times = (np.arange(len(bins)) + 0.5) * peaks.seconds_per_bin(level)
    there_and_back = np.concatenate([times, times[::-1]]).round(4)
    for name, column, colour in _BANDS:
        outline = np.concatenate([bins[:, column + 1], bins[::-1, column]]) / loudest
        figure.add_trace(
            go.Scatter(
                x=there_and_back,
                y=outline.round(4),
                fill="toself",
                fillcolor=colour,
                line_width=0,
                mode="lines",
                name=name,
                hoverinfo="skip",
            ),
            row=1,
            col=1,
        )


def _add_grid(figure: go.Figure, timeline: Timeline) -> None:
    import plotly.graph_objects as go

    downbeats = [beat for beat in timeline.beats if beat.position == 1]
    step = 1
    while len(downbeats) / step > MOST_LINES:
        step *= 2
    shown = [beat for beat in downbeats if (beat.bar - 1) % step == 0]
    if shown:
        x = [value for beat in shown for value in (beat.time, beat.time, None)]
        figure.add_trace(
            go.Scatter(
                x=x,
                y=[-1, 1, None] * len(shown),
                mode="lines",
                line={"color": "rgba(26, 28, 43, 0.14)", "width": 1},
                name="downbeats",
                text=[text for beat in shown for text in (f"bar {beat.bar}", f"bar {beat.bar}", "")],
                hovertemplate="%{text} · %{x:.3f} s<extra></extra>",
            ),
            row=1,
            col=1,
        )
    for event in timeline.events:
        figure.add_vline(
            x=event.time, line={"color": SECTIONS["drop"], "width": 1.5, "dash": "dot"}, row=1, col=1
        )
        figure.add_annotation(
            x=event.time,
            y=1,
            yref="y",
            text=f"▼ {event.label}",
            showarrow=False,
            xanchor="left",
            yanchor="top",
            font={"size": 11, "color": SECTIONS["drop"]},
            xshift=3,
        )


# --- lanes -------------------------------------------------------------------------------------------

_Bar = tuple[Span, str, str, str, str]  # span, text, colour, pattern, hover


def _lanes(timeline: Timeline) -> list[tuple[str, list[_Bar]]]:
    chosen = timeline.layer("sections")
    hatch = "" if chosen is None or chosen.is_person else "/"
    sections: list[_Bar] = [
        (each, each.label, SECTIONS[each.label], hatch, each.label + _bars(each.start_bar, each.end_bar))
        for each in timeline.sections
    ]
    sound: list[_Bar] = [
        (each, each.label, ACTIVITIES[each.label], "", each.label) for each in timeline.activity
    ]
    lanes = [
        ("Sections", sections),
        ("Sound", sound),
        ("Topics", [_topic(each) for each in timeline.passages]),
    ]
    known = faces(timeline)
    for name in persona_order(timeline.reactions, known):
        own = [each for each in timeline.reactions if each.persona == name]
        lanes.append((_called(name, known), [_reaction(each) for each in own]))
    return [(name, bars) for name, bars in lanes if bars]


def _topic(passage: Passage) -> _Bar:
    label = passage.topic.label
    if label is None:
        return passage, "", _UNKNOWN, "/", f"topic {passage.topic.status}: {_short(passage.text)}"
    return passage, _plain(label), "#DDE0EA", "", _short(passage.text)


def _reaction(reaction: Reaction) -> _Bar:
    if reaction.score is None:
        return reaction, "", _UNKNOWN, "/", f"not scored: {reaction.note or reaction.status}"
    colour = score_colour(reaction.score, opacity_of(reaction.confidence))
    sure = "" if reaction.confidence is None else f", {reaction.confidence:.0%} sure"
    kind = "calibrated" if reaction.calibrated else "uncalibrated"
    return reaction, f"{reaction.score:.1f}", colour, "", f"{reaction.score:.2f} of 5{sure}, {kind}"


def _lane(name: str, bars: Sequence[_Bar]) -> go.Bar:
    import plotly.graph_objects as go

    spans = [bar[0] for bar in bars]
    return go.Bar(
        orientation="h",
        y=[name] * len(bars),
        base=[span.start for span in spans],
        x=[span.duration for span in spans],
        text=[bar[1] for bar in bars],
        textposition="inside",
        insidetextanchor="start",
        textangle=0,
        marker={
            "color": [bar[2] for bar in bars],
            "pattern": {
                "shape": [bar[3] for bar in bars],
                "fillmode": "overlay",
                "fgcolor": "rgba(255, 255, 255, 0.4)",
                "size": 7,
                "solidity": 0.2,
            },
            "line": {"color": "white", "width": 1},
        },
        customdata=[
            [f"{clock(span.start)}–{clock(span.end)}", bar[4]] for span, bar in zip(spans, bars, strict=True)
        ],
        hovertemplate=f"<b>{_plain(name)}</b> %{{customdata[0]}}<br>%{{customdata[1]}}<extra></extra>",
        showlegend=False,
    )


def _add_scale(figure: go.Figure, reactions: Sequence[Reaction]) -> None:
    """Show what the colours of the audience mean, if there is one."""
    import plotly.graph_objects as go

    if not any(each.score is not None for each in reactions):
        return
    scale = [[step / 8, score_colour(1 + step / 2)] for step in range(9)]
    marker = {
        "color": [3],
        "cmin": 1,
        "cmax": 5,
        "colorscale": scale,
        "size": 0.1,
        "opacity": 0,
        "colorbar": {
            "title": {"text": "score", "side": "right"},
            "len": 0.45,
            "y": 0.02,
            "yanchor": "bottom",
            "thickness": 10,
            "tickvals": [1, 2, 3, 4, 5],
            "outlinewidth": 0,
        },
    }
    figure.add_trace(
        go.Scatter(x=[0], y=[0], mode="markers", marker=marker, showlegend=False, hoverinfo="skip"),
        row=1,
        col=1,
    )


# --- wording -----------------------------------------------------------------------------------------


def _title(timeline: Timeline) -> str:
    parts = [
        f"{timeline.tempo.bpm:.4g} BPM" if timeline.tempo else None,
        timeline.key.name if timeline.key else None,
    ]
    facts = " · ".join([*(part for part in parts if part), clock(timeline.recording.duration)])
    return f"<b>{_plain(title_of(timeline.recording))}</b>  <span style='font-size:13px'>{facts}</span>"


def _called(name: str, known: Mapping[str, PersonaLike]) -> str:
    persona = known.get(name)
    return _plain(persona.name if persona else name)


def _bars(first: int | None, last: int | None) -> str:
    return "" if first is None or last is None else f", bars {first} to {last}"


def _short(text: str) -> str:
    return _plain(text if len(text) <= 120 else text[:119].rstrip() + "…")


def _plain(text: str) -> str:
    """Keep Plotly from reading a title's angle brackets as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
