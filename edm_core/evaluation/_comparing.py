"""What two raters' annotations of one recording have in common, counted by blocks of time.

Each comparison gives counts for each block and the function that makes a figure of their sum, so that blocks
can be drawn anew; or the reason why the two cannot be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from ..annotation import Annotation
from ..grid import Grid, GridSegment
from ..vocabulary import ACTIVITY_LABELS, SECTION_LABELS
from ._coding import (
    HOP_S,
    Stretch,
    codes_of,
    coincidences,
    confusions,
    kappa,
    points,
    share,
    v_measure,
)
from ._pairing import aligned, matched, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK_S = 30.0
"""Length of the blocks that are drawn anew, in seconds: 16 bars at 128 BPM, about a section."""
DOWNBEAT_S = 0.07
"""How far two downbeats may lie apart, as in the usual F-measure of beats."""
PASSAGE_S = 3.0


@dataclass(frozen=True)
class Counts:
    """Counts by block, and the figure of a sum of them; ``drawn`` tells whether blocks may be drawn anew."""

    blocks: NDArray[Any]
    figure: Callable[[NDArray[Any]], NDArray[Any]]
    undefined: str
    drawn: bool = True


Compared = Counts | str
"""Counts, or why there are none."""


def boundaries(one: Annotation, other: Annotation, duration: float, window: float) -> Compared:
    """Compare where sections begin; the start of the first and the end of the last do not count."""
    if one.sections is None or other.sections is None:
        return "not both marked sections"
    marks = [inner_boundaries(annotation) for annotation in (one, other)]
    reason = "neither marks a boundary inside the recording"
    return _hits(marks[0], marks[1], window, duration, reason)


def labels_v(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare which parts of the form are alike, whatever they are called.

    Blocks are not drawn anew: of few blocks, entropies are biased, and the interval would miss its value.
    """
    compared = _labelled(one, other, duration, "sections", v_measure)
    return compared if isinstance(compared, str) else replace(compared, drawn=False)


def labels_kappa(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare labels of sections."""
    return _labelled(one, other, duration, "sections", kappa)


def activity_kappa(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare where there is speech, music or silence."""
    return _labelled(one, other, duration, "activity", kappa)


def topic_kappa(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare topics of passages."""
    return _labelled(one, other, duration, "topic", kappa)


def tone_kappa(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare tones of passages."""
    return _labelled(one, other, duration, "tone", kappa)


def safety_kappa(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare whether passages are flagged."""
    return _labelled(one, other, duration, "safety", kappa)


def tempo(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare tempi: the mean difference where both have one."""
    import numpy as np

    if not one.grid or not other.grid:
        return "not both set a beat grid"
    ours, theirs = (_tempi(annotation.grid or (), duration) for annotation in (one, other))
    both = np.isfinite(ours) & np.isfinite(theirs)
    if not both.any():
        return "their beat grids nowhere cover the same time"
    counts = np.array([[np.abs(ours[both] - theirs[both]).sum(), both.sum()]])
    return Counts(counts, share, "", drawn=False)


def downbeats(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare where bars begin."""
    if not one.grid or not other.grid:
        return "not both set a beat grid"
    ours, theirs = (
        [beat.time for beat in Grid(annotation.grid or ()).beats(duration) if beat.position == 1]
        for annotation in (one, other)
    )
    return _hits(ours, theirs, DOWNBEAT_S, duration, "neither grid has a downbeat")


def key(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare keys: the share of the time, of that where both name one, at which it is the same."""
    import numpy as np

    if not one.key or not other.key:
        return "not both named a key"
    counts = _confused(one, other, duration, "key")
    same = np.trace(counts, axis1=1, axis2=2)
    return Counts(np.stack([same, counts.sum(axis=(1, 2))], axis=1), share, "they name keys of other parts")


def words(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare what is said: words changed, dropped and added, over the mean of both raters' words."""
    import numpy as np

    if one.words is None or other.words is None:
        return "not both wrote down words"
    counts = np.zeros((_blocks(duration), 2))
    ours, theirs = one.words, other.words
    for i, j in aligned(ours, theirs):
        here = None if i is None else _block(ours[i].start, duration)
        there = None if j is None else _block(theirs[j].start, duration)
        for block in (here, there):
            if block is not None:
                counts[block, 1] += 1.0
        if i is None or j is None or plain(ours[i].text) != plain(theirs[j].text):
            counts[cast("int", there if here is None else here), 0] += 2.0
    return Counts(counts, share, "neither wrote down a word")


def passages(one: Annotation, other: Annotation, duration: float) -> Compared:
    """Compare where passages begin."""
    if one.passages is None or other.passages is None:
        return "not both marked passages"
    ours, theirs = ([passage.start for passage in side.passages or ()] for side in (one, other))
    return _hits(ours, theirs, PASSAGE_S, duration, "neither marks a passage")


def section_coincidences(annotations: Iterable[Annotation], duration: float) -> NDArray[Any]:
    """Return coincidences of all raters' section labels by block; those without sections say nothing."""
    return _coincident(annotations, duration, "sections", SECTION_LABELS)


def activity_coincidences(annotations: Iterable[Annotation], duration: float) -> NDArray[Any]:
    """Return coincidences of all raters' activity labels by block."""
    return _coincident(annotations, duration, "activity", ACTIVITY_LABELS)


def inner_boundaries(annotation: Annotation) -> list[float]:
    """Return where sections begin or end, without the first moment and the last."""
    sections = annotation.sections or ()
    times = {round(time, 5) for section in sections for time in (section.start, section.end)}
    return sorted(times)[1:-1]


def stretches_of(annotation: Annotation, what: str) -> list[Stretch] | None:
    """Return what is said as labelled stretches; None where it was not annotated.

    ``what`` is sections, activity, key, topic, tone or safety. "cannot tell" is an answer of its own; a
    passage that nobody has judged yet says nothing.
    """
    if what in ("sections", "activity"):
        spans = getattr(annotation, what)
        return None if spans is None else [(span.start, span.end, span.label) for span in spans]
    if what == "key":
        keys = annotation.key
        return None if keys is None else [(span.start, span.end, span.name) for span in keys]
    if annotation.passages is None:
        return None
    found: list[Stretch] = []
    for passage in annotation.passages:
        label: str | None
        if what == "safety":
            label = passage.safety.status if passage.safety.status != "unknown" else None
        else:
            judged = getattr(passage, what)
            label = "cannot tell" if judged.status == "abstained" else judged.label
        if label is not None:
            found.append((passage.start, passage.end, label))
    return found


# --- private ---------------------------------------------------------------------------------------


def _blocks(duration: float) -> int:
    return max(1, round(duration / BLOCK_S))


def _block(time: float, duration: float) -> int:
    """Return which block a moment falls into; all are equally long, about :data:`BLOCK_S`."""
    count = _blocks(duration)
    return min(count - 1, int(time / duration * count))


def _block_of_points(duration: float) -> NDArray[Any]:
    import numpy as np

    count = _blocks(duration)
    found: NDArray[Any] = np.minimum(
        (np.arange(points(duration)) * HOP_S / duration * count).astype(int), count - 1
    )
    return found


def _hits(
    ours: Sequence[float], theirs: Sequence[float], window: float, duration: float, undefined: str
) -> Counts:
    """Count matched moments of both, and all of both: twice the hits over all is the F-measure."""
    import numpy as np

    counts = np.zeros((_blocks(duration), 2))
    for time in (*ours, *theirs):
        counts[_block(time, duration), 1] += 1.0
    for i, j in matched(ours, theirs, window):
        counts[_block(ours[i], duration), 0] += 1.0
        counts[_block(theirs[j], duration), 0] += 1.0
    return Counts(counts, share, undefined)


_NAMES = {
    "sections": "marked sections", "activity": "marked activity", "key": "named a key",
    "topic": "judged topics", "tone": "judged tones", "safety": "judged safety",
}  # fmt: skip


def _labelled(
    one: Annotation,
    other: Annotation,
    duration: float,
    what: str,
    figure: Callable[[NDArray[Any]], NDArray[Any]],
) -> Compared:
    if not stretches_of(one, what) or not stretches_of(other, what):
        return f"not both {_NAMES[what]}"
    counts = _confused(one, other, duration, what)
    if not counts.any():
        return f"they {_NAMES[what]} of other parts"
    return Counts(counts, figure, "both use one label throughout, which chance alone would do too")


def _confused(one: Annotation, other: Annotation, duration: float, what: str) -> NDArray[Any]:
    ours, theirs = (stretches_of(annotation, what) or [] for annotation in (one, other))
    labels = sorted({stretch[2] for stretch in (*ours, *theirs)})
    count = points(duration)
    codes = [codes_of(stretches, labels, count) for stretches in (ours, theirs)]
    return confusions(codes[0], codes[1], len(labels), _block_of_points(duration))


def _coincident(
    annotations: Iterable[Annotation], duration: float, what: str, labels: Sequence[str]
) -> NDArray[Any]:
    import numpy as np

    count = points(duration)
    codes = [codes_of(stretches_of(annotation, what) or [], labels, count) for annotation in annotations]
    return coincidences(np.array(codes), len(labels), _block_of_points(duration))


def _tempi(segments: Sequence[GridSegment], duration: float) -> NDArray[Any]:
    import numpy as np

    times = np.arange(points(duration)) * HOP_S
    values = np.full(len(times), np.nan)
    for segment in segments:
        end = duration if segment.end is None else segment.end
        values[(times >= segment.time - 1e-9) & (times < end)] = segment.bpm
        values[times >= end] = np.nan
    return values
