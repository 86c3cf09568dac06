"""Keys are read in whatever way they are written."""

import pytest

from edm_core.tonality import camelot, key_name, read_key

EVERY = [(tonic, minor) for tonic in range(12) for minor in (False, True)]


@pytest.mark.parametrize(("tonic", "minor"), EVERY)
def test_what_is_written_is_read_back(tonic, minor):
    assert read_key(key_name(tonic, minor=minor)) == (tonic, minor)
    assert read_key(camelot(tonic, minor=minor)) == (tonic, minor)
    assert read_key(f"0{camelot(tonic, minor=minor)}"[-3:].lower()) == (tonic, minor)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("F#m", "F# minor"), ("Gbm", "F# minor"), ("A♭ maj", "Ab major"), ("D:min", "D minor"), ("12d", "F major"),
        ("1m", "A minor"), ("Cmaj", "C major"), (" 8B ", "C major"), ("e", "E minor"), ("E", "E major"),
    ],
)  # fmt: skip
def test_ways_of_writing(text, name):
    tonic, minor = read_key(text)
    assert key_name(tonic, minor=minor) == name


@pytest.mark.parametrize("text", ["", "H", "13A", "0B", "unknown", "Am7", "A minor?"])
def test_what_is_no_key(text):
    assert read_key(text) is None
