from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.errors import SettingsError
from edm_core.timeline import Word
from edm_core.transcription.passages import LONGEST, PAUSE, gaps_of, passages_of


def speak(text, start=0.0, each=0.4):
    words = []
    for token in text.split():
        words.append(Word(start, start + each * 0.9, text=token, probability=0.9))
        start += each
    return words


SENTENCE = "We talk for a while about the weather in town. "


def test_cuts_at_sentences_near_the_target():
    passages = passages_of(speak(SENTENCE * 12))
    assert all(passage.text.endswith("town.") for passage in passages)
    assert all(9 < passage.duration < 21 for passage in passages)


def test_talk_without_punctuation_is_cut_where_the_speaker_breathes():
    first = speak("word " * 35)
    passages = passages_of(first + speak("word " * 35, start=first[-1].end + 0.7))
    assert [len(passage.words) for passage in passages] == [35, 35]


def test_a_long_pause_always_cuts():
    first = speak("Short one")
    passages = passages_of(first + speak("and another.", start=first[-1].end + PAUSE + 0.1))
    assert [passage.text for passage in passages] == ["Short one", "and another."]


def test_no_words_no_passages():
    assert passages_of([]) == ()


def test_one_very_long_word_stands_alone():
    word = Word(0.0, 45.0, text="Gooooal", probability=0.5)
    assert [passage.duration for passage in passages_of([word])] == [45.0]


words = st.lists(
    st.tuples(st.floats(0.02, 2), st.floats(0, 4), st.sampled_from(["so", "yes.", "well,", "why?"])),
    max_size=120,
)


@given(words)
def test_passages_hold_every_word_once_whole_and_in_order(parts):
    time, said = 0.0, []
    for length, gap, text in parts:
        said.append(Word(time, time + length, text=text, probability=0.5))
        time += length + gap
    passages = passages_of(said, language="en")
    assert [word for passage in passages for word in passage.words] == said
    for passage in passages:
        assert passage.start <= passage.words[0].start and passage.words[-1].end <= passage.end
        assert passage.words[-1].end - passage.words[0].start <= LONGEST + 1e-6
        assert all(b.start - a.end <= PAUSE for a, b in pairwise(passage.words))
    for before, after in pairwise(passages):
        pause = after.words[0].start - before.words[-1].end
        if pause <= PAUSE:
            assert before.end == after.start  # they tile the speech
        else:
            assert (before.end, after.start) == (
                before.words[-1].end,
                after.words[0].start,
            )  # a gap stays one


@given(words)
def test_passages_and_gaps_tile_the_recording(parts):
    time, said = 1.0, []
    for length, gap, text in parts:
        said.append(Word(time, time + length, text=text, probability=None))
        time += length + gap
    passages = passages_of(said)
    assert all(passage.confidence is None for passage in passages)
    spans = sorted([*passages, *gaps_of(passages, time + 1.0)], key=lambda span: span.start)
    assert [span.start for span in spans] == [0.0, *(span.end for span in spans[:-1])]
    assert spans[-1].end == time + 1.0


@given(st.integers(1, 6))
def test_long_is_cut_as_short(repeats):
    """What follows a pause does not move what stands before it."""
    once = speak(SENTENCE * 9)
    step = once[-1].end + PAUSE + 1.0
    many = [
        Word(w.start + i * step, w.end + i * step, text=w.text, probability=0.9)
        for i in range(repeats)
        for w in once
    ]
    texts = [passage.text for passage in passages_of(once)]
    assert [passage.text for passage in passages_of(many)] == texts * repeats


def test_lengths_that_make_no_sense():
    with pytest.raises(SettingsError, match="target of 0 s"):
        passages_of(speak("Hello"), target=0.0)
    with pytest.raises(SettingsError, match="at most 5 s"):
        passages_of(speak("Hello"), target=10.0, longest=5.0)
