"""A file is believed to be sound when its first block was decoded, and only then."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from edm_core.audio import decode
from edm_core.audio.identity import opened
from edm_core.audio.probing import probe
from edm_core.errors import AudioError, LimitError
from edm_core.settings import Settings


@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "ogg", "opus", "m4a", "webm", "aiff"])
def test_what_it_says(name, make, sounds):
    found = probe(make(name))
    assert found.sample_rate == sounds.FORMATS[name][1]
    assert found.channels == 2
    assert found.duration == pytest.approx(2.0, abs=0.1)
    assert found.codec


def test_of_an_open_file(wav):
    with opened(wav) as source:
        assert probe(source, Settings()).duration == 2.0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"RIFF\x24\x08\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00", "damaged"),  # libmagic takes it for sound
        (b"RIFF\xff\xff\x00\x00WAVEfmt garbage" + bytes(range(200)) * 20, "damaged"),
        (b"these are words\n" * 100, "not sound but text"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"these are words\n" * 100, "damaged"),
        (b"", "empty"),
    ],
)
def test_what_only_looks_like_sound(content, words, tmp_path):
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioError) as caught:
        probe(path)
    assert words in caught.value.problem
    assert caught.value.subject == str(path)


def test_a_long_file_is_refused_by_its_header(tmp_path):
    soundfile.write(tmp_path / "a.flac", np.zeros(8_000 * 60), 8_000)
    with pytest.raises(LimitError, match="EDM_MAX_DURATION_S"):
        probe(tmp_path / "a.flac", Settings(max_duration_s=30))


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    with open(tmp_path / "a.wav", "wb") as file:
        file.truncate(2_000_000)
    with pytest.raises(LimitError, match="EDM_MAX_UPLOAD_MB"):
        probe(tmp_path / "a.wav", Settings(max_upload_mb=1))


def test_the_end_is_not_looked_at(make):
    path = make("wav")
    path.write_bytes(path.read_bytes()[:-1000])
    assert probe(path).duration == pytest.approx(2.0, abs=0.01)


def test_less_than_no_frames_is_none(wav, monkeypatch):
    """A damaged header may count so."""
    checked = decode._format
    monkeypatch.setattr(decode, "_format", lambda header: checked(header | {"frames": None, "expected": -5}))
    assert probe(wav).duration is None
