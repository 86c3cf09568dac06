"""One pass makes every array, whole or not at all, once a file."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import soundfile

from edm_core.audio import SPEECH_RATE, Sound, load
from edm_core.audio import sound as module
from edm_core.cache import Cache
from edm_core.errors import AudioError, Cancelled
from edm_core.settings import Settings


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "cache", 10**9)


def entries(cache: Cache) -> list:
    return list(cache.folder.glob("*/*"))


def test_shapes(wav, sounds):
    sound = load(wav, settings=Settings())
    assert (sound.recording.duration, sound.recording.sample_rate, sound.recording.channels) == (
        2.0,
        44_100,
        2,
    )
    assert sound.recording.path == str(wav)
    assert sound.speech.shape == (2 * SPEECH_RATE,)
    assert sound.speech.dtype == np.int16
    assert not sound.speech.flags.writeable
    assert sound.spectrum.mel.shape == (200, 64)
    assert sound.spectrum.level.shape == (200,)
    assert sound.spectrum.chroma.shape == (20, 12)
    assert len(sound.peaks.level(0)) == -(-88_200 // 256)
    assert sounds.click_times(np.asarray(sound.speech), SPEECH_RATE) == pytest.approx(sounds.CLICKS, abs=5e-4)
    assert (sound.spectrum.level[[25, 75, 125, 175]] > -20).all()


def test_from_samples_is_the_same_as_load(wav):
    samples, rate = soundfile.read(wav, dtype="float32")
    made, loaded = Sound.from_samples(samples, rate, path=wav), load(wav, settings=Settings(), isolated=False)
    np.testing.assert_array_equal(made.speech, loaded.speech)
    np.testing.assert_array_equal(made.spectrum.mel, loaded.spectrum.mel)
    np.testing.assert_array_equal(made.spectrum.chroma, loaded.spectrum.chroma)
    for one, other in zip(made.peaks.levels, loaded.peaks.levels, strict=True):
        np.testing.assert_array_equal(one, other)
    assert made.recording.duration == loaded.recording.duration


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 192_000])
def test_every_rate_lasts_as_long(rate):
    sound = Sound.from_samples(np.zeros((3 * rate + 7, 6)), rate)
    assert len(sound.speech) == pytest.approx(3 * SPEECH_RATE, abs=16)
    assert sound.spectrum.frames == pytest.approx(300, abs=1)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(0), np.zeros(100), np.zeros((9, 9, 9)), np.full(9_000, np.nan), np.full(9_000, 3e38), 3.0],
)
def test_arrays_that_are_no_sound(samples):
    with pytest.raises(AudioError) as caught:
        Sound.from_samples(samples, 8_000)
    assert caught.value.remedy


def test_a_second_load_decodes_nothing(wav, cache, monkeypatch):
    first = load(wav, settings=Settings(), cache=cache)
    monkeypatch.setattr(module, "decoding", None)
    moved = wav.rename(wav.with_name("moved.wav"))
    shares: list[float] = []
    second = load(moved, settings=Settings(), cache=cache, progress=shares.append)
    assert (second.recording.id, second.recording.path) == (first.recording.id, str(moved))
    np.testing.assert_array_equal(first.speech, second.speech)
    np.testing.assert_array_equal(first.peaks.level(-1), second.peaks.level(-1))
    assert shares == [1.0]


@pytest.mark.parametrize("name", ["speech", "sound.json", "peaks"])
def test_a_broken_entry_is_made_anew(name, wav, cache):
    expected = np.array(load(wav, settings=Settings(), cache=cache).speech)
    (entry,) = entries(cache)
    os.truncate(entry / name, 10)
    np.testing.assert_array_equal(load(wav, settings=Settings(), cache=cache).speech, expected)


@pytest.mark.parametrize(
    "change",
    [None, [], "text", 7, {"counts": {"mel": -5}}, {"frames": "many"}, {"frames": -7}, {"sample_rate": 0}],
)
def test_a_nonsensical_entry_is_made_anew(change, wav, cache):
    expected = np.array(load(wav, settings=Settings(), cache=cache).speech)
    manifest = entries(cache)[0] / "sound.json"
    if isinstance(change, dict):
        whole = json.loads(manifest.read_text())
        change = whole | change | {"counts": whole["counts"] | change.get("counts", {})}
    manifest.write_text(json.dumps(change))
    np.testing.assert_array_equal(load(wav, settings=Settings(), cache=cache).speech, expected)


def test_a_cache_that_cannot_be_written_costs_time_and_not_the_result(wav, tmp_path, monkeypatch):
    (tmp_path / "blocked").write_text("")
    cache = Cache(tmp_path / "blocked" / "cache", 10**9)
    np.testing.assert_array_equal(
        load(wav, settings=Settings(), cache=cache).speech, load(wav, settings=Settings()).speech
    )
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "blocked"))
    with pytest.raises(AudioError) as caught:
        load(wav, settings=Settings(), cache=cache)
    assert caught.value.subject == str(wav)
    assert "EDM_DATA_DIR" in caught.value.remedy


def test_without_a_cache_nothing_stays_behind(wav, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    sound = load(wav, settings=Settings(), isolated=False)
    assert not list((tmp_path / "tmp").iterdir())
    assert np.abs(sound.speech).max() > 20_000


def test_a_sound_outlives_its_cache_entry(wav, cache):
    sound = load(wav, settings=Settings(), cache=cache)
    cache.drop(entries(cache)[0].name)
    assert np.abs(sound.speech).max() > 20_000


def test_progress_and_cancel(tmp_path, cache):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(20 * 44_100), 44_100)
    shares: list[float] = []
    load(path, settings=Settings(), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert 0 < shares[0] < 0.5

    def stop(share: float) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        load(path, settings=Settings(), cache=cache, progress=stop)
    assert not entries(cache)


@pytest.mark.parametrize("change", ["unlink", "truncate"])
def test_a_file_that_vanishes_midway(change, tmp_path, cache):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((40 * 44_100, 2)), 44_100)

    def vanish(share: float) -> None:
        if path.exists() and path.stat().st_size > 1_000:
            path.unlink() if change == "unlink" else os.truncate(path, 1_000)

    with pytest.raises(AudioError) as caught:
        load(path, settings=Settings(), cache=cache, progress=vanish)
    assert caught.value.subject == str(path)
    assert ("vanished" if change == "unlink" else "changed") in caught.value.problem
    assert not entries(cache)


def test_a_bad_file_leaves_nothing_behind(tmp_path, cache):
    samples = np.zeros(5 * 44_100, np.float32)
    samples[-1] = np.nan
    soundfile.write(tmp_path / "a.wav", samples, 44_100, "FLOAT")
    with pytest.raises(AudioError):
        load(tmp_path / "a.wav", settings=Settings(), cache=cache)
    assert not entries(cache)


def test_limits_hold_for_what_is_in_the_cache_too(tmp_path):
    from dataclasses import replace

    from edm_core.errors import LimitError

    path, settings = tmp_path / "tone.wav", Settings(data_dir=tmp_path)
    soundfile.write(path, np.zeros((48_000, 2)), 24_000)
    cache = Cache(tmp_path / "cache", 10**9)
    load(path, settings=settings, cache=cache)
    for narrower in ({"max_duration_s": 1.0}, {"max_channels": 1}):
        with pytest.raises(LimitError):
            load(path, settings=replace(settings, **narrower), cache=cache)
