"""What the editor is given, as plain values; ``frontend/src/types.ts`` declares the same as ``EditorProps``.

Annotations travel as :mod:`edm_core._codec` writes them, without where a file lies on this machine. What a
model says is a suggestion: an annotation like any other, made of the layers of models alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..annotation import Annotation, annotation_of, plain
from ..items import Severities
from ..timeline import Recording, Timeline
from ..vocabulary import ACTIVITY_COLOURS, ACTIVITY_LABELS, SECTION_COLOURS, SECTION_LABELS
from .props import stage_props

if TYPE_CHECKING:
    from ..audio import Peaks


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A recording before or behind this one in the queue: its id and what it is called."""

    id: str
    title: str


def editor_view(
    recording: Recording,
    *,
    author: str,
    line: Mapping[str, Any],
    found: Timeline | None,
    others: Sequence[tuple[str, int, Annotation]] = (),
    title: str | None = None,
    at: float = 0.0,
    audio_url: str = "",
    peaks: Peaks | None = None,
    peaks_url: str = "",
    url: str | None = None,
    next: Neighbour | None = None,
    previous: Neighbour | None = None,
    task: str | None = None,
    show: int | None = None,
) -> dict[str, Any]:
    """Return what the editor is given. Pure.

    Parameters
    ----------
    recording : Recording
        What is annotated.
    author : str
        Who annotates it.
    line : mapping
        ``annotation``, ``revision`` and ``draft`` of the author, as :meth:`edm_core.store.desk.Desk.opened`
        returns them.
    found : Timeline or None
        What the models found is the suggestion; None gives none.
    others : sequence of (str, int, Annotation)
        Author, revision and annotation of everybody else's line; empty in a blind pass.
    title : str, optional
        Name shown; by default the recording's own title, else the name of its file.
    at : float
        Where the sound stands at first, in seconds.
    audio_url, peaks, peaks_url
        As in :func:`edm_core.waveform.view`.
    url : str, optional
        Where the annotations' HTTP routes are; None in a notebook.
    next, previous : Neighbour, optional
        In the queue.
    task : str, optional
        A line that stands above the editor.
    show : int, optional
        A revision to be looked at when the editor opens.

    Returns
    -------
    dict
        JSON-like values.

    Examples
    --------
    >>> song = Recording("sha256:00", 60.0, 44100, 2, path="/music/loop.wav")
    >>> line = {"annotation": None, "revision": None, "draft": None}
    >>> props = editor_view(song, author="ada", line=line, found=Timeline(song))
    >>> props["recording"]["title"], props["suggestion"], props["vocabulary"]["sections"][0]
    ('loop', None, {'label': 'intro', 'key': '1', 'colour': '#56B4E9'})
    """
    return {
        **stage_props(recording, title=title, at=at, audio_url=audio_url, peaks=peaks, peaks_url=peaks_url),
        "author": author,
        "annotation": line["annotation"],
        "revision": line["revision"],
        "draft": line["draft"],
        "suggestion": suggestion(found),
        "others": [
            {"author": name, "revision": revision, "annotation": plain(annotation)}
            for name, revision, annotation in others
        ],
        "vocabulary": vocabulary(),
        "url": url,
        "next": _neighbour(next),
        "previous": _neighbour(previous),
        "task": task,
        "show": show,
    }


def suggestion(timeline: Timeline | None) -> dict[str, Any] | None:
    """Return what the models of a timeline say, as an annotation; None if they say nothing.

    Examples
    --------
    >>> from edm_core.timeline import Layer, Section
    >>> song = Recording("sha256:00", 60.0, 44100, 2)
    >>> heard = Layer("sections", "model:sections@1", (Section(0.0, 60.0, "drop"),))
    >>> [part["label"] for part in suggestion(Timeline(song, (heard,)))["sections"]]
    ['drop']
    """
    if timeline is None:
        return None
    found = replace(timeline, layers=tuple(layer for layer in timeline.layers if not layer.is_person))
    annotation = annotation_of(found)
    return plain(annotation) if annotation.said else None


@cache
def vocabulary() -> dict[str, Any]:
    """Return the labels there are, in the order of their number keys."""
    from ..content.labels import read_labels
    from ..resources import LABELS

    return {
        "sections": [_label(n, label, SECTION_COLOURS[label]) for n, label in enumerate(SECTION_LABELS, 1)],
        "activity": [_label(n, label, ACTIVITY_COLOURS[label]) for n, label in enumerate(ACTIVITY_LABELS, 1)],
        "topics": list(read_labels(LABELS / "topics.yaml").names),
        "tones": list(read_labels(LABELS / "tones.yaml").names),
        "safety": [field.name for field in fields(Severities)],
    }


def _label(number: int, label: str, colour: str) -> dict[str, str]:
    return {"label": label, "key": str(number), "colour": colour}


def _neighbour(neighbour: Neighbour | None) -> dict[str, Any] | None:
    return None if neighbour is None else {"id": neighbour.id, "title": neighbour.title}
