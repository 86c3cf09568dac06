"""Activity: where a recording holds speech, music, both, or neither.

Speech comes from Silero VAD over the mono sound at 16 kHz, by hysteresis and least lengths. Music comes from
the spectral front end, by two measured rules whose thresholds stand below, decided ten times a second:

- *Where nobody speaks*, sound that is not silent is music when its spectrum moves (a steady hiss, hum or
  test tone does not), or when it moves slowly but holds several partials at once (a pad).
- *Under speech*, what is left between the words tells: the spectrum that is reached nine tenths of the time
  within 5 s (minimum statistics; Martin, "Noise power spectral density estimation", IEEE TSAP 2001) is the
  bed. A bed that is loud enough against the speech and has spectral peaks is music; a flat one is noise.

``silence`` therefore means that there is nothing to hear *into*: silence, or steady noise without speech or
music. Labels: ``speech``, ``music``, ``speech+music``, ``silence``.
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

if TYPE_CHECKING:
    from ..audio import Sound

VERSION = "1"

CELLS_PER_SECOND = 10
SPEECH_ON, SPEECH_OFF = 0.5, 0.35
"""Speech begins at the first probability and lasts while the second is reached."""
SHORTEST_SPEECH, LONGEST_PAUSE = 0.5, 1.0
"""Seconds: shorter speech is dropped; a shorter pause belongs to the speech around it."""
SILENT_DBFS, SILENT_BELOW_LOUD_DB = -60.0, -55.0
"""A cell is silent below the first, or that far below the loud passages of the recording."""
SHORTEST_SPAN, SHORTEST_SILENCE = 1.0, 0.5
"""Seconds: shorter spans join a neighbour."""
MOVING_DB, PAD_MOVING_DB, PAD_PEAKS_DB = 2.0, 0.3, 4.0
"""Movement of the spectrum that makes music; for pads, less of it, with peaks of this mean prominence."""
LONGEST_TELLING_PAUSE = 4.0
"""Seconds: up to here the sound in a pause of the talk is taken for the bed under the talk."""
BED_DB, BED_PEAK_DB = -26.0, 2.0
"""Under speech: least bed (dB to the speech, plus twice its highest peak's prominence) and least peak."""

_FRAMES = 10  # spectrum frames a cell
_WINDOW = 25  # cells that evidence is gathered from: 2.5 s
_STEP = 5  # cells between two looks at the bed
_BLOCK = 6000  # cells computed at a time: 10 minutes, so that hours need little memory
_MARGIN = 50
_BED_WINDOW = 51  # cells that the bed is measured in: long enough to hold a few pauses
_SMOOTHING, _BED_SMOOTHING = (
    31,
    101,
)  # cells over which evidence for music is averaged: 3 s, under speech 10 s

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
        If the weights of the speech detector are missing or damaged.

    Notes
    -----
    Singing may be taken for speech; electronic music without vocals hardly ever is.
    """
    from ..models import silero

    duration = sound.recording.duration
    cells = max(1, int(np.ceil(duration * CELLS_PER_SECOND - 1e-9)))
    probability = _speech_by_cell(sound, silero(settings=settings), cells)
    level = _level_by_cell(sound.spectrum.level, cells)
    silent = level < max(SILENT_DBFS, float(np.percentile(level, 95)) + SILENT_BELOW_LOUD_DB)
    speech = speech_cells(probability) & ~_long(silent, SHORTEST_SILENCE)
    music_probability = _music_by_cell(sound.spectrum.mel, speech, silent)
    return tile(speech, music_probability, silent, probability, duration)


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
    possible = probability >= SPEECH_OFF
    speech = np.zeros(len(probability), bool)
    for start, end in runs(possible):
        speech[start:end] = bool((probability[start:end] >= SPEECH_ON).any())
    for start, end in runs(~speech):
        if start > 0 and end < len(speech) and (end - start) / CELLS_PER_SECOND < LONGEST_PAUSE:
            speech[start:end] = True
    return _long(speech, SHORTEST_SPEECH)


def tile(
    speech: Flags, music: Floats, silent: Flags, probability: Floats, duration: float
) -> tuple[Span, ...]:
    """Return the spans that cells of speech and probabilities of music make; they tile the recording.

    Parameters
    ----------
    speech, silent : array, shape (cells,), bool
        Which cells are speech, and which are too quiet for anything.
    music, probability : array, shape (cells,)
        Probability of music and of speech.
    duration : float
        Seconds; the last span ends there.
    """
    smooth = _smoothed(music, speech)
    is_music = (smooth >= 0.5) & ~_long(silent, SHORTEST_SILENCE)
    codes = _without_short(speech.astype(np.int64) + 2 * is_music)
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    spans = []
    for start, end in pairwise(edges):
        code = int(codes[start])
        sure_speech = probability[start:end].mean() if code & 1 else 1 - probability[start:end].mean()
        heard = np.where(silent[start:end], 0.0, smooth[start:end]).mean()
        sure_music = heard if code & 2 else 1 - heard
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


def _speech_by_cell(sound: Sound, detector: Any, cells: int) -> Floats:
    frames = detector(sound.speech)
    if not len(frames):
        return np.zeros(cells)
    centres = (np.arange(cells) + 0.5) / CELLS_PER_SECOND
    return np.asarray(np.interp(centres, (np.arange(len(frames)) + 0.5) * detector.frame_seconds, frames))


def _level_by_cell(level: Floats, cells: int) -> Floats:
    out = np.full(cells, -100.0)
    for start in range(0, cells, _BLOCK):
        block = _cells(level[start * _FRAMES : (start + _BLOCK) * _FRAMES, None])[: cells - start, :, 0]
        out[start : start + len(block)] = _decibel(_power(block).mean(axis=1))
    return out


def _music_by_cell(mel: Floats, speech: Flags, silent: Flags) -> Floats:
    """Return the probability of music for each cell, shape (cells,)."""
    out = np.zeros(len(speech))
    for start in range(0, len(speech), _BLOCK):
        low, high = max(0, start - _MARGIN), min(len(speech), start + _BLOCK + _MARGIN)
        frames = np.asarray(mel[low * _FRAMES : high * _FRAMES], np.float32)
        part = _music_in_block(frames, speech[low:high], silent[low:high])
        stop = min(len(speech), start + _BLOCK)
        out[start:stop] = part[start - low : stop - low]
    return out


def _music_in_block(frames: Floats, speech: Flags, silent: Flags) -> Floats:
    by_cell = _cells(frames)[: len(speech)]
    if len(by_cell) < len(speech):  # the front end may end a frame before the sound
        by_cell = np.concatenate([by_cell, np.repeat(by_cell[-1:], len(speech) - len(by_cell), axis=0)])
    mean = by_cell.mean(axis=1)
    near_speech = _dilated(speech, 2)
    evidence = np.where(speech, 0.0, _movement(mean, ~near_speech & ~silent))
    if speech.any():
        bed = _bed(by_cell, speech)
        evidence = np.where(speech, bed, evidence)
        # Beside speech the window is too small to see movement: what was found further off holds.
        edge = near_speech & ~speech
        known = np.flatnonzero(~edge)
        if edge.any() and len(known):
            nearest = known[np.clip(np.searchsorted(known, np.flatnonzero(edge)), 0, len(known) - 1)]
            evidence[edge] = evidence[nearest]
    return np.where(silent, 0.0, evidence)


def _movement(mean: Floats, counted: Flags) -> Floats:
    """Return how probable music is from the spectrum's movement in the counted cells around each cell."""
    weight = counted.astype(np.float64)[:, None]
    total = _windowed(weight)
    safe = np.maximum(total, 1e-9)
    centre = _windowed(mean * weight) / safe
    spread = np.sqrt(np.maximum(_windowed(mean**2 * weight) / safe - centre**2, 0.0))
    audible = centre > centre.max(axis=1, keepdims=True) - 35.0
    movement = (spread * audible).sum(axis=1) / audible.sum(axis=1)
    peaks = np.sort(_prominence(centre), axis=1)[:, -6:].mean(axis=1)
    is_pad = (peaks >= PAD_PEAKS_DB) & (movement >= PAD_MOVING_DB)
    probability = _logistic(2.0 * (movement - MOVING_DB))
    probability = np.where(
        is_pad, np.maximum(probability, _logistic(peaks - PAD_PEAKS_DB + 1.0)), probability
    )
    return np.where(total[:, 0] * _WINDOW >= 3.0, probability, 0.0)


def _bed(by_cell: Floats, speech: Flags) -> Floats:
    """Return how probable music is from what sounds between the words around each cell."""
    cells = len(by_cell)
    places = np.arange(0, cells, _STEP)
    found = np.zeros(len(places))
    thin = by_cell[:, ::2]
    for index, place in enumerate(places):
        low, high = max(0, place - _BED_WINDOW // 2), min(cells, place + _BED_WINDOW // 2 + 1)
        if not speech[low:high].any():
            continue
        window = thin[low:high].reshape(-1, by_cell.shape[2])
        quiet, loud = np.percentile(window, (10, 95), axis=0)
        height = _decibel(_power(quiet).sum()) - _decibel(_power(loud).sum())
        peak = float(_prominence(quiet[None]).max())
        margin = min((height + 2.0 * min(peak, 10.0) - BED_DB) / 4.0, (peak - BED_PEAK_DB) * 2.0)
        found[index] = _logistic(margin)
    return np.asarray(np.interp(np.arange(cells), places, found))


def _prominence(spectrum: Floats) -> Floats:
    """Return how far each band up to 5 kHz stands above the mean of the nine around it, in dB."""
    return np.asarray(np.maximum(0.0, spectrum - running_mean(spectrum, 9, axis=1))[:, 1:50])


def _smoothed(music: Floats, speech: Flags) -> Floats:
    """Average evidence over time, apart for cells with and without speech: their rules differ.

    What sounds in a pause of the talk shows plainly whether there is a bed, so it counts, doubly, for the
    speech around it.
    """
    pause = np.zeros(len(music))
    for start, end in runs(~speech):
        if start > 0 and end < len(speech) and (end - start) / CELLS_PER_SECOND <= LONGEST_TELLING_PAUSE:
            pause[start:end] = 2.0
    out = np.zeros(len(music))
    for state, weight, size in (
        (speech, speech + pause, _BED_SMOOTHING),
        (~speech, ~speech * 1.0, _SMOOTHING),
    ):
        mean = _windowed(music * weight, size) / np.maximum(_windowed(weight, size), 1e-9)
        out[state] = mean[state]
    return out


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


def _dilated(flags: Flags, cells: int) -> Flags:
    return np.asarray(_windowed(flags.astype(np.float64), 2 * cells + 1) > 1e-9)


def _windowed(values: Floats, size: int = _WINDOW) -> Floats:
    return running_mean(values, size, axis=0, beyond="zero")


def _cells(frames: Floats) -> Floats:
    """Group frames by cell, shape (cells, 10, bands); the last frame fills up the last cell."""
    missing = -len(frames) % _FRAMES
    if missing and len(frames):
        frames = np.concatenate([frames, np.repeat(frames[-1:], missing, axis=0)])
    return np.asarray(frames, np.float32).reshape(-1, _FRAMES, frames.shape[1])


def _power(decibel: Floats) -> Floats:
    return np.asarray(np.power(10.0, np.asarray(decibel) / 10.0))


def _decibel(power: Any) -> Any:
    return 10.0 * np.log10(np.maximum(power, 1e-10))


def _logistic(value: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0)))
