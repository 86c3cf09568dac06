from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edm_core.timeline import Word
from edm_core.transcription.passages import LONGEST, PAUSE, passages_of


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
        assert (passage.start, passage.end) == (passage.words[0].start, passage.words[-1].end)
        assert passage.duration <= LONGEST + 1e-6
        assert all(b.start - a.end <= PAUSE for a, b in pairwise(passage.words))
    assert all(a.end <= b.start for a, b in pairwise(passages))
