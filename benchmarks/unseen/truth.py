"""What is true of a rendered piece, in the development set's format."""

from __future__ import annotations

from typing import Any

import numpy as np

from .plan import Plan

CONTEXT_BARS = 4
GAP_BARS = 4
NOTICED = 0.25  # share of the playing parts that changes at a boundary, at least
MAJOR = 0.5  # a boundary this strong is major
KEYS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
# What else a listener could call a section made this way.
ALSO = {"silence": ["breakdown", "buildup"]}


def truth(plan: Plan, audio_name: str, duration: float) -> dict[str, Any]:
    """Truth of a piece as one document.

    Returns
    -------
    dict
        ``tempo``, ``meter``, ``key``, ``beats``, ``downbeats``, ``boundaries``, ``sections``, ``activity``,
        and where it comes from.
    """
    heard = np.array([row > 0 for row in plan.arrangement.levels.values()])
    sections = plan.arrangement.sections
    starts = [section.start for section in sections[1:]]
    boundaries = []
    for bar, strength in merged(changes(heard), starts):
        major = bar in starts or (strength or 0.0) >= MAJOR
        boundaries.append(
            {"bar": bar, "time": round(plan.time(bar), 4), "strength": strength, "major": major}
        )
    harmony = plan.harmony
    accept = [plan.bpm, round(plan.bpm / 2, 4)] if plan.style.half_tempo else [plan.bpm]
    return {
        "id": plan.name,
        "family": "unseen",
        "audio": audio_name,
        "duration": round(duration, 4),
        "offset": plan.offset,
        "source": {
            "form": {"package": "edm98", "version": "0.1.0", "track": plan.form.track, "split": "test",
                     "licence": "CC-BY-4.0, its labels MIT"},
            "sounds": {"package": "lmms-common", "licence": "GPL-2+", "drums": plan.drums,
                       "presets": {role: path for role, (path, _) in plan.melodic.items()}},
            "style": plan.style.name,
            "seed": plan.seed,
        },
        "tempo": {"bpm": plan.bpm, "constant": True, "accept": accept},
        "meter": "4/4",
        "key": {"tonic": KEYS[harmony.tonic], "mode": harmony.mode},
        "beats": [round(plan.time(beat / 4), 4) for beat in range(4 * plan.bars)],
        "downbeats": [round(plan.time(bar), 4) for bar in range(plan.bars)],
        "boundaries": boundaries,
        "sections": [
            {"start": round(plan.time(s.start), 4), "end": round(plan.time(s.end), 4), "label": s.label,
             "also": ALSO.get(s.label, []), "way": s.way}
            for s in sections
        ],
        "activity": {
            "tracks": list(plan.arrangement.levels),
            "bars": ["".join("#" if on else "." for on in row) for row in heard],
        },
    }  # fmt: skip


def changes(heard: np.ndarray) -> list[tuple[int, float]]:
    """Bars at which the set of playing parts changes, with the share of it that does.

    The development set's rule: parts are compared over the four bars before and after; something must
    change at the very bar; of changes closer than four bars the stronger stays, and multiples of eight and
    four win ties.

    Parameters
    ----------
    heard : array of bool, shape (parts, bars)

    Examples
    --------
    >>> changes(np.array([[1] * 16, [0] * 8 + [1] * 8], bool))
    [(8, 0.5)]
    """
    rows = np.asarray(heard, float)
    bars = rows.shape[1]
    found = []
    for bar in range(2, bars - 1):
        here = share(rows[:, bar - 1], rows[:, bar])
        around = share(
            rows[:, max(0, bar - CONTEXT_BARS) : bar].mean(1), rows[:, bar : bar + CONTEXT_BARS].mean(1)
        )
        if here > 0 and around >= NOTICED:
            tie = 0.02 * (bar % 8 == 0) + 0.01 * (bar % 4 == 0)
            found.append((around + tie, bar, around))
    kept: list[tuple[int, float]] = []
    for _, bar, strength in sorted(found, key=lambda item: (-item[0], item[1])):
        if all(abs(bar - other) >= GAP_BARS for other, _ in kept):
            kept.append((bar, round(float(strength), 3)))
    return sorted(kept)


def share(before: np.ndarray, after: np.ndarray) -> float:
    """Share of the playing parts that differ; 0 where none plays."""
    union = float(np.maximum(before, after).sum())
    return float(np.abs(before - after).sum()) / union if union else 0.0


def merged(found: list[tuple[int, float]], starts: list[int]) -> list[tuple[int, float | None]]:
    """Join changes and starts of sections; a change within two bars of a start is that start.

    Examples
    --------
    >>> merged([(7, 0.4), (20, 0.6)], [8, 16])
    [(8, 0.4), (16, None), (20, 0.6)]
    """
    strengths: dict[int, float | None] = dict.fromkeys(starts)
    for bar, strength in found:
        near = [start for start in starts if abs(start - bar) <= 2]
        if not near:
            strengths[bar] = strength
            continue
        nearest = min(near, key=lambda start: abs(start - bar))
        strengths[nearest] = max(strength, strengths[nearest] or 0.0)
    return sorted(strengths.items())


def onset_lag_ms(
    audio: np.ndarray, times: list[float], sample_rate: int, reach: float = 0.06
) -> float | None:
    """How far behind `times` the energy rises on average, in ms: near 0 where truth fits the audio.

    The log spectrum's rise from frame to frame (512 samples, every 64) is averaged around all times; its peak
    is the lag. None with fewer than eight times.
    """
    mono = np.asarray(audio, np.float32).mean(1)
    span, hop = 512, 64
    lags = int(reach * sample_rate / hop)
    offsets = np.arange(-lags - 1, lags + 1) * hop
    window = np.hanning(span).astype(np.float32)
    curves = []
    for time in times:
        centre = round(time * sample_rate)
        first = centre + offsets[0] - span // 2
        last = centre + offsets[-1] + span // 2
        if first < 0 or last > len(mono):
            continue
        frames = np.lib.stride_tricks.sliding_window_view(mono[first:last], span)[::hop]
        spectrum = np.log1p(50 * np.abs(np.fft.rfft(frames * window, axis=1)))
        curves.append(np.maximum(0, np.diff(spectrum, axis=0)).sum(1))
    if len(curves) < 8:
        return None
    mean = np.mean(curves, axis=0)
    return round(float((int(np.argmax(mean)) - lags) * hop / sample_rate * 1000), 1)
