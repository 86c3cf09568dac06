"""LMMS documents: notes, presets, samples."""

from __future__ import annotations

import doctest
import gzip
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.unseen import notes, project
from benchmarks.unseen.notes import LOOP_STEPS, Note, draw_harmony
from benchmarks.unseen.plan import Plan
from benchmarks.unseen.project import Track, noise, preset, project_xml, sample
from benchmarks.unseen.render import part, trim
from edm_core.errors import EdmError

XPF = b"""<?xml version="1.0"?>
<!DOCTYPE lmms-project>
<lmms-project version="1.0" creator="LMMS" creatorversion="1.0.93" type="instrumenttracksettings">
  <head/><instrumenttracksettings name="x"><instrumenttrack vol="42" basenote="57"><instrument name="kicker"/>
  </instrumenttrack></instrumenttracksettings></lmms-project>"""
XIZ = b"""
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ZynAddSubFX-data>
<ZynAddSubFX-data version-major="2" version-minor="4"><INSTRUMENT><INFO/></INSTRUMENT></ZynAddSubFX-data>"""


def test_examples_run() -> None:
    assert doctest.testmod(project).failed == 0


def test_a_project_says_tempo_tracks_and_notes(tmp_path: Path) -> None:
    (tmp_path / "kick.xpf").write_bytes(XPF)
    (tmp_path / "pad.xiz").write_bytes(gzip.compress(XIZ))
    tracks = [
        Track("kick", preset(tmp_path / "kick.xpf"), (Note(0, 1, 60), Note(4, 1, 60, 0.5)), bars=2),
        Track("pad", preset(tmp_path / "pad.xiz"), (Note(1, 2, 48),), swing=0.25),
        Track("hat", sample("drums/hihat_closed01.ogg"), ()),
        Track("noise", noise(), (Note(0, 16, 60),)),
    ]
    root = ElementTree.fromstring(project_xml(tracks, 127))
    assert root.find("head").get("bpm") == "127"
    found = root.findall("song/trackcontainer/track")
    assert [track.get("name") for track in found] == ["kick", "pad", "hat", "noise"]
    assert [n.get("pos") for n in found[0].findall("pattern/note")] == ["0", "48"]
    assert found[0].find("pattern").get("len") == "384"
    assert found[0].find("instrumenttrack").get("vol") == "100"
    assert found[1].find("pattern/note").attrib == {
        "pos": "15",
        "len": "24",
        "key": "36",
        "vol": "90",
        "pan": "0",
    }
    assert (
        found[1].find("instrumenttrack/instrument/zynaddsubfx/ZynAddSubFX-data/MASTER/PART/INSTRUMENT/INFO")
        is not None
    )
    assert (
        found[2].find("instrumenttrack/instrument/audiofileprocessor").get("src")
        == "drums/hihat_closed01.ogg"
    )
    assert found[3].find("instrumenttrack/instrument/tripleoscillator").get("wavetype0") == project.NOISE_WAVE


def test_a_missing_preset_and_an_empty_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(EdmError, match="no such preset"):
        preset(tmp_path / "none.xpf")
    (tmp_path / "empty.xpf").write_text("<lmms-project/>")
    with pytest.raises(EdmError, match="no instrument"):
        preset(tmp_path / "empty.xpf")


def test_parts_stay_in_their_loop_key_and_register(plans: list[Plan]) -> None:
    registers = {"bass": (28, 60), "bass2": (28, 60), "sub": (24, 56)}
    for plan in plans:
        scale = {(plan.harmony.tonic + step) % 12 for step in notes.SCALES[plan.harmony.mode]}
        for role in plan.melodic:
            played = part(plan, role)
            low, high = registers.get(role, (40, 96))
            assert played
            for note in played:
                assert 0 <= note.start < LOOP_STEPS and note.length > 0
                assert low <= note.key <= high, (plan.name, role, note)
                # The fifth above a diminished degree is the one note that may lie outside the scale.
                assert note.key % 12 in scale or role in ("bass", "bass2", "sub")


def test_techno_stays_on_its_tonic_and_others_move() -> None:
    generator = np.random.default_rng(0)
    assert {degree for _ in range(20) for degree in draw_harmony(generator, static=True).degrees} == {0}
    moving = [draw_harmony(generator, static=False) for _ in range(40)]
    assert all(
        len(harmony.degrees) == notes.LOOP_BARS and len(set(harmony.degrees)) > 1 for harmony in moving
    )
    assert {harmony.mode for harmony in moving} == {"minor", "major"}


def test_a_stroke_is_trimmed_to_its_onset() -> None:
    audio = np.zeros((44100, 2), np.float32)
    audio[3000:9000] = np.linspace(1, 0.01, 6000, dtype=np.float32)[:, None]
    trimmed = trim(audio)
    assert len(trimmed) == 6000 + 44100 // 2000
    assert np.argmax(trimmed[:, 0] > 0.1) == 44100 // 2000
