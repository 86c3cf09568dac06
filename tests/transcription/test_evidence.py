import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.transcription.engine import Heard, HeardWord
from edm_core.transcription.evidence import compression_of, loop_from, objection, plain
from edm_core.transcription.known_phrases import CREDITS, FILLERS


def heard(text, probability=0.9, **evidence):
    return Heard((HeardWord(0.0, 1.0, text, probability),), **evidence)


def test_silence_alone_does_not_reject():
    assert objection(heard(" Good day", no_speech=0.9, log_probability=-0.3), 2.0) is None


def test_an_engine_that_tells_nothing_is_believed():
    assert objection(heard(" Good day", probability=None), 2.0) is None


def test_said_more_than_once_is_no_loop():
    assert loop_from(["come", "on", "come", "on", "everybody"]) is None
    assert loop_from(["very", "very", "very", "good"]) is None


@pytest.mark.parametrize(
    ("text", "index"), [("go " * 8, 2), ("I see you " * 4, 6), ("and then " + "over and out " * 4, 8)]
)
def test_loops_are_found_after_two_rounds(text, index):
    assert loop_from(text.split()) == index


@given(st.lists(st.sampled_from(["so", "it", "goes"]), max_size=40))
def test_a_loop_leaves_what_stands_before_it(words):
    index = loop_from(words)
    assert index is None or 2 <= index < len(words)


def test_known_phrases_are_plain():
    """Otherwise they would never be met."""
    assert all(plain(phrase) == phrase for phrase in FILLERS)
    assert all(plain(phrase) == phrase for phrase in CREDITS - {"amara.org"})


def test_no_text_does_not_compress():
    assert compression_of("  ") == 0.0
    assert compression_of("la " * 100) > 10
