"""Whatever comes in, the answer is honest: no tempo out of nothing, and no crash.

Every sound goes the way of ``edm analyze --only music``. Warnings are failures: a division by nothing is one.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edm_core.analysis import MUSIC, analyze
from edm_core.audio import Sound
from edm_core.segmentation import drop_events, find_activity, find_key, find_sections, track_beats
from edm_core.settings import Settings

pytestmark = pytest.mark.filterwarnings("error")
TALK = Path(__file__).parents[1] / "data" / "talk.opus"


def analysed(sound):
    activity = find_activity(sound)
    rhythm = track_beats(sound, activity)
    sections = find_sections(sound, rhythm, activity)
    return rhythm, sections, drop_events(sections), find_key(sound, activity)


def seconds(rate, length):
    return np.arange(int(rate * length)) / rate


def noise(rate, length, tilt=0.0):
    """Noise whose power falls with frequency to the power of ``tilt``: 0 is white, 1 is pink."""
    white = np.fft.rfft(np.random.default_rng(0).standard_normal(int(rate * length)))
    white[1:] *= np.arange(1, len(white)) ** (-tilt / 2)
    samples = np.fft.irfft(white)
    return 0.1 * samples / samples.std()


def talk(rate):
    samples, given = soundfile.read(TALK, dtype="float32")
    return np.interp(seconds(rate, len(samples) / given), seconds(given, len(samples) / given), samples)


def click(rate):
    samples = np.zeros(12 * rate)
    samples[5 * rate : 5 * rate + rate // 500] = 0.9
    return samples


NOTHING = {
    "silence": lambda rate: np.zeros(12 * rate),
    "white noise": lambda rate: noise(rate, 15),
    "pink noise": lambda rate: noise(rate, 15, tilt=1.0),
    "a fifth of a second": lambda rate: noise(rate, 0.2),
    "speech": talk,
    "one click": click,
    "direct current": lambda rate: np.full(12 * rate, 0.5),
    "a test tone": lambda rate: 0.3 * np.sin(2 * np.pi * 440 * seconds(rate, 12)),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_is_made_of_nothing(name, rate):
    rhythm, sections, events, key = analysed(Sound.from_samples(NOTHING[name](rate), rate))
    assert rhythm.beats == rhythm.tempi == rhythm.meters == ()
    assert sections == events == ()
    assert key is None


def test_two_seconds_are_too_short_for_a_tempo(piece_samples, rate):
    rhythm, sections, events, _ = analysed(Sound.from_samples(piece_samples[60 * rate : 62 * rate], rate))
    assert rhythm.beats == rhythm.tempi == events == ()
    assert all(section.confidence is None or section.confidence < 0.5 for section in sections)


def test_a_pad_keeps_no_time(rate):
    t = seconds(rate, 30)
    chord = sum(0.08 * np.sin(2 * np.pi * hertz * t) for hertz in (220, 261.6, 329.6, 440))
    samples = chord * (0.7 + 0.3 * np.sin(2 * np.pi * 0.1 * t))
    rhythm, _, events, key = analysed(Sound.from_samples(samples, rate))
    assert rhythm.tempo is None or rhythm.tempo.confidence < 0.5
    assert key is not None
    assert key.name == "A minor"
    assert not [event for event in events if event.time > 0.5]


@pytest.mark.parametrize("name", ["clipped hard", "direct current added", "hardly audible"])
def test_what_was_done_to_music_leaves_its_tempo(name, piece_samples, rate):
    part = piece_samples[int(30.5 * rate) : int(60.5 * rate)]
    done = {
        "clipped hard": np.clip(30 * part, -1, 1),
        "direct current added": 0.3 * part + 0.5,
        "hardly audible": 0.01 * part,
    }[name]
    rhythm, *_ = analysed(Sound.from_samples(done, rate))
    assert rhythm.tempo is not None
    assert rhythm.tempo.bpm == pytest.approx(126.0, abs=0.2)


@pytest.mark.parametrize(("rate_of_file", "channels"), [(8_000, 1), (44_100, 8), (96_000, 2)])
def test_files_of_every_make(rate_of_file, channels, piece_samples, rate, tmp_path):
    part = piece_samples[int(30.5 * rate) : int(50.5 * rate)]
    places = seconds(rate_of_file, len(part) / rate)
    samples = np.interp(places, seconds(rate, len(part) / rate), part)
    path = tmp_path / "part.wav"
    soundfile.write(path, np.repeat(0.5 * samples[:, None], channels, 1), rate_of_file)
    timeline = analyze(path, stages=MUSIC, settings=Settings(data_dir=tmp_path / "data"))
    assert timeline.problems == ()
    assert timeline.recording.channels == channels
    assert timeline.tempo is not None
    assert timeline.tempo.bpm == pytest.approx(126.0, abs=0.3)


@pytest.mark.slow
def test_three_hours(piece):
    """The piece, over and over: as long as a night's set, whose front end is what ``load`` would have kept."""
    times = int(3 * 3600 / piece.recording.duration) + 1
    repeated = {name: np.concatenate([getattr(piece.spectrum, name)] * times) for name in ("mel", "level")}
    length = len(repeated["level"]) / 100
    chroma = np.resize(piece.spectrum.chroma, (int(np.ceil(length * 10)), 12))
    sound = replace(
        piece,
        recording=replace(piece.recording, duration=length),
        speech=np.concatenate([piece.speech] * times),
        spectrum=replace(piece.spectrum, **repeated, chroma=chroma),
    )
    rhythm, sections, _, key = analysed(sound)
    assert length > 3 * 3600
    assert rhythm.tempo.bpm == pytest.approx(126.0, abs=1.0)
    assert sections[0].start == 0.0
    assert sections[-1].end == pytest.approx(length)
    assert key is not None
