"""What a browser gets sounds at the same moments as the picture shows."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from edm_core.audio import load, media_type, playable
from edm_core.cache import Cache
from edm_core.errors import AudioError, Cancelled
from edm_core.settings import Settings


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "cache", 10**9)


@pytest.mark.parametrize("name", ["wav", "wav 24", "wav float", "flac", "ogg", "opus"])
def test_played_as_they_are(name, make, cache):
    path = make(name)
    recording = load(path, settings=Settings(), isolated=False).recording
    assert playable(path, recording.id, cache, settings=Settings()) == path
    assert playable(path, recording.id, cache, settings=Settings()) == path


@pytest.mark.parametrize("name", ["mp3", "m4a", "aiff", "webm"])
def test_renditions_agree_with_the_picture(name, make, cache, sounds):
    path = make(name)
    recording = load(path, settings=Settings(), isolated=False).recording
    made = playable(path, recording.id, cache, settings=Settings())
    assert media_type(made) == "audio/flac"
    samples, rate = soundfile.read(made)
    assert len(samples) / rate == pytest.approx(recording.duration, abs=1e-6)
    assert sounds.click_times(samples[:, 0], rate) == pytest.approx(sounds.CLICKS, abs=1e-3)
    path.unlink()
    assert playable(path, recording.id, cache, settings=Settings()) == made


def test_many_channels_and_high_rates(tmp_path, cache, sounds):
    path = tmp_path / "a.wav"
    soundfile.write(path, sounds.clicks(192_000, 6), 192_000)
    recording = load(path, settings=Settings(), isolated=False).recording
    with soundfile.SoundFile(playable(path, recording.id, cache, settings=Settings())) as made:
        assert (made.samplerate, made.channels, made.subtype) == (48_000, 1, "PCM_16")
        assert sounds.click_times(made.read(), 48_000) == pytest.approx(sounds.CLICKS, abs=1e-3)


def test_cut_to_full_scale_and_not_wrapped(tmp_path, cache):
    path = tmp_path / "a.aiff"
    loud = 3 * np.sin(np.arange(44_100) / 20)
    soundfile.write(path, loud, 44_100, "FLOAT")
    recording = load(path, settings=Settings(), isolated=False).recording
    samples, _ = soundfile.read(playable(path, recording.id, cache, settings=Settings()))
    np.testing.assert_allclose(samples, np.clip(loud, -1, 1), atol=1e-4)


def test_another_content_is_refused(make, cache, wav):
    recording = load(wav, settings=Settings(), isolated=False).recording
    with pytest.raises(AudioError, match="not that of the recording"):
        playable(make("mp3"), recording.id, cache, settings=Settings())


def test_cancel_leaves_nothing(make, cache):
    path = make("mp3")
    recording = load(path, settings=Settings(), isolated=False).recording

    def stop(share: float) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        playable(path, recording.id, cache, settings=Settings(), progress=stop)
    assert not list(cache.folder.glob("*/*"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("wav", "audio/wav"),
        ("mp3 lame", "audio/mpeg"),
        ("m4a", "audio/mp4"),
        ("opus", "audio/ogg"),
        ("webm", "audio/webm"),
    ],
)
def test_media_types(name, kind, make):
    assert media_type(make(name)) == kind


def test_media_type_of_anything_else(tmp_path):
    (tmp_path / "a.wav").write_text("text")
    assert media_type(tmp_path / "a.wav") == "application/octet-stream"
