import io
import wave

import numpy as np
import pytest

from edm_core.errors import ModelError
from edm_core.remote import Server
from edm_core.transcription import Options
from edm_core.transcription.languages import code_of
from edm_core.transcription.server_engine import SpeechServer, heard_in, wav_of


def word(start, end, text, **more):
    return {"start": start, "end": end, "word": text, **more}


def test_words_go_with_their_segments_and_take_their_certainty():
    answer = {
        "text": "Hello there. Bye.",
        "words": [word(0.1, 0.4, "Hello"), word(0.4, 0.9, "there."), word(3.0, 3.5, "Bye.", probability=0.7)],
        "segments": [
            {"start": 0.0, "end": 1.0, "avg_logprob": -0.1, "no_speech_prob": 0.02, "temperature": 0.0},
            {"start": 3.0, "end": 4.0, "avg_logprob": -0.5},
        ],
    }
    first, second = heard_in(answer)
    assert [w.text for w in first.words] == [" Hello", " there."]
    assert first.words[0].probability == pytest.approx(np.exp(-0.1))
    assert (first.no_speech, first.log_probability) == (0.02, -0.1)
    assert second.words[0].probability == 0.7
    assert (second.no_speech, second.temperature) == (None, None)


def test_what_is_not_told_stays_unknown():
    (heard,) = heard_in({"text": "Hello", "words": [word(0, 1, "Hello")]})
    assert heard.words[0].probability is None and heard.log_probability is None


def test_words_may_lie_in_the_segments():
    (heard,) = heard_in({"text": "Hi", "segments": [{"end": 1.0, "words": [word(0, 1, " Hi")]}]})
    assert [w.text for w in heard.words] == [" Hi"]


def test_silence_is_no_words():
    assert heard_in({"text": " ", "words": [], "segments": []}) == ()


@pytest.mark.parametrize("answer", [{"text": "Hello"}, {"text": "Hello", "words": [{"word": "Hello"}]}])
def test_times_are_never_made_up(answer, monkeypatch):
    monkeypatch.setattr(Server, "transcribe", lambda *args, **kwargs: answer)
    engine = SpeechServer(Server("http://127.0.0.1:9/v1", "m"))
    with pytest.raises(ModelError, match="word times"):
        list(engine.recognise([np.zeros(16, np.float32)], Options("en")))


def test_a_server_that_names_no_language(monkeypatch):
    monkeypatch.setattr(Server, "transcribe", lambda *args, **kwargs: {"text": "", "language": "klingon"})
    with pytest.raises(ModelError, match=r"klingon.*name the language"):
        SpeechServer(Server("http://127.0.0.1:9/v1", "m")).detect_language(np.zeros(16, np.float32))


def test_sound_is_sent_as_it_is():
    samples = np.array([0.0, 0.5, -1.0, 2.0], np.float32)
    with wave.open(io.BytesIO(wav_of(samples))) as file:
        assert (file.getframerate(), file.getnchannels()) == (16_000, 1)
        assert np.frombuffer(file.readframes(4), "<i2").tolist() == [0, 16384, -32768, 32767]


def test_languages_by_name_and_code():
    assert [code_of(name) for name in ("English", "EN", "haitian creole", "Cantonese", "")] == [
        "en",
        "en",
        "ht",
        "yue",
        None,
    ]
