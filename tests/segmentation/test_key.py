import numpy as np
import pytest

from edm_core.audio import Sound
from edm_core.segmentation import find_key
from edm_core.timeline import Span
from edm_core.tonality import camelot


def chords(rate, notes, seconds=2.0):
    t = np.arange(int(seconds * rate)) / rate
    return np.concatenate(
        [
            sum(0.1 * np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * t) for note in chord)
            for chord in notes
        ]
    )


CADENCE = [(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)]  # I IV V I in C major
MINOR = [(57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64)]  # i iv V i in A minor


@pytest.mark.parametrize("shift", range(12))
def test_cadences_in_every_key(rate, shift):
    names = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    for notes, tonic, mode in ((CADENCE, 0, "major"), (MINOR, 9, "minor")):
        moved = [tuple(note + shift for note in chord) for chord in notes]
        key = find_key(Sound.from_samples(chords(rate, moved), rate))
        assert key.name == f"{names[(tonic + shift) % 12]} {mode}"
        assert key.camelot == camelot((tonic + shift) % 12, minor=mode == "minor")


def test_the_camelot_wheel_is_whole_and_relatives_share_an_hour():
    wheel = {camelot(tonic, minor=minor) for tonic in range(12) for minor in (False, True)}
    assert wheel == {f"{hour}{letter}" for hour in range(1, 13) for letter in "AB"}
    for tonic in range(12):
        assert camelot((tonic + 9) % 12, minor=True)[:-1] == camelot(tonic, minor=False)[:-1]


@pytest.mark.parametrize("kind", ["silence", "noise"])
def test_what_has_no_key_has_none(rate, kind):
    samples = (
        np.zeros(10 * rate) if kind == "silence" else np.random.default_rng(0).standard_normal(10 * rate)
    )
    assert find_key(Sound.from_samples(samples, rate)) is None


def test_only_music_counts(rate):
    other = chords(rate, [tuple(note + 6 for note in chord) for chord in CADENCE])
    sound = Sound.from_samples(np.concatenate([other, chords(rate, CADENCE)]), rate)
    activity = (Span(0.0, 8.0, "speech"), Span(8.0, 16.0, "music"))
    key = find_key(sound, activity)
    assert (key.name, key.start) == ("C major", 8.0)
    assert find_key(sound, activity[:1]) is None
