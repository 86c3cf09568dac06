"""The outermost structure says what a file is and whether its end is missing."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from edm_core.audio._container import is_sound, kind_of, missing_end


def read_from(data: bytes):
    return lambda start, count: data[start : start + count]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("wav", "wav"), ("aiff", "aiff"), ("flac", "flac"), ("ogg", "ogg"), ("opus", "ogg"), ("m4a", "mp4"),
     ("webm", "matroska"), ("mkv", "matroska"), ("mp3 lame", "mp3"), ("aac", "aac")],
)  # fmt: skip
def test_kinds(name, kind, make):
    assert kind_of(make(name).read_bytes()[:64]) == kind
    assert is_sound(kind)


@pytest.mark.parametrize(
    "head", [b"PK\x03\x04" + bytes(9), b"%PDF-1.4", b"hello there", b"#!/bin/sh\n", b"\0" * 64, b""]
)
def test_what_is_no_sound(head):
    assert not is_sound(kind_of(head))


@pytest.mark.parametrize("name", ["wav", "aiff", "ogg", "opus", "m4a", "webm", "mkv", "flac", "mov", "mp4"])
def test_whole_files_miss_nothing(name, make):
    data = make(name).read_bytes()
    assert missing_end(read_from(data), len(data)) == 0


@pytest.mark.parametrize("name", ["wav", "aiff", "ogg", "opus", "webm", "mkv", "m4a"])
def test_every_cut_is_noticed(name, make):
    data = make(name).read_bytes()
    for length in range(200, len(data) - 1, max(1, len(data) // 23)):
        if length < len(data) - 4_000 or name != "m4a":
            assert missing_end(read_from(data[:length]), length) > 0, length


@pytest.mark.parametrize("form", ["RF64", "WAV"])
def test_cuts_of_wav_with_sizes_of_64_bits(form, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(8_000), 8_000, format=form)
    data = (tmp_path / "a.wav").read_bytes()
    assert data[:4] == (b"RF64" if form == "RF64" else b"RIFF")
    assert missing_end(read_from(data), len(data)) == 0
    assert missing_end(read_from(data[:-1_000]), len(data) - 1_000) == 1_000


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_streamed_wav_states_no_length(size, wav):
    data = bytearray(wav.read_bytes())
    data[40:44] = size.to_bytes(4, "little")
    assert missing_end(read_from(bytes(data)), len(data)) == 0


HEADS = (b"RIFF\0\0\0\0WAVE", b"FORM\0\0\0\0AIFF", b"\0\0\0\x08ftyp", b"\x1a\x45\xdf\xa3", b"OggS")


@given(st.sampled_from(HEADS), st.binary(max_size=300))
def test_hostile_structures_end_in_a_number(head, rest):
    data = head + rest
    assert missing_end(read_from(data), len(data)) >= 0
