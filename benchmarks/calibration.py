"""Do confidences mean what they say? Of all claims made with .8, eight in ten should be right.

A *claim* is a beat, the start of a section, or a second of a section's label; it has a confidence and is
right or wrong by the truth:

- a beat is right if a true beat of its own lies within 70 ms;
- a section's start is right if a true major boundary of its own lies within 0.5 s. As in the boundary scores,
  the start of the file is no claim, and a start that belongs to a minor boundary, or to where the music
  begins or ends, is neither right nor wrong: it is left out;
- a label is right for as long as the truth has it, or accepts it besides (``also``); weighted by duration.

The expected calibration error is the mean distance between confidence and share of right claims over ten
bins, weighted by what is in them (Naeini, Cooper, Hauskrecht: *Obtaining well calibrated probabilities using
Bayesian binning*, AAAI 2015). Bins are of equal width, as there; bins of equal mass (Nguyen and O'Connor,
EMNLP 2015) are given beside them, as they still tell when all confidences are alike. Intervals come from
drawing recordings anew, within families, because the claims of one recording are not independent; the bins
stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

BEAT_WINDOW = 0.07
BOUNDARY_WINDOW = 0.5
BINS = 10

Floats = NDArray[np.float64]
Binning = Literal["width", "mass"]


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims of one recording, three arrays of one length: confidence, 1 where right, and weight."""

    confidence: Floats
    right: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class Calibration:
    """Expected calibration error with a 95 % interval; `bins` hold mean confidence, share right, weight."""

    error: float
    low: float
    high: float
    claims: int
    recordings: int
    bins: tuple[tuple[float, float, float], ...]


# --- what is claimed, and whether it is so ------------------------------------------------------------------


def beat_claims(truth: Mapping[str, Any], document: Mapping[str, Any]) -> Claims | None:
    """Claims of a document's beats; None where the truth has no beats to score."""
    if not truth.get("beats") or truth.get("score_beats") is False:
        return None
    beats = sorted(_confident(document.get("beats"), "confidence"), key=lambda beat: beat["time"])
    hits = matched([beat["time"] for beat in beats], sorted(truth["beats"]), BEAT_WINDOW)
    return _claims([beat["confidence"] for beat in beats], hits)


def boundary_claims(truth: Mapping[str, Any], document: Mapping[str, Any]) -> Claims | None:
    """Claims of where sections start; None where the truth has no major boundary to find."""
    listed = truth.get("boundaries") or []
    major = sorted(boundary["time"] for boundary in listed if boundary["major"])
    if not major:
        return None
    optional = [boundary["time"] for boundary in listed if not boundary["major"]] + music_edges(truth)
    sections = [
        section
        for section in _confident(document.get("sections"), "boundary_confidence")
        if 0 < section["start"] < truth["duration"]
    ]
    kept = without_optional([section["start"] for section in sections], major, optional, BOUNDARY_WINDOW)
    hits = matched([sections[index]["start"] for index in kept], major, BOUNDARY_WINDOW)
    return _claims([sections[index]["boundary_confidence"] for index in kept], hits)


def label_claims(truth: Mapping[str, Any], document: Mapping[str, Any]) -> Claims | None:
    """Claims of labels, each twice: the seconds in which it is right, and those in which it is wrong."""
    sections = truth.get("sections") or []
    if not sections:
        return None
    confidence, right, weight = [], [], []
    for guess in _confident(document.get("sections"), "confidence"):
        seconds = {True: 0.0, False: 0.0}
        for section in sections:
            overlap = min(section["end"], guess["end"]) - max(section["start"], guess["start"])
            accepted = guess["label"] in {section["label"], *section.get("also", [])}
            seconds[accepted] += max(0.0, overlap)
        for outcome, length in seconds.items():
            if length > 0:
                confidence.append(guess["confidence"])
                right.append(outcome)
                weight.append(length)
    return _claims(confidence, right, weight)


KINDS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Claims | None]] = {
    "beats": beat_claims,
    "boundaries": boundary_claims,
    "labels": label_claims,
}


def matched(estimated: Sequence[float], reference: Sequence[float], window: float) -> list[bool]:
    """Tell which of the sorted estimates have a reference of their own within the window.

    Going through both in order makes as many pairs as can be made, since all windows are of one width.

    >>> matched([1.0, 1.05, 3.0], [1.02, 2.0], 0.07)
    [True, False, False]
    """
    found, index = [], 0
    for time in estimated:
        while index < len(reference) and reference[index] < time - window:
            index += 1
        hit = index < len(reference) and reference[index] <= time + window
        index += hit
        found.append(hit)
    return found


def without_optional(
    starts: Sequence[float], required: Sequence[float], optional: Iterable[float], window: float
) -> list[int]:
    """Return the indices of the starts that count: for each optional time the nearest start goes.

    A start that is nearer to a required time than to the optional one stays.

    >>> without_optional([10.0, 20.0, 30.0], [30.2], [20.1, 29.9], 0.5)
    [0]
    >>> without_optional([10.0, 20.0, 30.0], [30.05], [20.1, 29.9], 0.5)
    [0, 2]
    """
    kept = list(range(len(starts)))
    for time in optional:
        near = [
            index
            for index in kept
            if (distance := abs(starts[index] - time)) <= window
            and all(distance <= abs(other - starts[index]) for other in required)
        ]
        if near:
            kept.remove(min(near, key=lambda index: abs(starts[index] - time)))
    return kept


def music_edges(truth: Mapping[str, Any]) -> list[float]:
    """Where the first bar begins and the last one ends, if that is inside the recording."""
    downbeats = truth.get("downbeats") or []
    if len(downbeats) < 2:
        return []
    edges = (downbeats[0], downbeats[-1] + float(np.median(np.diff(downbeats))))
    return [edge for edge in edges if 0.1 < edge < truth["duration"] - 0.1]


# --- the error ----------------------------------------------------------------------------------------------


def calibration(
    claims: Sequence[Claims],
    families: Sequence[str],
    how: Binning = "width",
    bins: int = BINS,
    samples: int = 2000,
    seed: int = 0,
) -> Calibration | None:
    """Work out the expected calibration error over recordings.

    Parameters
    ----------
    claims : sequence of Claims
        One of each recording.
    families : sequence of str
        The family of each recording; the bootstrap draws within families.
    how : "width" or "mass"
        Bins of equal width over [0, 1], or of equal weight.
    bins, samples, seed : int
        Number of bins; draws of the bootstrap, and their seed.

    Returns
    -------
    Calibration or None
        None if nothing is claimed.

    Examples
    --------
    >>> sure = Claims(np.full(4, 0.9), np.array([1.0, 1.0, 1.0, 0.0]), np.ones(4))
    >>> round(calibration([sure], ["a"]).error, 2)
    0.15
    """
    count = sum(len(claim.confidence) for claim in claims)
    if not count:
        return None
    confidence = np.concatenate([claim.confidence for claim in claims])
    weight = np.concatenate([claim.weight for claim in claims])
    edges = _edges(confidence, weight, how, bins)
    # (recordings, bins, 3): weight, weighted confidence, weight of what is right. All else is sums of it.
    table = np.stack([_binned(claim, edges, bins) for claim in claims])
    low, high = np.percentile(_errors(_drawn(table, families, samples, seed)), [2.5, 97.5])
    pooled = table.sum(0)
    used = pooled[pooled[:, 0] > 0]
    return Calibration(
        float(_errors(pooled[None])[0]),
        float(low),
        float(high),
        count,
        sum(bool(len(claim.confidence)) for claim in claims),
        tuple((float(c / w), float(r / w), float(w)) for w, c, r in used),
    )


def _edges(confidence: Floats, weight: Floats, how: Binning, bins: int) -> Floats:
    """Inner edges of the bins."""
    if how == "width":
        return np.linspace(0, 1, bins + 1)[1:-1]
    order = np.argsort(confidence, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    places = np.searchsorted(share, np.arange(1, bins) / bins)
    return np.asarray(confidence[order][np.minimum(places, len(order) - 1)], np.float64)


def _binned(claim: Claims, edges: Floats, bins: int) -> Floats:
    where = np.searchsorted(edges, claim.confidence, side="left")
    columns = (claim.weight, claim.weight * claim.confidence, claim.weight * claim.right)
    return np.stack([np.bincount(where, column, bins) for column in columns], axis=1)


def _drawn(table: Floats, families: Sequence[str], samples: int, seed: int) -> Floats:
    """Sum up recordings drawn with replacement, as many of each family as there are: (samples, bins, 3)."""
    generator = np.random.default_rng(seed)
    total = np.zeros((samples, *table.shape[1:]))
    for family in sorted(set(families)):
        member = table[[name == family for name in families]]
        times = generator.multinomial(len(member), np.full(len(member), 1 / len(member)), samples)
        total += np.tensordot(times.astype(np.float64), member, 1)
    return total


def _errors(tables: Floats) -> Floats:
    weight = tables[..., 0].sum(-1)
    distance = np.abs(tables[..., 1] - tables[..., 2]).sum(-1)
    return np.asarray(np.divide(distance, weight, out=np.zeros_like(distance), where=weight > 0))


def _confident(things: Iterable[Mapping[str, Any]] | None, key: str) -> list[Mapping[str, Any]]:
    return [thing for thing in things or [] if thing.get(key) is not None]


def _claims(
    confidence: Sequence[float], right: Sequence[bool], weight: Sequence[float] | None = None
) -> Claims:
    weights = np.ones(len(confidence)) if weight is None else np.asarray(weight, np.float64)
    return Claims(np.asarray(confidence, np.float64), np.asarray(right, np.float64), weights)
