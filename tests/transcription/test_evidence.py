import pytest

from edm_core.transcription.engine import Utterance
from edm_core.transcription.evidence import is_near_speech, objection
from edm_core.transcription.regions import Piece


def test_confident_text_is_believed_even_where_silence_was_likely():
    assert objection(Utterance((), no_speech=0.9, log_probability=-0.3, compression=1.5)) is None


@pytest.mark.parametrize(("start", "end", "near"), [(1.0, 1.2, True), (2.2, 2.4, True), (3.0, 3.4, False)])
def test_words_need_speech(start, end, near):
    assert is_near_speech(start, end, [Piece(0.5, 2.0)]) is near
