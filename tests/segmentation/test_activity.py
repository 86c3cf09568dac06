import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from edm_core.audio.spectrum import RATE, SpectrumStream
from edm_core.segmentation import activity
from edm_core.segmentation.activity import find_activity, music_cells, runs, speech_cells, tile
from edm_core.timeline import Recording
from edm_core.vocabulary import ACTIVITY_LABELS

DATA = Path(__file__).parents[1] / "data"


def sound_of(samples, duration=None):
    """What find_activity looks at, from mono samples at 48 kHz."""
    stream = SpectrumStream()
    parts = [stream.push(samples[::2].astype(np.float32)), stream.finish()]
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in ("mel", "level", "chroma")
    }
    spectrum = SimpleNamespace(**arrays)
    speech = np.round(np.clip(samples[::3], -1, 1) * 32767).astype(np.int16)
    recording = Recording("sha256:00", duration or len(samples) / (2 * RATE), 48_000, 1)
    return SimpleNamespace(recording=recording, speech=speech, spectrum=spectrum)


def talk():
    samples, rate = soundfile.read(DATA / "talk.opus", dtype="float32")
    return np.interp(np.arange(0, len(samples), rate / 48_000), np.arange(len(samples)), samples)


def house(seconds, level=0.3):
    """A kick on every beat, a bass between, and a chord: 125 BPM."""
    t = np.arange(int(seconds * 48_000)) / 48_000
    beat = t % 0.48
    kick = np.sin(2 * np.pi * (50 * beat + 4 * (1 - np.exp(-beat * 30)))) * np.exp(-beat * 9)
    bass = 0.6 * np.sign(np.sin(2 * np.pi * 55 * t)) * (beat > 0.24)
    chord = sum(np.sin(2 * np.pi * f * t) for f in (440, 523.25, 659.26)) * (0.3 * (t % 1.92 < 1.2))
    hat = np.random.default_rng(0).normal(0, 0.5, len(t)) * np.exp(-((t + 0.24) % 0.48) * 60)
    return level * (kick + bass + chord + hat) / 2


def check_tiling(spans, duration):
    assert spans[0].start == 0.0 and spans[-1].end == duration
    assert all(a.end == b.start and a.label != b.label for a, b in pairwise(spans))
    assert all(span.label in ACTIVITY_LABELS and 0 <= span.confidence <= 1 for span in spans)


def share(spans, label, start=0.0, end=1e9):
    inside = [max(0.0, min(s.end, end) - max(s.start, start)) for s in spans if s.label == label]
    return sum(inside) / (min(end, spans[-1].end) - start)


def test_talk_is_speech_and_its_long_pause_is_not():
    spans = find_activity(sound_of(talk()))
    check_tiling(spans, spans[-1].end)
    for sentence in json.loads((DATA / "talk.json").read_text()):
        assert share(spans, "speech", sentence["start"] + 0.2, sentence["end"] - 0.2) > 0.95
    assert share(spans, "silence", 8.2, 11.2) > 0.95
    assert share(spans, "music") == share(spans, "speech+music") == 0


def test_house_is_music_throughout():
    spans = find_activity(sound_of(house(20)))
    assert [span.label for span in spans] == ["music"]


@pytest.mark.parametrize("bed_db", [-18, -10])
def test_talk_over_music_is_both(bed_db):
    voice = talk()
    bed = np.resize(house(20), len(voice)) * 10 ** (bed_db / 20)
    spans = find_activity(sound_of(voice + bed))
    assert share(spans, "speech+music", 1.2, 7.5) > 0.8
    assert share(spans, "music", 8.5, 11.0) > 0.9


def test_talk_over_hiss_is_speech():
    voice = talk()
    spans = find_activity(sound_of(voice + np.random.default_rng(0).normal(0, 0.003, len(voice))))
    assert share(spans, "speech+music") == share(spans, "music") == 0
    assert share(spans, "speech") > 0.5


@pytest.mark.parametrize("kind", ["zeros", "hiss", "tone", "high tone", "hum", "brown noise", "quiet hiss"])
def test_nothing_to_hear_into(kind):
    t = np.arange(48_000 * 10) / 48_000
    rng = np.random.default_rng(0)
    samples = {
        "zeros": 0 * t,
        "hiss": rng.normal(0, 0.1, len(t)),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * t),
        "high tone": 0.3 * np.sin(2 * np.pi * 5000 * t),
        "hum": sum(0.2 / n * np.sin(2 * np.pi * 50 * n * t) for n in range(1, 12)),
        "brown noise": 0.02 * lfilter([1], [1, -0.995], rng.normal(0, 1, len(t))),
        "quiet hiss": rng.normal(0, 2e-4, len(t)),
    }[kind]
    assert [span.label for span in find_activity(sound_of(samples))] == ["silence"]


def test_pad_of_several_slow_partials_is_music():
    t = np.arange(48_000 * 20) / 48_000
    pad = sum(0.08 * np.sin(2 * np.pi * f * t) for f in (220, 261.6, 329.6, 440)) * (
        0.7 + 0.3 * np.sin(2 * np.pi * 0.1 * t)
    )
    assert share(find_activity(sound_of(pad)), "music") > 0.9


@pytest.mark.parametrize("samples", [1, 100, 4_801, 48_001])
def test_tiny_recordings_tile(samples):
    duration = samples / 48_000
    check_tiling(find_activity(sound_of(np.zeros(samples), duration)), duration)


def test_blocks_do_not_show(monkeypatch):
    """Hours are computed in blocks; where they join is not to be seen."""
    samples = np.concatenate([house(25), talk(), house(20)])
    whole = find_activity(sound_of(samples))
    monkeypatch.setattr(activity, "_BLOCK", 150)
    assert [(s.start, s.end, s.label) for s in find_activity(sound_of(samples))] == [
        (s.start, s.end, s.label) for s in whole
    ]


@pytest.mark.parametrize("factor", [-1.0, 0.1, 0.4])
def test_gain_and_polarity_change_nothing(factor):
    samples = np.concatenate([talk(), house(8), talk() + np.resize(house(20, 0.05), len(talk()))])
    loud, other = find_activity(sound_of(samples)), find_activity(sound_of(factor * samples))
    assert cells_alike(loud, other) > 0.95  # what is stored in 16 bits changes a little with the level


def cells_alike(one, other):
    labels = [
        np.repeat(
            [s.label for s in spans],
            np.diff([round(s.start * 10) for s in spans] + [round(spans[-1].end * 10)]),
        )
        for spans in (one, other)
    ]
    return np.mean(labels[0] == labels[1])


@pytest.mark.parametrize("pause", [0.3, 0.6, 0.9])
def test_short_pause_belongs_to_the_speech(pause):
    sentence = talk()[round(1.2 * 48_000) : round(3.4 * 48_000)]
    gap, rest = np.zeros(round(pause * 48_000)), np.zeros(3 * 48_000)
    spans = find_activity(sound_of(np.concatenate([rest, sentence, gap, sentence, rest])))
    assert sum("speech" in span.label for span in spans) == 1


def test_first_word_is_not_cut():
    for sentence in json.loads((DATA / "talk.json").read_text()):
        spans = [span for span in find_activity(sound_of(talk())) if span.label == "speech"]
        nearest = min(spans, key=lambda span: abs(span.start - sentence["start"]))
        inside = any(span.start < sentence["start"] < span.end for span in spans)
        assert (
            inside or -0.3 <= nearest.start - sentence["start"] <= 0.25
        )  # the synthesiser begins with 0.2 s of silence


def test_hour_of_silence(monkeypatch):
    """Blocks of ten minutes; the voice detector is left out, for it takes a while to hear an hour."""
    monkeypatch.setattr("edm_core.models.voice.silero", lambda **_: Still(0.032))
    frames = 360_000
    spectrum = SimpleNamespace(
        mel=np.broadcast_to(np.float16(-100), (frames, 64)),
        level=np.full(frames, -100, np.float16),
        chroma=np.zeros((frames // 10, 12), np.float32),
    )
    recording = Recording("sha256:00", 3600.0, 48_000, 1)
    sound = SimpleNamespace(recording=recording, speech=np.zeros(0, np.int16), spectrum=spectrum)
    (span,) = find_activity(sound)
    assert (span.start, span.end, span.label) == (0.0, 3600.0, "silence")


class Still:
    """A voice detector that hears nothing."""

    def __init__(self, frame_seconds):
        self.frame_seconds = frame_seconds

    def __call__(self, samples):
        return np.zeros(112_500, np.float32)


def test_same_sound_same_spans():
    samples = np.concatenate([talk(), house(5)])
    assert find_activity(sound_of(samples)) == find_activity(sound_of(samples))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=200))
def test_any_cells_tile(cells):
    speech, music = (np.array(column) for column in zip(*cells, strict=True))
    duration = len(cells) / 10 - 0.03
    spans = tile(speech, music, speech * 0.9, music * 0.8, duration)
    check_tiling(spans, duration)
    if len(spans) > 1:
        assert all(s.duration >= 0.9 for s in spans if "music" in s.label)
        assert all(s.duration >= 0.4 for s in spans)


@given(st.lists(st.floats(0, 1), max_size=200))
def test_speech_lasts_and_pauses_are_long(probabilities):
    speech = speech_cells(np.array(probabilities))
    assert all(end - start >= 3 for start, end in runs(speech))
    inner = [(a, b) for a, b in runs(~speech) if a > 0 and b < len(speech)]
    assert all(end - start >= 10 for start, end in inner)


def test_a_short_loud_break_between_music_is_music():
    probability = np.repeat([0.9, 0.05, 0.9, 0.05], [100, 120, 100, 80])
    loud = np.ones(400, bool)
    music = music_cells(probability, loud)
    assert music[:318].all() and not music[323:].any()
    assert not music_cells(probability, ~loud)[110:210].any()  # a quiet break, or one with speech in it
    long = np.repeat([0.9, 0.05, 0.9], [100, 200, 100])
    assert not music_cells(long, np.ones(400, bool))[110:290].any()


def test_dry_talk_between_music_is_not_music():
    talking = talk()[round(1.2 * 48_000) : round(7.4 * 48_000)]
    spans = find_activity(sound_of(np.concatenate([house(15), talking, house(15)])))
    assert share(spans, "speech", 16.0, 20.5) > 0.9
