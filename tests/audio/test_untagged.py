"""The codecs read the sound and not the tags."""

from __future__ import annotations

import os

import numpy as np
import pytest
from mutagen.flac import FLAC, Picture
from mutagen.mp4 import MP4

from edm_core.audio._untagged import Untagged


def read_all(path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return Untagged(descriptor).read()
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("name", ["wav", "ogg", "m4a", "mkv", "aac"])
def test_files_without_tags_in_front_stay_as_they_are(name, make):
    path = make(name)
    assert read_all(path) == path.read_bytes()


def test_id3_is_left_out(make):
    path = make("wav")
    sound = path.read_bytes()
    path.write_bytes(
        b"ID3\x03\0\0\0\0\x01\x05" + bytes(0x85) + b"ID3\x04\0\x10\0\0\0\x03" + bytes(13) + sound
    )
    assert read_all(path) == sound


def test_flac_keeps_its_stream_information_only(make):
    path = make("flac")
    plain = read_all(path)
    tagged = FLAC(path)
    picture = Picture()
    picture.data, picture.mime = bytes(200_000), "image/png"
    tagged.add_picture(picture)
    tagged["title"] = "Drop"
    tagged.save()
    assert plain == read_all(path)
    assert plain[:4] == b"fLaC"
    assert b"Drop" not in read_all(path)


def test_large_user_data_of_mp4_becomes_free_space(make):
    path = make("m4a")
    tagged = MP4(path)
    tagged["\xa9cmt"] = "x" * 200_000
    tagged.save()
    before, after = path.read_bytes(), read_all(path)
    changed = np.flatnonzero(np.frombuffer(before, np.uint8) != np.frombuffer(after, np.uint8))
    assert len(after) == len(before)
    assert 1 <= len(changed) <= 4
    assert after[changed[0] : changed[0] + 4] == b"free" or b"free" in after[changed[0] - 3 : changed[0] + 4]


def test_reading_in_pieces_and_seeking(make):
    path = make("flac")
    whole = read_all(path)
    descriptor = os.open(path, os.O_RDONLY)
    file = Untagged(descriptor)
    assert file.seek(0, os.SEEK_END) == len(whole)
    assert file.remaining == 0
    for place, count in ((0, 10), (40, 5), (41, 3), (len(whole) - 4, 99), (30, 100)):
        file.seek(place)
        assert file.read(count) == whole[place : place + count]
    os.close(descriptor)


@pytest.mark.parametrize(
    "head",
    [
        b"fLaC",
        b"fLaC\x80\xff\xff\xff",
        b"ID3",
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
        b"\0\0\0\x08ftyp\0\0\0\x00moov",
        b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x01moov\x80\0\0\0\0\0\0\x05" + bytes(64),
    ],
)
def test_hostile_heads_end(head, tmp_path):
    (tmp_path / "a").write_bytes(head)
    read_all(tmp_path / "a")
