"""What versions of an annotation have in common: where time can be cut, and which items are the same."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

_DERIVED = ("start_bar", "end_bar", "bar", "repeats", "repetition")


def cells(*versions: Sequence[Any]) -> list[tuple[float, float, tuple[tuple[Any, ...], ...]]]:
    """Cut time where no span of any version lies across: start, end, and each version's spans in it.

    Cells in which no version has a span are left out.
    """
    spans = [item for version in versions for item in version]
    bounds = sorted({edge for item in spans for edge in (item.start, item.end)})
    place = {edge: index for index, edge in enumerate(bounds)}
    depth = [0] * (len(bounds) + 1)
    for item in spans:  # a bound inside an item is between the one behind its start and its end
        depth[place[item.start] + 1] += 1
        depth[place[item.end]] -= 1
    cuts, inside = [], 0
    for edge, change in zip(bounds, depth, strict=False):
        inside += change
        if inside == 0:
            cuts.append(edge)
    held: list[tuple[list[Any], ...]] = [tuple([] for _ in versions) for _ in cuts]
    for number, version in enumerate(versions):
        for item in version:
            held[bisect_right(cuts, item.start) - 1][number].append(item)
    return [
        (start, end, tuple(tuple(items) for items in each))
        for (start, end), each in zip(pairwise(cuts), held, strict=False)
        if any(each)
    ]


def gist(item: Any) -> Any:
    """Return what of an item counts as a change."""
    return replace(item, **{name: None for name in _DERIVED if hasattr(item, name)})


def identity(item: Any) -> Hashable:
    """Return what makes a comment or an event the same one on both sides."""
    return (item.author, item.time) if hasattr(item, "author") else (item.time, item.label)


def numbered(items: Iterable[Any]) -> dict[Hashable, Any]:
    """Return items by identity; of several with the same, the second is another one."""
    counts: dict[Hashable, int] = {}
    by_key: dict[Hashable, Any] = {}
    for item in items:
        key = identity(item)
        counts[key] = counts.get(key, 0) + 1
        by_key[key, counts[key]] = item
    return by_key
