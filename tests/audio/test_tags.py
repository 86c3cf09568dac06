"""Tags come out under the same names from every format, bounded and plain, and never stop anything."""

from __future__ import annotations

import time

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.flac import FLAC
from mutagen.id3 import APIC, COMM, ID3, TBPM, TIT2, TKEY, TPE1, TXXX
from mutagen.mp4 import MP4

from edm_core.audio import load
from edm_core.audio.tags import LONGEST_TEXT, MOST_TAGS, Tags, plain_text, read_tags
from edm_core.settings import Settings


def test_id3(make):
    path = make("mp3")
    tags = ID3()
    for frame in (
        TIT2(text="Drop"),
        TPE1(text=["A", "B"]),
        TBPM(text="128"),
        TKEY(text="Am"),
        TXXX(desc="Mood", text="up"),
    ):
        tags.add(frame)
    tags.add(COMM(lang="eng", desc="", text="hi\0there\n"))
    tags.add(APIC(mime="image/png", data=bytes(300_000)))
    tags.save(path)
    found = read_tags(path)
    assert (found.title, found.artist) == ("Drop", "A; B")
    assert found.others["bpm"] == "128"
    assert found.others["initialkey"] == "Am"
    assert found.others["mood"] == "up"
    assert not any("\0" in value or "\n" in value for value in found.others.values())


def test_vorbis_comments_and_mp4(make):
    flac = FLAC(make("flac"))
    flac.update({"title": "Drop", "artist": "A", "bpm": "128"})
    flac.save()
    mp4 = MP4(make("m4a"))
    mp4.update({"\xa9nam": "Drop", "\xa9ART": "A", "tmpo": [128]})
    mp4.save()
    expected = ("Drop", "A", "128")
    for path in (flac.filename, mp4.filename):
        found = read_tags(path)
        assert (found.title, found.artist, found.others["bpm"]) == expected


def test_none(wav, tmp_path):
    assert read_tags(wav) == Tags()
    assert read_tags(tmp_path / "missing") == Tags()
    (tmp_path / "text.mp3").write_text("no tags here" * 99)
    assert read_tags(tmp_path / "text.mp3") == Tags()


@pytest.mark.parametrize("name", ["mp3", "flac", "ogg"])
def test_a_hundred_thousand_tags_do_not_stop_the_sound(name, make):
    path = make(name)
    texts = ((f"tag{index}", "v" * 20) for index in range(100_000))
    if name == "mp3":
        tags = ID3()
        tags._DictProxy__dict = {f"TXXX:{key}": TXXX(desc=key, text=value) for key, value in texts}
        tags.save(path)
    else:
        file = mutagen.File(path)
        file["title"] = "Drop"
        file.tags.extend(texts)
        file.save()
    started = time.monotonic()
    sound = load(path, settings=Settings(), isolated=False)
    assert time.monotonic() - started < 10
    assert sound.recording.duration == pytest.approx(2.0, abs=0.03)
    assert len(sound.recording.tags) <= MOST_TAGS
    assert sound.recording.title == (None if name == "mp3" else "Drop")


@given(st.text(max_size=3_000))
def test_plain_text_is_plain_short_and_stays_as_it_is(text):
    plain = plain_text(text)
    assert len(plain) <= LONGEST_TEXT
    assert not any(ord(character) < 32 for character in plain)
    assert plain_text(plain) == plain
    plain.encode()


@given(st.binary(max_size=400))
def test_hostile_tags_are_no_tags(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("tags") / "a.mp3"
    path.write_bytes(b"ID3\x04\x00\x00\x00\x00\x7f\x7f" + data)
    assert isinstance(read_tags(path), Tags)
