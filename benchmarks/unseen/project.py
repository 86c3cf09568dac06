"""Write LMMS projects: one track an instrument, one pattern a track.

LMMS counts 48 ticks to the quarter note and calls middle C 48. Presets of LMMS (`.xpf`) hold a track's
settings as they stand in a project; those of ZynAddSubFX (`.xiz`) hold one instrument, and are wrapped into
the synthesiser's own document here.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from edm_core.errors import EdmError

from .notes import STEPS, Note

TICKS_PER_BAR = 192
TICKS_PER_STEP = TICKS_PER_BAR // STEPS
# LMMS upgrades what an older version wrote; most of its presets were written by this one.
PRESETS_VERSION = "1.0.93"
SAMPLE_BASE = 57  # the key at which a sample sounds as recorded
NOISE_WAVE = "6"


@dataclass(frozen=True)
class Track:
    """An instrument (the XML of its settings), its notes, and how many bars its pattern lasts."""

    name: str
    instrument: Element
    notes: tuple[Note, ...]
    bars: int = 1
    swing: float = 0.0


def project_xml(tracks: list[Track], bpm: int) -> bytes:
    """Document of a project; `bpm` is whole, as LMMS wants it."""
    root = Element("lmms-project", version="1.0", type="song", creator="LMMS", creatorversion=PRESETS_VERSION)
    SubElement(
        root,
        "head",
        bpm=str(bpm),
        timesig_numerator="4",
        timesig_denominator="4",
        mastervol="100",
        masterpitch="0",
    )
    container = SubElement(SubElement(root, "song"), "trackcontainer", type="song")
    for track in tracks:
        element = SubElement(container, "track", type="0", name=track.name, muted="0", solo="0")
        element.append(track.instrument)
        length = str(TICKS_PER_BAR * track.bars)
        pattern = SubElement(
            element,
            "pattern",
            type="1",
            pos="0",
            len=length,
            muted="0",
            steps="16",
            name=track.name,
            frozen="0",
        )
        for note in track.notes:
            SubElement(
                pattern, "note", {name: str(value) for name, value in note_fields(note, track.swing).items()}
            )
    return b'<?xml version="1.0"?>\n<!DOCTYPE lmms-project>\n' + ElementTree.tostring(root)


def note_fields(note: Note, swing: float = 0.0) -> dict[str, int]:
    """Attributes of a note; with `swing`, one on an odd sixteenth comes that share of a sixteenth later.

    Examples
    --------
    >>> note_fields(Note(3, 1, 60, 1.0), swing=0.25)
    {'pos': 39, 'len': 12, 'key': 48, 'vol': 100, 'pan': 0}
    """
    late = swing if note.start % 2 == 1 else 0.0
    return {
        "pos": round((note.start + late) * TICKS_PER_STEP),
        "len": max(1, round(note.length * TICKS_PER_STEP)),
        "key": note.key - 12,
        "vol": round(100 * note.loudness),
        "pan": 0,
    }


def preset(path: Path) -> Element:
    """Track settings of an LMMS preset (`.xpf`) or a ZynAddSubFX instrument (`.xiz`).

    Raises
    ------
    EdmError
        If the file is missing or holds no instrument.
    """
    if not path.is_file():
        raise EdmError("there is no such preset", subject=str(path), remedy="install the package lmms-common")
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    root = ElementTree.fromstring(raw.strip(b"\0 \r\n"))
    if path.suffix == ".xiz":
        return _zyn_track(root)
    found = root.find(".//instrumenttrack")
    if found is None:
        raise EdmError("it holds no instrument", subject=str(path))
    found.set("vol", "100")
    return found


def sample(name: str) -> Element:
    """Track settings that play a file of LMMS's samples folder once, as recorded."""
    track = _track()
    instrument = SubElement(track, "instrument", name="audiofileprocessor")
    SubElement(
        instrument, "audiofileprocessor", src=name, amp="100", sframe="0", eframe="1", looped="0",
        reversed="0", stutter="0",
    )  # fmt: skip
    return track


def noise() -> Element:
    """Track settings of white noise: LMMS's three oscillators, the first one alone."""
    track = _track()
    instrument = SubElement(track, "instrument", name="tripleoscillator")
    levels = {"vol0": "33", "vol1": "0", "vol2": "0"}
    modulation = {"modalgo1": "2", "modalgo2": "2", "modalgo3": "2"}
    SubElement(instrument, "tripleoscillator", {"wavetype0": NOISE_WAVE, **levels, **modulation})
    return track


def _track() -> Element:
    return Element(
        "instrumenttrack", vol="100", pan="0", pitch="0", pitchrange="1", basenote=str(SAMPLE_BASE), fxch="0"
    )


def _zyn_track(root: Element) -> Element:
    instrument = root.find("INSTRUMENT")
    if instrument is None:
        raise EdmError("this ZynAddSubFX file holds no instrument")
    track = _track()
    holder = SubElement(track, "instrument", name="zynaddsubfx")
    knobs = ("filterfreq", "filterq", "bandwidth", "resbandwidth", "rescenterfreq")
    synth = SubElement(
        holder,
        "zynaddsubfx",
        {"portamento": "0", "fmgain": "127", "modifiedcontrollers": "", **dict.fromkeys(knobs, "64")},
    )
    version = {key: root.get(key, "1") for key in ("version-major", "version-minor")}
    master = SubElement(SubElement(synth, "ZynAddSubFX-data", version), "MASTER")
    for name, value in {"volume": 80, "key_shift": 64}.items():
        SubElement(master, "par", name=name, value=str(value))
    part = SubElement(master, "PART", id="0")
    for name in ("enabled", "note_on", "poly_mode"):
        SubElement(part, "par_bool", name=name, value="yes")
    settings = {
        "volume": 96, "panning": 64, "min_key": 0, "max_key": 127, "key_shift": 64, "rcv_chn": 0,
        "velocity_sensing": 64, "velocity_offset": 64, "legato_mode": 0, "key_limit": 15,
    }  # fmt: skip
    for name, value in settings.items():
        SubElement(part, "par", name=name, value=str(value))
    part.append(instrument)
    return track
