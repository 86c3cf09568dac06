from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchmarks.transcription.material import BEDS
from benchmarks.transcription.packages import read
from benchmarks.transcription.speed import long_show
from benchmarks.transcription.studio import LEVEL, RATE, SHOW, Sound, Studio, _Utterance
from benchmarks.transcription.words import Timed


def tone(seconds: float) -> Sound:
    samples = np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)
    return (samples * LEVEL * np.sqrt(2)).astype(np.float32)


def utterances(count: int) -> list[_Utterance]:
    return [_Utterance("flite-slt", "en", tone(5.0), (Timed("tone", 1.0, 4.5),)) for _ in range(count)]


@pytest.fixture
def music() -> list[Sound]:
    return [np.random.default_rng(0).standard_normal(20 * RATE).astype(np.float32)]


def test_in_a_show_words_lie_where_they_are_heard(tmp_path: Path, music: list[Sound]) -> None:
    shows = Studio(tmp_path)._shows(utterances(20), music)
    assert sum(len(show.lines) for show in shows) == 20
    assert all(show.seconds >= SHOW for show in shows[:-1])
    for show in shows:
        samples = read(show.path)
        assert len(samples) / RATE == pytest.approx(show.seconds)
        for line in show.lines:
            assert line.words[0].start == pytest.approx(line.start + 1.0, abs=1e-3)
            inside = samples[round(line.start * RATE) : round(line.end * RATE)]
            assert np.sqrt(np.mean(inside**2)) == pytest.approx(LEVEL, rel=0.01)
            after = samples[round(line.end * RATE) + 8 : round((line.end + 0.25) * RATE)]
            assert not after.any(), "a pause follows every utterance"
    first = shows[0]
    gaps = [
        read(first.path)[round(one.end * RATE) + 8 : round(other.start * RATE) - 8]
        for one, other in pairwise(first.lines)
    ]
    assert [bool(gap.any()) for gap in gaps] == [number % 4 == 3 for number in range(len(gaps))]


def test_beds_have_the_level_that_their_kind_says(tmp_path: Path, music: list[Sound]) -> None:
    studio = Studio(tmp_path)
    (show,) = studio._shows(utterances(2), music)
    studio._beds([show], music)
    clean = read(show.path)
    for level in BEDS:
        (bed,) = (one for one in studio._recordings if one.kind == f"bed {level}")
        assert bed.lines == show.lines
        added = read(bed.path) - clean
        ratio = 20 * np.log10(LEVEL / np.sqrt(np.mean(added**2)))
        assert ratio == pytest.approx(level, abs=0.2)


def test_the_show_that_is_timed_has_the_length_asked_for(tmp_path: Path, music: list[Sound]) -> None:
    shows = Studio(tmp_path)._shows(utterances(3), music)
    assert len(read(long_show(shows, tmp_path / "long.wav", 40.0))) == 40 * RATE
