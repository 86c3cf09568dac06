"""What the page Agreement shows, as plain values: figures as text, and two annotators' lanes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..annotation import Annotation
from ..evaluation import MEASURES, Difference, Measure
from ..evaluation.agreement import TITLES, Figure, Figures
from ..timeline import Layer, Passage, Recording, Timeline
from ..vocabulary import SECTION_COLOURS
from .props import view

if TYPE_CHECKING:
    from ..audio import Peaks

DIFFERENCE_COLOUR = "#F0E442"
_QUIET = "#7A7A7A"
_COLOURS: Mapping[str, str] = {str(label): colour for label, colour in SECTION_COLOURS.items()}


def figure_rows(figures: Figures) -> list[dict[str, str]]:
    """Return the measures that there are, as text.

    Examples
    --------
    >>> figure_rows({"kappa": Figure(0.812, 0.7, 0.9), "words": Figure(None, reason="no words")})
    [{'measure': 'section labels, kappa', 'value': '0.81', '95 %': '0.70 to 0.90'}]
    """
    return [
        {"measure": TITLES[name], "value": f"{figure.value:.2f}", "95 %": interval_text(figure)}
        for name in MEASURES
        if (figure := figures.get(name)) is not None and figure.value is not None
    ]


def interval_text(figure: Figure) -> str:
    """Return a figure's interval, empty where there is none."""
    return "" if figure.low is None else f"{figure.low:.2f} to {figure.high:.2f}"


def told(figures: Sequence[Figures]) -> tuple[Measure, ...]:
    """Return the measures that at least one has."""
    return tuple(name for name in MEASURES if any(each[name].value is not None for each in figures))


def comparison_view(
    about: Recording,
    analysis: Timeline | None,
    sides: tuple[tuple[str, Annotation], tuple[str, Annotation]],
    found: Sequence[Difference],
    *,
    title: str,
    at: float,
    only_differences: bool,
    audio_url: str,
    peaks: Peaks | None,
    peaks_url: str,
) -> dict[str, Any]:
    """Return what the player is given to compare two annotators: a lane of each, and one of differences.

    Parameters
    ----------
    about : Recording
    analysis : Timeline or None
        For its beats.
    sides : pair of (str, Annotation)
        Names and what each says.
    found : sequence of Difference
        Between the two.
    title, at, audio_url, peaks, peaks_url
        As in :func:`edm_core.waveform.props.view`.
    only_differences : bool
        Leave out what both say.
    """
    (first, ours), (second, theirs) = sides
    layers = [layer for layer in (analysis.layers if analysis else ()) if layer.kind in ("beats", "meter")]
    if ours.passages is not None:
        layers.append(Layer("passages", f"person:{first}", ours.passages))
    props = view(
        Timeline(about, tuple(layers)),
        title=title,
        audio_url=audio_url,
        peaks=peaks,
        peaks_url=peaks_url,
        personas={},
        at=at,
    )
    only = found if only_differences else None
    bare = {"startBar": None, "endBar": None, "confidence": None, "repeats": None}
    return props | {
        "findings": [],
        "sections": [{**part, **bare} for part in _parts(ours, only)],
        "sectionsBy": {"source": f"person:{first}", "person": True, "name": first},
        "also": [
            {"name": second, "items": [{**part, "kind": "said"} for part in _parts(theirs, only)]},
            {"name": f"{second}: topics", "items": [_topic(passage) for passage in theirs.passages or ()]},
            {"name": "differences", "items": [_mark(each, number) for number, each in enumerate(found, 1)]},
        ],
    }


# --- private ---------------------------------------------------------------------------------------


def _parts(annotation: Annotation, only: Sequence[Difference] | None) -> list[dict[str, Any]]:
    """Return sections as the player draws them; ``only``: what of them lies in a difference."""
    spans = [(part.start, part.end, part.label) for part in annotation.sections or ()]
    if only is not None:
        kept = [(each.start, each.end) for each in only if each.layer == "sections" and each.end > each.start]
        spans = [
            (max(start, first), min(end, last), label)
            for start, end, label in spans
            for first, last in kept
            if max(start, first) < min(end, last)
        ]
    return [
        {"start": start, "end": end, "label": label, "colour": _COLOURS[label]}
        for start, end, label in sorted(spans)
    ]


def _topic(passage: Passage) -> dict[str, Any]:
    label = passage.topic.label or "no topic"
    return {"start": passage.start, "end": passage.end, "label": label, "colour": _QUIET, "kind": "said"}


def _mark(difference: Difference, number: int) -> dict[str, Any]:
    return {
        "start": difference.start, "end": difference.end, "label": f"{number}: {difference.message}",
        "colour": DIFFERENCE_COLOUR, "kind": "difference",
    }  # fmt: skip
