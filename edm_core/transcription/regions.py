"""Which stretches of sound are given to the recogniser, and where its times lie in the recording.

Whisper listens to 30 s at a time and costs the same for less, so neighbouring stretches of speech are
joined, with the silence or music between them left out, into *chunks* of up to 28 s. Longer speech is cut
where it is quietest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..audio import SPEECH_RATE
from ..timeline import Span
from ..vocabulary import SPEECH_LABELS

RATE = SPEECH_RATE
LONGEST = 28.0
"""Seconds of sound in a chunk."""
PADDING = 0.25
"""Seconds of sound kept around speech."""
JOIN_ACROSS = 4.0
"""Seconds: speech further apart than this goes into chunks of its own."""

_EARLIEST_CUT = 0.6  # share of the longest chunk before which long speech is not cut
_FRAME = RATE // 50


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound of the recording from ``start`` to ``end`` seconds."""

    start: float
    end: float

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start


Chunk = tuple[Piece, ...]


def speech_spans(activity: Iterable[Span]) -> tuple[Piece, ...]:
    """Return where somebody speaks, alone or over music, with neighbouring spans joined.

    Examples
    --------
    >>> speech_spans([Span(0, 2, "speech"), Span(2, 3, "speech+music"), Span(3, 9, "music")])
    (Piece(start=0, end=3),)
    """
    pieces: list[Piece] = []
    for span in activity:
        if span.label not in SPEECH_LABELS:
            continue
        if pieces and span.start <= pieces[-1].end:
            pieces[-1] = Piece(pieces[-1].start, span.end)
        else:
            pieces.append(Piece(span.start, span.end))
    return tuple(pieces)


def chunks(spans: Sequence[Piece], samples: NDArray[np.int16]) -> tuple[Chunk, ...]:
    """Group speech into what the recogniser is given at once.

    Parameters
    ----------
    spans : sequence of Piece
        Speech, in order, without overlap.
    samples : array, shape (n,), int16
        The recording at 16 kHz: read where long speech has to be cut, and for its length.

    Returns
    -------
    tuple of Chunk
        In order; pieces do not overlap, cover the speech, and a chunk's add up to at most 28 s.
    """
    pieces = [cut for piece in _padded(spans, len(samples) / RATE) for cut in _cut(piece, samples)]
    grouped: list[list[Piece]] = []
    for piece in pieces:
        if grouped:
            last = grouped[-1]
            near = piece.start - last[-1].end <= JOIN_ACROSS
            if near and sum(one.duration for one in last) + piece.duration <= LONGEST:
                last.append(piece)
                continue
        grouped.append([piece])
    return tuple(tuple(group) for group in grouped)


def sound_of(chunk: Chunk, samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return a chunk's samples, its pieces one after the other, as floats in [-1, 1]."""
    parts = [samples[round(piece.start * RATE) : round(piece.end * RATE)] for piece in chunk]
    return np.concatenate(parts).astype(np.float32) / np.float32(32768.0)


def place(chunk: Chunk, time: float) -> float:
    """Return where a time in the chunk's sound lies in the recording, in seconds.

    Examples
    --------
    >>> place((Piece(10, 12), Piece(15, 18)), 3.0)
    16.0
    """
    for piece in chunk:
        if time < piece.duration or piece is chunk[-1]:
            return float(min(piece.start + time, piece.end))
        time -= piece.duration
    raise ValueError("a chunk has at least one piece")


def piece_at(chunk: Chunk, time: float) -> Piece:
    """Return the piece that a time in the chunk's sound falls into."""
    for piece in chunk[:-1]:
        if time < piece.duration:
            return piece
        time -= piece.duration
    return chunk[-1]


def _padded(spans: Sequence[Piece], duration: float) -> list[Piece]:
    padded: list[Piece] = []
    for index, span in enumerate(spans):
        # In a narrow gap each side gets half, so that no sound is given twice.
        before = spans[index - 1].end if index else 0.0
        after = spans[index + 1].start if index + 1 < len(spans) else duration
        start = max(span.start - PADDING, (before + span.start) / 2 if index else 0.0)
        end = min(span.end + PADDING, (span.end + after) / 2 if index + 1 < len(spans) else duration)
        if end > start:
            padded.append(Piece(start, end))
    return padded


def _cut(piece: Piece, samples: NDArray[np.int16]) -> list[Piece]:
    cut: list[Piece] = []
    start = piece.start
    while piece.end - start > LONGEST:
        low, high = start + _EARLIEST_CUT * LONGEST, start + LONGEST - 0.1
        window = samples[round(low * RATE) : round(high * RATE)].astype(np.float64)
        frames = window[: len(window) // _FRAME * _FRAME].reshape(-1, _FRAME)
        energy = np.convolve((frames**2).mean(axis=1), np.ones(11) / 11, mode="same")
        middle = low + (int(np.argmin(energy[5:-5])) + 5.5) * _FRAME / RATE
        cut.append(Piece(start, middle))
        start = middle
    return [*cut, Piece(start, piece.end)]
