"""The figure shows what the timeline holds, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edm_core.audio import Sound
from edm_core.errors import EdmError
from edm_core.timeline import Layer, Recording, Section, Timeline
from edm_core.vocabulary import SECTION_COLOURS
from edm_core.waveform import figure, plot


@pytest.fixture(autouse=True)
def _faces(monkeypatch, personas):
    monkeypatch.setattr(figure, "faces", lambda timeline: personas)


@pytest.fixture
def sound(timeline) -> Sound:
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, int(timeline.recording.duration * 8_000))
    return replace(Sound.from_samples(samples, 8_000), recording=timeline.recording)


def lanes(drawn) -> dict[str, object]:
    return {trace.y[0]: trace for trace in drawn.data if trace.type == "bar"}


def test_every_layer_has_its_lane(timeline, sound):
    names = list(lanes(plot(timeline, sound)))
    assert names == ["Sections", "Sound", "Topics", "Stay At Home Mum", "Gen Z", "stranger"]


def test_sections_lie_where_they_are_in_their_colours(timeline, sound):
    bar = lanes(plot(timeline, sound))["Sections"]
    assert list(bar.base) == [0, 8] and list(bar.x) == [8, 8]
    assert list(bar.marker.color) == [SECTION_COLOURS["buildup"], SECTION_COLOURS["drop"]]
    assert set(bar.marker.pattern.shape) == {"/"}


def test_a_persons_sections_are_solid(timeline, sound):
    own = Layer("sections", "person:rater-1", (Section(0, timeline.recording.duration, "other"),))
    bar = lanes(plot(timeline.with_layer(own), sound))["Sections"]
    assert set(bar.marker.pattern.shape) == {""}


def test_not_scored_is_hatched_and_has_no_number(timeline, sound):
    bar = lanes(plot(timeline, sound))["stranger"]
    assert list(bar.text) == [""] and list(bar.marker.pattern.shape) == ["/"]
    assert "not scored" in bar.customdata[0][1]


def test_the_envelope_reaches_the_loudest_peak(timeline, sound):
    band = next(trace for trace in plot(timeline, sound).data if trace.name == "all")
    bins = sound.peaks.level(0)
    loudest = np.abs(bins.astype(int)).max()
    assert np.max(band.y) == pytest.approx(bins[:, 1].max() / loudest / 1.04, abs=1e-3)
    assert np.min(band.y) == pytest.approx(bins[:, 0].min() / loudest / 1.04, abs=1e-3)


def test_a_title_is_text(timeline, sound):
    assert "&lt;b&gt;Loop&lt;/b&gt;" in plot(timeline, sound).layout.title.text


def test_without_its_file_the_figure_says_so(timeline):
    drawn = plot(timeline)
    assert any("no waveform" in note.text for note in drawn.layout.annotations)
    assert "Sections" in lanes(drawn)


def test_nothing_but_a_recording(monkeypatch):
    drawn = plot(Timeline(Recording("sha256:00", 5.0, 8000, 1)))
    assert lanes(drawn) == {}
    assert list(drawn.layout.xaxis.range) == [0, 5.0]


def test_downbeats_are_thinned_on_long_recordings(timeline, sound, monkeypatch):
    monkeypatch.setattr(figure, "MOST_LINES", 4)
    lines = next(trace for trace in plot(timeline, sound).data if trace.name == "downbeats")
    assert [x for x in lines.x if x is not None][::2] == [0.0, 4.0, 8.0, 12.0]


def test_another_recordings_sound_is_refused(timeline):
    with pytest.raises(EdmError, match="another recording"):
        plot(timeline, Sound.from_samples(np.zeros(8_000), 8_000))
