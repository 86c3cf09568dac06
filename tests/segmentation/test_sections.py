import numpy as np
import pytest

from edm_core.audio import Sound
from edm_core.segmentation import drop_events, find_sections, track_beats
from edm_core.segmentation.beats import Rhythm
from edm_core.timeline import Layer, Section, Span, Timeline


@pytest.fixture(scope="module")
def rhythm(piece):
    return track_beats(piece)


def at(sections, time):
    return next(section for section in sections if section.start <= time < section.end)


def test_sections_tile_the_recording(piece, rhythm):
    sections = find_sections(piece, rhythm)
    Timeline(
        piece.recording, (Layer("sections", "model:sections@1", sections),)
    )  # refuses what does not tile
    assert sections[0].start == 0.0
    assert sections[-1].end == piece.recording.duration


def test_the_form_of_a_piece_is_found(piece, rhythm):
    """72 bars at 126 BPM: intro 8, buildup 8, drop 16, breakdown 8, buildup 8, drop 16, outro 8."""
    sections = find_sections(piece, rhythm)
    bar = 4 * 60 / 126
    middles = {"buildup": 12, "drop": 24, "breakdown": 36}
    for label, number in middles.items():
        assert at(sections, 0.5 + number * bar).label == label
    assert at(sections, 0.5 + 56 * bar).label == "drop"
    starts = np.array([section.start for section in sections])
    for number in (16, 32, 48, 64):
        assert np.abs(starts - (0.5 + number * bar)).min() < 0.1


def test_bars_are_those_of_the_nearest_downbeat(piece, rhythm):
    downbeats = {beat.bar: beat.time for beat in rhythm.downbeats}
    for section in find_sections(piece, rhythm)[1:]:
        if section.start_bar in downbeats:
            assert abs(downbeats[section.start_bar] - section.start) < 60 / 126 * 2
        assert section.end_bar >= section.start_bar


def test_a_drop_that_comes_again_is_said_to_repeat(piece, rhythm):
    sections = find_sections(piece, rhythm)
    for section in sections:
        if section.repeats is not None:
            assert sections[section.repeats].label == section.label
            assert sections[section.repeats].start < section.start
    assert any(section.label == "drop" and section.repeats is not None for section in sections)


def test_drop_events_are_onsets_of_runs():
    labels = ["intro", "drop", "drop", "breakdown", "drop"]
    sections = [Section(float(i), i + 1.0, label, start_bar=i) for i, label in enumerate(labels)]
    assert [(event.time, event.bar) for event in drop_events(sections)] == [(1.0, 1), (4.0, 4)]


def test_without_music_there_are_no_sections(piece, rhythm):
    assert find_sections(piece, rhythm, (Span(0.0, piece.recording.duration, "speech"),)) == ()


def test_what_is_not_music_is_other(piece, rhythm):
    duration = piece.recording.duration
    activity = (Span(0.0, 20.0, "speech"), Span(20.0, duration, "music"))
    sections = find_sections(piece, rhythm, activity)
    assert (sections[0].start, sections[0].end, sections[0].label) == (0.0, 20.0, "other")
    assert sections[0].confidence is None


def test_a_short_bed_in_a_long_show_has_no_form(compose, rate):
    bed = compose(120.0, [("drop", 12)])
    sound = Sound.from_samples(np.concatenate([np.zeros(60 * rate, np.float32), bed]), rate)
    activity = (Span(0.0, 60.0, "speech"), Span(60.0, sound.recording.duration, "music"))
    labels = {section.label for section in find_sections(sound, track_beats(sound, activity), activity)}
    assert labels <= {"other", "silence"}


def test_silence_inside_is_silence(compose, rate):
    part = compose(120.0, [("drop", 16)])[: 32 * rate]
    sound = Sound.from_samples(np.concatenate([part, np.zeros(3 * rate, np.float32), part]), rate)
    middle = at(find_sections(sound, track_beats(sound)), 33.5)
    assert middle.label == "silence"
    assert (middle.start, middle.end) == pytest.approx((32.0, 35.0), abs=0.4)


@pytest.mark.parametrize("seconds", [0.3, 2.0, 9.0, 40.0])
def test_music_without_beats_is_tiled_too(rate, seconds):
    t = np.arange(int(seconds * rate)) / rate
    sound = Sound.from_samples(0.3 * np.sin(2 * np.pi * 220 * t), rate)
    sections = find_sections(sound, Rhythm())
    assert (sections[0].start, sections[-1].end) == (0.0, sound.recording.duration)
    assert all(section.start_bar is None for section in sections)
