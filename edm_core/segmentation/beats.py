"""Beats: tempo, meter, beats and downbeats of a recording, where it has them.

Periodicity gives a grid of half-beats, up to a simple ratio (:mod:`~edm_core.segmentation.tempo`,
:mod:`~edm_core.segmentation.grid`); a network judges which of the related grids is the beat's, and what each
half-beat is (:mod:`~edm_core.segmentation.pulse`); bars are read from that
(:mod:`~edm_core.segmentation.bars`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..audio.running import running_mean
from ..audio.spectrum import FRAME_RATE
from ..models import Judge, log_softmax, pulse_judge
from ..settings import Settings
from ..timeline import Beat, Meter, Span, Tempo, TempoCandidate
from . import grid, tempo
from .bars import Reading, phase_evidence, read_bars
from .onsets import combined, onset_envelopes
from .pulse import coarse_bands, pulse_features
from .regions import music_regions

if TYPE_CHECKING:
    from ..audio import Sound

VERSION = "2"

_LEAST_CLARITY = 0.06  # below it, a periodicity is one that noise and speech have too
_SHORTEST_S = 4.0
_RATIOS = (1.0, 2.0, 0.5, 1.5, 2 / 3)  # of the tempo that periodicity finds first, to what the beat may be
_SLOWEST_BPM, _FASTEST_BPM = 55.0, 215.0
_SHARPNESS = 4.0  # of the judge's choice among grids; its training multiplies by the same
_JUDGED = 2048  # half-beats by which a grid is judged: some eight minutes


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


def track_beats(
    sound: Sound, activity: Sequence[Span] | None = None, *, settings: Settings | None = None
) -> Rhythm:
    """Find tempo, beats and downbeats.

    Parameters
    ----------
    sound : Sound
        From :func:`edm_core.audio.load`.
    activity : sequence of Span, optional
        From :func:`~edm_core.segmentation.find_activity`; beats are then looked for in music only.
    settings : Settings, optional
        The process's own by default.

    Returns
    -------
    Rhythm
        Empty where no beat stands out: there is no default tempo.

    Raises
    ------
    ModelError
        If the weights of the judge are missing or damaged.
    """
    return rhythm_of(find_pulses(sound, activity, pulse_judge(settings=settings)))


def find_pulses(sound: Sound, activity: Sequence[Span] | None, judge: Judge) -> list[Pulse]:
    """Return stretches of steady tempo, with their beats and what speaks for them; see track_beats."""
    heard = _Heard(
        onset_envelopes(sound.spectrum), coarse_bands(sound.spectrum), sound.spectrum.chroma, judge
    )
    pulses: list[Pulse] = []
    for start, end in music_regions(sound, activity):
        if end - start >= _SHORTEST_S:
            first, last = int(start * FRAME_RATE), min(sound.spectrum.frames, int(np.ceil(end * FRAME_RATE)))
            pulses += _pulses(heard, first, last)
    return pulses


def rhythm_of(pulses: Sequence[Pulse]) -> Rhythm:
    """Return the rhythm that stretches make, bars counted through."""
    beats: list[Beat] = []
    for pulse in pulses:
        beats += pulse.beats(first_bar=beats[-1].bar if beats else 0)
    return Rhythm(
        tuple(beats), tuple(pulse.tempo() for pulse in pulses), tuple(pulse.meter() for pulse in pulses)
    )


@dataclass(frozen=True, slots=True)
class Pulse:
    """Half-beats of one stretch, in frames of the recording, read as bars."""

    start: int
    end: int
    halves: NDArray[np.float64]
    reading: Reading
    evidence: NDArray[np.float64]  # for each half-beat's being a beat, see beat_evidence
    weights: NDArray[np.float64]  # of the evidence, and an offset
    candidates: tuple[TempoCandidate, ...]  # the first is the tempo
    clarity: float

    def beats(self, first_bar: int) -> list[Beat]:
        """Return the beats; those before the first downbeat belong to ``first_bar``, the next is one on."""
        out = []
        bar = first_bar
        for index in np.flatnonzero(self.reading.place % 2 == 0):
            place = int(self.reading.place[index])
            if place == 0:
                bar += 1
            time = round(float(self.halves[index]) / FRAME_RATE, 4)
            odds = float(self.evidence[index] @ self.weights[:-1] + self.weights[-1])
            confidence = round(1.0 / (1.0 + math.exp(-odds)), 3)
            out.append(Beat(time, confidence=confidence, position=place // 2 + 1, bar=bar))
        return out

    def tempo(self) -> Tempo:
        """Return the tempo, with a confidence that falls where the beat is faint."""
        confidence = self.candidates[0].weight * float(1.0 - np.exp(-8.0 * self.clarity))
        return Tempo(
            self.start / FRAME_RATE,
            self.end / FRAME_RATE,
            confidence=round(confidence, 3),
            bpm=self.candidates[0].bpm,
            candidates=self.candidates,
        )

    def meter(self) -> Meter:
        """Return the beats in a bar."""
        confidence = round(self.reading.meter_share * float(self.reading.is_beat.max(initial=0.0)), 3)
        return Meter(
            self.start / FRAME_RATE,
            self.end / FRAME_RATE,
            confidence=confidence,
            beats_per_bar=self.reading.meter,
        )


@dataclass(frozen=True, slots=True)
class _Heard:
    """What grids are judged by: onset envelopes, coarse spectrum and pitch classes of the recording."""

    envelopes: NDArray[np.float32]
    bands: NDArray[np.float16]
    chroma: NDArray[np.float32]
    judge: Judge

    def scores(self, halves: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores of each half-beat as downbeat, beat and off-beat, and of the grid; shape (n, 4)."""
        return self.judge(pulse_features(self.bands, self.chroma, self.envelopes, halves))


@dataclass(frozen=True, slots=True)
class _Grid:
    """Half-beats at a tempo and phase that were considered, in frames, and the judge's score of them."""

    halves: NDArray[np.float64]
    score: float

    @property
    def bpm(self) -> float:
        """The tempo: the slope of the line through the half-beats."""
        return 30.0 * FRAME_RATE / float(np.polyfit(np.arange(len(self.halves)), self.halves, 1)[0])


def _pulses(heard: _Heard, start: int, end: int) -> list[Pulse]:
    """Return the pulses of one stretch of music, the places where they hand over set to the beat."""
    region = heard.envelopes[:, start:end]
    envelope = combined(region)
    found = []
    for stretch in tempo.stretches(region):
        piece = envelope[stretch.start : stretch.end]
        period, clear = _clearest(piece, stretch.period)
        if clear >= _LEAST_CLARITY:
            grids = _grids(heard, piece, period, start + stretch.start)
            if grids:
                found.append((stretch, grids, clear))
    edges = [start + stretch.start for stretch, _, _ in found] + [start + found[-1][0].end if found else end]
    for index in range(1, len(found)):
        before, after = (found[place][1][0].halves - start for place in (index - 1, index))
        edges[index] = start + _handover(envelope, before, after)
    pulses = []
    for (_, grids, clear), first, last in zip(found, edges, edges[1:], strict=False):
        halves = grids[0].halves
        period = 2.0 * float(np.median(np.diff(halves)))
        own = _extended(halves, period, first, last)
        if len(own) < 4:
            continue
        classes = log_softmax(heard.scores(own)[:, :3])
        phases = phase_evidence(heard.bands, heard.chroma, heard.envelopes, own)
        reading = read_bars(classes, phases, **heard.judge.constants["bars"])
        strength = _strength(combined(heard.envelopes[:, first:last]), own - first, period)
        candidates = _candidates(grids)
        evidence = beat_evidence(reading.is_beat, candidates[0].weight, strength, clear)
        weights = np.array(heard.judge.constants["beat"], float)
        pulses.append(Pulse(first, last, own, reading, evidence, weights, candidates, clear))
    return pulses


def beat_evidence(
    is_beat: NDArray[np.float64], tempo_share: float, strength: NDArray[np.float64], clarity: float
) -> NDArray[np.float64]:
    """Return what the confidence of beats is computed from, shape (n, 4).

    Parameters
    ----------
    is_beat : array, shape (n,)
        Posterior that each half-beat is a beat.
    tempo_share : float
        Share of the tempo among its candidates.
    strength : array, shape (n,)
        How far onsets stand on the grid around each half-beat, 0 to 1.
    clarity : float
        Share of the onsets' variance that the beat explains.
    """
    posterior, share = (np.clip(value, 1e-4, 1.0 - 1e-4) for value in (is_beat, np.float64(tempo_share)))
    odds = np.log(posterior / (1.0 - posterior))
    tempo_odds = np.full(len(odds), np.log(share / (1.0 - share)))
    return np.column_stack([odds, tempo_odds, strength, np.full(len(odds), clarity)])


def _clearest(piece: NDArray[np.float32], period: float) -> tuple[float, float]:
    """Return a period and its clarity: the one that is given, or where that keeps no time, one related to it.

    Breakbeats repeat dotted figures, whose autocorrelation peaks at two thirds of the tempo.
    """
    best = period, grid.clarity(piece, tempo.refine(piece, period))
    if best[1] >= _LEAST_CLARITY:
        return best
    related = [period / ratio for ratio in _RATIOS]
    return max(
        ((other, grid.clarity(piece, tempo.refine(piece, other))) for other in related), key=lambda b: b[1]
    )


def _grids(heard: _Heard, piece: NDArray[np.float32], period: float, offset: int) -> list[_Grid]:
    """Return the grids at the tempi and phases that are related to a period, the best first.

    ``piece`` is the onset envelope of a stretch that begins at frame ``offset``. Of long stretches, the judge
    hears some minutes in the middle.
    """
    first, _ = grid.lattice(piece, period)
    grids = []
    for ratio in _RATIOS:
        if not _SLOWEST_BPM <= ratio * 60.0 * FRAME_RATE / period <= _FASTEST_BPM:
            continue
        binary = ratio in (1.0, 2.0, 0.5)
        base = first if binary else grid.lattice(piece, period / ratio)[0]
        step = 1.0 / ratio if binary else 1.0
        # The strongest onsets may be sixteenths between: the same grid, a quarter of a beat on, is heard too.
        for shift in (0.0, 0.5 * step):
            halves = offset + np.interp(np.arange(shift, len(base) - 0.5, step), np.arange(len(base)), base)
            if len(halves) >= 8:
                spare = max(0, len(halves) - _JUDGED) // 2
                scores = heard.scores(halves[spare : len(halves) - spare])
                grids.append(_Grid(halves, float(scores[:, 3].mean())))
    return sorted(grids, key=lambda grid: -grid.score)


def _candidates(grids: list[_Grid]) -> tuple[TempoCandidate, ...]:
    """Tempi of the grids and their shares, which those of one tempo add up."""
    shares = np.exp(log_softmax(_SHARPNESS * np.array([grid.score for grid in grids])))
    total: dict[float, float] = {}
    for grid_, share in zip(grids, shares, strict=True):
        bpm = round(nominal(grid_.bpm), 3)
        near = next((known for known in total if abs(known - bpm) < 0.01 * bpm), bpm)
        total[near] = total.get(near, 0.0) + float(share)
    return tuple(TempoCandidate(bpm, round(share, 3)) for bpm, share in total.items())


def nominal(bpm: float) -> float:
    """Return the tempo that was set, for one that was measured: a whole number within 0.1 % of it.

    Dance music is made at whole tempi: of the 111 steady Dance/Electronic tracks of the Harmonix set, 85 %
    lie within .02 BPM of one, and what players do to a tempo (tracker players round every tick to whole
    samples, up to 0.13 %) is larger than what is lost. Beats are where they were measured.

    Examples
    --------
    >>> nominal(145.066), nominal(127.5)
    (145.0, 127.5)
    """
    whole = round(bpm)
    return float(whole) if abs(bpm - whole) < 1e-3 * bpm else bpm


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
    phase = np.interp(np.arange(len(envelope)), halves, np.arange(len(halves))) % 1.0
    on = np.minimum(phase, 1.0 - phase) < 0.15
    width = int(16 * period)
    share = running_mean(envelope * on, width) / np.maximum(running_mean(envelope, width), 1e-6)
    chance = 0.3
    excess = np.clip((share - chance) / (1.0 - chance), 0.0, 1.0)
    return np.asarray(excess[np.clip(np.round(halves).astype(int), 0, len(envelope) - 1)])
