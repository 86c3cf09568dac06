import pytest

from edm_core.items import Energy, Key, Section, Tempo
from edm_core.personas.music import portraits

QUIET, LOUD = Energy(-40.0, -38.0, -45.0), Energy(-14.0, -18.0, -22.0)
SECTIONS = (
    Section(0.0, 15.0, "intro", start_bar=1, end_bar=8, energy=QUIET),
    Section(15.0, 45.0, "drop", start_bar=9, end_bar=24, energy=LOUD, repeats=0),
    Section(45.0, 50.0, "silence"),
)


def test_energy_is_relative_to_the_loudest_section():
    intro, drop, silence = portraits(SECTIONS)
    assert (intro.level, drop.level, silence.level) == ("low", "high", None)
    assert drop.level_db == 0.0 and drop.rise_db == pytest.approx(-intro.level_db)
    scaled = [
        Section(
            s.start,
            s.end,
            s.label,
            energy=s.energy and Energy(*(getattr(s.energy, b) - 20 for b in ("bass", "mid", "high"))),
        )
        for s in SECTIONS
    ]
    assert [p.level for p in portraits(scaled)] == ["low", "high", None]


def test_tempo_and_key_are_those_of_its_middle():
    tempi = (Tempo(0.0, 20.0, bpm=120.0), Tempo(20.0, 50.0, bpm=126.0))
    intro, drop, _ = portraits(SECTIONS, tempi, (Key(0.0, 14.0, name="A minor", camelot="8A"),))
    assert (intro.bpm, drop.bpm) == (120.0, 126.0) and (intro.key, drop.key) == ("A minor", None)


def test_bars_and_places_are_counted():
    intro, drop, _ = portraits(SECTIONS)
    assert (intro.bars, drop.bars) == (8, 16) and (drop.place, drop.places, drop.again) == (2, 3, True)


def test_what_was_not_measured_is_absent():
    (portrait,) = portraits([Section(0.0, 9.0, "drop")])
    assert portrait.level is portrait.bpm is portrait.bars is portrait.rise_db is None
    assert portrait.facts() == ("section 1 of 1, a drop", "9 seconds")
