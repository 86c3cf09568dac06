"""The demo recordings hold what their truth says; the script that makes them is right in its pure parts."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

DEMO = Path(__file__).parents[2] / "data" / "demo"
NAMES = ("edm_track", "radio_show")
FORM = ("intro", "buildup", "drop", "breakdown", "buildup", "drop", "outro")
SCRIPTS = ("instruments", "edm_track", "radio_show", "make_demo")


@pytest.fixture(scope="module")
def scripts() -> Any:
    """The demo's scripts; they import one another by bare name, as scripts in one folder do."""
    sys.path.insert(0, str(DEMO))
    try:
        yield {name: importlib.import_module(name) for name in SCRIPTS}
    finally:
        sys.path.remove(str(DEMO))
        for name in SCRIPTS:
            sys.modules.pop(name, None)


def truth_of(name: str) -> dict[str, Any]:
    return json.loads((DEMO / f"{name}.truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sounds() -> dict[str, np.ndarray]:
    decoded = {}
    for name in NAMES:
        with soundfile.SoundFile(DEMO / truth_of(name)["audio"]) as file:
            assert file.samplerate == 44_100
            decoded[name] = np.vstack(list(file.blocks(65_536, dtype="float32", always_2d=True)))
    return decoded


def cut(sound: np.ndarray, start: float, end: float) -> np.ndarray:
    return sound[round(start * 44_100) : round(end * 44_100)]


def decibels(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-12))


# --- the files --------------------------------------------------------------------------------------


def test_recordings_and_truth_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in DEMO.iterdir() if path.is_file()) < 6_000_000


@pytest.mark.parametrize("name", NAMES)
def test_duration_is_the_truths(name: str, sounds: dict[str, np.ndarray]) -> None:
    truth = truth_of(name)
    assert len(sounds[name]) / 44_100 == pytest.approx(truth["duration"], abs=0.002)
    assert 90 <= truth["duration"] <= 150


@pytest.mark.parametrize("name", NAMES)
def test_sound_is_stereo_finite_and_does_not_clip(name: str, sounds: dict[str, np.ndarray]) -> None:
    sound = sounds[name]
    assert sound.shape[1] == 2
    assert np.isfinite(sound).all()
    assert 0.5 < np.abs(sound).max() < 1.0
    assert np.abs(np.diff(sound, axis=1)).max() > 0.05  # the two sides differ


@pytest.mark.parametrize("name", NAMES)
def test_tags_say_that_it_is_synthetic(name: str) -> None:
    truth = truth_of(name)
    with soundfile.SoundFile(DEMO / truth["audio"]) as file:
        tags = file.copy_metadata()
    assert tags["artist"] == "EDM workbench (synthetic demo)"
    assert tags["title"] == truth["source"]["title"]


# --- the track --------------------------------------------------------------------------------------


def test_track_truth_is_one_grid() -> None:
    truth = truth_of("edm_track")
    beats = np.array(truth["beats"])
    assert np.allclose(np.diff(beats), 60 / truth["tempo"]["bpm"], atol=2e-4)
    assert truth["downbeats"] == truth["beats"][::4]
    assert {boundary["time"] for boundary in truth["boundaries"]} <= set(truth["downbeats"])
    for boundary in truth["boundaries"]:
        assert truth["downbeats"][boundary["bar"]] == boundary["time"]


def test_track_sections_tile_and_meet_at_major_boundaries() -> None:
    truth = truth_of("edm_track")
    sections = truth["sections"]
    assert sections[0]["start"] == 0
    assert sections[-1]["end"] == truth["duration"]
    assert all(a["end"] == b["start"] for a, b in zip(sections[:-1], sections[1:], strict=True))
    assert [s["label"] for s in sections] == list(FORM)
    major = [boundary["time"] for boundary in truth["boundaries"] if boundary["major"]]
    assert major == [section["start"] for section in sections[1:]]


@pytest.mark.parametrize("index", [0, 2, 6])  # where drums stand clear: start, middle and end, so drift shows
def test_drums_land_on_the_grid(index: int, sounds: dict[str, np.ndarray]) -> None:
    """Within 1 ms of the truth: a codec's delay that a decoder forgets would be 25 ms."""
    truth, sound = truth_of("edm_track"), sounds["edm_track"].mean(axis=1)
    section = truth["sections"][index]
    beats = [beat for beat in truth["beats"] if section["start"] <= beat < section["end"] - 0.1]
    # The click of the drum: where the level of the treble, averaged over the beats, rises most.
    windows = np.array([np.diff(cut(sound, beat - 0.02, beat + 0.03)[:2200], 2) for beat in beats])
    level = np.sqrt(np.mean(windows**2, axis=0))
    smooth = np.convolve(level, np.ones(45) / 45, "valid")
    attack = (np.argmax(smooth[45:] - smooth[:-45]) + 45) / 44_100 - 0.02
    assert abs(attack) < 0.001


def test_track_is_quiet_before_the_first_beat_and_in_the_gaps(sounds: dict[str, np.ndarray]) -> None:
    truth, sound = truth_of("edm_track"), sounds["edm_track"]
    assert decibels(cut(sound, 0, truth["offset"] - 0.03)) < -55
    for start in (section["start"] for section in truth["sections"] if section["label"] == "drop"):
        drop = decibels(cut(sound, start, start + 1))
        assert decibels(cut(sound, start - 0.40, start - 0.05)) < drop - 12


def test_drops_are_the_loudest_and_have_the_most_bass(sounds: dict[str, np.ndarray]) -> None:
    truth, sound = truth_of("edm_track"), sounds["edm_track"].mean(axis=1)
    bass: dict[str, list[float]] = {}
    level: dict[str, list[float]] = {}
    for section in truth["sections"]:
        piece = cut(sound, section["start"], section["end"])
        spectrum = np.abs(np.fft.rfft(piece)) ** 2 / len(piece) ** 2
        hertz = np.fft.rfftfreq(len(piece), 1 / 44_100)
        bass.setdefault(section["label"], []).append(
            10 * np.log10(spectrum[(hertz > 30) & (hertz < 120)].sum())
        )
        level.setdefault(section["label"], []).append(decibels(piece))
    for label in ("buildup", "breakdown"):
        assert min(bass["drop"]) > max(bass[label]) + 10
    for label in ("intro", "buildup", "breakdown", "outro"):
        assert min(level["drop"]) > max(level[label])


# --- the show ---------------------------------------------------------------------------------------


def test_show_activity_tiles() -> None:
    truth = truth_of("radio_show")
    tiles = truth["activity"]
    assert tiles[0]["start"] == 0
    assert tiles[-1]["end"] == pytest.approx(truth["duration"], abs=0.001)
    assert all(a["end"] == b["start"] for a, b in zip(tiles[:-1], tiles[1:], strict=True))
    assert {tile["label"] for tile in tiles} == {"speech", "music", "speech+music", "silence"}


def test_show_lines_make_the_transcript() -> None:
    truth = truth_of("radio_show")
    spoken = [segment for segment in truth["segments"] if segment["type"] == "speech"]
    assert " ".join(segment["text"] for segment in spoken) == truth["transcript"]
    assert {segment["speaker"] for segment in spoken} == set(truth["speakers"])
    assert all(a["end"] <= b["start"] for a, b in zip(spoken[:-1], spoken[1:], strict=True))
    assert len(truth["speakers"]) == 4


def test_show_levels_follow_the_activity(sounds: dict[str, np.ndarray]) -> None:
    truth, sound = truth_of("radio_show"), sounds["radio_show"]
    for tile in truth["activity"]:
        level = decibels(cut(sound, tile["start"] + 0.05, tile["end"] - 0.05))
        if tile["label"] == "silence":
            assert level < -60
        else:
            assert level > -26
    dead = [segment for segment in truth["segments"] if segment["type"] == "silence"]
    assert len(dead) == 1
    assert dead[0]["end"] - dead[0]["start"] == pytest.approx(3.0, abs=0.01)


def test_each_line_sounds_from_its_start_to_its_end(sounds: dict[str, np.ndarray]) -> None:
    """Seen where nothing else sounds: lines that follow or precede a pause without music."""
    truth, sound = truth_of("radio_show"), sounds["radio_show"]
    music = [segment for segment in truth["segments"] if segment["type"] == "music"]
    alone = [
        segment
        for segment in truth["segments"]
        if segment["type"] == "speech"
        and all(segment["end"] + 0.2 < m["start"] or segment["start"] - 0.2 > m["end"] for m in music)
    ]
    assert len(alone) >= 10
    for segment in alone:
        assert decibels(cut(sound, segment["start"], segment["start"] + 0.15)) > -42
        assert decibels(cut(sound, segment["end"] - 0.15, segment["end"])) > -48
        assert decibels(cut(sound, segment["start"] - 0.12, segment["start"] - 0.02)) < -60


# --- the script -------------------------------------------------------------------------------------


def test_truth_of_the_track_is_what_lies_beside_it(scripts: dict[str, Any]) -> None:
    assert scripts["edm_track"].truth() == truth_of("edm_track")


def test_show_is_laid_out_as_its_truth_says(scripts: dict[str, Any]) -> None:
    """From the lengths of the lines in the truth, the same lay-out follows."""
    show, truth = scripts["radio_show"], truth_of("radio_show")
    lengths = {s["text"]: s["end"] - s["start"] for s in truth["segments"] if s["type"] == "speech"}
    cues, duration = show.lay_out(lambda line: lengths[line.text])
    again = show.truth(cues, duration)
    assert again["transcript"] == truth["transcript"]
    assert duration == pytest.approx(truth["duration"], abs=0.02)
    for ours, theirs in zip(again["segments"], truth["segments"], strict=True):
        assert ours["start"] == pytest.approx(theirs["start"], abs=0.02)
        assert ours["type"] == theirs["type"]


@given(length=st.floats(0.05, 20), pause=st.floats(0, 3))
def test_activity_tiles_whatever_the_lengths(scripts: dict[str, Any], length: float, pause: float) -> None:
    show = scripts["radio_show"]
    parts = (
        show.Part("talk", "news", (show.Line("Clara", "a", 0.0), show.Line("Tom", "b", pause))),
        show.Part("song", "music", (show.Line("Clara", "c", 0.5),), music="song", before=1.0, after=2.0),
    )
    cues, duration = show.lay_out(lambda _: length, parts)
    tiles = show.activity(cues, duration)
    assert tiles[0][0] == 0
    assert tiles[-1][1] == duration
    assert all(a[1] == b[0] and a[2] != b[2] for a, b in zip(tiles[:-1], tiles[1:], strict=True))
    spoken = sum(end - start for start, end, label in tiles if label.startswith("speech"))
    gap = pause if pause <= show.JOINED else 0.0
    assert spoken == pytest.approx(3 * length + gap, abs=1e-6) or abs(pause - show.JOINED) < 1e-6


def test_loudness_of_a_known_tone(scripts: dict[str, Any]) -> None:
    """BS.1770: a 997 Hz sine at full scale in one channel of two reads -3.01 LUFS."""
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * 44_100) / 44_100)
    read = scripts["instruments"].loudness(np.column_stack([tone, 0 * tone]))
    assert read == pytest.approx(-3.01, abs=0.05)
    assert scripts["instruments"].loudness(np.zeros((44_100, 2))) == -np.inf


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), gain=st.floats(0.1, 20))
def test_limiter_keeps_its_ceiling_and_leaves_quiet_sound_alone(
    scripts: dict[str, Any], seed: int, gain: float
) -> None:
    sound = gain * np.random.default_rng(seed).uniform(-1, 1, (3000, 2))
    limited = scripts["instruments"].limited(sound, 0.8)
    assert np.abs(limited).max() <= 0.8
    if np.abs(sound).max() <= 0.8:
        assert np.allclose(limited, sound)


def test_instruments_are_the_same_for_the_same_seed(scripts: dict[str, Any]) -> None:
    i = scripts["instruments"]
    first, second, other = (i.clap(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_pluck_has_its_pitch(scripts: dict[str, Any]) -> None:
    tone = scripts["instruments"].pluck(69, 1.0)
    spectrum = np.abs(np.fft.rfft(tone))
    assert abs(np.argmax(spectrum) - 440) <= 1


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("flite"), reason="the voices need Debian's flite")
def test_script_makes_the_show_again(scripts: dict[str, Any], tmp_path: Path) -> None:
    scripts["make_demo"].main(["--only", "show", "--out", str(tmp_path)])
    again = json.loads((tmp_path / "radio_show.truth.json").read_text(encoding="utf-8"))
    assert again == truth_of("radio_show")
    assert not list(tmp_path.glob("*.part"))
