"""Agreement: how far several raters' annotations of the same recordings say the same.

Conventions
-----------
A rater's annotation is compared with each other rater's, and all of them together where a measure takes more
than two. Nobody is the reference: every measure is the same whichever rater comes first.

``boundaries_05``, ``boundaries_3``
    F-measure of boundaries within 0.5 and 3 s, matched once each; the recording's start and end do not count
    (mir_eval's ``segment.detection`` with ``trim``; Turnbull et al. 2007).
``v_measure``
    Which parts are alike, whatever they are called (Rosenberg and Hirschberg 2007; mir_eval's ``vmeasure``).
``kappa``, ``activity``, ``topic``, ``tone``, ``safety``
    Cohen's kappa (1960) of labels on a time grid of 0.1 s, where both raters say something.
``alpha``, ``activity_alpha``
    Krippendorff's alpha for nominal labels, of all raters at once, on the same grid; moments at which a rater
    says nothing are missing values (Krippendorff 2011).
``tempo``
    Mean difference in BPM where both have a grid. ``downbeats``: F-measure within 70 ms. ``key``: share of
    the time at which both name the same.
``words``
    Word errors of one against the other over the mean number of words; 0 is full agreement.
``passages``
    F-measure of where passages begin, within 3 s.

A figure that cannot be had is absent and says why. Chance-corrected measures are not defined where everybody
uses a single label.

Intervals
---------
95 %, percentile bootstrap, seeded. Over a corpus, recordings are drawn anew: that is the uncertainty that
counts. Within one recording, blocks of about 30 s are drawn, all raters' at once. That says how much the
figure depends on single places of this recording, and nothing about others; neighbouring blocks are not
independent, so it is rather too narrow. Below five blocks or recordings there is none; within one recording,
tempo and V-measure have none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, get_args

from .._codec import absent
from ..annotation import Annotation
from . import _comparing as comparing
from ._coding import alpha as alpha_of
from ._coding import share
from ._intervals import FEWEST, draws_of, interval, resampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

Measure = Literal[
    "boundaries_05", "boundaries_3", "v_measure", "kappa", "alpha", "tempo", "downbeats", "key",
    "activity", "activity_alpha", "words", "passages", "topic", "tone", "safety",
]  # fmt: skip
MEASURES: tuple[Measure, ...] = get_args(Measure)
"""In the order in which they are shown."""

TITLES: dict[Measure, str] = {
    "boundaries_05": "boundaries ± 0.5 s, F", "boundaries_3": "boundaries ± 3 s, F",
    "v_measure": "sections, V-measure", "kappa": "section labels, kappa", "alpha": "section labels, alpha",
    "tempo": "tempo, BPM apart", "downbeats": "downbeats ± 70 ms, F", "key": "key, share the same",
    "activity": "activity, kappa", "activity_alpha": "activity, alpha", "words": "words, share that differ",
    "passages": "passages ± 3 s, F", "topic": "topics, kappa", "tone": "tones, kappa",
    "safety": "safety, kappa",
}  # fmt: skip
LOWER_IS_BETTER: frozenset[Measure] = frozenset({"tempo", "words"})
"""Measures of difference; all others are 1 where raters fully agree."""

_Compare = Callable[[Annotation, Annotation, float], comparing.Compared]
_PAIRWISE: dict[Measure, _Compare] = {
    "boundaries_05": partial(comparing.boundaries, window=0.5),
    "boundaries_3": partial(comparing.boundaries, window=3.0),
    "v_measure": comparing.labels_v,
    "kappa": comparing.labels_kappa,
    "tempo": comparing.tempo,
    "downbeats": comparing.downbeats,
    "key": comparing.key,
    "activity": comparing.activity_kappa,
    "words": comparing.words,
    "passages": comparing.passages,
    "topic": comparing.topic_kappa,
    "tone": comparing.tone_kappa,
    "safety": comparing.safety_kappa,
}
_TOGETHER: dict[Measure, tuple[str, Callable[[Sequence[Annotation], float], NDArray[Any]]]] = {
    "alpha": ("sections", comparing.section_coincidences),
    "activity_alpha": ("activity", comparing.activity_coincidences),
}
_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure's value with its 95 % interval, or the reason why there is none.

    ``units`` says how many ``basis`` were drawn anew for the interval; both bounds are None where there is no
    interval.
    """

    value: float | None
    low: float | None = absent()
    high: float | None = absent()
    basis: Literal["blocks", "recordings"] | None = absent()
    units: int = absent(0)
    reason: str | None = absent()


Figures = Mapping[Measure, Figure]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two raters, in order of their names, and what their annotations have in common."""

    a: str
    b: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the raters of one recording agree.

    ``figures`` are means over the pairs that have them, but for alpha, which takes all raters at once.
    ``duration`` is in seconds.
    """

    raters: tuple[str, ...]
    duration: float
    pairs: tuple[Pair, ...]
    figures: Figures
    _coincidences: Mapping[Measure, Any] = field(default_factory=dict, repr=False, compare=False)


def agreement(
    annotations: Mapping[str, Annotation], duration: float, *, draws: int = _DRAWS, seed: int = 0
) -> Agreement:
    """Compare raters' annotations of one recording.

    Parameters
    ----------
    annotations : mapping of str to Annotation
        By rater. Without a second rater every figure is absent and says so.
    duration : float
        Of the recording, in seconds.
    draws : int
        Of the bootstrap over blocks; 0 gives no intervals.
    seed : int
        Of the bootstrap.

    Examples
    --------
    >>> from edm_core.items import Section
    >>> ada = Annotation(sections=(Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "drop")))
    >>> ben = Annotation(sections=(Section(0.0, 31.0, "intro"), Section(31.0, 60.0, "drop")))
    >>> found = agreement({"ada": ada, "ben": ben}, 60.0)
    >>> found.figures["boundaries_05"].value, found.figures["boundaries_3"].value
    (0.0, 1.0)
    >>> round(found.figures["kappa"].value, 3)
    0.967
    >>> found.figures["words"].reason
    'not both wrote down words'
    """
    raters = tuple(sorted(annotations))
    found = {
        names: {
            measure: compare(annotations[names[0]], annotations[names[1]], duration)
            for measure, compare in _PAIRWISE.items()
        }
        for names in combinations(raters, 2)
    }
    pairs = tuple(
        Pair(
            a,
            b,
            _ordered(
                figures | _of_all({name: annotations[name] for name in (a, b)}, duration, draws, seed)[0]
            ),
        )
        for (a, b), compared in found.items()
        for figures in [{measure: _figure([counts], draws, seed) for measure, counts in compared.items()}]
    )
    figures = {
        measure: _figure([compared[measure] for compared in found.values()], draws, seed)
        for measure in _PAIRWISE
    }
    of_all, coincidences = _of_all(annotations, duration, draws, seed)
    figures |= of_all
    if len(raters) < 2:
        alone = Figure(None, reason=f"only {raters[0]} annotated it" if raters else "nobody annotated it")
        figures = dict.fromkeys(MEASURES, alone)
    return Agreement(raters, duration, pairs, _ordered(figures), coincidences)


def over(found: Sequence[Agreement], *, draws: int = _DRAWS, seed: int = 0) -> dict[Measure, Figure]:
    """Return figures of a corpus: means over recordings, and alpha of all recordings' points together.

    Parameters
    ----------
    found : sequence of Agreement
        One for each recording; those without a measure do not count for it.
    draws, seed : int
        Of the bootstrap over recordings.

    Examples
    --------
    >>> from edm_core.items import Section
    >>> def parts(at):
    ...     return Annotation(sections=(Section(0.0, at, "intro"), Section(at, 60.0, "drop")))
    >>> tracks = [agreement({"ada": parts(30.0), "ben": parts(30.0 + i)}, 60.0) for i in range(6)]
    >>> figure = over(tracks)["boundaries_3"]
    >>> round(figure.value, 3), figure.units, figure.low < figure.value < figure.high
    (0.667, 6, True)
    """
    import numpy as np

    figures: dict[Measure, Figure] = {}
    figure: Callable[[NDArray[Any]], NDArray[Any]]
    for measure in MEASURES:
        if measure in _TOGETHER:
            matrices = [each._coincidences[measure] for each in found if measure in each._coincidences]
            counts, figure = np.array(matrices), alpha_of
        else:
            values = [each.figures[measure].value for each in found]
            known = [value for value in values if value is not None]
            counts, figure = np.array([[value, 1.0] for value in known]), share
        if not len(counts):
            figures[measure] = Figure(None, reason=_why_none(found, measure))
            continue
        value = float(figure(counts.sum(axis=0)))
        if not math.isfinite(value):
            figures[measure] = Figure(None, reason=_ONE_LABEL)
            continue
        bounds = None
        if draws and len(counts) >= FEWEST:
            bounds = interval(resampled(counts, figure, draws_of(len(counts), draws, seed)))
        figures[measure] = _with_interval(value, bounds, "recordings", len(counts))
    return figures


# --- private ---------------------------------------------------------------------------------------

_ONE_LABEL = "all use one label throughout, which chance alone would do too"


def _figure(compared: Sequence[comparing.Compared], draws: int, seed: int) -> Figure:
    """Return the mean over pairs, with the interval from drawing the same blocks of all of them anew."""
    import numpy as np

    usable: list[comparing.Counts] = []
    reasons: list[str] = []
    for counts in compared:
        if isinstance(counts, str):
            reasons.append(counts)
        elif not np.isfinite(counts.figure(counts.blocks.sum(axis=0))):
            reasons.append(counts.undefined)
        else:
            usable.append(counts)
    if not usable:
        return Figure(None, reason=reasons[0] if reasons else "nobody to compare with")
    value = float(np.mean([counts.figure(counts.blocks.sum(axis=0)) for counts in usable]))
    blocks = len(usable[0].blocks)
    bounds = None
    if draws and usable[0].drawn and blocks >= FEWEST:
        times = draws_of(blocks, draws, seed)
        drawn = np.mean([resampled(counts.blocks, counts.figure, times) for counts in usable], axis=0)
        bounds = interval(drawn)
    return _with_interval(value, bounds, "blocks", blocks)


def _of_all(
    annotations: Mapping[str, Annotation], duration: float, draws: int, seed: int
) -> tuple[dict[Measure, Figure], dict[Measure, NDArray[Any]]]:
    """Return the measures that take all raters at once, and the coincidences behind them."""
    figures: dict[Measure, Figure] = {}
    coincidences: dict[Measure, NDArray[Any]] = {}
    for measure, (what, count) in _TOGETHER.items():
        voices = {name: each for name, each in annotations.items() if comparing.stretches_of(each, what)}
        if len(voices) < 2:
            figures[measure] = Figure(None, reason=f"{_who(voices)} marked {what}")
            continue
        counts = count([voices[name] for name in sorted(voices)], duration)
        coincidences[measure] = counts.sum(axis=0)
        figures[measure] = _figure([comparing.Counts(counts, alpha_of, _ONE_LABEL)], draws, seed)
    return figures, coincidences


def _ordered(figures: Mapping[Measure, Figure]) -> Figures:
    return {name: figures[name] for name in MEASURES}


def _with_interval(
    value: float, bounds: tuple[float, float] | None, basis: Literal["blocks", "recordings"], units: int
) -> Figure:
    if bounds is None:
        return Figure(value)
    return Figure(value, bounds[0], bounds[1], basis, units)


def _who(names: Mapping[str, Any]) -> str:
    return f"only {next(iter(names))}" if names else "nobody"


def _why_none(found: Sequence[Agreement], measure: Measure) -> str:
    reasons = [reason for each in found if (reason := each.figures[measure].reason)]
    return reasons[0] if reasons else "no recordings to compare"
