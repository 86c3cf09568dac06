"""Activity: where a recording holds speech, music, both, or neither.

A small network (:func:`edm_core.models.judge.activity_judge`) reads ten times a second what the spectral
front end and Silero VAD give, 9 s to either side, and says how probable speech and music are, each by itself.
Hysteresis and least lengths make spans of that. ``benchmarks/activity`` trained it, on recorded and synthetic
voices, tunes, songs and noises from Debian packages, and measures it on others.

Labels: ``speech``, ``music``, ``speech+music``, ``silence``. Singing is music. ``silence`` means that there
is nothing to hear *into*: silence itself, and noise, hum, test tones, applause without speech or music, for
which the contract has no label of their own.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..audio.running import running_mean
from ..settings import Settings
from ..timeline import Span
from ..vocabulary import ActivityLabel
from ._activity_features import cell_features, held_chord, reference_level, voice_frames

if TYPE_CHECKING:
    from ..audio import Sound

VERSION = "2"

CELLS_PER_SECOND = 10
SPEECH_ON, SPEECH_OFF = 0.5, 0.25
"""Speech begins at the first probability and lasts while the second is reached."""
SHORTEST_SPEECH, LONGEST_PAUSE = 0.3, 1.0
"""Seconds: shorter speech is dropped; a shorter pause belongs to the speech around it."""
MUSIC_ON, MUSIC_OFF = 0.6, 0.4
"""The same for music."""
CHORD_SURE = 0.75
"""Probability of music where a chord is held and the network hears none."""
LONGEST_BREAK, BREAK_DB = 15.0, -25.0
"""Seconds: between music, shorter sound that is none by itself (a riser, a drone, a lone kick) belongs to it,
if nobody speaks and half of it is as loud as this against the loud passages of the recording."""
SILENT_DBFS, SILENT_BELOW_LOUD_DB = -60.0, -55.0
"""A cell is silent below the first, or that far below the loud passages of the recording."""
SHORTEST_SPAN, SHORTEST_SILENCE = 1.0, 0.5
"""Seconds: shorter spans join a neighbour."""

_SMOOTHING = 11  # cells over which the probability of music is averaged
_BLOCK = 6000  # cells judged at a time: 10 minutes, so that hours need little memory
_MARGIN = 96  # cells around a block that the network looks at, and no more

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
_LABELS: tuple[ActivityLabel, ...] = ("silence", "speech", "music", "speech+music")


def find_activity(sound: Sound, *, settings: Settings | None = None) -> tuple[Span, ...]:
    """Tell speech, music, both and silence apart over a whole recording.

    Parameters
    ----------
    sound : Sound
        The decoded recording; its ``speech`` samples, ``spectrum`` and duration are used.
    settings : Settings, optional
        The process's own by default.

    Returns
    -------
    tuple of Span
        They tile ``[0, duration)``; ``confidence`` is the mean probability of the span's label.

    Raises
    ------
    ModelError
        If the weights of the network or of the voice detector are missing or damaged.

    Notes
    -----
    Gain and polarity change nothing, down to where all is too quiet to be heard.
    """
    duration = sound.recording.duration
    cells = max(1, int(np.ceil(duration * CELLS_PER_SECOND - 1e-9)))
    speech_probability, music_probability = probabilities(sound, cells, settings=settings)
    level = _level_by_cell(sound.spectrum.level, cells)
    loud = float(np.percentile(level, 95))
    silent = _long(level < max(SILENT_DBFS, loud + SILENT_BELOW_LOUD_DB), SHORTEST_SILENCE)
    speech_probability, music_probability = (
        np.where(silent, 0.0, probability) for probability in (speech_probability, music_probability)
    )
    speech = speech_cells(speech_probability)
    chord = _fitted(held_chord(np.asarray(sound.spectrum.chroma)), cells) & ~silent & ~speech
    music_probability = np.where(chord, np.maximum(music_probability, CHORD_SURE), music_probability)
    music = music_cells(music_probability, ~speech & (level > loud + BREAK_DB))
    return tile(speech, music, speech_probability, music_probability, duration)


def probabilities(sound: Sound, cells: int, *, settings: Settings | None = None) -> tuple[Floats, Floats]:
    """Return how probable speech and music are in each cell of 0.1 s, each of shape (cells,).

    Raises
    ------
    ModelError
        If weights are missing or damaged.
    """
    from ..models.judge import activity_judge
    from ..models.voice import silero

    judge, detector = activity_judge(settings=settings), silero(settings=settings)
    reference = reference_level(sound.spectrum.level)
    voice = voice_frames(detector, sound.speech, reference)
    parts = []
    for start in range(0, cells, _BLOCK):
        low, high = max(0, start - _MARGIN), min(cells, start + _BLOCK + _MARGIN)
        rows = cell_features(sound.spectrum, voice, detector.frame_seconds, reference, low, high)
        parts.append(judge(rows)[start - low : min(cells, start + _BLOCK) - low])
    odds = np.clip(np.concatenate(parts), -30.0, 30.0)
    speech, music = (1.0 / (1.0 + np.exp(-odds))).T
    return speech, music


def speech_cells(probability: Floats) -> Flags:
    """Return which cells are speech, by hysteresis, least length and longest pause.

    Parameters
    ----------
    probability : array, shape (cells,)
        Probability of speech, ten cells a second.

    Examples
    --------
    >>> speech_cells(np.array([0, 0.4, 0.9, 0.4, 0.9, 0.9, 0.9, 0.4, 0.1])).astype(int).tolist()
    [0, 1, 1, 1, 1, 1, 1, 1, 0]
    """
    speech = _held(probability, SPEECH_ON, SPEECH_OFF)
    for start, end in runs(~speech):
        if start > 0 and end < len(speech) and (end - start) / CELLS_PER_SECOND < LONGEST_PAUSE:
            speech[start:end] = True
    return _long(speech, SHORTEST_SPEECH)


def music_cells(probability: Floats, bridges: Flags) -> Flags:
    """Return which cells are music, by smoothing, hysteresis and the longest break that belongs to it.

    Parameters
    ----------
    probability : array, shape (cells,)
        Probability of music, ten cells a second.
    bridges : array, shape (cells,), bool
        Cells without speech that are loud; a break that half consists of them, and has music on either side,
        is music.

    Examples
    --------
    >>> music_cells(np.repeat([0.9, 0.0, 0.9], 40), np.repeat([True, True, True], 40)).all()
    np.True_
    """
    smooth = running_mean(probability[:, None], _SMOOTHING, axis=0)[:, 0]
    music = _held(smooth, MUSIC_ON, MUSIC_OFF)
    for start, end in runs(~music):
        inside = start > 0 and end < len(music) and (end - start) / CELLS_PER_SECOND < LONGEST_BREAK
        if inside and bridges[start:end].mean() >= 0.5:
            music[start:end] = True
    return music


def tile(
    speech: Flags, music: Flags, speech_probability: Floats, music_probability: Floats, duration: float
) -> tuple[Span, ...]:
    """Return the spans that cells of speech and of music make; they tile the recording.

    Parameters
    ----------
    speech, music : array, shape (cells,), bool
        What sounds in each cell.
    speech_probability, music_probability : array, shape (cells,)
        How sure that is.
    duration : float
        Seconds; the last span ends there.

    Examples
    --------
    >>> flags = np.repeat([True, False], 20)
    >>> [(span.start, span.end, span.label) for span in tile(flags, ~flags, 0.9 * flags, 0.8 * ~flags, 3.97)]
    [(0.0, 2.0, 'speech'), (2.0, 3.97, 'music')]
    """
    codes = _without_short(speech.astype(np.int64) + 2 * music)
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    spans = []
    for start, end in pairwise(edges):
        code = int(codes[start])
        spoken, played = speech_probability[start:end].mean(), music_probability[start:end].mean()
        sure_speech, sure_music = spoken if code & 1 else 1 - spoken, played if code & 2 else 1 - played
        spans.append(
            Span(
                start / CELLS_PER_SECOND,
                duration if end == len(codes) else end / CELLS_PER_SECOND,
                _LABELS[code],
                round(float(np.clip(min(sure_speech, sure_music), 0.0, 1.0)), 3),
            )
        )
    return tuple(spans)


def runs(flags: Flags) -> list[tuple[int, int]]:
    """Return the ``[start, end)`` of every run of true.

    Examples
    --------
    >>> runs(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    steps = np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))
    return list(zip(np.flatnonzero(steps == 1).tolist(), np.flatnonzero(steps == -1).tolist(), strict=True))


# --- private ---------------------------------------------------------------------------------------


def _fitted(flags: Flags, cells: int) -> Flags:
    """Return flags with none beyond their end, for so many cells."""
    return np.pad(flags[:cells], (0, max(0, cells - len(flags))))


def _held(probability: Floats, on: float, off: float) -> Flags:
    """Return which cells lie in a stretch of at least ``off`` that somewhere reaches ``on``."""
    held = np.zeros(len(probability), bool)
    for start, end in runs(probability >= off):
        held[start:end] = bool((probability[start:end] >= on).any())
    return held


def _level_by_cell(level: Floats, cells: int) -> Floats:
    """Return the mean power of each cell in dBFS."""
    power = np.full(cells * 10, 1e-10)
    power[: len(level)] = 10.0 ** (np.asarray(level[: cells * 10], np.float64) / 10.0)
    return np.asarray(10.0 * np.log10(np.maximum(power.reshape(cells, 10).mean(1), 1e-10)))


def _without_short(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give spans that are too short to the longer of their neighbours, shortest first."""
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    spans = [(end - start, int(codes[start])) for start, end in pairwise(edges)]
    while len(spans) > 1:
        lacks = [
            length - CELLS_PER_SECOND * (SHORTEST_SILENCE if code in (0, 1) else SHORTEST_SPAN)
            for length, code in spans
        ]
        index = int(np.argmin(lacks))
        if lacks[index] >= 0:
            break
        beside = [place for place in (index - 1, index + 1) if 0 <= place < len(spans)]
        code = spans[max(beside, key=lambda place: spans[place][0])][1]
        spans[index] = (spans[index][0], code)
        spans = _joined(spans, index)
    return np.repeat([code for _, code in spans], [length for length, _ in spans]).astype(np.int64)


def _joined(spans: list[tuple[int, int]], index: int) -> list[tuple[int, int]]:
    low, high = index, index + 1
    code = spans[index][1]
    if low > 0 and spans[low - 1][1] == code:
        low -= 1
    if high < len(spans) and spans[high][1] == code:
        high += 1
    return [*spans[:low], (sum(length for length, _ in spans[low:high]), code), *spans[high:]]


def _long(flags: Flags, seconds: float) -> Flags:
    out = flags.copy()
    for start, end in runs(flags):
        if (end - start) / CELLS_PER_SECOND < seconds:
            out[start:end] = False
    return out
