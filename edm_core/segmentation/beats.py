"""Beats: tempo, meter, beats and downbeats of a recording, where it has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import FRAME_RATE, Spectrum
from ..timeline import Beat, Meter, Span, Tempo, TempoCandidate
from . import bars, grid, tempo
from .onsets import combined, onset_envelopes
from .regions import music_regions

if TYPE_CHECKING:
    from ..audio import Sound

VERSION = "1"

_LEAST_CLARITY = 0.06  # below it, a periodicity is one that noise and speech have too
_SHORTEST_S = 4.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What keeps time in a recording; all empty or None where nothing does.

    ``tempi`` and ``meters`` hold a span a stretch of steady tempo.
    """

    beats: tuple[Beat, ...] = ()
    tempi: tuple[Tempo, ...] = ()
    meters: tuple[Meter, ...] = ()

    @property
    def tempo(self) -> Tempo | None:
        """The tempo that holds for longest."""
        return max(self.tempi, key=lambda item: item.duration, default=None)

    @property
    def meter(self) -> Meter | None:
        """The meter that holds for longest."""
        return max(self.meters, key=lambda item: item.duration, default=None)

    @property
    def downbeats(self) -> tuple[Beat, ...]:
        """The beats at position 1."""
        return tuple(beat for beat in self.beats if beat.position == 1)


def track_beats(sound: Sound, activity: Sequence[Span] | None = None) -> Rhythm:
    """Find tempo, beats and downbeats.

    Parameters
    ----------
    sound : Sound
        From :func:`edm_core.audio.load`.
    activity : sequence of Span, optional
        From :func:`~edm_core.segmentation.find_activity`; beats are then looked for in music only.

    Returns
    -------
    Rhythm
        Empty where no beat stands out: there is no default tempo.
    """
    envelopes = onset_envelopes(sound.spectrum)
    pulses: list[_Pulse] = []
    for start, end in music_regions(sound, activity):
        if end - start >= _SHORTEST_S:
            first, last = int(start * FRAME_RATE), min(sound.spectrum.frames, int(np.ceil(end * FRAME_RATE)))
            pulses += _pulses(sound.spectrum, envelopes, first, last)
    beats: list[Beat] = []
    for pulse in pulses:
        beats += pulse.beats(first_bar=beats[-1].bar if beats else 0)
    return Rhythm(
        tuple(beats), tuple(pulse.tempo() for pulse in pulses), tuple(pulse.meter() for pulse in pulses)
    )


@dataclass(frozen=True, slots=True)
class _Pulse:
    """Half-beats of one stretch, in frames of the recording, and where its bars begin."""

    start: int
    end: int
    halves: NDArray[np.float64]
    strength: NDArray[np.float64]  # of the beat around each half-beat, 0 to 1
    placement: bars.Placement
    scores: NDArray[np.float64]
    clarity: float

    @property
    def period(self) -> float:
        """The beat period in frames: the slope of the line through the half-beats."""
        return 2.0 * float(np.polyfit(np.arange(len(self.halves)), self.halves, 1)[0])

    def beats(self, first_bar: int) -> list[Beat]:
        """Return the beats; those before the first downbeat belong to ``first_bar``, the next is one on."""
        out = []
        first = self.placement.first
        for index in range(first % 2, len(self.halves), 2):
            since = (index - first) // 2
            bar = first_bar + 1 + since // bars.BEATS_PER_BAR
            confidence = float(self.strength[index]) * self.placement.beat_confidence
            time = round(float(self.halves[index]) / FRAME_RATE, 4)
            position = since % bars.BEATS_PER_BAR + 1
            out.append(Beat(time, confidence=round(confidence, 3), position=position, bar=bar))
        return out

    def tempo(self) -> Tempo:
        bpm = 60.0 * FRAME_RATE / self.period
        options = tempo.candidates(self.scores, bpm)
        weight = next((weight for option, weight in options if option == bpm), 0.0)
        confidence = weight * float(1.0 - np.exp(-8.0 * self.clarity))
        return Tempo(
            self.start / FRAME_RATE,
            self.end / FRAME_RATE,
            confidence=round(confidence, 3),
            bpm=round(bpm, 3),
            candidates=tuple(TempoCandidate(round(option, 3), round(share, 3)) for option, share in options),
        )

    def meter(self) -> Meter:
        confidence = round(self.placement.confidence, 3)
        return Meter(
            self.start / FRAME_RATE,
            self.end / FRAME_RATE,
            confidence=confidence,
            beats_per_bar=bars.BEATS_PER_BAR,
        )


def _pulses(spectrum: Spectrum, envelopes: NDArray[np.float32], start: int, end: int) -> list[_Pulse]:
    """Return the pulses of one stretch of music, the places where they hand over set to the beat."""
    region = envelopes[:, start:end]
    envelope = combined(region)
    found = []
    for stretch in tempo.stretches(region):
        piece = envelope[stretch.start : stretch.end]
        clear = grid.clarity(piece, tempo.refine(piece, stretch.period))
        if clear >= _LEAST_CLARITY:
            halves, _ = grid.lattice(piece, stretch.period)
            found.append((stretch, halves + stretch.start, clear))
    edges = [start + stretch.start for stretch, _, _ in found] + [start + found[-1][0].end if found else end]
    for index in range(1, len(found)):
        edges[index] = start + _handover(envelope, found[index - 1][1], found[index][1])
    pulses = []
    for (stretch, halves, clear), first, last in zip(found, edges, edges[1:], strict=False):
        period = 2.0 * float(np.median(np.diff(halves)))
        own = _extended(halves, period, first - start, last - start) + start
        if len(own) < 4:
            continue
        inside = slice(first, last)
        placement = bars.place(spectrum, envelopes, own, first, last)
        strength = _strength(combined(envelopes[:, inside]), own - first, period)
        pulses.append(_Pulse(first, last, own, strength, placement, stretch.scores, clear))
    return pulses


def _extended(halves: NDArray[np.float64], period: float, start: float, end: float) -> NDArray[np.float64]:
    """Half-beats over ``[start, end)``: those given, continued at their period where they fall short."""
    half = period / 2
    before = np.arange(halves[0] - half, start - 1e-6, -half)[::-1]
    after = np.arange(halves[-1] + half, end - 1e-6, half)
    every = np.concatenate([before, halves, after])
    return every[(every >= start) & (every < end)]


def _handover(envelope: NDArray[np.float32], before: NDArray[np.float64], after: NDArray[np.float64]) -> int:
    """Return the frame up to which the earlier half-beats, and from which the later, meet most onset."""
    low, high = int(before[0]), int(after[-1])
    gains = []
    for halves in (before, after):
        period = 2.0 * float(np.median(np.diff(halves)))
        comb = np.zeros(high - low + 1)
        places = np.round(_extended(halves, period, low, high) - low).astype(int)
        comb[places] = 1.0
        gains.append(np.cumsum(np.convolve(comb, np.hanning(7), "same") * envelope[low : high + 1]))
    total = gains[0] + gains[1][-1] - gains[1]
    return low + int(total.argmax())


def _strength(
    envelope: NDArray[np.float32], halves: NDArray[np.float64], period: float
) -> NDArray[np.float64]:
    """Return how far onsets stand on the lattice, not between, over 8 beats each side of each half-beat."""
    from scipy.ndimage import uniform_filter1d

    phase = np.interp(np.arange(len(envelope)), halves, np.arange(len(halves))) % 1.0
    on = np.minimum(phase, 1.0 - phase) < 0.15
    width = int(16 * period)
    share = uniform_filter1d(envelope * on, width) / np.maximum(uniform_filter1d(envelope, width), 1e-6)
    chance = 0.3
    excess = np.clip((share - chance) / (1.0 - chance), 0.0, 1.0)
    return np.asarray(excess[np.clip(np.round(halves).astype(int), 0, len(envelope) - 1)])
