"""Two raters' labelled spans laid over each other: where their boundaries or labels differ."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..items import Span

S = TypeVar("S", bound=Span)


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a span of either begins or ends; the time in each, None where there is nothing."""

    ours: float | None
    theirs: float | None

    @property
    def time(self) -> float:
        """The first rater's where both have it."""
        return self.ours if self.ours is not None else self.theirs or 0.0

    @property
    def is_shared(self) -> bool:
        """Whether both have it."""
        return self.ours is not None and self.theirs is not None


@dataclass(frozen=True)
class Track(Generic[S]):
    """Edges in order of time, the spans of both between each two of them, and runs that differ.

    A run ``(first, last)`` goes from one edge to another; a run of one edge is a boundary that only one rater
    has, with the same label before and behind. Runs end at edges that both have, so that one can be decided
    without another.
    """

    edges: tuple[Edge, ...]
    cells: tuple[tuple[S | None, S | None], ...]
    runs: tuple[tuple[int, int], ...]


def laid_over(ours: Sequence[S], theirs: Sequence[S], tolerance: float, name: Callable[[S], str]) -> Track[S]:
    """Lay spans over each other.

    Parameters
    ----------
    ours, theirs : sequence of Span
        In order of time, not overlapping.
    tolerance : float
        Seconds within which two boundaries are the same.
    name : callable
        What a span is called.

    Examples
    --------
    >>> one = [Span(0.0, 30.0, "intro"), Span(30.0, 60.0, "drop")]
    >>> other = [Span(0.0, 31.9, "intro"), Span(31.9, 60.0, "drop")]
    >>> laid_over(one, other, 0.1, lambda span: span.label).runs
    ((1, 2),)
    """
    edges = _edges(_times(ours), _times(theirs), tolerance)
    here = _indices(ours, {edge.ours: number for number, edge in enumerate(edges)}, len(edges))
    there = _indices(theirs, {edge.theirs: number for number, edge in enumerate(edges)}, len(edges))
    cells = tuple(
        (None if i is None else ours[i], None if j is None else theirs[j])
        for i, j in zip(here, there, strict=True)
    )
    differs = [_called(one, name) != _called(other, name) for one, other in cells]
    runs: list[tuple[int, int]] = []
    open_at: int | None = None
    for number, edge in enumerate(edges):
        # A run is closed by an edge that both have, and by agreement behind the edge.
        if open_at is not None and edge.is_shared:
            runs.append((open_at, number))
            open_at = None
        ahead = number < len(cells) and differs[number]
        if open_at is None and (ahead or not edge.is_shared):
            open_at = number
        if open_at is not None and not ahead:
            runs.append((open_at, number))
            open_at = None
    return Track(tuple(edges), cells, tuple(runs))


def _called(span: S | None, name: Callable[[S], str]) -> str | None:
    return None if span is None else name(span)


def _times(spans: Sequence[Span]) -> list[float]:
    return sorted({time for span in spans for time in (span.start, span.end)})


def _edges(ours: list[float], theirs: list[float], tolerance: float) -> list[Edge]:
    """Join boundaries that are the same, in an order that is right for both."""
    edges: list[Edge] = []
    i = j = 0
    for a, b in [*_mutual(ours, theirs, tolerance), (len(ours), len(theirs))]:
        lone = [Edge(time, None) for time in ours[i:a]] + [Edge(None, time) for time in theirs[j:b]]
        edges += sorted(lone, key=lambda edge: edge.time)
        if a < len(ours):
            edges.append(Edge(ours[a], theirs[b]))
        i, j = a + 1, b + 1
    return edges


def _mutual(ours: list[float], theirs: list[float], tolerance: float) -> list[tuple[int, int]]:
    """Pair times that are each other's nearest; such pairs never cross."""
    there = [_nearest(time, theirs) for time in ours]
    back = [_nearest(time, ours) for time in theirs]
    return [(i, j) for i, j in enumerate(there) if back[j] == i and abs(ours[i] - theirs[j]) <= tolerance]


def _nearest(time: float, times: list[float]) -> int:
    at = bisect_left(times, time)
    return min((n for n in (at - 1, at) if 0 <= n < len(times)), key=lambda n: abs(times[n] - time))


def _indices(spans: Sequence[Span], place: dict[float | None, int], count: int) -> list[int | None]:
    """Return which span lies between each two edges."""
    found: list[int | None] = [None] * max(0, count - 1)
    for number, span in enumerate(spans):
        for cell in range(place[span.start], place[span.end]):
            found[cell] = number
    return found
