"""Sections: the labelled parts of a recording, tiling it from its first moment to its last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import FRAME_RATE, Spectrum
from ..models import Judge, form_judge, log_softmax
from ..settings import Settings
from ..timeline import Event, Section, Span
from ..vocabulary import SectionLabel
from .beats import Rhythm
from .energy import section_energy
from .form import Weights, decode_form, label_odds
from .onsets import onset_envelopes
from .portrait import audible, bar_edges, bar_features
from .pulse import means_between
from .regions import music_regions

if TYPE_CHECKING:
    from ..audio import Sound

VERSION = "3"

_SILENT_DBFS = -50.0
_SHORTEST_SILENCE_S = 1.0
_SHORTEST_FORM_S = 60.0  # music that lasts less, among other things, is a bed or a jingle and has no form
_SNAP_S = 0.3
_SLIVER_S = 0.05
_SIMILAR_DB = 3.0  # mean difference of spectra below which a section repeats an earlier one


Floats = NDArray[np.float64]
_Piece = tuple[float, float, SectionLabel, float | None, float | None]
"""Start, end, label, its confidence, that of the start."""


def find_sections(
    sound: Sound,
    rhythm: Rhythm,
    activity: Sequence[Span] | None = None,
    *,
    settings: Settings | None = None,
) -> tuple[Section, ...]:
    """Find the sections of a recording.

    Parameters
    ----------
    sound : Sound
        From :func:`edm_core.audio.load`.
    rhythm : Rhythm
        From :func:`~edm_core.segmentation.track_beats`; boundaries lie on its downbeats. Where it has none,
        they lie on a grid of 2 s and sections have no bars.
    activity : sequence of Span, optional
        From :func:`~edm_core.segmentation.find_activity`. What is not music becomes ``other``; so does
        music under a minute that is not half of the recording: a bed or a jingle has no form.
    settings : Settings, optional
        The process's own by default.

    Returns
    -------
    tuple of Section
        They tile ``[0, duration)``; empty if there is no music.

    Raises
    ------
    ModelError
        If the weights of the judge are missing or damaged.
    """
    duration = sound.recording.duration
    regions = music_regions(sound, activity)
    if not regions:
        return ()
    pieces: list[_Piece] = []
    judge = form_judge(settings=settings)
    onsets = onset_envelopes(sound.spectrum)  # once: a night's set has many pieces
    for start, end in regions:
        if end - start >= min(_SHORTEST_FORM_S, 0.5 * duration):
            pieces += _form_of(sound.spectrum, onsets, judge, rhythm, start, end)
        else:
            pieces.append((start, end, "other", None, None))
    downbeats = np.array([beat.time for beat in rhythm.downbeats])
    numbers = [beat.bar for beat in rhythm.downbeats]
    tiles = _tile(pieces, _silences(sound.spectrum, downbeats, duration), duration)
    sections = []
    for tile, repeat in zip(tiles, _repeats(sound.spectrum, tiles), strict=True):
        start, end, label, confidence, begins = tile
        counted = label != "other" or ((downbeats >= start) & (downbeats < end)).any()
        first = _bar_at(start, downbeats, numbers) if counted else None
        after = _bar_at(end, downbeats, numbers, beyond=True) if counted else None
        last = None if first is None or after is None else max(first, after - 1)
        sections.append(
            Section(
                start,
                end,
                label,
                confidence,
                boundary_confidence=begins,
                start_bar=first,
                end_bar=last,
                repeats=repeat,
                energy=section_energy(sound.spectrum, start, end),
            )
        )
    return tuple(sections)


def drop_events(sections: Sequence[Section]) -> tuple[Event, ...]:
    """Return the onset of each drop: the start of every run of sections labelled ``drop``.

    Examples
    --------
    >>> drop_events([Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "drop", 0.9, start_bar=17)])
    (Event(time=30.0, label='drop', confidence=0.9, bar=17),)
    """
    events = []
    for before, section in zip([None, *sections], sections, strict=False):
        if section.label == "drop" and (before is None or before.label != "drop"):
            events.append(Event(section.start, "drop", section.confidence, bar=section.start_bar))
    return tuple(events)


def _form_of(
    spectrum: Spectrum, onsets: NDArray[np.float32], judge: Judge, rhythm: Rhythm, start: float, end: float
) -> list[_Piece]:
    heard = audible(spectrum.level, start, end)
    edges = bar_edges(np.array([beat.time for beat in rhythm.downbeats]), *heard)
    if len(edges) < 3:
        return [(start, end, "other", None, None)]
    scores = judge(bar_features(spectrum, onsets, edges * FRAME_RATE))
    labels = log_softmax(scores[:, 1:])
    parts = decode_form(scores[:, 0], labels, Weights(**judge.constants["form"]))
    begins = calibrated(scores[:, 0], judge.constants["boundary"])
    edges[0], edges[-1] = start, end
    pieces: list[_Piece] = []
    for part in parts:
        sure = float(calibrated(np.float64(label_odds(labels, part)), judge.constants["label"]))
        begin = round(float(begins[part.first]), 3) if part.first else None
        pieces.append((float(edges[part.first]), float(edges[part.end]), part.label, round(sure, 3), begin))
    return pieces


def calibrated(odds: Floats | np.float64, platt: Sequence[float]) -> Floats:
    """Return probabilities for log odds, by a line fitted to what came true (Platt scaling, 1999).

    Examples
    --------
    >>> calibrated(np.array([0.0, 2.0]), [1.0, 0.0]).round(3).tolist()
    [0.5, 0.881]
    """
    slope, offset = platt
    return np.asarray(1.0 / (1.0 + np.exp(-(slope * odds + offset))))


def _silences(spectrum: Spectrum, snaps: NDArray[np.float64], duration: float) -> list[_Piece]:
    """Silences of at least a second; their edges go to a place in ``snaps`` that is close by."""
    quiet = np.concatenate([[False], spectrum.level < _SILENT_DBFS, [False]])
    changes = np.flatnonzero(quiet[1:] != quiet[:-1]) / FRAME_RATE
    out: list[_Piece] = []
    for start, end in zip(changes[::2], changes[1::2], strict=True):
        start = _snapped(start, snaps) if start > 0.05 else 0.0
        end = _snapped(end, snaps) if end < duration - 0.05 else duration
        if end - start >= _SHORTEST_SILENCE_S:
            out.append((float(start), float(end), "silence", 1.0, None))
    return out


def _snapped(time: float, places: NDArray[np.float64]) -> float:
    nearest = float(places[np.abs(places - time).argmin()]) if len(places) else time
    return nearest if abs(nearest - time) < _SNAP_S else float(time)


def _tile(pieces: list[_Piece], silences: list[_Piece], duration: float) -> list[_Piece]:
    """Lay pieces over ``other`` and silences over both, so that all of ``[0, duration)`` has one label."""
    edges = {0.0, duration}
    for start, end, *_ in pieces + silences:
        edges |= {round(min(start, duration), 4), round(min(end, duration), 4)}
    # Slivers come from edges that nearly meet; the later edge gives way, but never the end.
    kept = [0.0]
    for edge in sorted(edges)[1:]:
        if edge - kept[-1] >= _SLIVER_S:
            kept.append(edge)
    kept[-1] = duration
    out: list[_Piece] = []
    before: _Piece | None = None
    for start, end in zip(kept, kept[1:], strict=False):
        middle = 0.5 * (start + end)
        piece = next((p for p in (*silences, *pieces) if p[0] <= middle < p[1]), None)
        label, confidence, begins = piece[2:] if piece else ("other", None, None)
        if out and (piece is before or label == out[-1][2] == "other"):
            start, _, _, _, begins = out.pop()
        out.append((start, end, label, confidence, begins))
        before = piece
    return out


def _bar_at(
    time: float, downbeats: NDArray[np.float64], numbers: list[int], *, beyond: bool = False
) -> int | None:
    """Return the bar of the nearest downbeat, 0 more than half a bar before the first, None without beats.

    ``beyond`` counts on after the last downbeat, as if bars went on: an end may lie there.
    """
    if len(downbeats) < 2:
        return None
    nearest = int(np.abs(downbeats - time).argmin())
    bar = float(np.median(np.diff(downbeats)))
    if time < downbeats[0] - 0.5 * bar:
        return 0
    return numbers[nearest] + (max(0, round(float(time - downbeats[nearest]) / bar)) if beyond else 0)


def _repeats(spectrum: Spectrum, pieces: list[_Piece]) -> list[int | None]:
    """Index of the first earlier piece with the same label and nearly the same mean spectrum."""
    edges = np.array([pieces[0][0], *(piece[1] for piece in pieces)]) * FRAME_RATE
    means = means_between(spectrum.mel, edges)
    out: list[int | None] = []
    for index, (_, _, label, *_) in enumerate(pieces):
        same = [
            earlier
            for earlier in range(index)
            if label not in ("silence", "other")
            and pieces[earlier][2] == label
            and np.abs(means[earlier] - means[index]).mean() < _SIMILAR_DB
        ]
        out.append(same[0] if same else None)
    return out
