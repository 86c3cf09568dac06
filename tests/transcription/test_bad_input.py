"""Sound and settings as they come in real life: words, or an honest gap, never text that nobody said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from edm_core.audio import load
from edm_core.cache import Cache
from edm_core.errors import ModelError, StorageError
from edm_core.models import whisper
from edm_core.segmentation import find_activity
from edm_core.settings import Settings
from edm_core.transcription import Journal, transcribe

DATA = Path(__file__).parents[1] / "data"
RATE = 16_000


@pytest.fixture(scope="module")
def talk():
    samples, _ = soundfile.read(DATA / "talk.opus", dtype="float32")
    return samples


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture
def heard(tmp_path, settings):
    """Write samples to a file and return what is heard in it, as an analysis would."""

    def hear(samples, rate=RATE, **options):
        path = tmp_path / "sound.wav"
        soundfile.write(path, samples, rate)
        sound = load(path, settings=settings)
        return transcribe(sound, find_activity(sound, settings=settings), settings=settings, **options)

    return hear


def wrong(transcript) -> float:
    """Share of the words in truth that were not heard."""
    truth = json.loads((DATA / "talk.json").read_text())
    wanted = [word.strip(".,").casefold() for line in truth for word in line["text"].split()]
    said = [word.text.strip(".,").casefold() for word in transcript.words]
    return 1 - sum(word in said for word in wanted) / len(wanted)


def test_telephone(talk, heard):
    """300 to 3,400 Hz at 8 kHz."""
    from scipy.signal import butter, sosfilt

    narrow = soxr.resample(
        sosfilt(butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), talk), RATE, 8000
    )
    assert wrong(heard(narrow, 8000)) < 0.2


def test_clipped(talk, heard):
    """Recorded eight times too loud."""
    assert wrong(heard(np.clip(8 * talk, -1, 1))) < 0.2


def test_quiet(talk, heard):
    assert wrong(heard(0.01 * talk / np.abs(talk).max())) < 0.2


@pytest.mark.parametrize("seconds", [0.1, 0.3])
def test_far_too_short(talk, heard, seconds):
    """A tenth of a second of speech is no word; whatever is said of it lies within it."""
    transcript = heard(talk[32_000 : 32_000 + round(seconds * RATE)])
    assert all(word.end <= seconds + 0.001 for word in transcript.words)
    assert len(transcript.words) <= 1


def test_an_hour_of_silence(heard):
    transcript = heard(np.zeros(3600 * RATE, np.float32))
    assert transcript.words == transcript.utterances == ()
    assert transcript.language is None


@pytest.mark.parametrize("kind", ["white", "hum", "tone", "clicks"])
def test_what_is_no_speech_is_no_words(heard, kind):
    noise = np.random.default_rng(1).normal(0, 0.1, 20 * RATE)
    time = np.arange(len(noise)) / RATE
    sounds = {
        "white": noise,
        "hum": 0.3 * sum(np.sin(2 * np.pi * 50 * k * time) / k for k in range(1, 8)),
        "tone": 0.5 * np.sin(2 * np.pi * 1000 * time),
        "clicks": np.where(np.arange(len(noise)) % (RATE // 2) < 20, 0.8, 0.0),
    }
    assert heard(sounds[kind]).words == ()


def test_the_wrong_language_is_said_and_nothing_is_made_up(talk, heard):
    with pytest.raises(ModelError, match=r"the speech is en .* and not ru.*leave the language out"):
        heard(talk, language="ru")


def test_a_model_with_a_wrong_checksum_is_not_used(talk, tmp_path, heard):
    settings = Settings(data_dir=tmp_path / "damaged")
    weights = whisper("base", settings=settings) / "model.bin"
    raw = bytearray(weights.read_bytes())
    raw[1_000_000] ^= 1
    weights.write_bytes(raw)
    sound = load(DATA / "talk.opus", settings=settings)
    with pytest.raises(ModelError, match=r"its checksum is .* so it is not used"):
        transcribe(sound, settings=settings)


def test_a_full_disk_costs_no_words(talk, settings, monkeypatch):
    def full(*args, **kwargs):
        raise StorageError("no space left on device", subject="cache", remedy="make room")

    sound = load(DATA / "talk.opus", settings=settings)
    monkeypatch.setattr(Cache, "create", full)
    journal = Journal(Cache.of(settings), "key")
    assert wrong(transcribe(sound, settings=settings, journal=journal)) < 0.1
