"""What is fitted after training, on renderings that the networks have not seen, by running the analysis.

How sure a beat, a boundary, a label is has to be learned from how often the whole analysis is right, with
its own mistakes in tempo and bars upstream: so these figures come from whole timelines.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from edm_core.models import Judge, log_softmax
from edm_core.segmentation import beats as beats_module
from edm_core.segmentation.beats import Rhythm
from edm_core.segmentation.form import Weights, decode_form, label_odds
from edm_core.segmentation.onsets import onset_envelopes
from edm_core.segmentation.portrait import audible, bar_edges, bar_features
from edm_core.timeline import Recording

from .dataset import Piece, pieces

Floats = NDArray[np.float64]

TRIALS = 240
"""Weights that are tried, half of them drawn anew, half near the best."""


def logistic_fit(evidence: Floats, hits: Floats, weights: Floats) -> list[float]:
    """Return slopes and offset of a logistic regression, by maximum likelihood with a light ridge.

    Examples
    --------
    >>> logistic_fit(np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([0, 1, 1, 1.0]), np.ones(4))[1] > 0
    True
    """

    def loss(values: Floats) -> float:
        odds = evidence @ values[:-1] + values[-1]
        return float(
            (weights * (np.logaddexp(0, odds) - hits * odds)).sum() / weights.sum() + 1e-4 * values @ values
        )

    found = minimize(loss, np.zeros(evidence.shape[1] + 1), method="BFGS").x
    return [round(float(value), 4) for value in found]


def sound_of(piece: Piece) -> Any:
    """Return what the analysis takes: anything with a recording and a spectrum."""
    recording = Recording("sha256:0", float(piece.truth["duration"]), 24_000, 1)
    return types.SimpleNamespace(spectrum=piece.spectrum, recording=recording)


def fit_beats(folders: Sequence[Path], path: Path) -> dict[str, Any]:
    """Fit what makes a beat certain."""
    judge = Judge(path)
    evidence, hits, weights = [], [], []
    for piece in pieces(folders):
        rhythm, rows = run_beats(piece, judge)
        if not rhythm.beats or not piece.truth["beats"]:
            continue
        times = np.array([beat.time for beat in rhythm.beats])
        truth = np.array(piece.truth["beats"])
        hits.append(np.abs(times[:, None] - truth[None]).min(1) <= 0.07)
        evidence.append(rows)
        weights.append(np.full(len(times), 1.0 / len(times)))  # every piece counts alike
    fitted = logistic_fit(
        np.concatenate(evidence), np.concatenate(hits).astype(float), np.concatenate(weights)
    )
    return {"bars": {}, "beat": fitted}


def run_beats(piece: Piece, judge: Judge) -> tuple[Rhythm, Floats]:
    """Track beats with a judge; also what each beat's confidence would be computed from."""
    rows: list[Floats] = []
    pulses = beats_module.find_pulses(sound_of(piece), None, judge)
    rhythm = beats_module.rhythm_of(pulses)
    rows += [pulse.evidence[pulse.reading.place % 2 == 0] for pulse in pulses]
    return rhythm, np.concatenate(rows) if rows else np.zeros((0, 4))


def fit_form(folders: Sequence[Path], weights_folder: Path) -> dict[str, Any]:
    """Fit the weights of evidence for the best boundaries and labels, and what makes either certain."""
    pulse, judge = Judge(weights_folder / "pulse.onnx"), Judge(weights_folder / "form.onnx")
    heard = [judged for piece in pieces(folders) if (judged := Judged.of(piece, pulse, judge)) is not None]
    generator = np.random.default_rng(0)
    best, chosen = -1.0, Weights()
    for trial in range(TRIALS):
        wide = trial < TRIALS // 2
        candidate = drawn(generator) if wide else varied(chosen, generator)
        score = float(np.mean([item.quality(candidate) for item in heard]))
        if score > best:
            best, chosen = score, candidate
            print(trial, round(best, 4), chosen, flush=True)
    boundary = [pair for item in heard for pair in item.boundary_hits(chosen)]
    label = [triple for item in heard for triple in item.label_hits(chosen)]
    ones = np.ones(len(boundary))
    odds, hits = (np.array(values, float) for values in zip(*boundary, strict=True))
    shares, rights, seconds = (np.array(values, float) for values in zip(*label, strict=True))
    return {
        "form": {name: round(float(getattr(chosen, name)), 4) for name in Weights.__slots__},
        "boundary": logistic_fit(odds[:, None], hits, ones),
        "label": logistic_fit(shares[:, None], rights, seconds),
    }


def drawn(generator: np.random.Generator) -> Weights:
    """Draw weights from wide ranges."""
    return Weights(
        boundary=generator.uniform(0.3, 3.0),
        bias=generator.uniform(-4.0, 3.0),
        label=generator.uniform(0.05, 1.0),
        length=generator.uniform(0.0, 1.0),
        multiple=generator.uniform(0.0, 1.5),
        step=generator.uniform(0.2, 2.0),
        same=generator.uniform(0.05, 0.7),
    )


def varied(weights: Weights, generator: np.random.Generator) -> Weights:
    """Draw weights near others."""
    factor = np.exp(generator.normal(0, 0.25, 7))
    return Weights(
        boundary=weights.boundary * factor[0],
        bias=weights.bias + generator.normal(0, 0.4),
        label=weights.label * factor[2],
        length=weights.length * factor[3],
        multiple=weights.multiple * factor[4],
        step=weights.step * factor[5],
        same=min(0.9, weights.same * factor[6]),
    )


class Judged:
    """A piece whose bars were found and judged, next to its truth."""

    def __init__(self, piece: Piece, edges: Floats, scores: Floats) -> None:
        self.edges, self.boundary = edges, scores[:, 0]
        self.labels = log_softmax(scores[:, 1:])
        truth = piece.truth
        self.major = np.array([b["time"] for b in truth["boundaries"] if b["major"]])
        self.minor = np.array([b["time"] for b in truth["boundaries"] if not b["major"]])
        downbeats = truth["downbeats"]
        bar = downbeats[-1] - downbeats[-2]
        self.minor = np.append(self.minor, [downbeats[0], downbeats[-1] + bar])
        self.sections = truth["sections"]

    @classmethod
    def of(cls, piece: Piece, pulse: Judge, judge: Judge) -> Judged | None:
        """Run the analysis up to the judgements."""
        if len(piece.truth["downbeats"]) < 8:
            return None
        rhythm, _ = run_beats(piece, pulse)
        edges = bar_edges(
            np.array([beat.time for beat in rhythm.downbeats]),
            *audible(piece.spectrum.level, 0.0, piece.truth["duration"]),
        )
        if len(edges) < 4:
            return None
        return cls(
            piece, edges, judge(bar_features(piece.spectrum, onset_envelopes(piece.spectrum), edges * 100.0))
        )

    def parts(self, weights: Weights) -> list[Any]:
        """Decode."""
        return decode_form(self.boundary.copy(), self.labels, weights)

    def quality(self, weights: Weights) -> float:
        """Mean of what is scored: boundaries at 0.5 s and 3 s, labels, onsets of drops."""
        parts = self.parts(weights)
        starts = self.edges[[part.first for part in parts[1:]]]
        values = []
        if len(self.major):
            values += [_hit_rate(starts, self.major, self.minor, window) for window in (0.5, 3.0)]
        if self.sections:
            right = [hit * seconds for _, hit, seconds in self._label_rows(parts)]
            total = sum(seconds for _, _, seconds in self._label_rows(parts))
            values.append(sum(right) / max(total, 1e-9))
            values.append(self._drops(parts))
        return float(np.mean(values)) if values else 1.0

    def _drops(self, parts: list[Any]) -> float:
        found = [
            self.edges[part.first]
            for before, part in zip([None, *parts], parts, strict=False)
            if part.label == "drop" and (before is None or before.label != "drop")
        ]
        true = [
            section["start"]
            for before, section in zip([None, *self.sections], self.sections, strict=False)
            if section["label"] == "drop" and (before is None or before["label"] != "drop")
        ]
        return _hit_rate(np.array(found), np.array(true), np.zeros(0), 2.0) if true else 1.0

    def boundary_hits(self, weights: Weights) -> list[tuple[float, bool]]:
        """Return log odds of each boundary found, and whether there is one; minor ones are left out."""
        out = []
        for part in self.parts(weights)[1:]:
            time = self.edges[part.first]
            if len(self.major) and np.abs(self.major - time).min() <= 0.5:
                out.append((float(self.boundary[part.first]), True))
            elif np.abs(self.minor - time).min() > 0.5:
                out.append((float(self.boundary[part.first]), False))
        return out

    def label_hits(self, weights: Weights) -> list[tuple[float, float, float]]:
        """For each stretch of one true and one found label: log odds, whether right, and seconds."""
        return self._label_rows(self.parts(weights)) if self.sections else []

    def _label_rows(self, parts: list[Any]) -> list[tuple[float, float, float]]:
        rows = []
        for part in parts:
            odds = label_odds(self.labels, part)
            start, end = self.edges[part.first], self.edges[part.end]
            for section in self.sections:
                overlap = min(end, section["end"]) - max(start, section["start"])
                if overlap > 0:
                    right = part.label in (section["label"], *section.get("also", []))
                    rows.append((odds, float(right), float(overlap)))
        return rows


def _hit_rate(found: Floats, true: Floats, optional: Floats, window: float) -> float:
    """F-measure of times within a window; those found near an optional time do not count."""
    if not len(true):
        return 1.0
    distance = np.abs(found[:, None] - true[None]) if len(found) else np.zeros((0, len(true)))
    if len(optional) and len(found):
        free = (np.abs(found[:, None] - optional[None]).min(1) <= window) & (distance.min(1) > window)
        distance = distance[~free]
    if not len(distance):
        return 0.0
    hits = min((distance.min(1) <= window).sum(), (distance.min(0) <= window).sum())
    return float(2 * hits / (len(distance) + len(true)))
