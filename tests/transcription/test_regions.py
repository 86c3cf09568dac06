from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edm_core.transcription.regions import LONGEST, RATE, Piece, chunks, piece_at, place, sound_of


def test_near_speech_shares_a_chunk_and_far_speech_does_not():
    samples = np.zeros(60 * RATE, np.int16)
    planned = chunks([Piece(1, 4), Piece(7, 9), Piece(20, 22)], samples)
    assert [len(chunk) for chunk in planned] == [2, 1]
    assert planned[0] == (Piece(0.75, 4.25), Piece(6.75, 9.25))


def test_long_speech_is_cut_where_it_is_quietest():
    samples = np.full(50 * RATE, 1000, np.int16)
    samples[int(22.4 * RATE) : int(22.8 * RATE)] = 0
    (first,), _ = chunks([Piece(0, 50)], samples)
    assert 22.4 < first.end < 22.8


spans = st.lists(st.tuples(st.floats(0.0, 8), st.floats(0.3, 70)), max_size=8)


@settings(max_examples=30, deadline=None)
@given(spans)
def test_chunks_cover_speech_without_overlap(parts):
    time, speech = 0.0, []
    for gap, length in parts:
        speech.append(Piece(time + gap + 0.01, time + gap + length))
        time += gap + length
    samples = np.zeros(int((time + 1) * RATE), np.int16)
    planned = chunks(speech, samples)
    pieces = [piece for chunk in planned for piece in chunk]
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(pieces))
    assert all(sum(piece.duration for piece in chunk) <= LONGEST + 1e-6 for chunk in planned)
    for span in speech:
        covered = sum(max(0.0, min(p.end, span.end) - max(p.start, span.start)) for p in pieces)
        assert covered == pytest.approx(span.duration, abs=1e-6)
    for chunk in planned:
        assert len(sound_of(chunk, samples)) / RATE == pytest.approx(sum(p.duration for p in chunk), abs=0.01)


@given(st.floats(0, 12))
def test_a_time_lies_in_its_piece(time):
    chunk = (Piece(10, 12), Piece(15, 18), Piece(18, 20))
    piece = piece_at(chunk, time)
    assert piece.start <= place(chunk, time) <= piece.end
