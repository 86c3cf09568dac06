"""Checks of layers against each other; kinds and thresholds are in :mod:`~edm_core.evaluation.checks`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..findings import Finding
from ..timeline import ITEM_TYPES, Event, Instant, Section, Timeline
from ._beat_grid import BeatGrid
from ._boundary_checks import bar_disagrees
from ._findings import plural, runs
from ._form_checks import FORM, loudness

_BESIDE_S = 0.07
_SAME_DROP_S = 2.0
_SILENT_DBFS, _SHORTEST_SILENCE_S = -30.0, 2.0
_MOSTLY = 0.5
_AFTER_END_S = 0.1
_UNSURE, _FEWEST_UNSURE_BEATS, _APART = 0.5, 8, 4


def layer_findings(timeline: Timeline, grid: BeatGrid) -> Iterator[Finding]:
    """Yield where layers contradict each other, reach too far, or doubt themselves."""
    yield from _missing_beats(timeline.sections, grid)
    yield from _drop_events(timeline, grid)
    yield from _activity(timeline)
    yield from _outside(timeline)
    yield from _unsure(timeline)


def _missing_beats(sections: Sequence[Section], grid: BeatGrid) -> Iterator[Finding]:
    form = [section for section in sections if section.label in FORM]
    if not form:
        return
    if not len(grid.times):
        message = "sections without beats: nothing confirms their bars"
        yield Finding("no_beats", "note", form[0].start, form[-1].end, message, "sections", count=len(form))
        return
    bare = [
        index
        for index, section in enumerate(sections)
        if section.label == "drop" and not ((grid.times >= section.start) & (grid.times < section.end)).any()
    ]
    for group in runs(bare):
        start, end = sections[group[0]].start, sections[group[-1]].end
        yield Finding(
            "no_beats", "warning", start, end, "a drop without a beat", "sections", count=len(group)
        )


# --- events ----------------------------------------------------------------------------------------


def _drop_events(timeline: Timeline, grid: BeatGrid) -> Iterator[Finding]:
    sections, events = timeline.layer("sections"), timeline.layer("events")
    if events is None:
        return
    for event in events.items:
        fits = event.bar in (None, grid.bar_of(event.time))
        found = None if fits else bar_disagrees(event.bar, event.time, grid)
        if found is not None:
            message = f"the event {event.label} says bar {event.bar}; here is bar {found[1]}"
            yield Finding("bars_disagree", "error", event.time, None, message, "events")
    # Events are derived from sections: a model's are not those of the sections that a person corrected.
    if sections is None or (sections.is_person and not events.is_person):
        return
    onsets = [
        section.start
        for before, section in zip([None, *sections.items], sections.items, strict=False)
        if section.label == "drop" and (before is None or before.label != "drop")
    ]
    free: list[Event] = [event for event in events.items if event.label == "drop"]
    for onset in onsets:
        event = min(free, key=lambda event: abs(event.time - onset), default=None)
        if event is None or abs(event.time - onset) > _SAME_DROP_S:
            yield Finding("drop_event", "warning", onset, None, "a drop begins without its event", "events")
            continue
        free.remove(event)
        late = event.time - onset
        if abs(late) > _BESIDE_S:
            way = "behind" if late > 0 else "before"
            message = f"the event of the drop lies {abs(late):.2f} s {way} it"
            yield Finding("drop_event", "warning", min(onset, event.time), None, message, "events")
    for event in free:
        message = "a drop event where no drop begins"
        yield Finding("drop_event", "warning", event.time, None, message, "events")


# --- activity --------------------------------------------------------------------------------------


def _activity(timeline: Timeline) -> Iterator[Finding]:
    sections = timeline.sections
    loud, unheard = [], []
    for index, section in enumerate(sections):
        if section.label == "silence" and section.duration >= _SHORTEST_SILENCE_S:
            level = loudness(section.energy) if section.energy else None
            if level is not None and level > _SILENT_DBFS:
                loud.append((index, f"silence at {level:.0f} dBFS"))
            elif _share(timeline, section, ("music", "speech+music")) > _MOSTLY:
                loud.append((index, "silence in which music was heard"))
        elif section.label in FORM and _share(timeline, section, ("speech", "silence")) > _MOSTLY:
            unheard.append(index)
    for index, message in loud:
        section = sections[index]
        yield Finding("loud_silence", "warning", section.start, section.end, message, "sections")
    for group in runs(unheard):
        first, last = sections[group[0]], sections[group[-1]]
        message = f"{first.label} where mostly speech or silence was heard"
        yield Finding("no_music", "warning", first.start, last.end, message, "sections", count=len(group))


def _share(timeline: Timeline, section: Section, labels: tuple[str, ...]) -> float:
    overlaps = (
        min(span.end, section.end) - max(span.start, section.start)
        for span in timeline.activity
        if span.label in labels
    )
    return sum(max(0.0, overlap) for overlap in overlaps) / section.duration


# --- every layer -----------------------------------------------------------------------------------


def _outside(timeline: Timeline) -> Iterator[Finding]:
    limit = timeline.recording.duration + _AFTER_END_S
    for kind in ITEM_TYPES:
        layer = timeline.layer(kind)
        beyond = [
            item
            for item in (layer.items if layer else ())
            if (item.time if isinstance(item, Instant) else item.end) > limit
        ]
        if layer and beyond:
            end = max(item.time if isinstance(item, Instant) else item.end for item in beyond)
            late = end - timeline.recording.duration
            message = f"{plural(len(beyond), 'item')} up to {late:.1f} s behind the end"
            start = min(item.start for item in beyond)
            yield Finding(
                "outside",
                "error",
                start,
                end if end > start else None,
                message,
                layer.kind,
                count=len(beyond),
            )


def _unsure(timeline: Timeline) -> Iterator[Finding]:
    beats, sections = timeline.beats, timeline.sections
    low = [i for i, beat in enumerate(beats) if beat.confidence is not None and beat.confidence < _UNSURE]
    for group in runs(low, apart=_APART):
        if len(group) >= _FEWEST_UNSURE_BEATS:
            mean = float(np.mean([beats[i].confidence for i in group]))
            message = f"{len(group)} beats that are more likely wrong than right, {_percent(mean)} sure"
            start, end = beats[group[0]].time, beats[group[-1]].time
            yield Finding("low_confidence", "note", start, end, message, "beats", count=len(group))
    low = [i for i, part in enumerate(sections) if part.confidence is not None and part.confidence < _UNSURE]
    for group in runs(low):
        shown = ", ".join(f"{sections[i].label} ({_percent(sections[i].confidence)} sure)" for i in group[:3])
        more = f" and {len(group) - 3} more" if len(group) > 3 else ""
        start, end = sections[group[0]].start, sections[group[-1]].end
        message = f"more likely wrong than right: {shown}{more}"
        yield Finding("low_confidence", "note", start, end, message, "sections", count=len(group))


def _percent(share: float | None) -> str:
    """Cut off, not rounded: what is below a half never reads as one."""
    return f"{int(100 * (share or 0.0))}%"
