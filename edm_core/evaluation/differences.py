"""Differences: where two raters' annotations of a recording do not say the same, and what each says there.

Boundaries within 0.1 s of each other are the same: that is less than a quarter of a beat, and less than
people mean. Each difference can be decided without the others (:mod:`edm_core.evaluation.adjudication`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .._clock import clock
from ..annotation import Annotation
from ..grid import Grid, GridSegment
from ..items import Passage, Word
from ._pairing import aligned, matched, plain
from ._tracks import Track, laid_over

Layer = Literal["grid", "key", "sections", "activity", "words", "passages"]
Kind = Literal["boundary", "label", "tempo", "downbeat", "text", "passage"]

SAME_S = 0.1
"""Seconds within which two boundaries are the same."""
_SAME_BPM = 0.05
_SAME_BEAT_S = 0.01
_GRID_S = 0.07


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch on which two raters do not agree.

    ``start`` and ``end`` are seconds, the same for a boundary that only one of them has. ``a`` and ``b`` are
    what each says there, in words; None for nothing.
    """

    layer: Layer
    kind: Kind
    start: float
    end: float
    message: str
    a: str | None
    b: str | None


def differences(
    a: Annotation, b: Annotation, *, duration: float | None = None, tolerance: float = SAME_S
) -> tuple[Difference, ...]:
    """Return where two annotations differ, in order of time.

    What only one of them annotated is not compared.

    Parameters
    ----------
    a, b : Annotation
        Of the same recording.
    duration : float, optional
        Of the recording, in seconds; by default what the annotations tell.
    tolerance : float
        Seconds within which two boundaries are the same.

    Examples
    --------
    >>> from edm_core.items import Section
    >>> ada = Annotation(sections=(Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "drop")))
    >>> ben = Annotation(sections=(Section(0.0, 31.9, "intro"), Section(31.9, 60.0, "drop")))
    >>> [(found.kind, found.start, found.end, found.message) for found in differences(ada, ben)]
    [('boundary', 30.0, 31.9, 'intro becomes drop at 0:30.000 or at 0:31.900, 1.900 s apart')]
    """
    return tuple(piece.difference for piece in pieces_of(a, b, duration=duration, tolerance=tolerance))


# --- what the adjudication shares ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A difference, and where it stands in its layer: a run of edges, of words, or a group of passages."""

    difference: Difference
    at: Any


def pieces_of(
    a: Annotation, b: Annotation, *, duration: float | None = None, tolerance: float = SAME_S
) -> list[Piece]:
    """Return the differences in order of time, each with its place in its layer."""
    names = (a.author or "A", b.author or "B")
    found: list[Piece] = []
    for layer, track in tracks_of(a, b, tolerance).items():
        found += [Piece(_of_run(layer, track, run, names), run) for run in track.runs]
    found += [Piece(_of_words(run, a.words or (), b.words or ()), run) for run in word_runs(a, b)]
    found += [Piece(_of_passages(*group), group) for group in passage_groups(a, b)]
    if a.grid and b.grid and (grids := _of_grids(a.grid, b.grid, duration or _length(a, b))):
        found.append(Piece(grids, 0))
    return sorted(
        found, key=lambda piece: (piece.difference.start, piece.difference.end, piece.difference.layer)
    )


def tracks_of(a: Annotation, b: Annotation, tolerance: float = SAME_S) -> dict[Layer, Track[Any]]:
    """Return the layers of labelled spans that both have, laid over each other."""
    layers: tuple[Layer, ...] = ("key", "sections", "activity")
    return {
        layer: laid_over(ours, theirs, tolerance, name_of)
        for layer in layers
        if (ours := getattr(a, layer)) and (theirs := getattr(b, layer))
    }


def name_of(span: Any) -> str:
    """Return what a section, a stretch of activity or a key is called."""
    return str(getattr(span, "name", span.label))


def word_runs(a: Annotation, b: Annotation) -> list[tuple[range, range]]:
    """Return runs of words that are not the same, as ranges of indices into both."""
    if a.words is None or b.words is None:
        return []
    runs: list[tuple[range, range]] = []
    i = j = 0
    open_at: tuple[int, int] | None = None
    for one, other in [*aligned(a.words, b.words), (len(a.words), len(b.words))]:
        same = one is not None and other is not None
        same = same and (one == len(a.words) or _alike(a.words[one or 0], b.words[other or 0]))
        if same and open_at is not None:
            runs.append((range(open_at[0], i), range(open_at[1], j)))
            open_at = None
        elif not same and open_at is None:
            open_at = (i, j)
        i, j = i + (one is not None), j + (other is not None)
    return runs


def passage_groups(a: Annotation, b: Annotation) -> list[tuple[tuple[Passage, ...], tuple[Passage, ...]]]:
    """Return passages of both that lie over each other, by more than half of the shorter, and differ."""
    if a.passages is None or b.passages is None:
        return []
    groups: list[tuple[list[Passage], list[Passage]]] = []
    everything = [(passage, 0) for passage in a.passages] + [(passage, 1) for passage in b.passages]
    for passage, side in sorted(everything, key=lambda each: (each[0].start, each[0].end)):
        before = groups[-1] if groups else ([], [])
        if any(_over(passage, other) for other in before[1 - side]):
            before[side].append(passage)
        else:
            groups.append(([passage], []) if side == 0 else ([], [passage]))
    spoken = a.words is None or b.words is None
    return [
        (tuple(ours), tuple(theirs)) for ours, theirs in groups if _unlike(ours, theirs, with_text=spoken)
    ]


# --- private ---------------------------------------------------------------------------------------


def _of_run(layer: Layer, track: Track[Any], run: tuple[int, int], names: tuple[str, str]) -> Difference:
    first, last = run
    edges = track.edges[first : last + 1]
    start, end = edges[0].time, edges[-1].time
    cells = track.cells[first:last]
    if not cells:
        whose = names[0] if edges[0].ours is not None else names[1]
        here, there = ("a boundary", None) if edges[0].ours is not None else (None, "a boundary")
        return Difference(
            layer, "boundary", start, end, f"only {whose} has a boundary at {clock(start, 3)}", here, there
        )
    before = track.cells[first - 1] if first else (None, None)
    behind = track.cells[last] if last < len(track.cells) else (None, None)
    moved = len(cells) == 1 and all((*before, *behind)) and not any(edge.is_shared for edge in edges)
    if moved and (edges[0].ours is None) != (edges[1].ours is None):
        ours, theirs = (start, end) if edges[1].ours is None else (end, start)
        message = (
            f"{name_of(before[0])} becomes {name_of(behind[0])} at {clock(ours, 3)} or at "
            f"{clock(theirs, 3)}, {end - start:.3f} s apart"
        )
        return Difference(layer, "boundary", start, end, message, clock(ours, 3), clock(theirs, 3))
    said = [
        " · ".join(dict.fromkeys(name_of(span) for span in side if span)) for side in zip(*cells, strict=True)
    ]
    message = f"{said[0] or 'nothing'} or {said[1] or 'nothing'}"
    return Difference(layer, "label", start, end, message, said[0] or None, said[1] or None)


def _of_words(run: tuple[range, range], ours: Sequence[Word], theirs: Sequence[Word]) -> Difference:
    said = [[words[number] for number in numbers] for numbers, words in zip(run, (ours, theirs), strict=True)]
    texts = [" ".join(word.text for word in words) or None for words in said]
    if texts[0] and texts[1] and plain(texts[0]) == plain(texts[1]):  # only who speaks differs
        texts = [f"{text} ({_speakers(words)})" for text, words in zip(texts, said, strict=True)]
    together = [word for words in said for word in words]
    start, end = min(word.start for word in together), max(word.end for word in together)
    message = " or ".join(f"“{text}”" if text else "nothing" for text in texts)
    return Difference("words", "text", start, end, message, texts[0], texts[1])


def _alike(one: Word, other: Word) -> bool:
    """Whether two words are the same, and spoken by the same where both raters tell by whom."""
    known = one.speaker is not None and other.speaker is not None
    return plain(one.text) == plain(other.text) and (not known or one.speaker == other.speaker)


def _speakers(words: Sequence[Word]) -> str:
    return ", ".join(dict.fromkeys(word.speaker or "somebody" for word in words))


def _of_passages(ours: Sequence[Passage], theirs: Sequence[Passage]) -> Difference:
    together = [*ours, *theirs]
    start, end = min(each.start for each in together), max(each.end for each in together)
    texts: list[str | None] = [None, None]
    if len(ours) == len(theirs) == 1:
        told = [_traits(side[0]) for side in (ours, theirs)]
        unlike = [name for name in told[0] if told[0][name] != told[1][name]]
        texts = [", ".join(f"{name} {each[name]}" for name in unlike) for each in told]
        message = "; ".join(f"{name} {told[0][name]} or {told[1][name]}" for name in unlike)
        if not unlike:
            texts = [f"{clock(side[0].start, 1)}–{clock(side[0].end, 1)}" for side in (ours, theirs)]
            message = f"{texts[0]} or {texts[1]}"
    else:
        texts = [f"{len(side)} passage{'s' * (len(side) != 1)}" if side else None for side in (ours, theirs)]
        message = " or ".join(text or "no passage" for text in texts)
    return Difference("passages", "passage", start, end, message, texts[0], texts[1])


def _of_grids(
    ours: tuple[GridSegment, ...], theirs: tuple[GridSegment, ...], duration: float
) -> Difference | None:
    starts = [
        [beat.time for beat in Grid(grid).beats(duration) if beat.position == 1] for grid in (ours, theirs)
    ]
    tempi = [_longest(grid, duration).bpm for grid in (ours, theirs)]
    if abs(tempi[0] - tempi[1]) > _SAME_BPM:
        said = [f"{bpm:.2f}".rstrip("0").rstrip(".") + " BPM" for bpm in tempi]
        first = min(ours[0].time, theirs[0].time)
        return Difference("grid", "tempo", first, duration, f"{said[0]} or {said[1]}", said[0], said[1])
    pairs = matched(starts[0], starts[1], _GRID_S)
    lone = sorted(
        {*starts[0], *starts[1]} - {starts[0][i] for i, _ in pairs} - {starts[1][j] for _, j in pairs}
    )
    if lone:
        period = 60.0 / tempi[0]
        apart = _apart(starts[0], starts[1])
        beats = abs(apart) / period
        message = (
            f"downbeats {beats:.0f} beat{'s' * (round(beats) != 1)} apart"
            if abs(beats - round(beats)) * period < _GRID_S and round(beats)
            else f"downbeats {abs(apart) * 1000:.0f} ms apart"
        )
        said = [f"bar 1 at {clock(side[0], 3)}" if side else "no downbeat" for side in starts]
        return Difference("grid", "downbeat", lone[0], min(lone[-1] + period, duration), message, *said)
    offset = _apart(starts[0], starts[1])
    if abs(offset) > _SAME_BEAT_S:
        said = [f"bar 1 at {clock(side[0], 3)}" for side in starts]
        message = f"downbeats {abs(offset) * 1000:.0f} ms apart"
        return Difference("grid", "downbeat", starts[0][0], duration, message, *said)
    return None


def _apart(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return how far downbeats lie from the other's nearest, in the middle."""
    if not ours or not theirs:
        return 0.0
    from bisect import bisect_left
    from statistics import median

    gaps = []
    for time in ours:
        at = bisect_left(theirs, time)
        gaps.append(min((theirs[n] - time for n in (at - 1, at) if 0 <= n < len(theirs)), key=abs))
    return median(gaps)


def _longest(grid: tuple[GridSegment, ...], duration: float) -> GridSegment:
    ends = [*(segment.time for segment in grid[1:]), duration]
    return max(zip(grid, ends, strict=True), key=lambda each: (each[0].end or each[1]) - each[0].time)[0]


def _length(a: Annotation, b: Annotation) -> float:
    told = [each.recording.duration for each in (a, b) if each.recording.duration]
    ends = [span.end for each in (a, b) for span in (*(each.sections or ()), *(each.activity or ()))]
    starts = [segment.time + 60.0 for each in (a, b) for segment in each.grid or ()]
    return max([*told, *ends, *([] if told or ends else starts)], default=60.0)


def _over(one: Passage, other: Passage) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > min(one.duration, other.duration) / 2


def _unlike(ours: Sequence[Passage], theirs: Sequence[Passage], *, with_text: bool) -> bool:
    if len(ours) != 1 or len(theirs) != 1:
        return True
    one, other = ours[0], theirs[0]
    moved = max(abs(one.start - other.start), abs(one.end - other.end)) > 0.5
    said = [[plain(word) for word in passage.text.split()] for passage in (one, other)]
    return moved or _traits(one) != _traits(other) or (with_text and said[0] != said[1])


def _traits(passage: Passage) -> dict[str, str]:
    told = {"topic": passage.topic, "tone": passage.tone}
    named = {
        name: "cannot tell" if judged.status == "abstained" else judged.label or "not judged"
        for name, judged in told.items()
    }
    return named | {"safety": passage.safety.status, "speaker": passage.speaker or "not told"}
