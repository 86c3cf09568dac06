from hypothesis import given
from hypothesis import strategies as st

from edm_core.timeline import Utterance, Word
from edm_core.transcription.regions import Piece
from edm_core.transcription.weighing import LONGEST_GAP, missed_in


def word(start, end):
    return Word(start, end, text="so", probability=0.9)


def test_the_end_the_middle_and_the_beginning_may_be_missed():
    spans = [Piece(0.0, 30.0), Piece(40.0, 41.0)]
    words = [word(3.0, 4.0), word(4.1, 9.0), word(20.0, 25.0)]
    assert missed_in(spans, words, []) == (Piece(0.0, 3.0), Piece(9.0, 20.0), Piece(25.0, 30.0))


def test_where_text_was_rejected_nothing_is_heard_again():
    rejected = Utterance(10.0, 12.0, text="la la la", rejected="the text repeats itself")
    believed = Utterance(30.0, 35.0, text="so")
    spans = [Piece(0.0, 20.0), Piece(30.0, 50.0)]
    assert missed_in(spans, [word(30.0, 35.0)], [rejected, believed]) == (Piece(35.0, 50.0),)


def test_a_long_word_is_no_gap():
    assert missed_in([Piece(0.0, 30.0)], [word(0.5, 29.5)], []) == ()


times = st.lists(st.tuples(st.floats(0, 100), st.floats(0.05, 20)), max_size=20)


@given(times, times)
def test_gaps_lie_in_speech_and_hold_no_word(speech, said):
    spans, end = [], 0.0
    for gap, length in speech:
        spans.append(Piece(end + gap, end + gap + length))
        end = spans[-1].end
    words = [word(start, start + length) for start, length in sorted(said)]
    for gap in missed_in(spans, words, []):
        assert gap.duration >= LONGEST_GAP
        assert any(span.start <= gap.start and gap.end <= span.end for span in spans)
        assert all(each.end <= gap.start or each.start >= gap.end for each in words)
