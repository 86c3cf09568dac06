"""Adjudication: what is settled of two raters' annotations, difference by difference.

Where they agree, that is taken; where they differ, what was picked. What only one of them annotated is taken
from that one. Boundaries that are the same but for less than 0.1 s stand where the first rater has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from ..annotation import Annotation
from ..errors import EdmError
from ..items import Comment, Event, Passage, Section, Span, Word
from ._tracks import Track
from .differences import SAME_S, Difference, pieces_of, tracks_of

Pick = Literal["a", "b", "neither"]


def adjudicated(
    a: Annotation,
    b: Annotation,
    picks: Sequence[Pick],
    *,
    by: str,
    time: str,
    duration: float | None = None,
    tolerance: float = SAME_S,
) -> Annotation:
    """Return the reference that comes of deciding each difference.

    Parameters
    ----------
    a, b : Annotation
        Of the same recording.
    picks : sequence of str
        For each of :func:`~edm_core.evaluation.differences.differences`, in its order: ``a``, ``b``, or
        ``neither``. Where neither is right, sections become ``other``, activity and key are left open, grid,
        words and passages stay as the first rater has them, and a flag asks for another look.
    by : str
        Who decides.
    time : str
        When, ISO 8601 in UTC.
    duration, tolerance
        As for the differences.

    Raises
    ------
    EdmError
        If there are not as many picks as differences.

    Examples
    --------
    >>> ada = Annotation(sections=(Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "drop")))
    >>> ben = Annotation(sections=(Section(0.0, 31.9, "intro"), Section(31.9, 60.0, "drop")))
    >>> settled = adjudicated(ada, ben, ["b"], by="cleo", time="2026-01-01T00:00:00Z")
    >>> [(section.start, section.label) for section in settled.sections], settled.verified_by
    ([(0.0, 'intro'), (31.9, 'drop')], 'cleo')
    """
    pieces = pieces_of(a, b, duration=duration, tolerance=tolerance)
    if len(picks) != len(pieces):
        raise EdmError(
            f"{len(picks)} of {len(pieces)} differences are decided", subject="adjudication",
            remedy="decide each: a, b or neither",
        )  # fmt: skip
    decided = {(piece.difference.layer, piece.at): pick for piece, pick in zip(pieces, picks, strict=True)}
    values: dict[str, Any] = {
        name: getattr(a, name) if getattr(a, name) is not None else getattr(b, name)
        for name in ("grid", "key", "sections", "activity", "words", "passages", "events")
    }
    if decided.get(("grid", 0)) == "b":
        values["grid"] = b.grid
    for layer, track in tracks_of(a, b, tolerance).items():
        runs = {run: decided[layer, run] for run in track.runs}
        values[layer] = tuple(_spans(track, runs, fill=layer == "sections"))
    if a.words is not None and b.words is not None:
        runs_of_words = [(at, pick) for (layer, at), pick in decided.items() if layer == "words"]
        values["words"] = _words(a.words, b.words, runs_of_words)
    if a.passages is not None and b.passages is not None:
        groups = [(at, pick) for (layer, at), pick in decided.items() if layer == "passages"]
        values["passages"] = _passages(a.passages, groups)
    if values["passages"] is not None and values["words"] is not None:
        values["passages"] = tuple(_saying(passage, values["words"]) for passage in values["passages"])
    if values["events"] is not None and values["sections"] is not None:
        values["events"] = _events(values["events"], values["sections"])
    open_ones = [piece.difference for piece, pick in zip(pieces, picks, strict=True) if pick == "neither"]
    return Annotation(
        a.recording, comments=_comments(a, b, open_ones, by, time), author="reference", tier="reference",
        verified_by=by, **values,
    )  # fmt: skip


# --- private ---------------------------------------------------------------------------------------


def _spans(track: Track[Any], picks: dict[tuple[int, int], Pick], *, fill: bool) -> list[Any]:
    """Return the spans that the picks give; ``fill``: where neither is right, a section called other."""
    pick_of = {cell: pick for (first, last), pick in picks.items() for cell in range(first, last)}
    own = {edge: pick for (first, last), pick in picks.items() for edge in range(first, last + 1)}
    found: list[Any] = []
    before: Any = None
    for number, cell in enumerate(track.cells):
        pick = pick_of.get(number, "a")
        source = cell[0] if pick == "a" else cell[1] if pick == "b" else None
        start, end = track.edges[number].time, track.edges[number + 1].time
        here = _bare(source) if source else Section(0.0, 1.0, "other") if fill and pick == "neither" else None
        edge = track.edges[number]
        picked = {"a": edge.ours, "b": edge.theirs}.get(own.get(number, "a"))
        begins = edge.is_shared or picked is not None or here != before
        before = here
        if here is None:
            continue
        start = max(start, found[-1].end) if found else start
        if end <= start:
            continue
        if begins or not found:
            found.append(replace(here, start=start, end=end))
        else:
            found.append(replace(found.pop(), end=end))
    return found


def _bare(span: Any) -> Any:
    """Return what a rater says of a stretch, without what was measured or holds for its old borders only."""
    if isinstance(span, Section):
        return Section(0.0, 1.0, span.label, original=span.original)
    if type(span) is Span:
        return Span(0.0, 1.0, span.label)
    return replace(span, start=0.0, end=1.0, confidence=None)


def _words(
    ours: Sequence[Word], theirs: Sequence[Word], runs: list[tuple[tuple[range, range], Pick]]
) -> tuple[Word, ...]:
    kept: list[Word] = []
    at = 0
    for (here, there), pick in sorted(runs, key=lambda each: (each[0][0].start, each[0][1].start)):
        kept += ours[at : here.start]
        kept += theirs[there.start : there.stop] if pick == "b" else ours[here.start : here.stop]
        at = here.stop
    kept += ours[at:]
    return tuple(sorted(kept, key=lambda word: word.start))


def _passages(
    ours: Sequence[Passage], groups: list[tuple[tuple[tuple[Passage, ...], tuple[Passage, ...]], Pick]]
) -> tuple[Passage, ...]:
    dropped = {passage.start for (here, _), pick in groups if pick == "b" for passage in here}
    added = [passage for (_, there), pick in groups if pick == "b" for passage in there]
    kept = [passage for passage in ours if passage.start not in dropped]
    return tuple(sorted([*kept, *added], key=lambda passage: (passage.start, passage.end)))


def _saying(passage: Passage, words: Sequence[Word]) -> Passage:
    """Return a passage with the words that are spoken in it; its text follows them where they are others."""
    own = tuple(word for word in words if passage.start <= word.start < passage.end)
    if [word.text for word in own] == [word.text for word in passage.words]:
        return passage
    return replace(passage, words=own, text=" ".join(word.text.strip() for word in own))


def _events(events: Sequence[Event], sections: Sequence[Section]) -> tuple[Event, ...]:
    """Return events in which the onset of each drop is where the drop begins now."""
    others = [event for event in events if event.label != "drop"]
    drops = [Event(section.start, "drop") for section in sections if section.label == "drop"]
    return tuple(sorted([*others, *drops], key=lambda event: event.time))


def _comments(
    a: Annotation, b: Annotation, open_ones: Sequence[Difference], by: str, time: str
) -> tuple[Comment, ...] | None:
    said = list(dict.fromkeys([*(a.comments or ()), *(b.comments or ())]))
    said += [
        Comment(
            each.start, max(each.end, each.start + SAME_S), "flag", text=f"neither: {each.message}",
            author=by, time=time,
        )
        for each in open_ones
    ]  # fmt: skip
    if not said and a.comments is None and b.comments is None:
        return None
    return tuple(sorted(said, key=lambda comment: (comment.start, comment.end)))
