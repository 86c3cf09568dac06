"""A card's waveform: nothing is lost, nothing escapes, parts have their colours."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edm_core.audio import Sound
from edm_core.service.views.picture import HEIGHT, SLICES, outline_of, waveform_svg
from edm_core.store import Entry
from edm_core.store.entry import Part
from edm_core.vocabulary import SECTION_COLOURS

ENTRY = Entry("sha256:" + "0" * 64, "track.mp3", "2026-01-01T00:00:00Z", duration=10.0)


def test_one_loud_sample_is_in_the_outline() -> None:
    samples = np.zeros(44_100 * 20, np.float32)
    samples[44_100 * 10 + 17] = -1.0
    outline = outline_of(Sound.from_samples(samples, 44_100).peaks)
    assert len(outline) == SLICES and max(outline) == 127
    assert abs(outline.index(127) - SLICES / 2) <= 1


def test_a_short_sound_has_fewer_slices() -> None:
    outline = outline_of(Sound.from_samples(np.full(4_410, 0.5, np.float32), 44_100).peaks)
    assert 0 < len(outline) < SLICES and max(outline) == 64


@given(st.text(), st.lists(st.integers(0, 127), max_size=40))
def test_any_name_gives_well_formed_xml(name: str, outline: list[int]) -> None:
    name = re.sub(r"[^\x20-\ud7ff]", "", name)
    entry = replace(ENTRY, title=name, outline=tuple(outline))
    root = ElementTree.fromstring(waveform_svg(entry))
    assert root.get("aria-label") == f"Waveform of {entry.shown}"


def test_parts_have_their_colours_and_every_slice_is_drawn_once() -> None:
    parts = (Part(0.0, 5.0, "intro"), Part(5.0, 10.0, "drop"))
    svg = waveform_svg(replace(ENTRY, parts=parts, outline=(127,) * 20))
    root = ElementTree.fromstring(svg)
    strokes = {
        path.get("stroke"): path.get("d").count("M") for path in root.iter("{http://www.w3.org/2000/svg}path")
    }
    assert strokes == {SECTION_COLOURS["intro"]: 10, SECTION_COLOURS["drop"]: 10}
    assert "intro, drop" in root.get("aria-label")
    for low, high in re.findall(r" ([\d.]+)V([\d.]+)", svg):
        assert 0 <= float(low) < float(high) <= HEIGHT
