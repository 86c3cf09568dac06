"""Consistent timelines have no findings, each fault has its own and only that, and nothing makes a check fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.evaluation import SEVERITIES, check
from edm_core.timeline import (
    Beat,
    Energy,
    Event,
    Key,
    Layer,
    Meter,
    Recording,
    Section,
    Span,
    Tempo,
    TempoCandidate,
    Timeline,
)
from edm_core.vocabulary import ACTIVITY_LABELS, SECTION_LABELS

LOUD, SOFT = Energy(-12.0, -17.0, -28.0), Energy(-24.0, -19.0, -34.0)
FORM = [
    ("intro", 8),
    ("buildup", 8),
    ("drop", 16),
    ("breakdown", 12),
    ("buildup", 8),
    ("drop", 16),
    ("outro", 8),
]
CLOSING = (("breakdown", 8), ("breakdown", 16), ("buildup", 4), ("outro", 16))


def timeline_of(
    form: list[tuple[str, int]] = FORM,
    *,
    bpm: float = 128.0,
    meter: int = 4,
    pickup: int = 0,
    lead: float = 0.0,
) -> Timeline:
    """Return a piece whose layers agree: parts of whole bars, at one tempo, every drop the loudest."""
    beat = 60 / bpm
    bars = sum(count for _, count in form)
    first = lead + pickup * beat
    beats = tuple(
        Beat(first + i * beat, position=i % meter + 1, bar=i // meter + 1, confidence=0.9)
        for i in range(-pickup, bars * meter)
    )
    edges = [first + beat * meter * int(bar) for bar in np.cumsum([0, *(count for _, count in form)])]
    duration = edges[-1]
    edges[0] = 0.0
    starts = [1 + int(bar) for bar in np.cumsum([0, *(count for _, count in form)])]
    sections = tuple(
        Section(
            edges[i], edges[i + 1], label, 0.8, start_bar=starts[i] if i or not pickup > meter / 2 else 0,
            end_bar=starts[i + 1] - 1, energy=LOUD if label == "drop" else SOFT,
        )
        for i, (label, _) in enumerate(form)
    )  # fmt: skip
    drops = tuple(
        Event(one.start, "drop", bar=one.start_bar)
        for before, one in zip([None, *sections], sections, strict=False)
        if one.label == "drop" and (before is None or before.label != "drop")
    )
    layers = {
        "activity": (Span(0.0, duration, "music"),),
        "tempo": (Tempo(0.0, duration, bpm=bpm),),
        "meter": (Meter(0.0, duration, beats_per_bar=meter),),
        "key": (Key(0.0, duration, name="F# minor", camelot="11A"),),
        "beats": beats,
        "sections": sections,
        "events": drops,
    }
    recording = Recording("sha256:00", duration, 44_100, 2)
    return Timeline(
        recording, tuple(Layer(kind, "model:a@1", items) for kind, items in layers.items() if items)
    )  # type: ignore[arg-type]


def but(timeline: Timeline, kind: str, change: Callable[[list[Any]], Any]) -> Timeline:
    """Return the timeline with the items of one layer changed, in place or as returned."""
    layers = []
    for layer in timeline.layers:
        if layer.kind == kind:
            items = list(layer.items)
            changed = change(items)
            layer = replace(layer, items=tuple(items if changed is None else changed))
        layers.append(layer)
    return replace(timeline, layers=tuple(layers))


def put(index: int, **changes: Any) -> Callable[[list[Any]], None]:
    def change(items: list[Any]) -> None:
        items[index] = replace(items[index], **changes)

    return change


def move_boundary(index: int, seconds: float) -> Callable[[list[Any]], None]:
    """Move the boundary in front of a section."""

    def change(items: list[Any]) -> None:
        edge = items[index].start + seconds
        items[index - 1], items[index] = (
            replace(items[index - 1], end=edge),
            replace(items[index], start=edge),
        )

    return change


def split(index: int, **changes: Any) -> Callable[[list[Any]], None]:
    """Cut a section in half."""

    def change(items: list[Any]) -> None:
        whole = items[index]
        middle, bar = (whole.start + whole.end) / 2, (whole.start_bar + whole.end_bar + 1) // 2
        one = replace(whole, end=middle, end_bar=bar - 1)
        items[index : index + 1] = [one, replace(whole, start=middle, start_bar=bar, **changes)]

    return change


# --- no findings where everything agrees -------------------------------------------------------------


@st.composite
def consistent(draw: st.DrawFn) -> Timeline:
    form = [("intro", draw(st.sampled_from([4, 8, 16])))]
    for _ in range(draw(st.integers(2, 4))):
        form += [
            ("buildup", draw(st.sampled_from([4, 8]))),
            ("drop", 16),
            ("breakdown", draw(st.sampled_from([8, 12]))),
        ]
    form[-1] = ("outro", form[-1][1])
    meter = draw(st.sampled_from([4, 4, 3, 6]))
    return timeline_of(
        form,
        bpm=draw(st.floats(61, 199)),
        meter=meter,
        pickup=draw(st.integers(0, meter - 1)),
        lead=draw(st.floats(0, 0.2)),
    )


@given(consistent())
def test_what_agrees_has_no_findings(timeline):
    assert check(timeline) == ()


@given(consistent(), st.randoms(use_true_random=False))
def test_played_beats_may_stray_a_little(timeline, random):
    def play(beats):
        return [replace(beat, time=max(0.0, beat.time + random.uniform(-0.008, 0.008))) for beat in beats]

    assert check(but(timeline, "beats", play)) == ()


def test_a_change_of_tempo_is_no_fault_of_the_beats():
    beats, time = [], 0.0
    for bar in range(1, 65):
        for position in range(1, 5):
            beats.append(Beat(time, position=position, bar=bar))
            time += 0.5 if bar <= 32 else 0.4
    cut = 32 * 4 * 0.5
    layers = (
        Layer("beats", "model:a@1", tuple(beats)),
        Layer("tempo", "model:a@1", (Tempo(0.0, cut, bpm=120.0), Tempo(cut, time, bpm=150.0))),
        Layer("meter", "model:a@1", (Meter(0.0, cut, beats_per_bar=4), Meter(cut, time, beats_per_bar=4))),
    )
    assert check(Timeline(Recording("sha256:00", time, 44_100, 2), layers)) == ()


def test_beats_pause_while_no_music_plays():
    silent = timeline_of()
    start, end = silent.sections[3].start, silent.sections[3].end

    def pause(beats):
        return [beat for beat in beats if not start <= beat.time < end]

    activity = (
        Span(0.0, start, "music"),
        Span(start, end, "speech"),
        Span(end, silent.recording.duration, "music"),
    )
    paused = but(but(silent, "beats", pause), "activity", lambda _: activity)
    assert "missing_beat" in kinds_of(but(silent, "beats", pause))
    assert "missing_beat" not in kinds_of(paused)


def test_a_model_s_drop_events_do_not_accuse_a_person_s_sections():
    timeline = timeline_of()
    corrected = (
        *timeline.sections[:2],
        replace(timeline.sections[2], label="breakdown"),
        *timeline.sections[3:],
    )
    assert "drop_event" not in kinds_of(timeline.with_layer(Layer("sections", "person:a", corrected)))


# --- each fault has its finding, and only that ---------------------------------------------------------


def remove_beat(beats):
    del beats[100]


def double_beat(beats):
    beats.insert(101, replace(beats[100], time=(beats[100].time + beats[101].time) / 2))


def shift_positions(beats):
    """Every downbeat one beat late, as when the first was mis-set; bars keep their numbers."""
    first = beats[0].time
    step = beats[1].time - first
    return [Beat(first + i * step, position=(i - 1) % 4 + 1, bar=(i - 1) // 4 + 1) for i in range(len(beats))]


def short_bar(beats):
    """One beat of bar 10 does not count: all bars behind it begin a beat early."""
    return [
        beat if i < 39 else replace(beat, position=(i - 39) % 4 + 1, bar=11 + (i - 39) // 4)
        for i, beat in enumerate(beats)
    ]


FAULTS: dict[str, tuple[str, Callable[[list[Any]], Any], str]] = {
    "a beat is missing": ("beats", remove_beat, "missing_beat"),
    "a beat stands twice": ("beats", double_beat, "double_beat"),
    "a beat is early": ("beats", lambda b: put(100, time=b[100].time - 0.12)(b), "irregular_beat"),
    "a beat has another's position": ("beats", put(101, position=4), "bar_position"),
    "bars jump by one": ("beats", lambda b: [replace(x, bar=x.bar + (x.bar > 72)) for x in b], "bar_number"),
    "a beat is of another bar": ("beats", put(102, bar=99), "bar_number"),
    "one short bar in the last part": (
        "beats", lambda b: [x if i < 291 else replace(x, position=(i - 291) % 4 + 1, bar=74 + (i - 291) // 4) for i, x in enumerate(b)],
        "bar_length",
    ),
    "downbeats are shifted": ("beats", shift_positions, "shifted_downbeats"),
    "beats doubt themselves": ("beats", lambda b: [replace(x, confidence=0.3 if x.bar == 9 or x.bar == 10 else 0.9) for x in b], "low_confidence"),
    "tempo is another": ("tempo", put(0, bpm=130.43), "tempo_mismatch"),
    "tempo is twice": ("tempo", put(0, bpm=64.0), "tempo_mismatch"),
    "tempo drifts": ("tempo", put(0, bpm=128.3), "tempo_mismatch"),
    "no tempo": ("tempo", put(0, bpm=0.0), "tempo_mismatch"),
    "octave open": ("tempo", put(0, candidates=(TempoCandidate(128.0, 0.4), TempoCandidate(64.0, 0.38))), "tempo_octave"),
    "key": ("key", put(0, camelot="8A"), "key_name"),
    "boundary between bars": ("sections", move_boundary(3, 0.4), "off_downbeat"),
    "bar and time disagree": ("sections", put(2, start_bar=18), "bars_disagree"),
    "bars run backwards": ("sections", put(2, end_bar=3), "bars_disagree"),
    "section doubts itself": ("sections", put(2, confidence=0.2), "low_confidence"),
    "weak drop": ("sections", put(2, energy=Energy(-27.0, -19.0, -34.0)), "weak_drop"),
    "no contrast": ("sections", split(2), "no_contrast"),
    "repeats another label": ("sections", put(5, repeats=1), "wrong_repeat"),
    "repeats itself": ("sections", put(5, repeats=5), "wrong_repeat"),
    "event is late": ("events", lambda e: put(0, time=e[0].time + 0.3)(e), "drop_event"),
    "event is missing": ("events", lambda e: e[1:], "drop_event"),
    "event too many": ("events", lambda e: [replace(e[0], time=1.0, bar=1), *e], "drop_event"),
    "event of another bar": ("events", put(0, bar=3), "bars_disagree"),
    "only speech was heard": ("activity", lambda a: [replace(a[0], end=15.0, label="speech"), replace(a[0], start=15.0)], "no_music"),
    "key beyond the end": ("key", lambda k: put(0, end=k[0].end + 9)(k), "outside"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_finding_and_only_that(name):
    layer, change, kind = FAULTS[name]
    findings = check(but(timeline_of(), layer, change))
    assert [finding.kind for finding in findings] == [kind], findings
    (finding,) = findings
    assert finding.message and finding.severity in SEVERITIES


FORMS: dict[str, tuple[list[tuple[str, int]], str]] = {
    "odd length": ([*FORM[:3], ("breakdown", 13), *FORM[4:]], "odd_length"),
    "too short": ([*FORM[:3], ("breakdown", 1), *FORM[4:]], "too_short"),
    "too long": ([*FORM[:3], ("breakdown", 68), *FORM[4:], ("outro", 8)], "too_long"),
    "over half": ([FORM[0], ("buildup", 4), ("drop", 60), ("outro", 8)], "too_long"),
    "buildup to nowhere": ([*FORM[:4], ("buildup", 8), ("breakdown", 8), *FORM[4:]], "lonely_buildup"),
    "intro in the middle": ([*FORM[:3], ("intro", 8), *FORM[4:]], "intro_not_first"),
    "outro in the middle": ([*FORM[:3], ("outro", 8), *FORM[4:]], "outro_not_last"),
}


@pytest.mark.parametrize("name", FORMS)
def test_each_implausible_form_has_its_finding_and_only_that(name):
    form, kind = FORMS[name]
    assert kinds_of(but(timeline_of(form), "sections", tell_apart)) == [kind]


def tell_apart(sections):
    """Let neighbours of one label measure differently."""
    return [
        replace(section, energy=replace(section.energy, mid=section.energy.mid - 2 * (index % 2)))
        for index, section in enumerate(sections)
    ]


@pytest.mark.parametrize(
    ("change", "count"),
    [({"energy": Energy(-20.0, -20.0, -30.0)}, 1), ({"energy": Energy(-60.0, -60.0, -70.0)}, 0)],
)
def test_silence_has_to_be_silent(change, count):
    form = [*FORM[:3], ("silence", 4), *FORM[4:]]
    timeline = but(timeline_of(form), "sections", put(3, **change))
    heard = (Span(0.0, timeline.recording.duration, "silence"),)
    timeline = but(timeline, "activity", lambda _: heard)
    assert kinds_of(timeline).count("loud_silence") == count


def test_silence_in_which_music_was_heard():
    timeline = timeline_of([*FORM[:3], ("silence", 4), *FORM[4:]])
    assert kinds_of(but(timeline, "sections", put(3, energy=None))) == ["loud_silence"]


def test_sections_without_beats_are_told_once():
    timeline = timeline_of()
    bare = replace(timeline, layers=tuple(layer for layer in timeline.layers if layer.kind != "beats"))
    assert kinds_of(bare) == ["no_beats"]


def test_a_drop_without_a_beat():
    timeline = timeline_of()
    drop = timeline.sections[2]
    bare = but(timeline, "beats", lambda beats: [b for b in beats if not drop.start <= b.time < drop.end])
    assert "no_beats" in kinds_of(bare)


def test_a_tempo_that_doubles_is_told_where_it_does():
    tempi = (Tempo(0.0, 60.0, bpm=87.0), Tempo(60.0, 120.0, bpm=174.2))
    timeline = Timeline(Recording("sha256:00", 120.0, 44_100, 2), (Layer("tempo", "model:a@1", tempi),))
    (finding,) = check(timeline)
    assert (finding.kind, finding.severity, finding.start) == ("tempo_octave", "warning", 60.0)


@pytest.mark.parametrize(
    ("name", "camelot"),
    [("C major", "8B"), ("A minor", "8A"), ("G major", "9B"), ("F major", "7B"), ("Eb minor", "2A"), ("B major", "1B"), ("Db major", "3B")],
)  # fmt: skip
def test_the_camelot_wheel_goes_round_in_fifths(name, camelot):
    recording = Recording("sha256:00", 60.0, 44_100, 2)
    right = Timeline(recording, (Layer("key", "model:a@1", (Key(0.0, 60.0, name=name, camelot=camelot),)),))
    assert check(right) == ()


def test_the_section_whose_bar_is_wrong_is_blamed_not_the_one_before():
    timeline = but(timeline_of(), "sections", put(2, start_bar=19))
    (finding,) = check(timeline)
    assert (finding.start, finding.count) == (timeline.sections[2].start, 1)
    assert "bar 19 begins at" in finding.message and "here is bar 17" in finding.message


# --- one cause, one finding ------------------------------------------------------------------------------


def test_one_cause_gives_one_finding():
    """A beat left out of the count in bar 10 shifts each later boundary: told as a bar, and as one shift."""
    findings = check(but(timeline_of(), "beats", short_bar))
    assert sorted(finding.kind for finding in findings) == ["bar_length", "shifted_downbeats"]
    assert max(finding.count for finding in findings) == 5


def test_boundaries_that_are_all_shifted_are_one_finding():
    def shift(sections):
        for index in range(1, len(sections)):
            move_boundary(index, 60 / 128)(sections)

    timeline = but(timeline_of(), "sections", shift)
    timeline = but(timeline, "events", lambda events: [replace(e, time=e.time + 60 / 128) for e in events])
    (finding,) = check(timeline)
    assert (finding.kind, finding.count) == ("shifted_downbeats", 6)
    assert "6 of 6 boundaries lie 1 beat behind" in finding.message


def test_downbeats_everywhere_are_one_finding():
    timeline = but(timeline_of(), "beats", lambda beats: [replace(beat, position=1) for beat in beats])
    assert len([finding for finding in check(timeline) if finding.kind in ("bar_length", "bar_number")]) == 2


def test_many_faults_of_one_kind_close_together_are_one():
    timeline = but(
        timeline_of(), "beats", lambda beats: [b for i, b in enumerate(beats) if i not in (100, 104, 108)]
    )
    (finding,) = check(timeline)
    assert (finding.kind, finding.count, finding.message) == ("missing_beat", 3, "3 beats missing")


def test_findings_are_placed_in_bars():
    timeline = but(timeline_of(), "beats", remove_beat)
    (finding,) = check(timeline)
    assert (finding.bar, finding.beat) == (25, 4)
    assert finding.start == pytest.approx(99 * 60 / 128)
    assert finding.end == pytest.approx(101 * 60 / 128)


# --- any timeline ----------------------------------------------------------------------------------------

DURATION = 60.0
times = st.one_of(st.floats(0, 70), st.integers(0, 120).map(lambda half: half / 2))
numbers = st.integers(-2, 40)
bpms = st.one_of(st.floats(allow_nan=True), st.floats(20, 300))
energies = st.none() | st.builds(Energy, *[st.floats(-1e4, 1e4)] * 3)
shares = st.none() | st.floats(0, 1)


@st.composite
def spans(draw: st.DrawFn, kind: Any, **fields: Any) -> tuple[Any, ...]:
    starts = sorted(draw(st.lists(times, max_size=4)))
    return tuple(
        kind(
            start, start + draw(st.floats(0.01, 40)), **{name: draw(field) for name, field in fields.items()}
        )
        for start in starts
    )


@st.composite
def tilings(draw: st.DrawFn, kind: Any, labels: Any, **fields: Any) -> tuple[Any, ...]:
    edges = sorted({0.0, DURATION, *(time for time in draw(st.sets(times, max_size=8)) if time < DURATION)})
    return tuple(
        kind(
            start,
            end,
            draw(st.sampled_from(labels)),
            draw(shares),
            **{name: draw(f) for name, f in fields.items()},
        )
        for start, end in zip(edges, edges[1:], strict=False)
    )


ANYTHING = {
    "activity": tilings(Span, ACTIVITY_LABELS),
    "tempo": spans(Tempo, bpm=bpms, candidates=st.lists(st.builds(TempoCandidate, bpms, st.floats(0, 1)), max_size=3).map(tuple)),
    "meter": spans(Meter, beats_per_bar=numbers),
    "key": spans(Key, name=st.sampled_from(["A minor", "Cb major", "H dur", ""]), camelot=st.text(max_size=3)),
    "beats": st.lists(st.builds(Beat, times, confidence=shares, position=numbers, bar=numbers), max_size=60, unique_by=lambda beat: beat.time).map(
        lambda beats: tuple(sorted(beats, key=lambda beat: beat.time))
    ),
    "sections": tilings(Section, SECTION_LABELS, start_bar=st.none() | numbers, end_bar=st.none() | numbers, repeats=st.none() | numbers, energy=energies),
    "events": st.lists(st.builds(Event, times, st.sampled_from(["drop", "cue"]), bar=st.none() | numbers), max_size=4).map(
        lambda events: tuple(sorted(events, key=lambda event: event.time))
    ),
}  # fmt: skip


@st.composite
def anything(draw: st.DrawFn) -> Timeline:
    kinds = draw(st.sets(st.sampled_from(sorted(ANYTHING))))
    layers = tuple(Layer(kind, draw(st.sampled_from(["model:a@1", "person:b"])), draw(ANYTHING[kind])) for kind in sorted(kinds))  # type: ignore[arg-type]  # fmt: skip
    return Timeline(Recording("sha256:00", DURATION, 44_100, 2), layers)


@given(anything())
def test_any_timeline_can_be_checked_and_is_told_in_order_without_doubles(timeline):
    findings = check(timeline)
    starts = [finding.start for finding in findings]
    assert starts == sorted(starts)
    assert len(set(findings)) == len(findings)
    for finding in findings:
        assert finding.message and finding.count >= 1
        assert finding.end is None or finding.end > finding.start
        assert timeline.layer(finding.layer) is not None
    assert check(timeline) == findings


def kinds_of(timeline: Timeline) -> list[str]:
    return [finding.kind for finding in check(timeline)]
