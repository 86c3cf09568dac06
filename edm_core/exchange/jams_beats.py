"""Beats and observations in JAMS."""

from __future__ import annotations

from typing import Any

from ..items import Beat, Meter
from .errors import ExchangeError
from .reading import Notes
from .values import number, seconds

Raw = dict[str, Any]

NAMESPACES = ("beat_position", "beat")
"""Where beats are, the better first."""


def beats_of(found: dict[str, tuple[str, Raw]], notes: Notes) -> tuple[list[Beat], list[Meter]]:
    """Return beats, and where it is told, how many a bar has; ``found`` are layers by namespace."""
    namespace = next((one for one in NAMESPACES if one in found), None)
    if namespace is None:
        return [], []
    place, raw = found[namespace]
    at: dict[float, tuple[int | None, int | None]] = {}
    for index, one in enumerate(observations(raw.get("data"), place)):
        where = f"{place}.data[{index}]"
        value = one.get("value")
        position = value.get("position") if isinstance(value, dict) else value
        size = value.get("num_beats") if isinstance(value, dict) else None
        told = None if position is None else int(number(position, where))
        in_bar = None if size is None else int(number(size, where))
        at[seconds(one.get("time"), f"{where}.time")] = told, in_bar
    if any(told is None for told, _ in at.values()):
        notes.say("unread", "beats without positions: counted in fours from the first", layer="beats")
        at = {time: (index % 4 + 1, 4) for index, time in enumerate(sorted(at))}
    beats: list[Beat] = []
    bar = 0
    for time in sorted(at):
        position = max(1, at[time][0] or 1)
        bar += position == 1
        beats.append(Beat(time, position=position, bar=bar))
    return beats, _meters(at)


def _meters(found: dict[float, tuple[int | None, int | None]]) -> list[Meter]:
    """Return how many beats bars have, where that is told."""
    times = sorted(found)
    meters: list[Meter] = []
    for time, after in zip(times, [*times[1:], times[-1] + 10.0] if times else [], strict=True):
        size = found[time][1]
        if size is None or not 1 <= size <= 32:
            continue
        if meters and meters[-1].beats_per_bar == size and meters[-1].end == time:
            meters.append(Meter(meters.pop().start, after, beats_per_bar=size))
        else:
            meters.append(Meter(time, after, beats_per_bar=size))
    return meters


def observations(data: Any, place: str) -> list[Raw]:
    """Return the observations of a layer, one after the other, however they are stored."""
    if isinstance(data, dict):  # dense: a list for each column
        columns = {key: data.get(key) for key in ("time", "duration", "value", "confidence")}
        if not all(isinstance(column, list) for column in columns.values()):
            raise ExchangeError("data is no observations", subject=place)
        rows = zip(*(column for column in columns.values() if isinstance(column, list)), strict=False)
        return [dict(zip(columns, row, strict=True)) for row in rows]
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise ExchangeError("data is no list of observations", subject=place)
    return data


def mapping(value: Any) -> Raw:
    """Return a mapping, and of anything else an empty one."""
    return value if isinstance(value, dict) else {}
