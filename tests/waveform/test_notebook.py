"""The player in a notebook: everything it needs travels with it."""

from __future__ import annotations

import io
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from edm_core.audio import Sound
from edm_core.errors import AudioError, EdmError
from edm_core.timeline import Timeline
from edm_core.waveform import listen, notebook, source

RATE = 16_000


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def samples() -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE)).astype(np.float32)


def test_sound_and_peaks_travel_with_the_widget(samples):
    sound = Sound.from_samples(samples, RATE)
    widget = listen(Timeline(sound.recording), sound, at=1.0)
    assert widget.props["at"] == 1.0
    assert len(widget.peaks) == 8 * sum(widget.props["peaks"]["levels"])
    heard, rate = soundfile.read(io.BytesIO(widget.audio))
    assert widget.audio_type == "audio/ogg"
    assert len(heard) / rate == pytest.approx(3.0, abs=0.01)


def test_a_file_is_played_as_the_page_would(tmp_path, samples):
    path = tmp_path / "tone.wav"
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    from edm_core.audio import load

    widget = listen(Timeline(load(path).recording))
    assert widget.audio_type == "audio/wav"
    assert widget.audio == path.read_bytes()


def test_a_large_file_travels_as_its_speech_track(tmp_path, samples, monkeypatch):
    path = tmp_path / "tone.wav"
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    from edm_core.audio import load

    monkeypatch.setattr(notebook, "LARGEST_BYTES", 10_000)
    widget = listen(Timeline(load(path).recording))
    assert widget.audio_type == "audio/ogg" and len(widget.audio) < path.stat().st_size


def test_a_missing_file_is_said(samples):
    sound = Sound.from_samples(samples, RATE, path="/nowhere/gone.wav")
    with pytest.raises(AudioError, match="not there"):
        listen(Timeline(sound.recording))


def test_a_changed_file_is_said(tmp_path, samples):
    path = tmp_path / "tone.wav"
    soundfile.write(path, samples, RATE)
    recording = replace(Sound.from_samples(samples, RATE).recording, path=str(path))
    with pytest.raises(AudioError, match="not that of the timeline"):
        listen(Timeline(recording))


def test_another_recordings_sound_is_refused(samples, timeline):
    with pytest.raises(EdmError, match="another recording"):
        listen(timeline, Sound.from_samples(samples, RATE))


def test_without_anywidget_it_says_what_to_install(monkeypatch, samples):
    notebook._widget.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    sound = Sound.from_samples(samples, RATE)
    with pytest.raises(EdmError, match=r"edm-workbench\[notebook\]"):
        listen(Timeline(sound.recording), sound)
    notebook._widget.cache_clear()


def test_nobody_reacted_needs_no_personas(samples):
    assert source.faces(Timeline(Sound.from_samples(samples, RATE).recording)) == {}
